"""The starter's two towers in PyTorch, as core/model computes them (folder format 1)."""
import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

RATE, FFT, HOP, MELS, FMIN, FMAX = 32000, 1024, 320, 64, 50.0, 15000.0
WINDOW = 160000


def _hz_to_mel(hz):
    hz = np.asarray(hz, dtype=np.float64)
    return np.where(hz < 1000.0, hz * 3.0 / 200.0, 15.0 + np.log(np.maximum(hz, 1e-9) / 1000.0) * 27.0 / np.log(6.4))


def _mel_to_hz(mel):
    mel = np.asarray(mel, dtype=np.float64)
    return np.where(mel < 15.0, mel * 200.0 / 3.0, 1000.0 * np.exp((mel - 15.0) * np.log(6.4) / 27.0))


def mel_filters(n_mels=MELS, fft=FFT, rate=RATE, fmin=FMIN, fmax=FMAX):
    """Slaney-style triangular filters with unit area, [fft / 2 + 1, n_mels]."""
    bins = np.linspace(0.0, rate / 2, fft // 2 + 1)
    edges = _mel_to_hz(np.linspace(_hz_to_mel(fmin), _hz_to_mel(fmax), n_mels + 2))
    up = (bins[:, None] - edges[None, :-2]) / np.diff(edges)[None, :-1]
    down = (edges[None, 2:] - bins[:, None]) / np.diff(edges)[None, 1:]
    weights = np.maximum(0.0, np.minimum(up, down)) * (2.0 / (edges[2:] - edges[:-2]))[None, :]
    return torch.from_numpy(weights.astype(np.float32))


def fit_window(wave, window=WINDOW):
    """Shorter audio is repeated end to end, then cut at the window."""
    n = wave.shape[-1]
    if n < window:
        wave = wave.repeat(*([1] * (wave.dim() - 1)), math.ceil(window / n))
    return wave[..., :window]


def mel_power(wave, filters):
    """[..., samples] -> [..., frames, mels]: centred STFT, reflect padding, periodic Hann, power, mel filters."""
    spec = torch.stft(wave, FFT, HOP, FFT, torch.hann_window(FFT, periodic=True), center=True, pad_mode="reflect",
                      return_complex=True)
    return (spec.real.square() + spec.imag.square()).transpose(-1, -2) @ filters


def to_db(power):
    return 10.0 * torch.log10(power.clamp(min=1e-10))


class Projection(nn.Module):
    def __init__(self, width, dim):
        super().__init__()
        self.linear1 = nn.Linear(width, dim, bias=False)
        self.linear2 = nn.Linear(dim, dim, bias=False)
        self.layer_norm = nn.LayerNorm(dim, eps=1e-5)

    def forward(self, x):
        a = self.linear1(x)
        return self.layer_norm(a + self.linear2(F.gelu(a)))


class ConvBn(nn.Module):
    def __init__(self, cin, cout, kernel, stride, padding, eps):
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(cout, eps=eps)

    def forward(self, x):
        return self.bn(self.conv(x))


class AudioTower(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        eps = config["norm_eps"]
        self.register_buffer("mel_filters", mel_filters(config["num_mel_bins"]))
        self.bn0 = nn.BatchNorm1d(config["num_mel_bins"], eps=eps)
        channels, patch = config["stem"]["channels"], config["stem"]["patch"]
        self.stem = ConvBn(1, channels, patch, patch, 0, eps)
        self.layers = nn.ModuleList()
        for layer in config["layers"]:
            assert not layer["residual"] or layer["channels"] == channels
            self.layers.append(ConvBn(channels, layer["channels"], 3, 1, 1, eps))
            channels = layer["channels"]
        self.width = channels

    def log_mel(self, wave):
        return to_db(mel_power(fit_window(wave), self.mel_filters))

    def normalise(self, db):
        return self.bn0(db.transpose(1, 2)).transpose(1, 2)

    def feature_map(self, db, trace=None):
        """log-mel [n, T, F] -> m [n, C, T'] (mean over frequency)."""
        x = self.normalise(db)
        if trace is not None:
            trace["bn0"] = x
        x = F.relu(self.stem(x.unsqueeze(1)))
        if trace is not None:
            trace["stem"] = x
        for i, (layer, spec) in enumerate(zip(self.layers, self.config["layers"])):
            y = layer(x)
            if spec["residual"]:
                y = y + x
            x = F.relu(y)
            if tuple(spec["pool"]) != (1, 1):
                x = F.avg_pool2d(x, tuple(spec["pool"]))
            if trace is not None:
                trace[f"layer.{i}"] = x
        return x.mean(3)

    @staticmethod
    def clip_feature(m):
        return m.amax(2) + m.mean(2)

    @staticmethod
    def frame_features(m):
        """[n, C, T'] -> [n, T' - 2, C]"""
        return (F.max_pool1d(m, 3, 1) + F.avg_pool1d(m, 3, 1)).transpose(1, 2)


class TextTower(nn.Module):
    """BERT encoder (post-norm, erf GELU), names as in Hugging Face's BertModel."""

    class Attention(nn.Module):
        def __init__(self, h, heads, eps):
            super().__init__()
            self.self = nn.Module()
            for name in ("query", "key", "value"):
                setattr(self.self, name, nn.Linear(h, h))
            self.output = nn.Module()
            self.output.dense = nn.Linear(h, h)
            self.output.LayerNorm = nn.LayerNorm(h, eps=eps)
            self.heads = heads

        def forward(self, x, bias):
            n, t, h = x.shape
            q, k, v = (getattr(self.self, s)(x).view(n, t, self.heads, h // self.heads).transpose(1, 2)
                       for s in ("query", "key", "value"))
            score = q @ k.transpose(-1, -2) / math.sqrt(h // self.heads)  # short texts: faster than the fused kernel
            if bias is not None:
                score = score + bias
            y = (torch.softmax(score, -1) @ v).transpose(1, 2).reshape(n, t, h)
            return self.output.LayerNorm(x + self.output.dense(y))

    class Layer(nn.Module):
        def __init__(self, h, heads, inner, eps):
            super().__init__()
            self.attention = TextTower.Attention(h, heads, eps)
            self.intermediate = nn.Module()
            self.intermediate.dense = nn.Linear(h, inner)
            self.output = nn.Module()
            self.output.dense = nn.Linear(inner, h)
            self.output.LayerNorm = nn.LayerNorm(h, eps=eps)

        def forward(self, x, bias):
            x = self.attention(x, bias)
            return self.output.LayerNorm(x + self.output.dense(F.gelu(self.intermediate.dense(x))))

    def __init__(self, config):
        super().__init__()
        self.config = config
        h, eps = config["hidden_size"], config["layer_norm_eps"]
        self.embeddings = nn.Module()
        self.embeddings.word_embeddings = nn.Embedding(config["vocab_size"], h)
        self.embeddings.position_embeddings = nn.Embedding(config["max_position_embeddings"], h)
        self.embeddings.token_type_embeddings = nn.Embedding(config["type_vocab_size"], h)
        self.embeddings.LayerNorm = nn.LayerNorm(h, eps=eps)
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList(
            TextTower.Layer(h, config["num_attention_heads"], config["intermediate_size"], eps)
            for _ in range(config["num_hidden_layers"]))
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.03)
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, ids, mask=None):
        e = self.embeddings
        x = e.word_embeddings(ids) + e.position_embeddings.weight[: ids.shape[1]] + e.token_type_embeddings.weight[0]
        x = e.LayerNorm(x)
        bias = None
        if mask is not None:
            bias = torch.zeros(mask.shape, dtype=x.dtype).masked_fill(~mask, -1e9)[:, None, None, :]
        for layer in self.encoder.layer:
            x = layer(x, bias)
        return x


class Starter(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        d = config["projection_dim"]
        self.audio_model = AudioTower(config["audio_config"])
        self.text_model = TextTower(config["text_config"])
        self.audio_projection = Projection(self.audio_model.width, d)
        self.text_projection = Projection(config["text_config"]["hidden_size"], d)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(20.0)))

    def audio_from_map(self, m):
        return F.normalize(self.audio_projection(self.audio_model.clip_feature(m)), dim=-1)

    def audio(self, db):
        return self.audio_from_map(self.audio_model.feature_map(db))

    def frames(self, m):
        return F.normalize(self.audio_projection(self.audio_model.frame_features(m)), dim=-1)

    def text(self, ids, mask=None):
        """-> sentence [n, D], words [n, T - 1, D]"""
        y = F.normalize(self.text_projection(self.text_model(ids, mask)), dim=-1)
        return y[:, 0], y[:, 1:]


def audio_config(stem, layers):
    return {"sampling_rate": RATE, "window_seconds": 5.0, "fft_window_size": FFT, "hop_length": HOP,
            "num_mel_bins": MELS, "frequency_min": 50, "frequency_max": 15000,
            "stem": {"channels": stem, "patch": [4, 4]},
            "layers": [{"channels": c, "pool": list(p), "residual": r} for c, p, r in layers], "norm_eps": 1e-5}


def text_config(vocab, hidden=256, layers=4, heads=4, inner=1024):
    return {"hidden_size": hidden, "num_hidden_layers": layers, "num_attention_heads": heads,
            "intermediate_size": inner, "vocab_size": vocab, "max_position_embeddings": 128, "type_vocab_size": 1,
            "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0}


def config(name, dim, audio, text):
    return {"model_type": "hearsay-clap", "format_version": 1, "name": name, "projection_dim": dim,
            "audio_config": audio, "text_config": text}


def tensors_for_disk(model):
    """float16, but the mel filters stay float32; batch counters are left out."""
    out = {}
    for key, value in model.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        value = value.detach().contiguous()
        out[key] = value.float() if key.endswith("mel_filters") else value.half()
    return out


def save_folder(model, folder):
    from safetensors.torch import save_file
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(model.config, indent=1) + "\n")
    save_file(tensors_for_disk(model), folder / "model.safetensors", metadata={"format": "pt"})


def load_folder(folder):
    from safetensors.torch import load_file
    folder = Path(folder)
    model = Starter(json.loads((folder / "config.json").read_text()))
    state = {k: v.float() for k, v in load_file(folder / "model.safetensors").items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and all(k.endswith("num_batches_tracked") for k in missing), (missing, unexpected)
    return model.eval()


# The tower that ships.
AUDIO = dict(stem=48, layers=[(64, (2, 2), False), (64, (1, 1), True), (128, (2, 2), False), (128, (1, 1), True),
                              (192, (1, 2), False), (192, (1, 1), True), (320, (1, 1), False), (320, (1, 1), True)])
DIM = 384
