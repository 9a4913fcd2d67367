#!/usr/bin/env bash
# fuzz.sh SECONDS: every fuzz target for that long, two at a time, from its committed seeds. A finding is kept in build/fuzz/findings/.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
seconds=$1
wasm/toolchain/build.sh fuzz:fuzz_targets
mkdir -p build/fuzz/findings build/fuzz/corpus
one() { # TARGET
  local name log seeds
  name=$(basename "$1")
  log=build/fuzz/$name.log
  seeds=tests/fuzz/corpus/${name#fuzz_}
  mkdir -p "build/fuzz/corpus/$name"
  if "$1" -max_total_time="$2" -timeout=25 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="build/fuzz/findings/$name-" \
    "build/fuzz/corpus/$name" "$seeds" >"$log" 2>&1; then
    echo "ok $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs"
  else
    tail -n 30 "$log"
    echo "not ok $name: log $log, findings in build/fuzz/findings"
    return 1
  fi
}
export -f one
find build/fuzz/tests/fuzz -maxdepth 1 -name 'fuzz_*' -type f -executable | sort | xargs -P2 -I{} bash -c 'one "$1" "$2"' _ {} "$seconds"
