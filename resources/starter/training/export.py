"""Put both towers together and write the model folder."""
import argparse
import math

import torch

import model as m
from data import WORK
from vocab import write_tokenizer


def load(audio, text, vocab):
    vocab = vocab.read_text().split("\n")[:-1]
    starter = m.Starter(m.config("starter", m.DIM, m.audio_config(**m.AUDIO), m.text_config(len(vocab))))
    a = torch.load(audio, weights_only=True)["ema"]
    t = torch.load(text, weights_only=True)["model"]
    missing, unexpected = starter.load_state_dict({**a, **t}, strict=False)
    assert missing == ["logit_scale"] and not unexpected, (missing, unexpected)
    return starter.eval(), vocab


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--audio", default=str(WORK / "audio.pt"))
    p.add_argument("--text", default=str(WORK / "text.pt"))
    p.add_argument("--scale", type=float, default=25.0, help="exp(logit_scale)")
    p.add_argument("--out", default=str(m.Path(__file__).resolve().parents[1]))
    a = p.parse_args()
    starter, vocab = load(a.audio, a.text, WORK / "vocab.txt")
    with torch.no_grad():
        starter.logit_scale.fill_(math.log(a.scale))
    m.save_folder(starter, a.out)
    write_tokenizer(vocab, a.out, 128)
    for file in m.Path(a.out).iterdir():
        if file.is_file():
            file.chmod(0o644)
    print("wrote", a.out)


if __name__ == "__main__":
    main()
