"""The distilled text tower's embeddings of every name, and of made-up captions for every label: the audio tower's
targets. `--folder` takes the text tower from a model folder instead of a checkpoint."""
import argparse
import json
import random

import numpy as np
import torch
import torch.nn.functional as F

from data import THREADS, WORK, heard_names, manifest
from export import load_text
from train_text import encode
from vocab import make_tokenizer

# The template that programs use counts most; the others keep the audio tower from leaning on its wording.
WEIGHTS = {"this is a sound of {}": 3.0, "the sound of {}": 1.0, "{}": 1.0, "i can hear {}": 1.0}

CAPTIONS = 40
WHAT = ["{}", "a {}", "the sound of {}", "a recording of {}", "someone recorded {}", "{} can be heard", "there is {}",
        "we hear {}", "{} is heard", "the noise of {}", "{} going on", "an audio clip with {}"]
HOW = ["", "", " nearby", " in the distance", " loudly", " softly", " again and again", " once", " for a while",
       " from far away", " close to the microphone"]
WHERE = ["", "", " outdoors", " in a room", " in a large hall", " on a street", " in a quiet place", " in the countryside",
         " while people talk", " with wind in the background", " with some noise", " followed by silence", " in a house"]


def label_captions(rng):
    """(label, caption) for every label that training hears."""
    labels = heard_names(manifest())
    return labels, [(rng.choice(WHAT) + rng.choice(HOW) + rng.choice(WHERE)).format(n) for n in labels
                    for _ in range(CAPTIONS)]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--text", default=str(WORK / "text.pt"))
    p.add_argument("--folder", help="a model folder")
    p.add_argument("--out", default=str(WORK / "names_student.npy"))
    a = p.parse_args()
    torch.set_num_threads(THREADS)
    model, vocab = load_text(a.folder or a.text)
    tokenizer = make_tokenizer(vocab)
    names = json.loads((WORK / "texts.json").read_text())["names"]
    e = sum(w * encode(model, tokenizer, [t.format(n) for n in names]) for t, w in WEIGHTS.items())
    np.save(a.out, F.normalize(e, dim=1).numpy().astype(np.float16))
    labels, captions = label_captions(random.Random(1))
    np.save(WORK / "captions_student.npy", encode(model, tokenizer, captions).numpy().astype(np.float16))
    if not (WORK / "names.npy").exists():
        return
    want = F.normalize(torch.from_numpy(np.load(WORK / "names.npy").astype(np.float32)), dim=1)
    print("names: mean cosine to the sentence encoder", (F.normalize(e, dim=1) * want).sum(1).mean().item())


if __name__ == "__main__":
    main()
