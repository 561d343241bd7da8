"""What sounds there are: 256 means of the labelled training sounds' embeddings, for the tuner's score offsets.

    python reference_sounds.py [folder]

writes folder/reference_sounds.safetensors: `audio` [256, d], not brought to unit length, and `weight` [256], how many
sounds each is the mean of (core/prompts/reference_sounds.h). k-means by cosine from a fixed seed.
"""
import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from data import THREADS, WORK, manifest, training_rows
from evaluate import Folder
from train_audio import windows

MEANS, ROUNDS, BATCH = 256, 40, 64


def embeddings(folder):
    starter, rows = Folder(folder), manifest()
    wave, starts = np.load(WORK / "wave.npy", mmap_mode="r"), np.load(WORK / "wave_starts.npy")
    ids = [i for i in training_rows(rows) if rows[i]["kind"] == "label"]
    filters = starter.model.audio_model.mel_filters
    return torch.cat([starter.audio(windows(ids[i:i + BATCH], wave, starts, filters)) for i in range(0, len(ids), BATCH)])


def means(sounds, seed=0):
    generator = torch.Generator().manual_seed(seed)
    centres = sounds[torch.randperm(len(sounds), generator=generator)[:MEANS]]
    for _ in range(ROUNDS):
        nearest = (sounds @ F.normalize(centres, dim=1).T).argmax(1)
        count = torch.bincount(nearest, minlength=len(centres))
        total = torch.zeros_like(centres).index_add_(0, nearest, sounds)
        centres = torch.where(count[:, None] > 0, total / count.clamp(min=1)[:, None], centres)
    return centres, count


def main():
    p = argparse.ArgumentParser()
    p.add_argument("folder", nargs="?", default=str(Path(__file__).resolve().parents[1]))
    a = p.parse_args()
    torch.set_num_threads(THREADS)
    sounds = embeddings(a.folder)
    audio, weight = means(sounds)
    file = Path(a.folder) / "reference_sounds.safetensors"
    save_file({"audio": audio.half().numpy(), "weight": weight.float().numpy()}, file)
    file.chmod(0o644)
    print(f"wrote {file}: {len(audio)} means of {len(sounds)} sounds")


if __name__ == "__main__":
    main()
