"""Copies of the sounds of a manifest with white and pink noise mixed in, for measuring `--noise-correction`.

    python3 noisy_copies.py MANIFEST.csv AUDIO_ROOT OUT

writes OUT/white-20, white-10, white-0, pink-20, pink-10 and pink-0 (dB of sound over noise, by mean power over the
clip), each with a manifest.csv of its own for `hearsay-cli eval`. Needs NumPy and soundfile. The same seed for every
folder; a copy that would clip is made quieter as a whole.
"""
import csv
import pathlib
import sys

import numpy as np
import soundfile


def noise_of(kind, random, samples):
    white = random.standard_normal(samples)
    if kind == "white":
        return white
    spectrum = np.fft.rfft(white)
    frequency = np.arange(len(spectrum))
    frequency[0] = 1
    return np.fft.irfft(spectrum / np.sqrt(frequency), samples)


def noisy(sound, kind, db, random):
    noise = noise_of(kind, random, len(sound))
    power, noise_power = np.mean(sound**2), np.mean(noise**2)
    mixed = sound + noise * np.sqrt(power / noise_power) * 10 ** (-db / 20)
    return mixed * min(1.0, 0.99 / np.abs(mixed).max()) if np.any(mixed) else mixed


def main(manifest, audio_root, out):
    rows = list(csv.DictReader(open(manifest, newline="")))
    for kind in ("white", "pink"):
        for db in (20, 10, 0):
            random = np.random.default_rng(1)
            folder = pathlib.Path(out) / f"{kind}-{db}"
            folder.mkdir(parents=True, exist_ok=True)
            with open(folder / "manifest.csv", "w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["file", "label"])
                for row in rows:
                    sound, rate = soundfile.read(pathlib.Path(audio_root) / row["file"])
                    sound = sound.mean(axis=1) if sound.ndim > 1 else sound
                    name = pathlib.Path(row["file"]).stem + ".wav"
                    soundfile.write(folder / name, noisy(sound, kind, db, random).astype("float32"), rate, "PCM_16")
                    writer.writerow([name, row["label"]])


if __name__ == "__main__":
    main(*sys.argv[1:4])
