#!/usr/bin/env bash
# Writes build/THIRD_PARTY_NOTICES: the licence texts of everything that is linked into the modules or
# bundled into the package and the page, from the sources and packages they were built from.
#   notices.sh [OUTPUT]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=${1:-build/THIRD_PARTY_NOTICES}
tc=${OSSICLE_TOOLCHAIN_DIR:-.toolchain}
src=$tc/src
tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT

version_of() { awk -v p="$1" '$4 == p { print $5 }' wasm/toolchain/versions.lock; }

notice() { # NAME VERSION FILE...: a file that is missing is an error, not a shorter notice
  local name=$1 version=$2 f
  shift 2
  printf '%s\n%s %s\n%s\n\n' "$(printf '=%.0s' {1..78})" "$name" "$version" "$(printf '=%.0s' {1..78})" >>"$tmp"
  for f in "$@"; do
    if [ ! -s "$f" ]; then
      echo "notices: $name: $f is missing; run: make setup" >&2
      exit 1
    fi
    cat "$f" >>"$tmp"
    printf '\n' >>"$tmp"
  done
}

deb_version() { dpkg-query -W -f '${Version}' "$1"; }

{
  echo "Ossicle is under the Apache License 2.0 (see LICENSE). It contains the software below."
  echo
} >"$tmp"

# Linked into the WebAssembly modules and the native command line.
notice XNNPACK "$(version_of xnnpack)" "$src/xnnpack/LICENSE"
notice pthreadpool "$(version_of pthreadpool)" "$src/pthreadpool/LICENSE"
notice FXdiv "$(version_of fxdiv)" "$src/fxdiv/LICENSE"
notice FP16 "$(version_of fp16)" "$src/fp16/LICENSE"
sp=$src/sentencepiece
notice sentencepiece "$(version_of sentencepiece)" "$sp/LICENSE"
notice "protobuf-lite, in sentencepiece" "" "$sp/third_party/protobuf-lite/LICENSE"
notice "Abseil, in sentencepiece" "" "$sp/third_party/absl/LICENSE"
notice "Darts-clone, in sentencepiece" "" "$sp/third_party/darts_clone/LICENSE"
notice Eigen "$(deb_version libeigen3-dev)" /usr/share/doc/libeigen3-dev/copyright
notice "JSON for Modern C++" "$(deb_version nlohmann-json3-dev)" /usr/share/doc/nlohmann-json3-dev/copyright
# The C and C++ libraries of Emscripten: musl, compiler-rt, libc++, libc++abi, dlmalloc.
notice "Emscripten's system libraries" "$(version_of emscripten)" \
  "$tc/emscripten/root/usr/share/doc/emscripten/copyright"

# Bundled by npm: what the workspaces depend on at run time, and what the page's bundler pulls in.
if [ -d web/node_modules ]; then
  while IFS=$'\t' read -r name version folder; do
    shopt -s nullglob nocaseglob
    files=("$folder"/licen[cs]e* "$folder"/copying*)
    # Some have the text in their README.
    if [ ${#files[@]} = 0 ]; then
      for f in "$folder"/readme*; do grep -qi 'permission is hereby granted' "$f" && files+=("$f"); done
    fi
    shopt -u nullglob nocaseglob
    # It comes from React's repository and package.json says MIT, but it was published without the text.
    [ "$name" = client-only ] && [ ${#files[@]} = 0 ] && files=(web/node_modules/react/LICENSE)
    if [ ${#files[@]} = 0 ]; then
      echo "notices: the npm package $name has no licence file" >&2
      exit 1
    fi
    notice "$name" "$version" "${files[@]}"
  done < <(cd web && node ../wasm/toolchain/bundled.mjs)
else
  echo "notices: web/node_modules is missing, so npm's packages are left out; run: make web" >&2
fi

mkdir -p "$(dirname "$out")"
cp "$tmp" "$out"
echo "$out: $(grep -c '^====' "$out" | awk '{ print $1 / 2 }') components, $(wc -c <"$out") bytes"
