#!/usr/bin/env bash
# Installs the npm workspace where its lock changed, and builds the package, the page and the extension where their inputs changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p build/stamps
hash_of() { # FILES AND FOLDERS...: of the tracked and untracked files in them, and of the built modules
  {
    git ls-files -co --exclude-standard -z -- "$@" | LC_ALL=C sort -zu | while IFS= read -r -d '' f; do [ -f "$f" ] && sha256sum "$f"; done
    sha256sum build/wasm-*/wasm/*.wasm build/wasm-simd/core/tools/ossicle-cli.* 2>/dev/null
  } | sha256sum | cut -c1-32
}
lock=$(sha256sum web/package-lock.json | cut -c1-32)
if [ "$(cat build/stamps/npm 2>/dev/null)" != "$lock" ] || [ ! -d web/node_modules ]; then
  # Not `npm ci`: it refuses the lock over optional bindings for other platforms that the registry does not serve. Versions and integrity
  # come from the lock all the same.
  echo "[web] npm install (versions of the lock)"
  (cd web && npm install --no-save --ignore-scripts --loglevel=error --no-fund --no-audit) || { echo "web: npm install failed; check that npm reaches its registry" >&2; exit 1; }
  echo "$lock" >build/stamps/npm
fi
# The page carries the licence texts of what is in it; less than a second.
wasm/toolchain/notices.sh >/dev/null
inputs=$(hash_of web models/*/bundle && sha256sum build/THIRD_PARTY_NOTICES | cut -c1-32)
if [ "$(cat build/stamps/web 2>/dev/null)" != "$inputs" ] || [ ! -d web/player/dist ] || [ ! -d web/engine/dist ] || [ ! -d web/extension/dist ]; then
  echo "[web] building the package, the page and the extension"
  (cd web && npm run --silent build)
  echo "$inputs" >build/stamps/web
fi
