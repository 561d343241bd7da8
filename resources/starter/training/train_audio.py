"""Train the audio tower (random start) towards fixed text embeddings.

Targets: the labels (cross-entropy over class names' embeddings), the teacher's 527 tags (as a distribution over the
tags' embeddings, and through a linear head that is thrown away), single frames (cross-entropy where there is sound).
Held-out folds and kept-out names are never heard. `--targets` is the text side: the sentence encoder's names first,
the distilled text tower later.
"""
import argparse
import copy
import csv
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file

import model as m
from export import load_audio
from data import DATA, ESC50, KEPT_OUT, THREADS, US8K, WORK, clean, heard_names, manifest, mentions_kept_out, tags, training_rows

# Names that mean the same: never each other's wrong answer.
SAME = [{"dog", "dog bark"}, {"engine", "engine idling"}, {"guitar", "acoustic guitar"}, {"coughing", "person coughing"},
        {"clarinet", "bass clarinet"}, {"bass drum", "surdo", "djundjun", "tenor drum", "tom-toms", "djembe"},
        {"clash cymbals", "suspended cymbal", "sizzle cymbal", "chinese cymbal", "chinese hand cymbals", "hi hat"},
        {"tam-tam", "thai gong"}, {"cabasa", "banana shaker", "lemon shaker", "strawberry shaker", "sheeps toenails"},
        {"person speaking a digit", "person speaking a word", "robotic voice speaking a word"},
        {"street music", "children playing"}, {"car horn", "motor horn"}]


class Sounds:
    def __init__(self, names, tag_names, slices=0.6):
        self.rows = manifest()
        self.mel = np.load(WORK / "mel.npy", mmap_mode="r")
        self.mel = np.array(self.mel)
        self.starts = np.load(WORK / "mel_starts.npy")
        keep = training_rows(self.rows)
        self.names = names
        index = {n: i for i, n in enumerate(names)}
        self.label = np.array([index.get(clean(r["label"]), -1) if r["kind"] == "label" else -1 for r in self.rows])
        logits = load_file(DATA / "teacher" / "logits.safetensors")
        order = {int(i): k for k, i in enumerate(logits["id"])}
        z = logits["logits"].astype(np.float32)[[order[int(r["id"])] for r in self.rows]]
        self.tag_keep = np.array([not mentions_kept_out(t) for t in tag_names])
        z = z[:, self.tag_keep]
        self.soft = torch.softmax(torch.from_numpy(z), 1).numpy()
        self.z = (z - z[keep].mean(0)) / z[keep].std(0)
        self.train = np.array(keep)
        self.labelled = self.train[self.label[self.train] >= 0]
        self.others = self.train[self.label[self.train] < 0]
        weight = {"esc50": 1.8, "urbansound8k": slices, "fsdkaggle2018": 1.0, "glass-break": 0.6, "philharmonia": 0.6}
        w = np.array([weight.get(self.rows[i]["source"], 0.3) for i in self.labelled])
        self.weight = w / w.sum()
        # many slices of few recordings: half the time these learn from the teacher's tags alone
        self.slices = np.array([r["source"] == "urbansound8k" for r in self.rows])

    def crop(self, i, frames, rng):
        """[frames, 64] power, augmented in time."""
        db = self.mel[self.starts[i]:self.starts[i + 1]]
        rate = rng.uniform(0.85, 1.18) if rng.random() < 0.5 else 1.0
        need = int(frames * rate) + 1
        n = len(db)
        silence = rng.random()
        if n >= need:
            start = rng.integers(0, n - need + 1)
            if silence < 0.08:  # a part of it in the middle of silence
                part = int(need * rng.uniform(0.25, 0.6))
                out = np.full((need, m.MELS), -rng.uniform(50, 100), np.float32)
                at = rng.integers(0, need - part)
                start = rng.integers(0, n - part + 1)
                out[at:at + part] = db[start:start + part]
            else:
                out = db[start:start + need].astype(np.float32)
        elif silence < 0.3:
            out = np.full((need, m.MELS), -rng.uniform(50, 100), np.float32)
            at = rng.integers(0, need - n + 1)
            out[at:at + n] = db
        else:
            out = db[(np.arange(need) + rng.integers(0, n)) % n].astype(np.float32)
        if rate != 1.0:
            out = out[(np.arange(frames) * rate).astype(np.int64)]
        else:
            out = out[:frames]
        shift = rng.integers(-2, 3) if rng.random() < 0.5 else 0
        if shift:
            out = out[:, np.clip(np.arange(m.MELS) - shift, 0, m.MELS - 1)]
        return out

    def batch(self, size, frames, rng, share=0.62):
        n = int(round(size * share))
        ids = np.concatenate([rng.choice(self.labelled, n, replace=False, p=self.weight), rng.choice(self.others, size - n, replace=False)])
        rng.shuffle(ids)
        db = np.stack([self.crop(i, frames, rng) for i in ids])
        return torch.from_numpy(db), ids


def restyle(db, gen, share):
    """Some sounds take on, by part, another's mean and spread in every mel band: another room, another microphone."""
    n = len(db)
    mean, spread = db.mean(1, keepdim=True), db.std(1, keepdim=True).clamp(min=1.0)
    other = torch.randperm(n, generator=gen)
    keep = 0.5 + 0.5 * torch.rand(n, 1, 1, generator=gen)
    keep = torch.where(torch.rand(n, 1, 1, generator=gen) < share, keep, torch.ones(()))
    return (db - mean) / spread * (keep * spread + (1 - keep) * spread[other]) + keep * mean + (1 - keep) * mean[other]


def augment(db, ids, sounds, rng, gen, colour=2.0, colour_share=0.6, style=0.0):
    """Filtering, gain, noise, mixing (in power), masks. -> dB, label targets [n, names], tag targets, head targets."""
    n, t, f = db.shape
    x = torch.linspace(0, math.pi, f)
    # a smooth random equaliser, +-6 dB or so, and a tilt
    eq = sum(torch.randn(n, 1, generator=gen) * colour / (k ** 0.5) * torch.cos(k * x + 6.28 * torch.rand(n, 1, generator=gen))
             for k in (1, 2, 3, 5))
    eq = eq * (torch.rand(n, 1, generator=gen) < colour_share)
    power = torch.pow(10.0, (db + eq[:, None]) * 0.1)
    level = power.mean((1, 2), keepdim=True).clamp(min=1e-9)
    power = power / level
    label = torch.zeros(n, len(sounds.names))
    known = torch.from_numpy(np.where(sounds.slices[ids] & (rng.random(n) < 0.5), -1, sounds.label[ids]))
    has = known >= 0
    label[has, known[has]] = 1.0
    soft, z = torch.from_numpy(sounds.soft[ids]), torch.from_numpy(sounds.z[ids])
    lam = torch.from_numpy(rng.beta(0.8, 0.8, n).astype(np.float32))
    lam = torch.maximum(lam, 1 - lam)
    lam = torch.where(torch.rand(n, generator=gen) < 0.65, lam, torch.ones(n))
    other = torch.randperm(n, generator=gen)
    power = power * lam[:, None, None] + power[other] * (1 - lam)[:, None, None]
    label = label * lam[:, None] + label[other] * (1 - lam)[:, None]
    soft = soft * lam[:, None] + soft[other] * (1 - lam)[:, None]
    z = z * lam[:, None] + z[other] * (1 - lam)[:, None]
    # a noise floor with a random slope
    noisy = torch.rand(n, 1, 1, generator=gen) < 0.35
    floor = torch.pow(10.0, -(torch.rand(n, 1, 1, generator=gen) * 35 + 12) * 0.1) * \
        torch.pow(10.0, torch.randn(n, 1, 1, generator=gen) * 0.6 * torch.linspace(-1, 1, f))
    power = power + noisy * floor * torch.empty(n, t, f).exponential_(1.0, generator=gen).clamp(min=0.05)
    gain = (torch.randn(n, 1, 1, generator=gen) * 5).clamp(-15, 12)
    out = m.to_db(power * level) + gain
    energy = m.to_db(power.mean(2))
    if style:
        out = restyle(out, gen, style)
    mean = out.mean((1, 2))
    for i in range(n):
        for _ in range(2):
            w = int(rng.integers(0, t // 9))
            s = int(rng.integers(0, t - w))
            out[i, s:s + w] = mean[i]
            energy[i, s:s + w] = -100
        for _ in range(2):
            w = int(rng.integers(0, 9))
            s = int(rng.integers(0, f - w))
            out[i, :, s:s + w] = mean[i]
    return out, label, soft, z, energy, lam


def fine_cosines(frames, texts, temperature=0.10):
    """[n, T, d], [K, d] -> [n, K]: frames' cosines under attention, as the fine score of core/classify has it."""
    s = frames @ texts.T
    return (torch.softmax(s / temperature, 1) * s).sum(1)


class Heads(torch.nn.Module):
    def __init__(self, width, tags, dim):
        super().__init__()
        self.tagger = torch.nn.Linear(width, tags)
        self.scale_label = torch.nn.Parameter(torch.tensor(math.log(30.0)))
        self.scale_tag = torch.nn.Parameter(torch.tensor(math.log(30.0)))


def windows(rows, wave, starts, filters):
    out = []
    for i in rows:
        x = torch.from_numpy(np.array(wave[starts[i]:starts[i + 1]])).float() / 32767
        out.append(m.to_db(m.mel_power(m.fit_window(x), filters)))
    return torch.stack(out)


class Check:
    """Zero-shot on the held-out folds and the kept-out names."""

    def __init__(self, sounds):
        wave, starts = np.load(WORK / "wave.npy", mmap_mode="r"), np.load(WORK / "wave_starts.npy")
        rows = sounds.rows
        filters = m.mel_filters()
        names = sorted({clean(r["label"]) for r in rows if r["kind"] == "label"})
        self.sets = {}
        for key, pick, classes in (
                ("esc50-fold4", lambda r: r["split"] == "esc50-fold4", ESC50),
                ("us8k-fold3", lambda r: r["split"] == "us8k-fold3", US8K),
                ("kept-out", lambda r: r["kind"] == "label" and clean(r["label"]) in KEPT_OUT
                 and r["split"] != "esc50-fold4", KEPT_OUT)):
            ids = [i for i, r in enumerate(rows) if pick(r)]
            self.sets[key] = (windows(ids, wave, starts, filters), [clean(rows[i]["label"]) for i in ids], classes)
        self.all_names = names

    @torch.no_grad()
    def embed(self, starter):
        starter.eval()
        out = {}
        for key, (db, labels, classes) in self.sets.items():
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=False):
                out[key] = torch.cat([starter.audio(db[i:i + 16]) for i in range(0, len(db), 16)])
        return out

    def scores(self, embedded, text):
        """text: function from a list of names to embeddings."""
        out = {}
        for key, (db, labels, classes) in self.sets.items():
            got = (embedded[key] @ text(classes).T).argmax(1)
            out[key] = sum(classes[g] == l for g, l in zip(got.tolist(), labels)) / len(labels)
            if key == "kept-out":
                got = (embedded[key] @ text(self.all_names).T).argmax(1)
                out[key + " among all"] = sum(self.all_names[g] == l for g, l in zip(got.tolist(), labels)) / len(labels)
        return out


def table(path):
    """A saved table of names' embeddings -> lookup function."""
    texts = json.loads((WORK / "texts.json").read_text())["names"]
    e = F.normalize(torch.from_numpy(np.load(path).astype(np.float32)), dim=1)
    index = {n: i for i, n in enumerate(texts)}
    return lambda names: e[[index[n] for n in names]]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--targets", default=str(WORK / "names.npy"))
    p.add_argument("--steps", type=int, default=9000)
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--frames", type=int, default=256)
    p.add_argument("--lr", type=float, default=2.5e-3)
    p.add_argument("--warmup", type=int, default=300)
    p.add_argument("--final-lr", type=float, default=0.02)
    p.add_argument("--smooth", type=float, default=0.15)
    p.add_argument("--frame", type=float, default=0.25, help="weight of the frames' loss")
    p.add_argument("--colour", type=float, default=2.0, help="strength of the random equaliser, dB")
    p.add_argument("--colour-share", type=float, default=0.6)
    p.add_argument("--slices", type=float, default=0.6, help="weight of UrbanSound8K rows among the labelled")
    p.add_argument("--near", type=float, default=1.5, help="weight of the cosine to the text")
    p.add_argument("--tag", type=float, default=1.0, help="weight of the teacher's tags as texts")
    p.add_argument("--heard", type=float, default=0.0, help="share of the tags in the text that a labelled sound is near to")
    p.add_argument("--alike", type=float, default=15.0, help="how narrowly smoothing keeps to names of like meaning")
    p.add_argument("--fine", type=float, default=0.0, help="weight of the fine score's losses (frames under attention)")
    p.add_argument("--start", default="", help="a checkpoint or a model folder whose audio tower to begin with")
    p.add_argument("--style", type=float, default=0.0, help="share of sounds that take on another's spectrum by part")
    p.add_argument("--drop", type=float, default=0.0, help="dropout on the clip feature")
    p.add_argument("--captions", default="", help="embeddings [names * n, d] of made-up captions of every name (table_text.py)")
    p.add_argument("--caption-share", type=float, default=0.5, help="share of steps in which a name is one of its captions")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--resume", action="store_true", help="go on from --out, steps and all")
    p.add_argument("--out", default=str(WORK / "audio.pt"))
    p.add_argument("--check-every", type=int, default=400)
    a = p.parse_args()
    torch.set_num_threads(THREADS)
    torch.manual_seed(a.seed)
    lookup = table(a.targets)
    rows = manifest()
    tag_names = tags()
    names = heard_names(rows)
    sounds = Sounds(names, tag_names, a.slices)
    tag_text = lookup([clean(t) for t, k in zip(tag_names, sounds.tag_keep) if k])
    name_text = lookup(names)
    told = None
    if a.captions:
        told = F.normalize(torch.from_numpy(np.load(a.captions).astype(np.float32)), dim=1).view(len(names), -1, m.DIM)
    position = {n: i for i, n in enumerate(names)}
    block = torch.zeros(len(names), len(names), dtype=torch.bool)  # [true, other] never a wrong answer
    for group in SAME:
        g = [position[n] for n in group if n in position]
        for i in g:
            for j in g:
                block[i, j] = i != j
    # smoothing goes to names of like meaning: the space between two names stays free for a name nobody labelled
    alike = torch.softmax(a.alike * name_text @ name_text.T, 1)
    print(len(sounds.train), "training sounds,", len(sounds.labelled), "labelled,", len(names), "names,",
          len(tag_text), "tags", flush=True)
    starter = m.Starter(m.config("starter", m.DIM, m.audio_config(**m.AUDIO), m.text_config(32, 32, 1, 1, 32)))
    starter.audio_model.bn0.running_mean.fill_(-20)
    starter.audio_model.bn0.running_var.fill_(400)
    for mod in starter.audio_model.modules():
        if isinstance(mod, torch.nn.Conv2d):
            torch.nn.init.kaiming_normal_(mod.weight, nonlinearity="relu")
    heads = Heads(starter.audio_model.width, len(tag_text), m.DIM)
    audio = torch.nn.ModuleDict({"audio_model": starter.audio_model, "audio_projection": starter.audio_projection})
    if a.start:
        began_with = load_audio(a.start)
        starter.audio_model.load_state_dict(began_with.audio_model.state_dict())
        starter.audio_projection.load_state_dict(began_with.audio_projection.state_dict())
    step, saved = 0, None
    if a.resume:
        saved = torch.load(a.out, weights_only=True)
        audio.load_state_dict(saved["raw"])
        heads.load_state_dict(saved["heads"])
    audio.to(memory_format=torch.channels_last)
    decay = [q for q in list(audio.parameters()) + list(heads.parameters()) if q.dim() > 1]
    plain = [q for q in list(audio.parameters()) + list(heads.parameters()) if q.dim() <= 1]
    optimiser = torch.optim.AdamW([{"params": decay, "weight_decay": 0.05}, {"params": plain, "weight_decay": 0.0}],
                                  lr=a.lr, betas=(0.9, 0.98), fused=True)
    ema = copy.deepcopy(audio)
    if saved is not None:
        ema.load_state_dict(saved["ema"])
        optimiser.load_state_dict(saved["optimiser"])
        step = saved["step"]
    rng = np.random.default_rng(a.seed * 100003 + step)
    gen = torch.Generator().manual_seed(a.seed * 100003 + step)
    check = Check(sounds)
    view = copy.copy(starter)
    began, sums = time.time(), {}
    while step < a.steps:
        step += 1
        progress = min(1.0, step / a.steps)
        lr = a.lr * min(1.0, step / a.warmup) * (a.final_lr + (1 - a.final_lr) * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in optimiser.param_groups:
            group["lr"] = lr
        db, ids = sounds.batch(a.batch, a.frames, rng)
        db, label, soft, z, energy, lam = augment(db, ids, sounds, rng, gen, a.colour, a.colour_share, a.style)
        said = name_text
        if told is not None and rng.random() < a.caption_share:
            said = told[torch.arange(len(names)), torch.from_numpy(rng.integers(0, told.shape[1], len(names)))]
        audio.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            fmap = starter.audio_model.feature_map(db)
        fmap = fmap.float()
        clip = starter.audio_model.clip_feature(fmap)
        e = F.normalize(starter.audio_projection(F.dropout(clip, a.drop)), dim=-1)
        scale_label = heads.scale_label.exp().clamp(max=100)
        blocked = (label > 0).float() @ block.float() > 0
        blocked &= label == 0
        has = label.sum(1) > 0
        logits = (scale_label * e @ said.T).masked_fill(blocked, -1e4)
        mass = label.sum(1, keepdim=True)
        target = label / mass.clamp(min=1e-6)
        target = torch.where(has[:, None], (1 - a.smooth) * target + a.smooth * (target @ alike), target).masked_fill(blocked, 0.0)
        loss_label = (-(target * F.log_softmax(logits, 1)).sum(1) * mass[:, 0]).sum() / mass.sum().clamp(min=1)
        scale_tag = heads.scale_tag.exp().clamp(max=100)
        loss_tag = -(soft * F.log_softmax(scale_tag * e @ tag_text.T, 1)).sum(1).mean()
        loss_head = (heads.tagger(F.dropout(clip, 0.1)) - z).square().mean()
        ff = starter.audio_model.frame_features(fmap)
        loss_fine = torch.zeros(())
        if a.fine:
            every = F.normalize(starter.audio_projection(ff), dim=-1)
            fl = (scale_label * fine_cosines(every, said)).masked_fill(blocked, -1e4)
            loss_fine = (-(target * F.log_softmax(fl, 1)).sum(1) * mass[:, 0]).sum() / mass.sum().clamp(min=1)
            ft = F.log_softmax(scale_tag * fine_cosines(every, tag_text), 1)
            loss_fine = loss_fine - a.tag * (soft * ft).sum(1).mean()
        # frames: three of the louder ones of every labelled sound that is not much mixed
        steps = F.avg_pool1d(energy[:, None, :], 16, 16)[:, 0, 1:ff.shape[1] + 1]
        steps = F.pad(steps, (0, ff.shape[1] - steps.shape[1]), value=-100.0)
        sel = (has & (lam > 0.85)).nonzero()[:, 0]
        loss_frame = torch.zeros(())
        if len(sel):
            s = steps[sel]
            near = torch.softmax(((s - s.amax(1, keepdim=True)) / 4).clamp(min=-8), 1)
            at = torch.multinomial(near, 3, replacement=True, generator=gen)
            fe = F.normalize(starter.audio_projection(ff[sel[:, None], at]), dim=-1)
            fl = (scale_label * fe @ said.T).masked_fill(blocked[sel][:, None], -1e4)
            loss_frame = -(target[sel][:, None] * F.log_softmax(fl, -1)).sum(-1).mean()
        # close the gap between the modalities: the clip's embedding follows its label, or the mean of its tags
        toward = label @ name_text + (1 - mass + a.heard) * F.normalize(soft @ tag_text, dim=1)
        loss_near = (1 - (e * F.normalize(toward, dim=1)).sum(1)).mean()
        loss = loss_label + a.tag * loss_tag + 0.7 * loss_head + a.frame * loss_frame + a.fine * loss_fine + \
            a.near * loss_near
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(audio.parameters()), 3.0)
        optimiser.step()
        rate = min(0.998, step / (step + 20.0))
        with torch.no_grad():
            for q, r in zip(ema.state_dict().values(), audio.state_dict().values()):
                if q.dtype.is_floating_point:
                    q.lerp_(r, 1 - rate)
                else:
                    q.copy_(r)
        for k, v in (("label", loss_label), ("tag", loss_tag), ("head", loss_head), ("frame", loss_frame), ("fine", loss_fine),
                     ("near", loss_near)):
            sums[k] = sums.get(k, 0.0) + v.item()
        if step % 50 == 0:
            print(f"step {step} {time.time() - began:.0f} s lr {lr:.5f}", {k: round(v / 50, 3) for k, v in sums.items()},
                  f"scales {heads.scale_label.exp().item():.1f} {heads.scale_tag.exp().item():.1f}", flush=True)
            sums = {}
        if step % a.check_every == 0 or step == a.steps:
            torch.save({"raw": audio.state_dict(), "ema": ema.state_dict(), "heads": heads.state_dict(),
                        "optimiser": optimiser.state_dict(), "step": step}, a.out + ".part")
            os.replace(a.out + ".part", a.out)
            view = m.Starter(starter.config)
            view.audio_model.load_state_dict(ema["audio_model"].state_dict())
            view.audio_projection.load_state_dict(ema["audio_projection"].state_dict())
            s = check.scores(check.embed(view), lookup)
            print("CHECK", step, {k: round(100 * v, 1) for k, v in s.items()}, flush=True)


if __name__ == "__main__":
    main()
