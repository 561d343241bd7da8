"""Names that the audio tower was trained on get a small handicap, so that a name nobody labelled can win.

A sound whose name was never trained lands nearer to some trained name than to its own, though often only just
(calibrated stacking: Chao et al. 2016, arXiv 1605.04253). Scores stay plain cosines, so the handicap goes
into the text tower: a trained label's prompt is moved against the mean audio embedding until its cosine to sounds is
lower by `--handicap` on average. Every other text, and every word feature, stays where it is.
"""
import argparse
import copy
import math
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F

import model as m
from corpus import TEMPLATES, build
from data import KEPT_OUT, THREADS, WORK, heard_names, manifest, training_rows
from export import load_audio, load_text
from train_text import encode, pad
from vocab import make_tokenizer

CHECK = "this is a sound of {}"


@torch.no_grad()
def audio_embeddings(starter, count=1200):
    """Of the labelled training sounds, one window each (the middle 5 s, or the sound repeated)."""
    rows = manifest()
    mel, starts = np.load(WORK / "mel.npy", mmap_mode="r"), np.load(WORK / "mel_starts.npy")
    ids = [i for i in training_rows(rows) if rows[i]["kind"] == "label"]
    random.Random(3).shuffle(ids)
    out = []
    for i in ids[:count]:
        db = np.array(mel[starts[i]:starts[i + 1]], dtype=np.float32)
        db = np.resize(db, (501, m.MELS)) if len(db) < 501 else db[(len(db) - 501) // 2:][:501]
        out.append(starter.audio(torch.from_numpy(db)[None])[0])
    return torch.stack(out)


def moved(names, mean, clips, handicap):
    """Name embeddings moved against the unit vector `mean`, each as far as the handicap asks."""
    before = (names @ clips.T).mean(1)
    low, high = torch.zeros(len(names), 1), torch.ones(len(names), 1)
    for _ in range(30):
        at = (low + high) / 2
        less = before - (F.normalize(names - at * mean, dim=1) @ clips.T).mean(1) < handicap
        low, high = torch.where(less[:, None], at, low), torch.where(less[:, None], high, at)
    return F.normalize(names - low * mean, dim=1)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--audio", default=str(WORK / "audio.pt"))
    p.add_argument("--text", default=str(WORK / "text.pt"), help="a checkpoint or a model folder")
    p.add_argument("--start", help="a checkpoint to go on from")
    p.add_argument("--handicap", type=float, default=0.06, help="in cosine")
    p.add_argument("--steps", type=int, default=500)
    p.add_argument("--lr", type=float, default=2e-4)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--out", default=str(WORK / "text_calibrated.pt"))
    a = p.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(a.seed)
    rng = random.Random(a.seed)
    reference, vocab = load_text(a.text)
    tokenizer = make_tokenizer(vocab)
    model = copy.deepcopy(reference)
    if a.start:
        model.load_state_dict(torch.load(a.start, weights_only=True)["model"])
    starter = load_audio(a.audio)
    clips = audio_embeddings(starter)
    mean = F.normalize(clips.mean(0), dim=0)
    print("norm of the mean of", len(clips), "clips:", clips.mean(0).norm().item(), flush=True)
    heard = heard_names(manifest())
    sentences, names, _ = build()
    others = [n for n in names if n not in set(heard) and n not in set(KEPT_OUT)]
    rng.shuffle(sentences)
    decay = [q for q in model.parameters() if q.requires_grad]
    optimiser = torch.optim.AdamW(decay, lr=a.lr, betas=(0.9, 0.98), weight_decay=0.0)
    began, sums = time.time(), [0.0] * 4

    def look(step):
        with torch.no_grad():
            for title, pick in (("heard", heard), ("kept out", KEPT_OUT), ("others", others[:300])):
                texts = [CHECK.format(n) for n in pick]
                was, now = encode(reference, tokenizer, texts), encode(model, tokenizer, texts)
                print(f"CHECK {step} {title}: cosine to before {(was * now).sum(1).mean():.4f}, to sounds"
                      f" {(was @ clips.T).mean():.4f} -> {(now @ clips.T).mean():.4f}", flush=True)

    for step in range(1, a.steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = a.lr * min(1.0, step / 30) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / a.steps)))
        template = rng.choice(TEMPLATES)
        picked = rng.sample(heard, 48)
        texts = [template.format(n) for n in picked] + [template.format(n) for n in rng.sample(others, 48)] + \
            rng.sample(sentences, 48)
        x, mask = pad([e.ids[:48] for e in tokenizer.encode_batch(texts)])
        with torch.no_grad():
            was = F.normalize(reference(x, mask), dim=-1)
            want = was[:, 0].clone()
            want[:48] = moved(want[:48], mean, clips, a.handicap)
        y = F.normalize(model(x, mask), dim=-1)
        near = 1 - (y[:, 0] * want).sum(1)
        # what sounds see of a text counts most: its cosine to them
        seen = ((y[:, 0] - want) @ clips[torch.randint(0, len(clips), (64,))].T).square().mean()
        words = (((1 - (y[:, 1:] * was[:, 1:]).sum(-1)) * mask[:, 1:]).sum() / mask[:, 1:].sum())
        loss = 3 * near.mean() + 20 * seen + words
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        sums = [s + v for s, v in zip(sums, (near[:48].mean().item(), near[48:].mean().item(), seen.item(), words.item()))]
        if step % 50 == 0:
            print(f"step {step} {time.time() - began:.0f} s heard {sums[0] / 50:.5f} rest {sums[1] / 50:.5f}"
                  f" seen {sums[2] / 50:.6f} words {sums[3] / 50:.5f}", flush=True)
            sums = [0.0] * 4
        if step % 250 == 0 or step == a.steps:
            look(step)
    torch.save({"model": model.state_dict(), "step": a.steps}, a.out + ".part")
    os.replace(a.out + ".part", a.out)


if __name__ == "__main__":
    main()
