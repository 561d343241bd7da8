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
# The text tower first: its embeddings of names and of made-up captions are what the audio tower follows. Then the text
# tower learns which names were heard (calibrate_text.py says why).
[ -f "$HEARSAY_TRAIN/text.pt" ] || "$py" train_text.py --steps 3600
"$py" table_text.py
"$py" train_audio.py --steps 11000 --near 0.5 --drop 0.15 --style 0.4 --colour 4 --colour-share 0.85 --smooth 0.15 \
    --frame 0.3 --check-every 500 --targets "$HEARSAY_TRAIN/names_student.npy" \
    --captions "$HEARSAY_TRAIN/captions_student.npy" --out "$HEARSAY_TRAIN/audio.pt"
"$py" calibrate_text.py --audio "$HEARSAY_TRAIN/audio.pt" --steps 510 --handicap 0.09
"$py" export.py --audio "$HEARSAY_TRAIN/audio.pt" --text "$HEARSAY_TRAIN/text_calibrated.pt" --scale 34
"$py" evaluate.py --json "$HEARSAY_TRAIN/measures.json"
