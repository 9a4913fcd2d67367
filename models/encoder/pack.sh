#!/bin/bash
# pack.sh [CHECKPOINT]: quantises a checkpoint into models/encoder/bundle, the released encoder, and measures that bundle.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
: "${OSSICLE_ENCODER_WORK:?set OSSICLE_ENCODER_WORK to a folder outside the repository}"
root=$(cd "$here/../.." && pwd)
"$root/wasm/toolchain/build.sh" native-release:ossicle
export OSSICLE=$root/build/native-release/core/tools/ossicle
"$OSSICLE" pack --checkpoint "${1:-$OSSICLE_ENCODER_WORK/checkpoint}" --out "$here/bundle" --name ossicle-music-text \
  --licence "Non-commercial use only; share alike: see models/encoder/README.md" \
  --source "Distilled from multilingual-e5-small on the corpora that models/encoder/README.md names" \
  --recipe "models/encoder/run.sh"
"$OSSICLE_ENCODER_WORK/venv/bin/python" "$here/evaluate.py" test "$here/bundle"
