#!/usr/bin/env bash
# build.sh PRESET[:TARGET]...: configures what is not configured yet and builds; seconds when nothing changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p build/logs
for wanted in "$@"; do
  preset=${wanted%%:*} target=${wanted#"${wanted%%:*}"}
  target=${target#:}
  log=build/logs/$preset.log
  # A build folder belongs to the toolchain it was configured with.
  if ! cmp -s .toolchain/stamps/libs "build/$preset/.toolchain-libs"; then
    echo "[build] configuring $preset"
    cmake --preset "$preset" --fresh >"$log" 2>&1 || { tail -n 40 "$log" >&2; echo "build: cmake --preset $preset failed; log: $log" >&2; exit 1; }
    cp .toolchain/stamps/libs "build/$preset/.toolchain-libs"
  fi
  echo "[build] $wanted"
  # Ninja's own progress, one line in ten; all of it is in the log.
  if ! cmake --build --preset "$preset" ${target:+--target "$target"} 2>&1 | tee "$log" |
    awk '/^\[[0-9]+\/[0-9]+\]/{n++; if(n%10==1){split($1,a,/[][\/]/); printf "[build]   %s of %s\n",a[2],a[3]; fflush()}}'; then
    grep -E -A12 'error|FAILED' "$log" | head -n 60 >&2
    echo "build: $preset failed; log: $log" >&2
    exit 1
  fi
done
