#!/usr/bin/env bash
# Runs every test and ends with the line "N passed, N failed". A stage that fails does not stop the others. A stage that was green on this
# very tree (tracked and untracked files, and the toolchain) is not run again, unless FORCE=1 or CI=true.
#   run.sh [--only PART]      the stages whose name begins with PART
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Where no locale is set, a browser cannot read names of files that are not ASCII.
[ -n "${LC_ALL-}${LC_CTYPE-}${LANG-}" ] || export LANG=C.UTF-8
only=
[ "${1-}" = --only ] && only=$2
mkdir -p build/logs build/stamps/green
passed=0
failed=0
failures=()
failed_tests=

tree=$({
  git ls-files -co --exclude-standard -z | LC_ALL=C sort -zu | while IFS= read -r -d '' f; do [ -f "$f" ] && sha256sum "$f"; done
  cat .toolchain/stamps/*
} | sha256sum | cut -c1-32)

count() { # LOG RC: "passed failed", from whatever runner wrote the log
  local p f
  if [[ $(grep -aE 'tests passed, [0-9]+ tests failed out of' "$1" | tail -n1) =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
    f=${BASH_REMATCH[1]} p=$((BASH_REMATCH[2] - BASH_REMATCH[1]))
  elif grep -qaE '^(#|ℹ) pass [0-9]+' "$1"; then
    p=$(grep -aE '^(#|ℹ) pass [0-9]+' "$1" | awk '{ n += $3 } END { print n }')
    f=$(grep -aE '^(#|ℹ) (fail|cancelled) [0-9]+' "$1" | awk '{ n += $3 } END { print n + 0 }')
  elif grep -qaE '^(not )?ok ' "$1"; then
    p=$(grep -acE '^ok ' "$1")
    f=$(grep -acE '^not ok ' "$1")
  elif [ "$2" = 0 ]; then
    p=1 f=0
  else
    p=0 f=1
  fi
  # A runner that failed without naming a test has failed all the same.
  [ "$2" != 0 ] && [ "$f" = 0 ] && f=1
  echo "$p $f"
}

failing_tests() { # LOG: their names, once each, with what a test runner of Node says of the failure
  grep -aE -A3 '^ *(not ok|✖)|\*\*\*(Failed|Exception|Timeout)' "$1" | cut -c1-300 | awk '!seen[$0]++' | head -n 30
}

stage() { # NAME COMMAND...
  local name=$1 log=build/logs/test-$1.log stamp=build/stamps/green/$1 rc p f started=$SECONDS
  shift
  [[ $name == "$only"* ]] || return 0
  if [ -z "${FORCE-}" ] && [ "${CI-}" != true ] && [ "$(cut -d' ' -f1 "$stamp" 2>/dev/null)" = "$tree" ]; then
    read -r _ p <"$stamp"
    passed=$((passed + p))
    printf '[test] %-18s %4d passed (unchanged since it was green)\n' "$name" "$p"
    return 0
  fi
  printf '[test] %-18s ...\n' "$name"
  ("$@") >"$log" 2>&1 </dev/null
  rc=$?
  read -r p f < <(count "$log" "$rc")
  passed=$((passed + p)) failed=$((failed + f))
  printf '[test] %-18s %4d passed, %d failed  (%d s)\n' "$name" "$p" "$f" $((SECONDS - started))
  if [ "$f" != 0 ]; then
    failures+=("$name")
    failed_tests+=$(failing_tests "$log" | sed "s/^/[test] failed in $name: /")$'\n'
    rm -f "$stamp"
    grep -aE '^not ok|error|FAILED|Failed|✖' "$log" | head -n 40 | sed 's/^/    | /'
    tail -n 40 "$log" | sed 's/^/    | /'
  else
    echo "$tree $p" >"$stamp"
  fi
}

cpp_files() { git ls-files 'core/*.cpp' 'core/*.h' 'wasm/abi/*.cpp' 'wasm/abi/*.h' 'tests/*.cpp' 'tests/*.h'; }
lint_format() { cpp_files | xargs clang-format-19 --dry-run -Werror; }
lint_shell() { git ls-files '*.sh' .ci/run | while read -r f; do bash -n "$f" && echo "ok $f" || echo "not ok $f"; done; }
native_debug() { wasm/toolchain/build.sh native-debug && ctest --preset native-debug; }
# What native-debug compiles of ours, several sources as one where it does.
lint_tidy() {
  sed -nE 's|^ *"file": "(.*)",?$|\1|p' build/native-debug/compile_commands.json | grep -E '/(core|wasm)/' | grep -vE 'third_party|/tests/' |
    xargs -P2 -n2 clang-tidy-19 --quiet -p build/native-debug
}
wasm_tests() { wasm/toolchain/build.sh "wasm-$1" && ctest --preset "wasm-$1"; }
native_release() { wasm/toolchain/build.sh native-release:ossicle native-release:ossicle_bench native-release:random_sequence; }
web_build() { wasm/toolchain/web.sh; }
in_web() { (cd web && npm run --silent "$@"); }
play_check() { PLAY_CHECK=1 wasm/toolchain/play.sh 5199; }

stage lint-format lint_format
stage lint-shell lint_shell
stage lint-abi /usr/bin/python3 wasm/abi/generate.py --check
stage native-debug native_debug
stage lint-tidy lint_tidy
stage native-release native_release
stage wasm-simd wasm_tests simd
stage wasm-relaxed wasm_tests relaxed
stage web-build web_build
stage web-typecheck in_web typecheck
stage lint-web in_web lint
stage lint-web-format in_web format:check
stage web-unit in_web test
stage wasm-node node --test --test-concurrency=2 "tests/wasm/**/*.test.mjs"
# Golden values of the norm proof, computed again from its definitions.
stage golden /usr/bin/python3 tests/golden/privacy/check_norm_proof.py
stage quality node tests/quality/recommendation.mjs
stage bench-quick node tests/bench/run.mjs --quick
stage play play_check
stage journey in_web journey
stage end-to-end node --test "tests/privacy/**/*.test.ts"
# They listen in real time, and mostly wait: two at once.
stage journey-extension in_web journey:extension
stage fuzz wasm/toolchain/fuzz.sh "${FUZZ_SECONDS:-10}"

# Last, because a log that is cut is cut from its beginning.
if [ ${#failures[@]} -gt 0 ]; then printf '%s' "$failed_tests"; echo "[test] failed: ${failures[*]}; logs in build/logs/test-*.log"; fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
