#!/bin/bash
# run.sh [RUN [MINUTES [FROM]]]: the whole recipe, from the sources to a measured checkpoint. Every step resumes.
# FROM names a finished run whose weights RUN starts from.
set -euo pipefail
cd "$(dirname "$0")"
: "${OSSICLE_ENCODER_WORK:?set OSSICLE_ENCODER_WORK to a folder outside the repository}"
run=${1:-r1}
minutes=${2:-60}
python=$OSSICLE_ENCODER_WORK/venv/bin/python
# Spinning threads starve each other as soon as anything else runs; many shapes need many cached kernels.
export OMP_WAIT_POLICY=passive ONEDNN_PRIMITIVE_CACHE_CAPACITY=16384

[ -f "$OSSICLE_ENCODER_WORK/corpus/pairs.jsonl" ] || "$python" corpus.py
"$python" tokenizer.py
[ -f "$OSSICLE_ENCODER_WORK/vectors/e5.npy" ] || "$python" vectors.py
"$python" distil.py "$run" "$minutes" "${@:3:1}"
"$python" evaluate.py test "$OSSICLE_ENCODER_WORK/checkpoint"
[ -f "$OSSICLE_ENCODER_WORK/runs/teachers-test.json" ] || "$python" evaluate.py test teachers
