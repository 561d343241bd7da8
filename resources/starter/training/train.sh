#!/bin/sh
# Trains the starter again from ../shared/data with fixed seeds and prints the table of the model card.
#   resources/starter/training/train.sh [folder for caches and checkpoints]
# Needs python3-venv and wordnet-base (or WORDNET=folder with WordNet's dict files). See the model card for the time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export HEARSAY_TRAIN="${1:-/tmp/hearsay-train}"
export OMP_NUM_THREADS=1 TOKENIZERS_PARALLELISM=false
mkdir -p "$HEARSAY_TRAIN"
venv="$HEARSAY_TRAIN/venv"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q -r "$here/requirements.txt"
py="$venv/bin/python"
cd "$here"
[ -f "$HEARSAY_TRAIN/mel.npy" ] || "$py" cache_audio.py
[ -f "$HEARSAY_TRAIN/sentences.npy" ] || "$py" corpus.py
# The text tower and the audio tower's first stage do not need each other.
"$py" train_text.py --steps 4800 &
text=$!
"$py" train_audio.py --steps 8000 --out "$HEARSAY_TRAIN/audio.pt"
wait $text
"$py" table_text.py
"$py" train_audio.py --start "$HEARSAY_TRAIN/audio.pt" --targets "$HEARSAY_TRAIN/names_student.npy" \
    --steps 900 --frames 501 --batch 48 --lr 6e-4 --warmup 50 --seed 2 --out "$HEARSAY_TRAIN/audio2.pt"
"$py" export.py --audio "$HEARSAY_TRAIN/audio2.pt"
"$py" evaluate.py --json "$HEARSAY_TRAIN/measures.json"
