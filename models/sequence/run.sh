#!/bin/bash
# run.sh CATALOGUE_BUNDLE [OUT]: trains the shipped sequence model on all data with a catalogue's factors, and packs it.
# run.sh --research [RUN [SEEDS]]: splits, a model for each, and the figures of the card.
# run.sh --own-data RUN WEIGHT [SEEDS]: own data never in training, WEIGHT as --research chose it; needs the folder
#   OSSICLE_SEQUENCE_WORK/folds of `ossicle eval --protocol own-data-out --export-folds` with the same data.
# Every step resumes. One core. Needs setup.sh once, and the native tool (OSSICLE names another one).
set -euo pipefail
cd "$(dirname "$0")"
: "${OSSICLE_SEQUENCE_WORK:?set OSSICLE_SEQUENCE_WORK to a folder outside the repository}"
root=$(cd ../.. && pwd)
python=$OSSICLE_SEQUENCE_WORK/venv/bin/python
ossicle=${OSSICLE:-$root/build/native-release/core/tools/ossicle}
data=${DATA:-$root/../shared/data/hetrec2011-lastfm-2k}
export OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE=1
# What was chosen on validation: README.md.
options=(--epochs 8)

if [ "${1:-}" = --research ]; then
  run=${2:-r1}
  seeds=${3:-1,2,3,4,5}
  for seed in ${seeds//,/ }; do
    [ -f "$OSSICLE_SEQUENCE_WORK/splits/seed-$seed/split.safetensors" ] ||
      "$ossicle" eval --ratings "$data/user_artists.tsv" --tags "$data/user_taggedartists.tsv" \
        --loss weighted --factors 128 --seeds "$seed" --export-split "$OSSICLE_SEQUENCE_WORK/splits"
    "$python" train.py "$seed" "$run-s$seed" "${options[@]}"
    "$python" evaluate.py measure "$run" "$seed"
  done
  "$python" evaluate.py table "$run" "$seeds"
  "$python" playlists.py "$run" "$seeds"
  exit
fi

if [ "${1:-}" = --own-data ]; then
  run=${2:?which run} weight=${3:?which weight}
  seeds=${4:-1,2,3}
  for seed in ${seeds//,/ }; do
    for fold in 0 1 2 3 4; do
      "$python" train.py "fold:$seed/$fold" "$run-f$seed-$fold" "${options[@]}"
    done
    "$python" own_data.py "$run" "$seed" "$weight"
  done
  exit
fi

bundle=${1:?which catalogue bundle}
out=${2:-bundle}
# Another catalogue is another run: a stopped one must not go on with other factors.
run=all-$(sha256sum "$bundle/bundle.json" | cut -c1-12)
"$python" train.py "$bundle" "$run" "${options[@]}" --rows 2
"$python" export.py "$run" "$OSSICLE_SEQUENCE_WORK/checkpoint-$run" "$bundle"
"$ossicle" pack-sequence --checkpoint "$OSSICLE_SEQUENCE_WORK/checkpoint-$run" --bundle "$bundle" --out "$out" \
  --name hetrec2011-sequence --source "HetRec 2011 Last.fm, GroupLens: 92,834 user-artist counts of 1,892 users" \
  --licence "Non-commercial use only (Last.fm / GroupLens HetRec 2011); see models/items/README.md" \
  --recipe "models/sequence/run.sh"
