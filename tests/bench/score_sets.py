"""The table "Where the gain comes from" of core/prompts/TUNING.md: tuned sets, scored in the way of each of its rows.

    hearsay-cli embed --frames --out SOUNDS --audio $(tail -qn +2 LISTS/?.csv | cut -d, -f1 | sort -u | sed s,^,DATA/sounds/,)
    python3 score_sets.py LISTS SOUNDS E=P0.safetensors E=P1.safetensors U=P2.safetensors ...

LISTS is what audio_lists.py wrote, SOUNDS the clips' embeddings by the starter, which tuned the sets; each set is named with
the list it was tuned for. Prints fused less zero-shot accuracy in points: mean over a list's sets, mean over the lists, and
the worst set. The first row is what `hearsay-cli eval` gives. Needs NumPy.
"""
import csv
import json
import pathlib
import struct
import sys

import numpy as np

BANK = pathlib.Path(__file__).parents[2] / "resources" / "starter" / "reference_sounds.safetensors"
FRAME_TEMPERATURE = 0.1  # of the fine score's attention
BANK_SHARPNESS = 20.0  # of the offsets' mean of exponentials
TYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "I64": np.int64}


def read(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = values.astype(np.float64)
    return tensors, metadata


class List:
    """The clips of a list: embeddings [N, d], frames (N times [T, d]) and the right class of each."""

    def __init__(self, folder, name, sounds, row_of):
        classes = (folder / f"{name}.txt").read_text().splitlines()
        with open(folder / f"{name}.csv", newline="") as file:
            clips = list(csv.DictReader(file))
        rows = [row_of[key(clip["file"])] for clip in clips]
        self.right = np.array([classes.index(clip["label"]) for clip in clips])
        self.clips = sounds["audio"][rows]
        self.frames = [sounds[f"frames.{row}"] for row in rows]

    def accuracy(self, scores):
        return 100.0 * np.mean(scores.argmax(1) == self.right)

    def fine(self, prompts):
        scores = []
        for frames in self.frames:
            cosines = frames @ prompts.T
            shares = np.exp((cosines - cosines.max(0)) / FRAME_TEMPERATURE)
            scores.append((shares / shares.sum(0) * cosines).sum(0))
        return np.array(scores)


def key(file):
    return "/".join(pathlib.PurePath(file).parts[-2:])


def offsets(weights, parts, bank, share):
    """What each class gives every sound of the bank, `share` of it, around its mean."""
    prompts = sum(weight * part for weight, part in zip(weights, parts))
    of_bank = bank["weight"] / bank["weight"].sum()
    given = share * np.log(of_bank @ np.exp(BANK_SHARPNESS * (bank["audio"] @ prompts.T))) / BANK_SHARPNESS
    return given - given.mean()


def gains(path, sounds, bank):
    """Row of the table -> fused less zero-shot of one set."""
    tensors, metadata = read(path)
    coarse, fine, plain = (tensors[f"{part}.classes"] for part in ("coarse", "fine", "zero_shot"))
    anchored = tensors.get("anchored.classes", plain)
    scores = {"coarse": sounds.clips @ coarse.T, "fine": sounds.fine(fine)}
    zero_shot = sounds.accuracy(sounds.clips @ plain.T)
    chosen = tuple(json.loads(metadata["score_weights"])[part] for part in ("coarse", "fine", "zero_shot"))

    def gain(weights, anchors=True, share=0.5):
        third = anchored if anchors else plain
        fused = weights[0] * scores["coarse"] + weights[1] * scores["fine"] + weights[2] * (sounds.clips @ third.T)
        return sounds.accuracy(fused - offsets(weights, (coarse, fine, third), bank, share)) - zero_shot

    def keeping(part):
        return ((1.0 - part) / 2.0, (1.0 - part) / 2.0, part)

    return {
        "none: `fast`": gain(chosen),
        "no anchors": gain(chosen, anchors=False),
        "no offsets": gain(chosen, share=0.0),
        "neither": gain(chosen, anchors=False, share=0.0),
        "anchors and offsets, nothing tuned": gain(keeping(1.0)),
        "offsets alone, nothing tuned": gain(keeping(1.0), anchors=False),
        "anchors alone, nothing tuned": gain(keeping(1.0), share=0.0),
        "tuned parts and offsets, no zero-shot": gain(keeping(0.0)),
        "zero-shot keeps 0.9": gain(keeping(0.9)),
        "zero-shot keeps 0.6": gain(keeping(0.6)),
        "zero-shot keeps a third": gain(keeping(1.0 / 3.0)),
        "0.3 of the offsets' measure in place of 0.5": gain(chosen, share=0.3),
        "0.7 of the offsets' measure in place of 0.5": gain(chosen, share=0.7),
        "1.0 of the offsets' measure in place of 0.5": gain(chosen, share=1.0),
    }


def main(folder, sounds_file, *named_sets):
    sounds, metadata = read(sounds_file)
    row_of = {key(file): row for row, file in enumerate(json.loads(metadata["items"]))}
    bank, _ = read(BANK)
    lists, table = {}, {}
    for name, path in (named.split("=", 1) for named in named_sets):
        if name not in lists:
            lists[name] = List(pathlib.Path(folder), name, sounds, row_of)
        for row, gain in gains(path, lists[name], bank).items():
            table.setdefault(row, {}).setdefault(name, []).append(gain)
    print(f"| change | {' | '.join(lists)} | mean | worst set |")
    print("|---" * (len(lists) + 3) + "|")
    for row, by_list in table.items():
        means = [np.mean(values) for values in by_list.values()]
        worst = min(min(values) for values in by_list.values())
        print(f"| {row} | " + " | ".join(f"{value:+.1f}" for value in [*means, np.mean(means), worst]) + " |")


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
