"""Put both towers together and write the model folder."""
import argparse
import math

import torch
from safetensors.torch import load_file

import model as m
from data import WORK, heard_names, manifest
from train_text import TextStarter
from vocab import write_tokenizer


def shipped(folder):
    return {k: v.float() for k, v in load_file(m.Path(folder) / "model.safetensors").items()}


def load_text(source):
    """The text tower of a checkpoint or of a model folder, and its vocabulary."""
    folder = m.Path(source) if m.Path(source).is_dir() else None
    vocab = ((folder or WORK) / "vocab.txt").read_text().split("\n")[:-1]
    tower = TextStarter(len(vocab))
    if folder:
        tower.load_state_dict({k: v for k, v in shipped(folder).items() if k.startswith("text_")})
    else:
        tower.load_state_dict(torch.load(source, weights_only=True)["model"])
    return tower.eval(), vocab


def load_audio(source):
    """A model with the audio tower of a checkpoint or of a model folder; its text tower is not there."""
    starter = m.Starter(m.config("starter", m.DIM, m.audio_config(**m.AUDIO), m.text_config(32, 32, 1, 1, 32)))
    state = shipped(source) if m.Path(source).is_dir() else torch.load(source, weights_only=True)["ema"]
    missing, _ = starter.load_state_dict({k: v for k, v in state.items() if k.startswith("audio_")}, strict=False)
    assert all(k.startswith("text_") or k == "logit_scale" or k.endswith("num_batches_tracked") for k in missing), missing
    return starter.eval()


def load(audio, text):
    tower, vocab = load_text(text)
    starter = m.Starter(m.config("starter", m.DIM, m.audio_config(**m.AUDIO), m.text_config(len(vocab))))
    heard = load_audio(audio)
    for part in ("audio_model", "audio_projection"):
        getattr(starter, part).load_state_dict(getattr(heard, part).state_dict())
    for part in ("text_model", "text_projection"):
        getattr(starter, part).load_state_dict(getattr(tower, part).state_dict())
    return starter.eval(), vocab


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--audio", default=str(WORK / "audio.pt"))
    p.add_argument("--text", default=str(WORK / "text.pt"))
    p.add_argument("--scale", type=float, default=25.0, help="exp(logit_scale)")
    p.add_argument("--like-from", type=float, default=0.6)
    p.add_argument("--like-to", type=float, default=0.9)
    p.add_argument("--out", default=str(m.Path(__file__).resolve().parents[1]))
    a = p.parse_args()
    starter, vocab = load(a.audio, a.text)
    with torch.no_grad():
        starter.logit_scale.fill_(math.log(a.scale))
    starter.config["familiar_names"] = {"like_from": a.like_from, "like_to": a.like_to, "names": heard_names(manifest())}
    m.save_folder(starter, a.out)
    write_tokenizer(vocab, a.out, 128)
    for file in m.Path(a.out).iterdir():
        if file.is_file():
            file.chmod(0o644)
    print("wrote", a.out)


if __name__ == "__main__":
    main()
