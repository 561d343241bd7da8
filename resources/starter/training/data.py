"""Reading ../shared/data: the manifest, the captions, the tags, and which rows are held out."""
import csv
import json
import os
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("HEARSAY_DATA", HERE.parents[2].parent / "shared" / "data"))
WORK = Path(os.environ.get("HEARSAY_TRAIN", Path.home() / ".cache" / "hearsay" / "training"))
THREADS = int(os.environ.get("HEARSAY_THREADS", "1"))
WORK.mkdir(parents=True, exist_ok=True)
HELD_OUT = ("esc50-fold4", "us8k-fold3")
KEPT_OUT = (HERE / "kept_out.txt").read_text().split("\n")[:-1]


def manifest():
    with open(DATA / "sounds" / "manifest.csv", newline="") as f:
        return list(csv.DictReader(f))


def clean(name):
    """`_` and camelCase to spaces, trimmed, lower case."""
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.replace("_", " "))
    return re.sub(r"\s+", " ", name).strip().lower()


def _stems(text):
    return {w[:-1] if len(w) > 3 and w.endswith("s") else w for w in re.findall(r"[a-z]+", text.lower())}


def mentions_kept_out(text):
    words = _stems(text)
    return any(_stems(name) <= words for name in KEPT_OUT)


def training_rows(rows):
    """Indices of the rows that training may hear. Unlabelled rows in which the teacher hears a kept-out tag are out too."""
    from safetensors.numpy import load_file
    logits = load_file(DATA / "teacher" / "logits.safetensors")
    hears = (logits["logits"][:, [mentions_kept_out(t) for t in tags()]] > 0).any(1)
    heard = {str(int(i)) for i, h in zip(logits["id"], hears) if h}
    return [i for i, r in enumerate(rows) if r["split"] not in HELD_OUT and not mentions_kept_out(r["label"])
            and not (r["kind"] == "name" and r["id"] in heard)]


def heard_names(rows):
    """Every label that training hears, as text."""
    return sorted({clean(rows[i]["label"]) for i in training_rows(rows) if rows[i]["kind"] == "label"})


def tags():
    with open(DATA / "teacher" / "classes.csv", newline="") as f:
        return [r["display_name"] for r in csv.DictReader(f)]


def ontology():
    return json.loads((DATA / "captions" / "audioset_ontology.json").read_text())


def captions():
    """Every caption as plain text."""
    out = []
    for file, column in (("audiocaps_train.csv", "caption"), ("clotho_development.csv", "raw_text"),
                         ("afpt_esc50.csv", "caption"), ("afpt_fsd2019.csv", "caption")):
        with open(DATA / "captions" / file, newline="") as f:
            out += [r[column].strip() for r in csv.DictReader(f)]
    return out


ESC50 = sorted("""airplane;breathing;brushing teeth;can opening;car horn;cat;chainsaw;chirping birds;church bells;
clapping;clock alarm;clock tick;coughing;cow;crackling fire;crickets;crow;crying baby;dog;door knock;door wood creaks;
drinking sipping;engine;fireworks;footsteps;frog;glass breaking;hand saw;helicopter;hen;insects;keyboard typing;
laughing;mouse click;pig;pouring water;rain;rooster;sea waves;sheep;siren;sneezing;snoring;thunderstorm;toilet flush;
train;vacuum cleaner;washing machine;water drops;wind""".replace("\n", "").split(";"))
US8K = ["air conditioner", "car horn", "children playing", "dog bark", "drilling", "engine idling", "gun shot",
        "jackhammer", "siren", "street music"]


def esc50_captions():
    """(caption, index into ESC50). The captions' own list is alphabetical with `door wood knock` for `door knock`."""
    order = sorted(ESC50, key=lambda n: "door wood knock" if n == "door knock" else n)
    with open(DATA / "captions" / "afpt_esc50.csv", newline="") as f:
        return [(r["caption"], ESC50.index(order[int(r["class"])])) for r in csv.DictReader(f)]
