"""Makes this folder from ../shared/reference: the same families, cut down to what fits into the repository.

    python tests/data/reference/make.py ../shared/reference        (torch, transformers 5, safetensors)

../README.md says what is copied, what is cut and what is computed anew.
"""
import json
import re
import shutil
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from transformers import (AutoTokenizer, BertConfig, BertModel, ClapConfig, ClapFeatureExtractor, ClapModel,
                          ClapTextConfig, ClapTextModelWithProjection, GPT2Config, GPT2Model)

HERE = Path(__file__).resolve().parent
CLASSES = ["dog", "can opening", "door wood knock", "siren", "washing machine", "crackling fire"]
SENTENCES = ["a dog barks", "someone is opening a can", "a knock at the wooden door", "a siren, and a dog",
             "the washing machine runs", "the fire is crackling", "a dog at the door", "a loud siren"]
TEXTS = ["This is a sound of dog barking.", "thunder", "", " A  dog_barks   twice! ", "caf\u00e9 \u72d7 \U0001f415 it's LOUD"]
MORE = ["rain & wind, 2 cars", "a dog barks", " barking dog"] + [f" {name}" for name in CLASSES] + CLASSES + SENTENCES


def metadata_of(path):
    with safe_open(path, "pt") as file:
        return file.metadata()


# --- Tokenizers with the words that are needed here: what they give for these texts stays the same, but for the numbers.

def merges_of(word, ranks, used):
    parts = list(word)
    while True:
        pairs = [p for p in zip(parts, parts[1:]) if p in ranks]
        if not pairs:
            return
        best = min(pairs, key=ranks.get)
        used.add(best)
        joined, i = [], 0
        while i < len(parts):
            both = tuple(parts[i:i + 2]) == best
            joined.append("".join(best) if both else parts[i])
            i += 2 if both else 1
        parts = joined


def cut_tokenizer(source, target, texts, old_merges=False):
    """Copies a tokenizer with the entries that `texts` need; returns the kept ids in their new order."""
    target.mkdir(parents=True, exist_ok=True)
    tokenizer = AutoTokenizer.from_pretrained(source)
    data = json.loads((source / "tokenizer.json").read_text())
    model = data["model"]
    special = {token["content"] for token in data["added_tokens"]}
    if model["type"] == "BPE":
        ranks = {tuple(m.split(" ") if isinstance(m, str) else m): i for i, m in enumerate(model["merges"])}
        used = set()
        for text in texts:
            for word, _ in tokenizer.backend_tokenizer.pre_tokenizer.pre_tokenize_str(text):
                merges_of(word, ranks, used)
        ordered = sorted(used, key=ranks.get)
        model["merges"] = [" ".join(m) if old_merges else list(m) for m in ordered]
        kept = {t for t in model["vocab"] if len(t) == 1 or t in special} | {"".join(m) for m in ordered}
    else:
        kept = {t for t in model["vocab"] if len(t.removeprefix("##")) == 1 or t in special or t.startswith("[unused")}
        for text in texts:
            kept |= set(tokenizer.tokenize(text)) - special
    order = sorted((i, t) for t, i in model["vocab"].items() if t in kept)
    ids = [i for i, _ in order]
    new = {i: n for n, i in enumerate(ids)}
    model["vocab"] = {t: new[i] for i, t in order}
    for token in data["added_tokens"]:
        token["id"] = new[token["id"]]
    for part in (data.get("post_processor") or {}).get("special_tokens", {}).values():
        part["ids"] = [new[i] for i in part["ids"]]
    post = data.get("post_processor") or {}
    for end in ("sep", "cls"):
        if end in post:
            post[end][1] = new[post[end][1]]
    (target / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n")
    config = json.loads((source / "tokenizer_config.json").read_text())
    if "added_tokens_decoder" in config:
        config["added_tokens_decoder"] = {str(new[int(i)]): t for i, t in config["added_tokens_decoder"].items()}
    (target / "tokenizer_config.json").write_text(json.dumps(config, indent=1) + "\n")
    again = AutoTokenizer.from_pretrained(target)
    for text in texts:
        assert [new[i] for i in tokenizer(text)["input_ids"]] == again(text)["input_ids"], text
    return ids


# --- Microsoft's: weights and numbers of the first sound, copied; the words that are needed; no kernels, no masks.

def cut_microsoft(shared, year):
    source, target = shared / f"msclap-{year}", HERE / f"msclap-{year}"
    numbers, about = load_file(source / "expected.safetensors"), metadata_of(source / "expected.safetensors")
    texts = json.loads(about["texts"])[:7]
    ids = cut_tokenizer(source, target, texts + MORE + [t + " <|endoftext|>" for t in texts + MORE])
    state = torch.load(source / "weights.pth", weights_only=True)["model"]
    for name in [n for n in state if any(s in n for s in ("stft", "attn_mask", "masked_bias", "tscam_conv",
                                                            "relative_position_index", "fc_audioset"))
                 or n.endswith(".attn.bias")]:
        del state[name]
    for name in state:
        if name.endswith(("word_embeddings.weight", "wte.weight")):
            state[name] = state[name][ids].clone()
        if name.endswith("position_embeddings.weight"):
            state[name] = state[name][:128].clone()
        if name.endswith("position_ids"):
            state[name] = state[name][..., :128].clone()
    # One in each container: a zip archive and the format before torch 1.6.
    torch.save({"model": state}, target / "weights.pth", _use_new_zipfile_serialization=year == 2022)
    facts = {n: {"dtype": str(t.dtype).split(".")[1], "shape": list(t.shape), "sum": t.double().sum().item(),
                 "abs_sum": t.double().abs().sum().item()} for n, t in state.items()}
    (target / "tensors.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")
    config = json.loads((source / "config.json").read_text())
    config["vocab_size"] = len(ids)
    if year == 2022:
        config["max_position_embeddings"] = 128
    else:
        config["bos_token_id"] = config["eos_token_id"] = len(ids) - 1
    (target / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    shutil.copy(source / "config.yml", target / "config.yml")
    new = {i: n for n, i in enumerate(ids)}
    left_out = ("audio.image", "audio.patch_embed", "audio.layer0_block", "audio.spectrogram", "audio.norm", "audio.layer0",
                "audio.clipwise", "text.projection_linear1")
    kept = {}
    for name, value in numbers.items():
        if name.startswith(left_out):
            continue
        if name == "audio.waveform_i16":
            value = value[:1, :12000]
        elif name in ("audio.logmel", "audio.latent_map", "audio.ours_frame_embed", "audio.embed", "audio.embed_norm",
                      "audio.embedding", "audio.pooled", "audio.fc1", "audio.projection_linear1", "similarity"):
            value = value[:1]
        if name.startswith("text.") and value.shape[0] == 8:
            value = value[:7]
        if name == "similarity":
            value = value[:, :7]
        if name in ("text.hidden", "text.input_ids", "text.attention_mask", "text.token_type_ids"):
            value = value[:, :numbers["text.attention_mask"][:7].sum(1).max()]
        if name == "text.input_ids":
            mask = numbers["text.attention_mask"][:7, :value.shape[1]]
            value = torch.tensor([[new[int(i)] if m else 0 for i, m in zip(*rows)] for rows in zip(value, mask)])
        kept[name] = value.contiguous()
    about["texts"] = json.dumps(texts)
    save_file(kept, target / "expected.safetensors", about)
    return state, ids


# --- LAION's: smaller models than those of ../shared/reference, random weights, through transformers.

def spread(model):
    """Every number matters: nothing stays at zero or one."""
    for name, value in list(model.named_parameters()) + list(model.named_buffers()):
        if not value.is_floating_point():
            continue
        if "running_var" in name:
            value.uniform_(0.4, 1.6)
        elif value.dim() > 1 and "embeddings" in name:
            value.normal_(0, 0.5)
        elif value.dim() > 1:
            value.normal_(0, 1.2 / value[0].numel() ** 0.5)
        elif value.dim() == 1 and ("norm" in name.lower() or "bn" in name) and name.endswith("weight"):
            value.uniform_(0.6, 1.4)
        elif value.dim() == 1:
            value.uniform_(-0.3, 0.3)


def laion(shared, fused):
    name = "hf-clap-fused" if fused else "hf-clap-unfused"
    source, target = shared / name, HERE / name
    ids = cut_tokenizer(source, target, TEXTS + MORE)
    config = json.loads((source / "config.json").read_text())
    config["text_config"].update(vocab_size=len(ids), max_position_embeddings=66)
    config["audio_config"].update(depths=[1, 1, 2, 1] if fused else [1, 2, 1, 1], hidden_size=32,
                                  patch_embeds_hidden_size=4)
    model = ClapModel(ClapConfig(**{k: v for k, v in config.items() if k in ("text_config", "audio_config",
                                                                                "projection_dim")})).eval()
    spread(model)
    model.logit_scale_a.fill_(2.5)
    model.logit_scale_t.fill_(2.0)
    state = {n: v.contiguous() for n, v in model.state_dict().items() if not re.search(
        "layers.[1-9].*relative_position_index|position_ids|token_type_ids$", n)}
    save_file(state, target / "model.safetensors", {"format": "pt"})
    (target / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    shutil.copy(source / "preprocessor_config.json", target / "preprocessor_config.json")
    features = ClapFeatureExtractor.from_pretrained(source)
    tokens = AutoTokenizer.from_pretrained(target)(TEXTS, padding=True, return_tensors="pt")
    out = {"text.input_ids": tokens["input_ids"], "text.attention_mask": tokens["attention_mask"]}
    text = model.text_model(**tokens)
    out["text.last_hidden"] = text.last_hidden_state
    embeds = model.text_projection(text.pooler_output)
    out["text.embeds"] = embeds / embeds.norm(dim=-1, keepdim=True)

    time = torch.arange(24000) / 48000
    wave = 0.4 * torch.sin(6.2832 * (300 * time + 4000 * time * time)) * (torch.sin(6.2832 * 6 * time) > 0)
    wave = ((wave + 0.05 * torch.randn(24000)) * 512).round().clamp(-511, 511) / 512  # exact in float16
    if fused:
        wave = load_file(HERE / "hf-clap-unfused/expected.safetensors")["1.waveform"].float()
    else:
        out["1.waveform"] = wave.half()
    whole = features(wave.numpy(), sampling_rate=48000, return_tensors="pt")["input_features"]
    # Clip 0: any log-mel, exact in float16, that stage after stage is compared on. Clip 1: from samples to embeddings.
    drift = torch.linspace(0, 30, 1001)[None, None, :, None]
    inputs = {"0": (whole[:, :1] - drift).half(), "1": whole[:, :1]}
    out["0.input_features"] = inputs["0"][0]
    for clip, given in inputs.items():
        given = given.float()
        given = given.expand(-1, 4, -1, -1) if fused else given
        for longer in ([True, False] if fused else [False]):
            found = model.audio_model(given.contiguous(), is_longer=torch.tensor([[longer]]), output_hidden_states=True)
            embeds = model.audio_projection(found.pooler_output)
            embeds = (embeds / embeds.norm(dim=-1, keepdim=True))[0]
            if fused and not longer:
                out[clip + ".audio_embeds_not_longer"] = embeds
                continue
            out[clip + ".is_longer"] = torch.tensor([longer])
            out[clip + ".audio_last_hidden"] = found.last_hidden_state[0]
            out[clip + ".audio_pooled"] = found.pooler_output[0]
            out[clip + ".audio_embeds"] = embeds
            frames = model.audio_projection(found.last_hidden_state[0].mean(1).t())
            out[clip + ".frames"] = frames / frames.norm(dim=-1, keepdim=True)
    hooks, mid = [], {}
    tower = model.audio_model.audio_encoder

    def keep(key):
        return lambda module, args, result: mid.__setitem__(key, (result[0] if isinstance(result, tuple) else result))

    hooks.append(tower.patch_embed.register_forward_hook(keep("patch_embed")))
    for i, stage in enumerate(tower.layers):
        hooks.append(stage.register_forward_hook(keep(f"stage{i}")))
    given = inputs["0"].float()
    model.audio_model(given.expand(-1, 4, -1, -1).contiguous() if fused else given,
                      is_longer=torch.tensor([[fused]]))
    for key, value in mid.items():
        out["0.mid." + key] = value.reshape(-1, value.shape[-1])
    out["0.mid.patch_embed"] = out["0.mid.patch_embed"][:1024]
    info = {"texts": TEXTS, "waveforms": "here" if not fused else "../hf-clap-unfused/expected.safetensors"}
    save_file({k: v.contiguous().clone() for k, v in out.items()}, target / "expected.safetensors",
              {"info": json.dumps(info)})
    if not fused:
        old = HERE / "hf-clap-unfused-2023"
        cut_tokenizer(shared / old.name, old, TEXTS + MORE, old_merges=True)
        config = json.loads((shared / old.name / "config.json").read_text())
        config["text_config"].update(vocab_size=len(ids), max_position_embeddings=66)
        config["audio_config"].update(depths=[1, 2, 1, 1], hidden_size=32, patch_embeds_hidden_size=4)
        (old / "config.json").write_text(json.dumps(config, indent=1) + "\n")
        shutil.copy(shared / old.name / "preprocessor_config.json", old / "preprocessor_config.json")


# --- The tuning step (README-ms.md, "The step (fixed)") in float64 through transformers' text towers.

def projection(state, x):
    a = x @ state["caption_encoder.projection.linear1.weight"].t()
    b = torch.nn.functional.gelu(a) @ state["caption_encoder.projection.linear2.weight"].t()
    return torch.nn.functional.layer_norm(a + b, a.shape[-1:], state["caption_encoder.projection.layer_norm.weight"],
                                          state["caption_encoder.projection.layer_norm.bias"])


class Tower:
    def __init__(self, kind, state):
        self.kind = kind
        state = {n: t.double() if t.is_floating_point() else t for n, t in state.items()}
        base = {n.removeprefix("caption_encoder.base."): t for n, t in state.items()
                if n.startswith("caption_encoder.base.")}
        if kind == "bert":
            config = BertConfig(vocab_size=base["embeddings.word_embeddings.weight"].shape[0], hidden_size=64,
                                num_hidden_layers=3, num_attention_heads=4, intermediate_size=128,
                                max_position_embeddings=base["embeddings.position_embeddings.weight"].shape[0])
            self.model = BertModel(config)
        elif kind == "gpt2":
            self.model = GPT2Model(GPT2Config(vocab_size=base["wte.weight"].shape[0], n_embd=64, n_layer=2, n_head=4,
                                              n_positions=base["wpe.weight"].shape[0]))
        else:
            words = state["text_model.embeddings.word_embeddings.weight"].shape
            places = state["text_model.embeddings.position_embeddings.weight"].shape[0]
            self.model = ClapTextModelWithProjection(ClapTextConfig(
                vocab_size=words[0], hidden_size=words[1], num_hidden_layers=2, num_attention_heads=4,
                intermediate_size=96, max_position_embeddings=places, projection_dim=40))
            base = state
        missing = self.model.double().eval().load_state_dict(base, strict=False)
        assert all("position_ids" in n or "token_type_ids" in n for n in missing.missing_keys), missing
        self.state = state

    def project(self, hidden):
        if self.kind == "roberta":
            text = self.model.text_model
            return self.model.text_projection(torch.tanh(text.pooler.dense(hidden)))
        return projection(self.state, hidden)

    def hidden(self, words, mask):
        model = self.model.text_model if self.kind == "roberta" else self.model
        return model(inputs_embeds=words, attention_mask=mask).last_hidden_state

    def words_of(self, ids):
        model = self.model.text_model if self.kind == "roberta" else self.model
        return model.get_input_embeddings()(ids)

    def captions(self, ids, mask):
        features = self.project(self.hidden(self.words_of(ids), mask))
        last = mask.sum(1) - 1
        rows = torch.arange(len(ids))
        if self.kind == "gpt2":
            real = torch.arange(ids.shape[1] - 1)[None] < last[:, None]
            return features[rows, last], features[:, :-1] * real[..., None], real
        real = mask[:, 1:].bool()
        return features[:, 0], features[:, 1:] * real[..., None], real

    def classes(self, context, ids, mask):
        words = self.words_of(ids)
        at = 0 if self.kind == "gpt2" else 1
        context = context[None].expand(len(ids), -1, -1)
        ones = torch.ones(context.shape[:2], dtype=mask.dtype)
        words = torch.cat([words[:, :at], context, words[:, at:]], 1)
        mask = torch.cat([mask[:, :at], ones, mask[:, at:]], 1)
        hidden = self.hidden(words, mask)
        where = mask.sum(1) - 1 if self.kind == "gpt2" else torch.zeros(len(ids), dtype=torch.long)
        return self.project(hidden[torch.arange(len(ids)), where])


def unit(x):
    return x / x.norm(dim=-1, keepdim=True).clamp_min(1e-12)


def ranking(cosines, targets):
    gaps = 1 - 5 * cosines[:, :, None] + 5 * cosines[:, None, :]
    pairs = targets.bool()[:, :, None] & ~targets.bool()[:, None, :]
    return (gaps.clamp_min(0) * pairs).sum((1, 2)).mean()


def step(tower, numbers, out):
    """Adds to `out` what the captions and contexts in `numbers` give."""
    with torch.no_grad():
        sentence, words, real = tower.captions(numbers["caption.input_ids"], numbers["caption.attention_mask"])
    out.update({"word_mask": real.long(), "f64.sentence": sentence, "f64.words": words})
    scale = numbers["logit_scale"].double().exp().clamp_max(100)
    single, multi = numbers["target.single"], numbers["target.multi"]
    for n in ("n4.", "n16."):
        def losses(contexts, note=None):
            coarse, fine = (tower.classes(c, numbers["class.input_ids"], numbers["class.attention_mask"])
                            for c in contexts)
            cos_coarse = unit(sentence) @ unit(coarse).t()
            cos_words = unit(words) @ unit(fine).t()
            attention = (cos_words / 0.10).masked_fill(~real[..., None], -torch.inf).softmax(1)
            cos_fine = (attention * cos_words).sum(1)
            cross = torch.nn.functional.cross_entropy
            parts = {"ce_coarse": cross(scale * cos_coarse, single), "ce_fine": cross(scale * cos_fine, single),
                     "rank_coarse": ranking(cos_coarse, multi), "rank_fine": ranking(cos_fine, multi)}
            if note is not None:
                note.update({"class.coarse": coarse, "class.fine": fine, "class.coarse_norm": unit(coarse),
                             "class.fine_norm": unit(fine), "cos.coarse": cos_coarse, "cos.fine": cos_fine})
                note.update({"loss." + k: v for k, v in parts.items()})
            return {"single": parts["ce_coarse"] + parts["ce_fine"], "multi": parts["rank_coarse"] + parts["rank_fine"]}

        for task in ("single", "multi"):
            contexts = [numbers[n + "context." + c].double().clone().requires_grad_(True) for c in ("coarse", "fine")]
            optimiser = torch.optim.AdamW(contexts, lr=2e-3, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01)
            curve = []
            for i in range(20):
                note = {} if i == 0 else None
                loss = losses(contexts, note)[task]
                optimiser.zero_grad()
                loss.backward()
                curve.append(loss.detach())
                if i == 0:
                    out.update({n + "f64." + k: v.detach() for k, v in note.items()})
                    out[n + "f64.loss." + task] = loss.detach()
                    for name, context in zip(("coarse", "fine"), contexts):
                        out[n + f"f64.grad.{task}.{name}"] = context.grad.clone()
                optimiser.step()
            out[n + f"f64.run.{task}.loss"] = torch.stack(curve)
            for name, context in zip(("coarse", "fine"), contexts):
                out[n + f"f64.run.{task}.{name}"] = context.detach().clone()


def tuning(shared, file, kind, full_state, state, ids, tokenizer, suffix=""):
    path = shared / "afpt" / (file + ".safetensors")
    numbers, about = load_file(path), metadata_of(path)
    found = {}
    with torch.enable_grad():
        step(Tower(kind, full_state), numbers, found)
    worst = max(((found[n].double() - numbers[n].double()).abs().max() / numbers[n].abs().max().clamp_min(1)).item()
                for n in found)
    print(f"{file}: this script against ../shared/reference, all numbers: {worst:.1e}")
    assert worst < 1e-6
    new = {i: n for n, i in enumerate(ids)}
    mine = {n: v for n, v in numbers.items()
            if n.startswith(("class.", "target.", "ranking.", "audio.", "logit_scale")) or ".context." in n
            or ".test." in n or ("f32.class" in n and n.endswith("_norm"))}
    mine["class.input_ids"] = torch.tensor([[new[int(i)] if m else 0 for i, m in zip(*rows)]
                                            for rows in zip(numbers["class.input_ids"], numbers["class.attention_mask"])])
    rows = [tokenizer(t + suffix)["input_ids"] for t in SENTENCES]
    longest = max(map(len, rows))
    pad = 1 if kind == "roberta" else 0
    mine["caption.input_ids"] = torch.tensor([r + [pad] * (longest - len(r)) for r in rows])
    mine["caption.attention_mask"] = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r in rows])
    with torch.enable_grad():
        step(Tower(kind, state), mine, mine)
    about["captions"] = json.dumps(SENTENCES)
    (HERE / "afpt").mkdir(exist_ok=True)
    mine.pop("class.token_type_ids", None)
    save_file({n: v.detach().contiguous().clone() for n, v in mine.items()}, HERE / "afpt" / (file + ".safetensors"),
              about)


def main():
    shared = Path(sys.argv[1]).resolve()
    torch.manual_seed(11)
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    laion(shared, False)
    laion(shared, True)
    full = {y: torch.load(shared / f"msclap-{y}/weights.pth", weights_only=True)["model"] for y in (2022, 2023)}
    for year, file, kind in ((2022, "fixed", "bert"), (2023, "fixed_gpt2", "gpt2")):
        state, ids = cut_microsoft(shared, year)
        tokenizer = AutoTokenizer.from_pretrained(HERE / f"msclap-{year}")
        if year == 2023:
            tokenizer.add_special_tokens({"pad_token": "!"})
        tuning(shared, file, kind, full[year], state, ids, tokenizer, "" if year == 2022 else " <|endoftext|>")
    source, target = shared / "afpt/roberta", HERE / "afpt/roberta"
    ids = cut_tokenizer(source, target, TEXTS + MORE)
    weights = load_file(source / "model.safetensors")
    state = dict(weights)
    state["text_model.embeddings.word_embeddings.weight"] = weights["text_model.embeddings.word_embeddings.weight"][ids]
    save_file({n: t.contiguous() for n, t in state.items()}, target / "model.safetensors")
    tuning(shared, "fixed_roberta", "roberta", weights, state, ids, AutoTokenizer.from_pretrained(target))
    authors = load_file(shared / "afpt/authors.safetensors")
    kept = {n: v for n, v in authors.items() if n.startswith("audio.") or ".test." in n or n == "logit_scale"
            or ("f32.class" in n and n.endswith("_norm"))}
    save_file(kept, HERE / "afpt/authors.safetensors", {"classes": json.dumps(CLASSES)})


main()
