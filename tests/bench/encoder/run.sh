#!/usr/bin/env bash
# Installs what only this bench needs (ONNX Runtime Web, and Python's onnx to write its models), builds, makes the models and measures.
# Further arguments go to run.mjs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
here=tests/bench/encoder out=build/bench-encoder
mkdir -p "$out"
if ! cmp -s "$here/package-lock.json" "$out/npm.lock" || [ ! -d "$here/node_modules" ]; then
  echo "[bench] npm install (versions of the lock)"
  (cd "$here" && npm install --no-save --ignore-scripts --loglevel=error --no-fund --no-audit) || { echo "bench: npm install failed; check that npm reaches its registry" >&2; exit 1; }
  cp "$here/package-lock.json" "$out/npm.lock"
fi
if ! cmp -s "$here/requirements.txt" "$out/venv/requirements.txt"; then
  echo "[bench] installing onnx and onnxruntime for Python"
  /usr/bin/python3 -m venv "$out/venv"
  "$out/venv/bin/pip" install --quiet -r "$here/requirements.txt" || { echo "bench: pip install failed; check that pip reaches its index" >&2; exit 1; }
  cp "$here/requirements.txt" "$out/venv/"
fi
wasm/toolchain/build.sh wasm-simd:ossicle_bench_encoder wasm-relaxed:ossicle_bench_encoder
if ! cmp -s "$here/make_models.py" "$out/models/make_models.py"; then
  echo "[bench] making the models"
  "$out/venv/bin/python" "$here/make_models.py" "$out/models" minilm 6 384 12 1536 2>"$out/models.log"
  "$out/venv/bin/python" "$here/make_models.py" "$out/models" student 3 384 12 1536 2>>"$out/models.log"
  cp "$here/make_models.py" "$out/models/"
fi
exec node "$here/run.mjs" "$@"
