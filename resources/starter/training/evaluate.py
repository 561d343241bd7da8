"""Measure a model folder: the table of the model card. Zero-shot, one template for every class, no tuning.

    python evaluate.py [folder] [--json out.json]
"""
import argparse
import json
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

import model as m
from data import ESC50, KEPT_OUT, US8K, WORK, clean, esc50_captions, manifest
from train_audio import windows
from train_text import pad

TEMPLATE = "this is a sound of {}"


class Folder:
    def __init__(self, folder):
        self.model = m.load_folder(folder)
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        self.size = sum(f.stat().st_size for f in Path(folder).iterdir() if f.is_file() and f.name != "README.md")

    @torch.no_grad()
    def text(self, texts, batch=64, words=False):
        ids = [e.ids[:128] for e in self.tokenizer.encode_batch(texts)]
        order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
        out = torch.zeros(len(texts), m.DIM)
        tokens = [None] * len(texts)
        for s in range(0, len(order), batch):
            part = order[s:s + batch]
            x, mask = pad([ids[i] for i in part])
            sentence, w = self.model.text(x, mask)
            out[part] = sentence
            for j, i in enumerate(part):
                tokens[i] = w[j, : len(ids[i]) - 1]
        return (out, tokens) if words else out

    def classes(self, names, template=TEMPLATE):
        return self.text([template.format(n) for n in names])

    @torch.no_grad()
    def audio(self, db, frames=False):
        e, f = [], []
        for i in range(0, len(db), 16):
            fmap = self.model.audio_model.feature_map(db[i:i + 16])
            e.append(self.model.audio_from_map(fmap))
            f.append(self.model.frames(fmap))
        return (torch.cat(e), torch.cat(f)) if frames else torch.cat(e)


def fine_scores(frames, classes, tau, temperature=0.10):
    """tau * sum_t a_tk <f_t, c_k>, a = softmax over t of <f_t, c_k> / T."""
    s = frames @ classes.T
    return tau * (torch.softmax(s / temperature, -2) * s).sum(-2)


def ece(probability, right, bins=15):
    top, out = probability.amax(1), 0.0
    for b in range(bins):
        pick = (top > b / bins) & (top <= (b + 1) / bins)
        if pick.any():
            out += pick.float().mean() * (top[pick].mean() - right[pick].float().mean()).abs()
    return float(out)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder", nargs="?", default=str(Path(__file__).resolve().parents[1]))
    p.add_argument("--json")
    p.add_argument("--quick", action="store_true", help="no timing")
    a = p.parse_args()
    torch.set_num_threads(1)
    f = Folder(a.folder)
    rows = manifest()
    wave, starts = np.load(WORK / "wave.npy", mmap_mode="r"), np.load(WORK / "wave_starts.npy")
    tau = f.model.logit_scale.exp().clamp(max=100).item()
    report, audio_mean = {"logit_scale": tau, "folder_bytes": f.size}, None

    def top1(split, names, key):
        nonlocal audio_mean
        ids = [i for i, r in enumerate(rows) if split(r)]
        truth = torch.tensor([names.index(clean(rows[i]["label"])) for i in ids])
        db = windows(ids, wave, starts, f.model.audio_model.mel_filters)
        clips, frames = f.audio(db, True)
        classes = f.classes(names)
        coarse, fine = tau * clips @ classes.T, fine_scores(frames, classes, tau)
        report[key] = (coarse.argmax(1) == truth).float().mean().item()
        report[key + " fine"] = (fine.argmax(1) == truth).float().mean().item()
        report[key + " coarse + fine"] = ((coarse + fine).argmax(1) == truth).float().mean().item()
        five = F.normalize(sum(f.classes(names, t) for t in (TEMPLATE, "{}", "the sound of {}", "a recording of {}",
                                                            "i can hear {}")), dim=1)
        report[key + " five templates"] = ((clips @ five.T).argmax(1) == truth).float().mean().item()
        report[key + " ece"] = ece(coarse.softmax(1), coarse.argmax(1) == truth)
        nll = {t: F.cross_entropy(t * clips @ classes.T, truth).item() for t in range(5, 101, 5)}
        report[key + " best scale"] = min(nll, key=nll.get)
        return ids, truth, clips, classes, coarse

    ids, truth, clips, classes, coarse = top1(lambda r: r["split"] == "esc50-fold4", ESC50, "esc50 fold 4")
    got = coarse.argmax(1)
    per_class = {}
    for k, name in enumerate(ESC50):
        mine = truth == k
        wrong = got[mine & (got != k)].tolist()
        per_class[name] = (int((got[mine] == k).sum()), int(mine.sum()),
                           ESC50[max(set(wrong), key=wrong.count)] if wrong else "")
    report["per class"] = per_class
    met = torch.tensor([n not in KEPT_OUT for n in ESC50])[truth]
    report["esc50 fold 4, classes met in training"] = (got == truth)[met].float().mean().item()
    # the modality gap, on fold 4
    gap = clips.mean(0) - classes.mean(0)
    report["modality gap"] = {"distance of the means": gap.norm().item(),
                              "norm of the audio mean": clips.mean(0).norm().item(),
                              "norm of the text mean": classes.mean(0).norm().item(),
                              "cosine audio to its class": (clips * classes[truth]).sum(1).mean().item(),
                              "cosine between class prompts": ((classes @ classes.T).sum() - 50).item() / 2450,
                              "cosine between clips": ((clips @ clips.T).sum() - len(clips)).item() / (len(clips) * (len(clips) - 1))}
    top1(lambda r: r["split"] == "us8k-fold3", US8K, "us8k fold 3")
    _, ktruth, kclips, kclasses, _ = top1(lambda r: r["kind"] == "label" and clean(r["label"]) in KEPT_OUT, KEPT_OUT,
                                          "kept-out among themselves")
    every = KEPT_OUT + sorted({clean(r["label"]) for r in rows if r["kind"] == "label"} - set(KEPT_OUT))
    among = kclips @ f.classes(every).T
    report["kept-out among all names"] = (among.argmax(1) == ktruth).float().mean().item()
    report["number of all names"] = len(every)
    report["kept-out sounds"] = len(ktruth)
    kgot = (kclips @ kclasses.T).argmax(1)
    report["kept-out per name"] = {n: (int((kgot[ktruth == k] == k).sum()), int((ktruth == k).sum()))
                                   for k, n in enumerate(KEPT_OUT)}

    captions = esc50_captions()
    sentence, words = f.text([c for c, _ in captions], words=True)
    ctruth = torch.tensor([k for _, k in captions])
    report["caption accuracy"] = ((sentence @ classes.T).argmax(1) == ctruth).float().mean().item()
    fine = torch.stack([fine_scores(w, classes, tau) for w in words])
    report["caption accuracy, words (fine)"] = (fine.argmax(1) == ctruth).float().mean().item()
    if (WORK / "sentences.npy").exists():  # only where the text tower was trained
        texts = json.loads((WORK / "texts.json").read_text())
        order = list(range(len(texts["sentences"])))
        random.Random(1).shuffle(order)
        held = order[:600]
        want = F.normalize(torch.from_numpy(np.load(WORK / "sentences.npy")[held].astype(np.float32)), dim=1)
        report["cosine to the sentence encoder, 600 held-out texts"] = (f.text([texts["sentences"][i] for i in held]) * want).sum(1).mean().item()

    # a sound in the middle of silence: is the best frame where the sound is?
    hit = right = n = 0
    for j in range(0, len(ids), 2):
        i = ids[j]
        x = torch.from_numpy(np.array(wave[starts[i]:starts[i + 1]])).float() / 32767
        loud = x.square().unfold(0, 32000, 3200).mean(1).argmax().item() * 3200 if len(x) > 32000 else 0
        y = torch.zeros(m.WINDOW)
        y[64000:96000] = x[loud:loud + 32000]
        _, fr = f.audio(m.to_db(m.mel_power(y, f.model.audio_model.mel_filters))[None], True)
        score = (fr[0] @ classes[truth[j]])
        at = (score.argmax().item() + 1.5) * 5.0 / (fr.shape[1] + 2)
        hit += 1.8 <= at <= 3.2
        inside = fr[0][[t for t in range(fr.shape[1]) if 2.1 <= (t + 1.5) * 5 / (fr.shape[1] + 2) <= 2.9]].mean(0)
        right += int((inside @ classes.T).argmax() == truth[j])
        n += 1
    report["one second in silence: best frame is there"] = hit / n
    report["one second in silence: frames there name it"] = right / n

    if not a.quick:
        from statistics import median
        x = torch.randn(m.WINDOW) * 0.1
        prompts = [TEMPLATE.format(c) for c in ESC50]
        with torch.no_grad():
            def clock(fn, n=20):
                fn(), fn()
                t = []
                for _ in range(n):
                    s = time.perf_counter()
                    fn()
                    t.append(time.perf_counter() - s)
                return 1000 * median(t)
            report["ms per window, PyTorch, one thread"] = clock(lambda: f.audio(f.model.audio_model.log_mel(x)[None]))
            report["ms for 50 prompts, PyTorch, one thread"] = clock(lambda: f.text(prompts), 10)
    for k, v in report.items():
        if isinstance(v, dict):
            print(k + ":")
            for kk, vv in v.items():
                print(f"    {kk}: {vv if not isinstance(vv, float) else round(vv, 3)}")
        else:
            print(f"{k}: {v if not isinstance(v, float) else round(v, 4)}")
    if a.json:
        Path(a.json).write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
