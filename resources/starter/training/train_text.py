"""Distil the sentence encoder's space into the small BERT-like tower (random start).

[CLS] carries the sentence: its projection follows the sentence encoder's embedding (for names: of several templates'
mean). Every later token carries its word: half the sentence, half the encoder's embedding of that word alone.
"""
import argparse
import json
import math
import os
import random
import re
import time

import numpy as np
import torch
import torch.nn.functional as F

import model as m
from corpus import TEMPLATES
from data import ESC50, THREADS, US8K, WORK, esc50_captions
from vocab import make_tokenizer, train_vocab, write_tokenizer

STOP = set("a an the this that these those is are was were be been and or of to in on at by for with from as it its can".split())
CHECK_TEMPLATE = "this is a sound of {}"


def pad(ids):
    longest = max(map(len, ids))
    x = torch.zeros(len(ids), longest, dtype=torch.long)
    mask = torch.zeros(len(ids), longest, dtype=torch.bool)
    for i, row in enumerate(ids):
        x[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = True
    return x, mask


class TextStarter(torch.nn.Module):
    def __init__(self, vocab):
        super().__init__()
        self.text_model = m.TextTower(m.text_config(vocab))
        self.text_projection = m.Projection(256, m.DIM)

    def forward(self, x, mask):
        return self.text_projection(self.text_model(x, mask))


@torch.no_grad()
def encode(model, tokenizer, texts, batch=64):
    ids = [e.ids[:64] for e in tokenizer.encode_batch(texts)]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    out = torch.zeros(len(texts), m.DIM)
    for s in range(0, len(order), batch):
        part = order[s:s + batch]
        x, mask = pad([ids[i] for i in part])
        out[part] = F.normalize(model(x, mask)[:, 0].float(), dim=-1)
    return out


def word_targets(tokens, index):
    """For every token after [CLS], the row of its word's embedding, -1 where there is none."""
    out, word, first = [], "", 1
    rows = [-1] * (len(tokens) - 1)
    for t in range(1, len(tokens) + 1):
        token = tokens[t] if t < len(tokens) else "[SEP]"
        if not token.startswith("##"):
            if word in index:
                for k in range(first, t):
                    rows[k - 1] = index[word]
            word, first = token, t
        else:
            word += token[2:]
    return rows


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--steps", type=int, default=9000)
    p.add_argument("--tokens", type=int, default=2200, help="tokens in a batch")
    p.add_argument("--lr", type=float, default=1.2e-3)
    p.add_argument("--warmup", type=int, default=400)
    p.add_argument("--vocab", type=int, default=9000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--resume", action="store_true")
    p.add_argument("--out", default=str(WORK / "text.pt"))
    p.add_argument("--check-every", type=int, default=500)
    a = p.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(a.seed)
    texts = json.loads((WORK / "texts.json").read_text())
    sentences, names, words = texts["sentences"], texts["names"], texts["words"]
    vocab_file = WORK / "vocab.txt"
    shipped = m.Path(__file__).resolve().parents[1] / "vocab.txt"
    if not vocab_file.exists() and shipped.exists():  # the trainer breaks ties in no fixed order: keep ours
        vocab_file.write_text(shipped.read_text())
    if not vocab_file.exists():
        vocab_file.write_text("\n".join(train_vocab(sentences + names + names, a.vocab)) + "\n")
    vocab = vocab_file.read_text().split("\n")[:-1]
    tokenizer = make_tokenizer(vocab)
    model = TextStarter(len(vocab))
    sentence_e = np.load(WORK / "sentences.npy")
    name_e = np.load(WORK / "names.npy")
    word_e = F.normalize(torch.from_numpy(np.load(WORK / "words.npy").astype(np.float32)), dim=1)
    word_index = {w: i for i, w in enumerate(words) if w not in STOP}
    ids = [e.ids[:64] for e in tokenizer.encode_batch(sentences)]
    rng = random.Random(a.seed)
    order = list(range(len(sentences)))
    rng.shuffle(order)
    held = order[:600]
    train = order[600:]
    rng2 = random.Random(7)
    held_names = set(rng2.sample(range(texts["core"], len(names)), 200))
    train_names = [i for i in range(len(names)) if i not in held_names]
    print(len(vocab), "word pieces;", len(train), "sentences;", len(train_names), "names;",
          sum(q.numel() for q in model.parameters()) / 1e6, "M parameters", flush=True)
    captions = esc50_captions()
    decay = [q for q in model.parameters() if q.dim() > 1]
    plain = [q for q in model.parameters() if q.dim() <= 1]
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}],
                                  lr=a.lr, betas=(0.9, 0.98), fused=True)
    step = 0
    if a.resume:
        saved = torch.load(a.out, weights_only=True)
        model.load_state_dict(saved["model"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
        rng.seed(a.seed * 1000 + step)

    def batches():
        """Buckets of like length: sentences, and names in templates (one batch in four)."""
        while True:
            rng.shuffle(train)
            for s in range(0, len(train), 6000):
                part = sorted(train[s:s + 6000], key=lambda i: len(ids[i]))
                groups, now = [], []
                for i in part:
                    now.append(i)
                    if len(now) * len(ids[i]) >= a.tokens:
                        groups.append(now)
                        now = []
                rng.shuffle(groups)
                for k, g in enumerate(groups):
                    yield [ids[i] for i in g], sentence_e[g]
                    if k % 3 == 0:
                        core = rng.choices(range(texts["core"]), k=70)
                        pick = core + rng.sample(train_names, 150)
                        coded = tokenizer.encode_batch([rng.choice(TEMPLATES).format(names[i]) for i in pick])
                        yield [e.ids[:32] for e in coded], name_e[pick]

    source = batches()
    began, sums = time.time(), [0.0, 0.0, 0.0]
    while step < a.steps:
        step += 1
        lr = a.lr * min(1.0, step / a.warmup) * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * step / a.steps)))
        for group in optimiser.param_groups:
            group["lr"] = lr
        rows, target = next(source)
        target = F.normalize(torch.from_numpy(target.astype(np.float32)), dim=1)
        x, mask = pad(rows)
        model.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            y = model(x, mask)
        y = y.float()
        s = F.normalize(y[:, 0], dim=-1)
        cosine = (s * target).sum(1)
        # also keep the neighbourhood: similarities within the batch as the sentence encoder has them
        among = torch.softmax(20 * target @ target.T, 1)
        relation = -(among * F.log_softmax(20 * s @ target.T, 1)).sum(1).mean()
        relation = relation - -(among * among.clamp(min=1e-9).log()).sum(1).mean()
        w = torch.full((len(rows), x.shape[1] - 1), -1, dtype=torch.long)
        for i, row in enumerate(rows):
            w[i, : len(row) - 1] = torch.tensor(word_targets([vocab[t] for t in row], word_index))
        wt = torch.where((w >= 0)[..., None], F.normalize(word_e[w.clamp(min=0)] + target[:, None], dim=-1), target[:, None])
        wy = F.normalize(y[:, 1:], dim=-1)
        valid = mask[:, 1:].float()
        word_loss = ((1 - (wy * wt).sum(-1)) * valid).sum() / valid.sum()
        loss = 3 * (1 - cosine).mean() + 1.0 * relation + 1.0 * word_loss
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        sums = [sums[0] + cosine.mean().item(), sums[1] + relation.item(), sums[2] + word_loss.item()]
        if step % 100 == 0:
            print(f"step {step} {time.time() - began:.0f} s lr {lr:.5f} cosine {sums[0] / 100:.4f} relation {sums[1] / 100:.4f}"
                  f" words {1 - sums[2] / 100:.4f}", flush=True)
            sums = [0.0, 0.0, 0.0]
        if step % a.check_every == 0 or step == a.steps:
            model.eval()
            got = encode(model, tokenizer, [sentences[i] for i in held])
            want = F.normalize(torch.from_numpy(sentence_e[held].astype(np.float32)), dim=1)
            hn = sorted(held_names)
            gotn = encode(model, tokenizer, [CHECK_TEMPLATE.format(names[i]) for i in hn])
            wantn = F.normalize(torch.from_numpy(name_e[hn].astype(np.float32)), dim=1)
            classes = encode(model, tokenizer, [CHECK_TEMPLATE.format(c) for c in ESC50])
            every = captions[::3]
            e = encode(model, tokenizer, [c for c, _ in every])
            right = ((e @ classes.T).argmax(1) == torch.tensor([c for _, c in every])).float().mean()
            print(f"CHECK {step}: held-out cosine {(got * want).sum(1).mean():.4f}, unmet names {(gotn * wantn).sum(1).mean():.4f},"
                  f" caption accuracy {right:.4f}", flush=True)
            torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step}, a.out + ".part")
            os.replace(a.out + ".part", a.out)


if __name__ == "__main__":
    main()
