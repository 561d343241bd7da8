"""Makes this folder: a tiny random starter (folder format 1) and the numbers the PyTorch reference computes from it.

    python tests/data/starter-tiny/make.py
needs what resources/starter/training/requirements.txt lists. Everything here is random or synthesised.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "resources" / "starter" / "training"))
import model as m
from vocab import train_vocab, write_tokenizer

TEXTS = ["dog", "this is a sound of rain", "A car horn honks, twice!", "keyboard typing and a crying baby",
         "zyzzyva xylophone caf\u00e9", "glass-breaking", "wind"]
WORDS = """a the this is sound of and in with on dog cat rain wind water car horn engine siren baby crying bird chirping
glass breaking door knock footsteps keyboard typing mouse click clock tick church bells train airplane helicopter saw
hand fire crackling sea waves thunder storm insects frog cow pig sheep hen rooster crow laughing coughing sneezing
clapping breathing snoring drinking brushing teeth toilet flush washing machine vacuum cleaner fireworks gun shot drill
jackhammer street music children playing air conditioner loud quiet far near twice again someone people talking"""


def waves():
    t = np.arange(m.WINDOW) / m.RATE
    rng = np.random.default_rng(3)
    chirp = 0.4 * np.sin(2 * np.pi * (200 * t + 400 * t * t)) + 0.02 * rng.standard_normal(t.size)
    short = 0.3 * np.sin(2 * np.pi * 440 * t[:96000]) * (np.sin(2 * np.pi * 3 * t[:96000]) > 0)
    silence = np.zeros(80000)
    silence[40000:56000] = 0.5 * rng.standard_normal(16000) * np.hanning(16000)
    return [torch.from_numpy((np.clip(w, -1, 1) * 32767).astype(np.int16)).float() / 32768
            for w in (chirp, short, silence)]


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    if (HERE / "vocab.txt").exists():  # the trainer breaks ties in no fixed order: the words stay as they are
        vocab = (HERE / "vocab.txt").read_text().split("\n")[:-1]
    else:
        vocab = train_vocab([" ".join(WORDS.split())] * 3 + [w for w in WORDS.split()] * 2, 400)
    tokenizer = write_tokenizer(vocab, HERE, 128)
    audio = m.audio_config(8, [(12, (2, 2), False), (12, (1, 1), True), (16, (1, 2), False), (24, (2, 1), False)])
    model = m.Starter(m.config("starter-tiny", 32, audio, m.text_config(len(vocab), 32, 2, 4, 64)))
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
                module.weight.uniform_(0.5, 1.5)
                module.bias.uniform_(-0.3, 0.3)
                module.running_mean.uniform_(-0.3, 0.3)
                module.running_var.uniform_(0.3, 1.5)
            if isinstance(module, torch.nn.LayerNorm):
                module.weight.uniform_(0.7, 1.3)
                module.bias.uniform_(-0.2, 0.2)
            if isinstance(module, torch.nn.Embedding):
                module.weight.normal_(0, 0.5)
            if isinstance(module, torch.nn.Linear):
                module.weight.normal_(0, 0.2)
                if module.bias is not None:
                    module.bias.uniform_(-0.1, 0.1)
        bn0 = model.audio_model.bn0
        bn0.running_mean.uniform_(-45, -25)
        bn0.running_var.uniform_(300, 600)
        model.logit_scale.fill_(3.0)
    m.save_folder(model, HERE)
    model = m.load_folder(HERE)  # the weights as rounded to float16

    out = {}
    with torch.no_grad():
        for i, wave in enumerate(waves()):
            trace = {}
            db = model.audio_model.log_mel(wave)[None]
            final = model.audio_model.feature_map(db, trace)
            out[f"audio.{i}.waveform"] = (wave * 32768).round().to(torch.int16)
            out[f"audio.{i}.log_mel"] = db[0]
            if i == 0:
                out[f"audio.{i}.bn0"] = trace["bn0"][0].half()
                out[f"audio.{i}.stem"] = trace["stem"][0].half()
            for j in range(len(audio["layers"])):
                out[f"audio.{i}.layer.{j}.mean"] = trace[f"layer.{j}"][0].mean((1, 2))  # per channel
            out[f"audio.{i}.map"] = final[0]                                             # [C, T']
            out[f"audio.{i}.clip"] = model.audio_from_map(final)[0]
            out[f"audio.{i}.frames"] = model.frames(final)[0]                            # [T' - 2, D]
        for i, text in enumerate(TEXTS):
            ids = torch.tensor([tokenizer.encode(text).ids])
            sentence, words = model.text(ids)
            out[f"text.{i}.ids"] = ids[0].to(torch.int32)
            out[f"text.{i}.hidden"] = model.text_model(ids)[0]
            out[f"text.{i}.sentence"] = sentence[0]
            out[f"text.{i}.words"] = words[0]                                            # [tokens - 1, D], [SEP] last
    save_file({k: v.contiguous() for k, v in out.items()}, HERE / "expected.safetensors",
              metadata={"texts": json.dumps(TEXTS), "waveform_scale": "32768"})
    for file in HERE.iterdir():
        file.chmod(0o644)
    for k, v in out.items():
        print(k, tuple(v.shape), v.dtype)


if __name__ == "__main__":
    main()
