#!/bin/sh
# Trains the starter again from ../shared/data with fixed seeds and prints the table of the model card.
#   resources/starter/training/train.sh [folder for caches and checkpoints]
# Needs python3-venv and wordnet-base (or WORDNET=folder with WordNet's dict files). See the model card for the time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export HEARSAY_TRAIN="${1:-$HOME/.cache/hearsay/training}"
export OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
mkdir -p "$HEARSAY_TRAIN"
venv="$HEARSAY_TRAIN/venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q -r "$here/requirements.txt"
py="$venv/bin/python"
cd "$here"
[ -f "$HEARSAY_TRAIN/mel.npy" ] || "$py" cache_audio.py
[ -f "$HEARSAY_TRAIN/sentences.npy" ] || "$py" corpus.py
# The text tower and the audio tower's first part do not need each other. First the audio tower follows the sentence
# encoder's names, then the distilled tower's; the last part sees whole windows.
audio="$HEARSAY_TRAIN/audio.pt"
names="$HEARSAY_TRAIN/names_student.npy"
steps=5400
"$py" train_text.py --steps 3600 &
text=$!
"$py" train_audio.py --steps $steps --until 2400 --out "$audio"
wait $text
"$py" table_text.py
"$py" train_audio.py --steps $steps --until 4700 --resume --targets "$names" --out "$audio"
"$py" train_audio.py --start "$audio" --steps 800 --frames 501 --batch 48 --lr 5e-4 --warmup 40 --seed 2 \
    --near 2.5 --smooth 0.3 --frame 0.5 --colour 4 --colour-share 0.85 --slices 1.2 --targets "$names" \
    --out "$HEARSAY_TRAIN/audio2.pt"
"$py" export.py --audio "$HEARSAY_TRAIN/audio2.pt" --scale 34
"$py" evaluate.py --json "$HEARSAY_TRAIN/measures.json"
