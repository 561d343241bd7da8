"""The lists of core/prompts/TUNING.md, from ../shared/data: class files and manifests for `hearsay-cli`.

    python3 audio_lists.py DATA OUT

writes class files and manifests (OUT/E.txt, OUT/E.csv, likewise U, I, O, V, S and G), ESC-50's captions of the paper's
repository with the class names of E and V (OUT/E-captions.csv, OUT/V-captions.csv), those of them that have no word of
either name (OUT/E-nameless.csv, OUT/V-nameless.csv), and for the other lists the sentences of AudioCaps and Clotho
(OUT/sentences.txt), which Hearsay matches to classes by their words. DATA/sounds is the --audio-root. Standard library
alone.
"""
import csv
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
INSTRUMENTS = ["banjo", "bassoon", "oboe", "trombone", "tambourine", "castanets", "sleigh bells"]
FOLDS = ("esc50-fold4", "us8k-fold3")


def sounds(data):
    with open(data / "sounds" / "manifest.csv", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] == "label"]


def phrases(name):
    """Class as typed -> the labels of its clips."""
    lines = (HERE / "lists" / name).read_text().splitlines()
    pairs = (line.split(" = ") for line in lines if line and not line.startswith("#"))
    return {phrase: labels.split(", ") for phrase, labels in pairs}


def write_rows(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def write_list(out, name, classes, rows, used):
    """`classes`: class -> labels; `used`: whether a row's clip belongs to the list."""
    of_label = {label: phrase for phrase, labels in classes.items() for label in labels}
    (out / f"{name}.txt").write_text("\n".join(classes) + "\n")
    clips = [(row["file"], of_label[row["label"]]) for row in rows if row["label"] in of_label and used(row)]
    write_rows(out / f"{name}.csv", ["file", "label"], clips)
    print(f"{name}: {len(classes)} classes, {len(clips)} clips")


def captions_of_esc50(data, names):
    """`names`: what each label is called in the list. The file calls "door knock" "door wood knock", and is sorted."""
    labels = sorted(names, key=lambda label: label.replace("door knock", "door wood knock"))
    with open(data / "captions" / "afpt_esc50.csv", newline="") as file:
        return [(row["caption"], names[labels[int(row["class"])]]) for row in csv.DictReader(file)]


def stems(text):
    """What "barking" and "barks" have alike, near enough."""
    return {word[:4] for word in re.findall("[a-z]+", text.lower()) if len(word) > 2}


def nameless(captions, names):
    """`names`: each label's names in all lists."""
    return [(caption, label) for caption, label in captions if not stems(caption) & stems(names[label])]


def sentences(data):
    with open(data / "captions" / "audiocaps_train.csv", newline="") as file:
        yield from (row["caption"] for row in csv.DictReader(file))
    with open(data / "captions" / "clotho_development.csv", newline="") as file:
        yield from (row["raw_text"] for row in csv.DictReader(file))


def main(data, out):
    out.mkdir(parents=True, exist_ok=True)
    rows = sounds(data)
    in_split = lambda split: lambda row: row["split"] == split
    kept_out = set((HERE / "../../resources/starter/training/kept_out.txt").read_text().split("\n"))
    itself = lambda split: {row["label"]: [row["label"]] for row in rows if row["split"] == split}
    esc50 = dict(sorted(itself("esc50-fold4").items()))
    other_words = phrases("paraphrased.txt")
    write_list(out, "E", esc50, rows, in_split("esc50-fold4"))
    write_list(out, "U", dict(sorted(itself("us8k-fold3").items())), rows, in_split("us8k-fold3"))
    write_list(out, "I", {name: [name] for name in INSTRUMENTS}, rows, lambda row: True)
    write_list(out, "O", phrases("everyday.txt"), rows,
               lambda row: row["split"] in FOLDS or row["label"] in kept_out and row["split"] == "train")
    write_list(out, "V", other_words, rows, in_split("esc50-fold4"))
    write_list(out, "S", phrases("street.txt"), rows, in_split("us8k-fold3"))
    write_list(out, "G", phrases("groups.txt"), rows, in_split("esc50-fold4"))
    for name, called in (("E", {label: label for label in esc50}), ("V", {v[0]: k for k, v in other_words.items()})):
        captions = captions_of_esc50(data, called)
        both = {called[labels[0]]: f"{phrase} {labels[0]}" for phrase, labels in other_words.items()}
        write_rows(out / f"{name}-captions.csv", ["caption", "label"], captions)
        write_rows(out / f"{name}-nameless.csv", ["caption", "label"], nameless(captions, both))
    plain = "\n".join(" ".join(sentence.split()) for sentence in sentences(data)) + "\n"
    (out / "sentences.txt").write_text(plain)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
