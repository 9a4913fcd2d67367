#!/usr/bin/env bash
# Training speed beside peers, on one thread, by turns: tests/bench/training/run.sh [--repeats N] [--ratings FILE.tsv] [--json OUT]
# Installs `implicit` for Python. LIBMF takes part when $LIBMF names its mf-train (cjlin1/libmf at 1498368, `make mf-train`).
#   tests/bench/training/run.sh --large     10 million made-up interactions instead, without peers: seconds per iteration and peak memory
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
here=tests/bench/training out=build/bench-training
mkdir -p "$out"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
wasm/toolchain/build.sh native-release:ossicle
if [ "${1-}" = --large ]; then
  [ -f "$out/large.tsv" ] || node "$here/synthetic.mjs" 200000 50000 10000000 "$out/large.tsv"
  exec /usr/bin/python3 "$here/large.py" "$out/large.tsv" "$out/large" "${@:2}"
fi
if ! cmp -s "$here/requirements.txt" "$out/venv/requirements.txt"; then
  echo "[bench] installing implicit for Python"
  /usr/bin/python3 -m venv "$out/venv"
  "$out/venv/bin/pip" install --quiet -r "$here/requirements.txt" || { echo "bench: pip install failed; check that pip reaches its index" >&2; exit 1; }
  cp "$here/requirements.txt" "$out/venv/"
fi
exec "$out/venv/bin/python" "$here/measure.py" "$@"
