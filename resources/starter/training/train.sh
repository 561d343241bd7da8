#!/bin/sh
# Trains the starter again from ../shared/data with fixed seeds and prints the table of the model card.
#   resources/starter/training/train.sh [folder for caches and checkpoints [folder for the model, else resources/starter]]
#   resources/starter/training/train.sh --trial FOLDER     a few steps of every stage, to see that all of it runs; the
#                                                          model goes to FOLDER/model, resources/starter stays as it is
# Needs python3-venv and wordnet-base (or WORDNET=folder with WordNet's dict files). See the model card for the time.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
text=3600 audio=11000 fine=3000 calibrate=510 check=500 out="${2:-$here/..}"
if [ "${1:-}" = --trial ]; then
  shift
  : "${1:?--trial needs a folder}"
  text=20 audio=40 fine=20 calibrate=20 check=20 out="$1/model"
  export HEARSAY_TRIAL=1
fi
export HEARSAY_TRAIN="${1:-$HOME/.cache/hearsay/training}"
export OMP_NUM_THREADS="${HEARSAY_THREADS:-1}" TOKENIZERS_PARALLELISM=false
mkdir -p "$HEARSAY_TRAIN"
venv="${HEARSAY_VENV:-$HEARSAY_TRAIN/venv}"
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
"$venv/bin/pip" install -q -r "$here/requirements.txt"
py="$venv/bin/python"
cd "$here"
[ -f "$HEARSAY_TRAIN/mel.npy" ] || "$py" cache_audio.py
[ -f "$HEARSAY_TRAIN/sentences.npy" ] || "$py" corpus.py
# The text tower first: its embeddings of names and of made-up captions are what the audio tower follows. The audio tower
# learns clips, then clips and frames alike, so that the fine score is as good as the coarse one. Then the text tower
# learns which names were heard (calibrate_text.py says why).
[ -f "$HEARSAY_TRAIN/text.pt" ] || "$py" train_text.py --steps $text
"$py" table_text.py
common="--near 0.5 --drop 0.15 --style 0.4 --colour 4 --colour-share 0.85 --smooth 0.15 --frame 0.3 --check-every $check
  --targets $HEARSAY_TRAIN/names_student.npy --captions $HEARSAY_TRAIN/captions_student.npy"
# shellcheck disable=SC2086
"$py" train_audio.py $common --steps $audio --out "$HEARSAY_TRAIN/audio_clips.pt"
# shellcheck disable=SC2086
"$py" train_audio.py $common --start "$HEARSAY_TRAIN/audio_clips.pt" --steps $fine --lr 8e-4 --warmup 100 --alike 12 \
    --fine 1 --tag 1.5 --heard 0.7 --seed 2 --out "$HEARSAY_TRAIN/audio.pt"
"$py" calibrate_text.py --audio "$HEARSAY_TRAIN/audio.pt" --steps $calibrate --handicap 0.10
"$py" export.py --audio "$HEARSAY_TRAIN/audio.pt" --text "$HEARSAY_TRAIN/text_calibrated.pt" --scale 34 --out "$out"
"$py" reference_sounds.py "$out"
"$py" evaluate.py "$out" --json "$HEARSAY_TRAIN/measures.json"
