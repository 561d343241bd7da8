"""The distilled text tower's embeddings of every name: the audio tower's targets in its last stage."""
import argparse
import json

import numpy as np
import torch
import torch.nn.functional as F

from data import WORK
from train_text import TextStarter, encode
from vocab import make_tokenizer

# The template that programs use counts most; the others keep the audio tower from leaning on its wording.
WEIGHTS = {"this is a sound of {}": 3.0, "the sound of {}": 1.0, "{}": 1.0, "i can hear {}": 1.0}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--text", default=str(WORK / "text.pt"))
    p.add_argument("--out", default=str(WORK / "names_student.npy"))
    a = p.parse_args()
    torch.set_num_threads(1)
    vocab = (WORK / "vocab.txt").read_text().split("\n")[:-1]
    tokenizer, model = make_tokenizer(vocab), TextStarter(len(vocab))
    model.load_state_dict(torch.load(a.text, weights_only=True)["model"])
    model.eval()
    names = json.loads((WORK / "texts.json").read_text())["names"]
    e = sum(w * encode(model, tokenizer, [t.format(n) for n in names]) for t, w in WEIGHTS.items())
    np.save(a.out, F.normalize(e, dim=1).numpy().astype(np.float16))
    want = F.normalize(torch.from_numpy(np.load(WORK / "names.npy").astype(np.float32)), dim=1)
    print("names: mean cosine to the sentence encoder", (F.normalize(e, dim=1) * want).sum(1).mean().item())


if __name__ == "__main__":
    main()
