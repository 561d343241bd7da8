"""Hearsay beside PyTorch and transformers: the same weights, sounds, cores and threads, taking turns in one run.

    python python_towers.py CACHE BENCH_BY_LINE HEARSAY_CLI [--files 500] [--threads N] [--rounds 9]

packaging/bench-python.sh starts it. CACHE receives full-size checkpoints with random weights and a folder of synthetic
sounds when they are not there: N mono WAV files of 16 bits at 48 kHz (so that nobody resamples), 1, 2, 3, 5, 8 and 10 s
long in turn, 464 kB on average. Needs torch, transformers, soundfile, NumPy, safetensors.
"""
import argparse
import csv
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import time

import numpy as np
import soundfile
import torch
import transformers
from transformers import (ClapConfig, ClapFeatureExtractor, ClapModel, ClapProcessor, pipeline)

RATE = 48000
WINDOW = 10 * RATE
SECONDS = (1, 2, 3, 5, 8, 10)
CLASSES = ["dog", "rain", "siren", "car horn", "church bells", "crackling fire", "footsteps", "wind", "keyboard", "frog"]
TEMPLATE = "this is a sound of {}"
VOCABULARY = pathlib.Path(__file__).resolve().parents[1] / "data/tokenizers/roberta/files"


# --- What is measured on

def write_checkpoint(folder, fused):
    """HTSAT and RoBERTa at the published sizes of laion/clap-htsat-unfused and -fused, as save_pretrained writes them."""
    torch.manual_seed(7)
    model = ClapModel(ClapConfig(
        text_config={"vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1},
        audio_config={"enable_fusion": fused, "hidden_size": 768, "patch_embeds_hidden_size": 96,
                      "depths": [2, 2, 6, 2], "num_attention_heads": [4, 8, 16, 32]},
        projection_dim=512)).eval()
    norm = model.audio_model.audio_encoder.batch_norm  # of decibels
    norm.running_mean.fill_(-40)
    norm.running_var.fill_(300)
    partial = folder.with_name(folder.name + ".part")
    shutil.rmtree(partial, ignore_errors=True)
    model.save_pretrained(partial)
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(VOCABULARY / name, partial / name)
    tokenizer = transformers.RobertaTokenizer.from_pretrained(partial)
    features = ClapFeatureExtractor(truncation="fusion" if fused else "rand_trunc")
    features.save_pretrained(partial)
    ClapProcessor(features, tokenizer).save_pretrained(partial)
    partial.rename(folder)


def write_sounds(folder, count):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(5)
    for i in range(count):
        path = folder / f"{i:04}.wav"
        seconds = SECONDS[i % len(SECONDS)]
        time_of = np.arange(seconds * RATE) / RATE
        pitch, beat, noise = random.uniform(100, 6000), random.uniform(0.5, 8), random.uniform(0.01, 0.2)
        sound = 0.3 * np.sin(2 * np.pi * pitch * time_of) * (np.sin(2 * np.pi * beat * time_of) > 0)
        sound += noise * random.standard_normal(time_of.size)
        if not path.exists():
            soundfile.write(path, np.clip(sound, -1, 1), RATE, "PCM_16")
    return [folder / f"{i:04}.wav" for i in range(count)]


# --- Taking turns

def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - start)


def in_turn(rounds, works):
    """Medians in milliseconds; each round runs every one of `works` once, the first round is not counted."""
    found = [[work() for work in works] for _ in range(rounds + 1)][1:]
    return [statistics.median(column) for column in zip(*found)]


class Ours:
    """bench_by_line as a child: it sleeps while it is not asked."""

    def __init__(self, program, model, samples, threads, whole):
        self.child = subprocess.Popen([program, model, samples] + (["--whole"] if whole else []),
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                      env={**os.environ, "HEARSAY_BENCH_THREADS": str(threads)})

    def ask(self, line):
        print(line, file=self.child.stdin, flush=True)
        answer = self.child.stdout.readline()
        if not answer:
            raise SystemExit("bench_by_line stopped.")
        return float(answer)

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def row(what, python, ours, unit, ratio):
    print(f"{what:<46} {python:>9.{0 if python >= 100 else 1}f} {ours:>9.{0 if ours >= 100 else 1}f} {unit:<8} {ratio:>6.2f}",
          flush=True)


def compare_tower(args, name, folder, clips, whole, rounds):
    """Features and audio tower of `clips`, which share one length. Prints three rows."""
    model = ClapModel.from_pretrained(folder).eval()
    extractor = ClapFeatureExtractor.from_pretrained(folder)
    samples = args.cache / "samples.f32"
    np.concatenate(clips).astype("<f4").tofile(samples)
    ours = Ours(args.bench, folder, samples, args.threads, whole)
    given = {}

    def python_features():
        given.update(extractor(clips, sampling_rate=RATE, return_tensors="pt"))
        if not whole:  # the extractor calls one at random "longer" if none is
            given["is_longer"] = torch.zeros((len(clips), 1), dtype=torch.bool)

    def python_tower():
        found = model.get_audio_features(**given)
        given_out["clips"] = getattr(found, "pooler_output", found)

    given_out = {}
    with torch.inference_mode():
        features = in_turn(rounds, [lambda: milliseconds(python_features), lambda: ours.ask(f"features {len(clips)}")])
        tower = in_turn(rounds, [lambda: milliseconds(python_tower), lambda: ours.ask("tower")])
        theirs = torch.nn.functional.normalize(given_out["clips"], dim=-1).numpy()
    ours.ask(f"save {args.cache / 'clips.f32'}")
    ours.close()
    off = np.abs(np.fromfile(args.cache / "clips.f32", "<f4").reshape(theirs.shape) - theirs).max()
    row(f"{name}: audio tower", *tower, "ms", tower[1] / tower[0])
    row(f"{name}: log-mel", *features, "ms", features[1] / features[0])
    share = [100 * f / t for f, t in zip(features, tower)]
    row(f"{name}: log-mel, share of the tower", *share, "%", share[1] / share[0])
    if whole:
        return  # the extractor takes its three views at random places
    print(f"  (embeddings differ by at most {off:.1e})")
    if not off < 1e-3:
        raise SystemExit("They do not compute the same.")


# --- A folder of files

class Folder:
    def __init__(self, args, checkpoint):
        self.args, self.checkpoint = args, checkpoint
        self.model = ClapModel.from_pretrained(checkpoint).eval()
        self.processor = ClapProcessor.from_pretrained(checkpoint)
        self.pipeline = pipeline("zero-shot-audio-classification", model=checkpoint, device="cpu")
        self.similarity = {"batches": {}, "hearsay": {}}
        texts = self.processor.tokenizer([TEMPLATE.format(c) for c in CLASSES], padding=True, return_tensors="pt")
        with torch.inference_mode():
            found = self.model.get_text_features(**texts)
            self.texts = torch.nn.functional.normalize(getattr(found, "pooler_output", found), dim=-1)

    def by_pipeline(self, files):
        self.pipeline([str(f) for f in files], candidate_labels=CLASSES, hypothesis_template=TEMPLATE)

    def by_batches(self, files):
        with torch.inference_mode():
            for first in range(0, len(files), 8):
                some = files[first:first + 8]
                sounds = [soundfile.read(f, dtype="float32")[0] for f in some]
                given = self.processor.feature_extractor(sounds, sampling_rate=RATE, return_tensors="pt")
                found = self.model.get_audio_features(**given)
                clips = torch.nn.functional.normalize(getattr(found, "pooler_output", found), dim=-1)
                for file, similarities in zip(some, clips @ self.texts.T):
                    self.similarity["batches"].update({(file.name, c): s.item() for c, s in zip(CLASSES, similarities)})

    def by_hearsay(self, files):
        table = self.args.cache / "table.csv"
        subprocess.run([self.args.cli, "classify", *files, "--model", self.checkpoint, "--classes", ", ".join(CLASSES),
                        "--template", TEMPLATE, "--scores", "zero-shot", "--threads", str(self.args.threads),
                        "--device", "cpu", "--quiet", "--out", table], check=True)
        with open(table, newline="") as lines:
            for line in csv.DictReader(lines):
                key = (os.path.basename(line["file"]), line["class"])
                self.similarity["hearsay"][key] = float(line["similarity"])

    def compare(self, files, parts):
        seconds = {kind: 0.0 for kind in (self.by_pipeline, self.by_batches, self.by_hearsay)}
        size = -(-len(files) // parts)
        self.by_batches(files[:8])  # the first call is slower
        for first in range(0, len(files), size):
            for kind in seconds:
                seconds[kind] += milliseconds(lambda: kind(files[first:first + size])) / 1e3
        rates = [len(files) / s for s in seconds.values()]
        row(f"{len(files)} files, pipeline", rates[0], rates[2], "files/s", rates[2] / rates[0])
        row(f"{len(files)} files, processor and model by 8", rates[1], rates[2], "files/s", rates[2] / rates[1])
        theirs, ours = self.similarity["batches"], self.similarity["hearsay"]
        off = max(abs(theirs[key] - ours[key]) for key in theirs)
        print(f"  (similarities differ by at most {off:.1e}; hearsay-cli's time holds {parts} starts and loads, Python's none)")


def processor_name():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=pathlib.Path)
    parser.add_argument("bench")
    parser.add_argument("cli")
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    parts = min(4, max(1, args.files // 100))  # turns in which the folder is done
    torch.set_num_threads(args.threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    folders = {"unfused": args.cache / "clap-htsat-unfused", "fused": args.cache / "clap-htsat-fused"}
    for name, folder in folders.items():
        if not folder.exists():
            write_checkpoint(folder, name == "fused")
    files = write_sounds(args.cache / "sounds", args.files)
    print(f"{processor_name()}, {args.threads} threads; torch {torch.__version__}, transformers "
          f"{transformers.__version__}; random weights; medians of {args.rounds} pairs in turn (batches: "
          f"{args.rounds // 2 + 1})")
    print(f"{'':<46} {'Python':>9} {'Hearsay':>9} {'':<8} {'ratio':>6}")
    random = np.random.default_rng(3)
    windows = list(0.1 * random.standard_normal((8, WINDOW)).astype("float32"))
    longer = 0.1 * random.standard_normal(15 * RATE).astype("float32")
    compare_tower(args, "unfused, 1 window", folders["unfused"], windows[:1], False, args.rounds)
    compare_tower(args, "unfused, 8 windows", folders["unfused"], windows, False, args.rounds // 2 + 1)
    compare_tower(args, "fused, one clip of 15 s", folders["fused"], [longer], True, args.rounds)
    Folder(args, folders["unfused"]).compare(files, parts)
    print("Microsoft's checkpoints have no class in transformers; tests/bench/bench_towers sets them beside LibTorch.")


if __name__ == "__main__":
    main()
