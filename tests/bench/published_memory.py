"""How much memory opening a checkpoint of published size takes, beside the limit: 1.3 times its weights and 300 MB.

    python published_memory.py CACHE HEARSAY_CLI

packaging/bench-python.sh --memory starts it. CACHE receives the four checkpoints with random weights (3 GB) when they are
not there: LAION's as save_pretrained writes them, Microsoft's as a .pth with the keys msclap gives them, the unused ones
included (STFT kernels, class heads, causal masks). Needs torch, transformers, NumPy.
"""
import argparse
import collections
import math
import pathlib
import shutil
import subprocess
import time

import torch
import transformers

from python_towers import write_checkpoint

TOKENIZERS = pathlib.Path(__file__).resolve().parents[1] / "data/tokenizers"


class StateDict(collections.OrderedDict):
    """Tensors by name, with random weights of the usual sizes."""

    def linear(self, name, out, inputs, bias=True):
        self[name + ".weight"] = torch.randn(out, inputs) / math.sqrt(inputs)
        if bias:
            self[name + ".bias"] = 0.02 * torch.randn(out)

    def norm(self, name, width, batch=False):
        self[name + ".weight"], self[name + ".bias"] = torch.ones(width), torch.zeros(width)
        if batch:
            self[name + ".running_mean"], self[name + ".running_var"] = torch.zeros(width), torch.ones(width)
            self[name + ".num_batches_tracked"] = torch.tensor(1)

    def table(self, name, *shape):
        self[name] = 0.02 * torch.randn(shape)

    def convolution(self, name, out, inputs, size=3):
        self[name + ".weight"] = torch.randn(out, inputs, size, size) / math.sqrt(inputs * size * size)

    def projection(self, name, width):
        self.linear(name + ".linear1", 1024, width, bias=False)
        self.linear(name + ".linear2", 1024, 1024, bias=False)
        self.norm(name + ".layer_norm", 1024)

    def spectrogram(self, tower):
        for part in ("real", "imag"):
            self.table(f"{tower}.spectrogram_extractor.stft.conv_{part}.weight", 513, 1, 1024)
        self[tower + ".logmel_extractor.melW"] = torch.rand(513, 64)


def cnn14(state, tower):
    channels = [1, 64, 128, 256, 512, 1024, 2048]
    state.spectrogram(tower)
    state.norm(tower + ".bn0", 64, batch=True)
    for i in range(1, 7):
        for j, inputs in ((1, channels[i - 1]), (2, channels[i])):
            state.convolution(f"{tower}.conv_block{i}.conv{j}", channels[i], inputs)
            state.norm(f"{tower}.conv_block{i}.bn{j}", channels[i], batch=True)
    state.linear(tower + ".fc1", 2048, 2048)
    state.linear(tower + ".fc_audioset", 527, 2048)


def htsat(state, tower):
    state.spectrogram(tower)
    state.norm(tower + ".bn0", 64, batch=True)
    state.convolution(tower + ".patch_embed.proj", 96, 1, 4)
    state[tower + ".patch_embed.proj.bias"] = torch.zeros(96)
    state.norm(tower + ".patch_embed.norm", 96)
    width, heads, depths = 96, 4, (2, 2, 6, 2)
    for i, depth in enumerate(depths):
        for j in range(depth):
            block = f"{tower}.layers.{i}.blocks.{j}"
            state.norm(block + ".norm1", width)
            state.norm(block + ".norm2", width)
            state.table(block + ".attn.relative_position_bias_table", 225, heads)
            state[block + ".attn.relative_position_index"] = torch.zeros(64, 64, dtype=torch.long)
            state.linear(block + ".attn.qkv", 3 * width, width)
            state.linear(block + ".attn.proj", width, width)
            state.linear(block + ".mlp.fc1", 4 * width, width)
            state.linear(block + ".mlp.fc2", width, 4 * width)
        if i + 1 < len(depths):
            state.norm(f"{tower}.layers.{i}.downsample.norm", 4 * width)
            state.linear(f"{tower}.layers.{i}.downsample.reduction", 2 * width, 4 * width, bias=False)
            width, heads = 2 * width, 2 * heads
    state.norm(tower + ".norm", width)
    state.linear(tower + ".head", 527, 527)


def add_prefixed(state, prefix, model):
    """The parameters of a model of transformers, whose names Microsoft's code keeps."""
    for name, tensor in model.state_dict().items():
        state[prefix + name] = tensor


def write_microsoft(file, year):
    torch.manual_seed(7)
    state = StateDict()
    if year == 2022:
        cnn14(state, "audio_encoder.base")
        add_prefixed(state, "caption_encoder.base.", transformers.BertModel(transformers.BertConfig()))
    else:
        htsat(state, "audio_encoder.base.htsat")
        add_prefixed(state, "caption_encoder.base.", transformers.GPT2Model(transformers.GPT2Config()))
        for i in range(12):  # the causal masks that older transformers saved
            state[f"caption_encoder.base.h.{i}.attn.bias"] = torch.ones(1, 1, 1024, 1024).tril()
    state.projection("audio_encoder.projection", 2048 if year == 2022 else 768)
    state.projection("caption_encoder.projection", 768)
    state["logit_scale"] = torch.tensor(3.0)
    file.parent.mkdir(parents=True, exist_ok=True)
    names = ("vocab.txt",) if year == 2022 else ("vocab.json", "merges.txt")
    for name in names:
        shutil.copy(TOKENIZERS / ("bert" if year == 2022 else "gpt2") / "files" / name, file.parent / name)
    torch.save({"model": collections.OrderedDict(state)}, file.with_suffix(".part"))
    file.with_suffix(".part").rename(file)


def peak_megabytes(command):
    """By VmHWM: the maxrss that wait4 gives counts what this process had when it forked."""
    child = subprocess.Popen(command)
    peak = 0
    while child.poll() is None:
        try:
            lines = pathlib.Path(f"/proc/{child.pid}/status").read_text().splitlines()
            peak = max([peak] + [int(line.split()[1]) for line in lines if line.startswith("VmHWM")])
        except (OSError, IndexError):
            pass  # it has just ended
        time.sleep(0.005)
    if child.returncode != 0:
        raise SystemExit(f"{command[0]} failed.")
    return peak * 1024 / 1e6


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cache", type=pathlib.Path)
    parser.add_argument("cli")
    args = parser.parse_args()
    transformers.logging.disable_progress_bar()
    print(f"{'':<22} {'weights':>8} {'peak':>8} {'limit':>8}  MB")
    for name in ("clap-htsat-unfused", "clap-htsat-fused", "msclap-2023", "msclap-2022"):
        folder = args.cache / name
        weights = folder / ("model.safetensors" if name.startswith("clap") else f"CLAP_weights_{name[-4:]}.pth")
        if not weights.exists():
            if name.startswith("clap"):
                write_checkpoint(folder, name.endswith("-fused"))
            else:
                write_microsoft(weights, int(name[-4:]))
        size = weights.stat().st_size / 1e6
        peak = peak_megabytes([args.cli, "embed", "--quiet", "--device", "cpu", "--model", str(folder), "--text",
                               "a dog barks", "--out", str(args.cache / "text.safetensors")])
        print(f"{name:<22} {size:>8.0f} {peak:>8.0f} {1.3 * size + 300:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
