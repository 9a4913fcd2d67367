#!/bin/bash
# run.sh [ENCODER_BUNDLE]: makes models/style/bundle for an encoder (the released one), and measures it. The encoder's training
# environment and its sources must be there (models/encoder/setup.sh).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
: "${OSSICLE_ENCODER_WORK:?set OSSICLE_ENCODER_WORK to the folder of models/encoder/setup.sh}"
encoder=${1:-$root/models/encoder/bundle}
python=$OSSICLE_ENCODER_WORK/venv/bin/python
"$root/wasm/toolchain/build.sh" native-release:ossicle
export OSSICLE=$root/build/native-release/core/tools/ossicle OMP_WAIT_POLICY=passive
"$python" "$here/train.py" "$encoder" "$here/bundle"
"$python" "$here/measure.py" "$encoder" "$here/bundle"
