#!/usr/bin/env bash
# Makes a machine able to build and test Ossicle: everything lands in .toolchain/ except the Debian
# packages of the `apt` stage. Safe to run again at any time: a stage whose inputs have not changed
# costs nothing, and a stage that was interrupted starts over.
#
#   setup.sh [--help] [--force] [STAGE...]      no stage = all of them but the last two, in this order:
#
#   apt         Debian packages: clang 19, cmake, ninja, header libraries
#   node        Node.js 24 and npm 11 from node/package-lock.json
#   emscripten  Emscripten 3.1.69 in a private prefix, driven by the same clang 19
#   sources     the sources of XNNPACK (with pthreadpool, fxdiv, fp16) and sentencepiece
#   headers     include folders of Eigen, nlohmann/json and Catch2
#   libs        XNNPACK and sentencepiece, compiled once for native, wasm-simd and wasm-relaxed
#   test        Debian packages that only the tests need: linters, Chromium, Firefox, fonts, a Subsonic server
#   postgres    PostgreSQL's server programs, for tests, without a server of the system's
#
# OSSICLE_TOOLCHAIN_DIR moves .toolchain elsewhere (one folder may serve several checkouts).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=stages/common.sh
. "$here/stages/common.sh"

build_stages=(apt node emscripten sources headers libs)
all_stages=("${build_stages[@]}" test postgres)
force=0
wanted=()
for arg in "$@"; do
  case "$arg" in
    -h | --help)
      sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    --force) force=1 ;;
    *)
      [[ " ${all_stages[*]} " == *" $arg "* ]] ||
        die "'$arg' is not a stage" "the stages are: ${all_stages[*]}"
      wanted+=("$arg")
      ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || wanted=("${build_stages[@]}")

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] ||
  die "this is $(uname -s) on $(uname -m)" "the pinned tools are for Debian on x86-64; use such a machine or container"

mkdir -p "$TC/stamps" "$TC/tmp" "$TC/logs"

# Two runs at once (an editor and a terminal, say) would unpack over each other; the second one waits
# and then finds everything done. 9 is not inherited by what we start, so a stuck child frees it.
exec 9>"$TC/.setup.lock"
if ! flock -n 9; then
  say setup "another setup.sh is at work on $TC; waiting for it"
  flock -w 3600 9 || die "waited an hour for another setup.sh" "end it, then run this again"
fi

for stage in "${wanted[@]}"; do
  # shellcheck source=/dev/null
  . "$here/stages/$stage.sh"
  run_stage "$stage" "$force" 9>&-
done

write_env_file
[ -n "$work_was_done" ] && say setup "ready: ${wanted[*]}"
exit 0
