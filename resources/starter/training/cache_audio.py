"""Decode every sound once and keep its mel power in decibels (float16) for training."""
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

from data import DATA, WORK, manifest
from model import RATE, mel_filters, mel_power, to_db

FILTERS = mel_filters()


def decode(row):
    wave, rate = soundfile.read(DATA / "sounds" / row["file"], dtype="float32", always_2d=True)
    wave = wave.mean(1)
    if rate != RATE:
        g = np.gcd(rate, RATE)
        wave = resample_poly(wave, RATE // g, rate // g).astype(np.float32)
    return np.clip(wave, -1, 1)


def one(row):
    torch.set_num_threads(1)
    wave = decode(row)
    if len(wave) < 1024:
        wave = np.resize(wave, 1024) if len(wave) else np.zeros(1024, np.float32)
    db = to_db(mel_power(torch.from_numpy(wave), FILTERS)).numpy().astype(np.float16)
    return db, (np.clip(wave, -1, 1) * 32767).astype(np.int16)


def main():
    rows = manifest()
    with ProcessPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        items = list(pool.map(one, rows, chunksize=32))
    starts = np.cumsum([0] + [len(db) for db, _ in items])
    np.save(WORK / "mel.npy", np.concatenate([db for db, _ in items]))
    np.save(WORK / "mel_starts.npy", starts)
    wave_starts = np.cumsum([0] + [len(w) for _, w in items])
    np.save(WORK / "wave.npy", np.concatenate([w for _, w in items]))
    np.save(WORK / "wave_starts.npy", wave_starts)
    print("cached", len(items), "sounds,", starts[-1], "frames")


if __name__ == "__main__":
    main()
