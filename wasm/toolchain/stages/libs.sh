# shellcheck shell=bash
# XNNPACK and sentencepiece, compiled once per variant. The archives stay in .toolchain/lib/cache/, each under
# a hash of what defines it, and .toolchain/lib/<variant>/ links to the current ones: a fresh build folder,
# `make clean` and a change to the other library reuse them.

# The tokenizer gains nothing from relaxed SIMD: both wasm builds link the plain archive.
LIBS=(native/xnnpack wasm-simd/xnnpack wasm-relaxed/xnnpack native/sentencepiece wasm-simd/sentencepiece)

# What defines one archive.
lib_hash() { # VARIANT LIBRARY
  {
    pins sources
    clang-19 --version 2>/dev/null | head -n1 || true
    cat "$HERE/third_party/build/CMakeLists.txt" "$HERE/third_party/build/$2.cmake"
    if [ "$1" = native ]; then
      cat "$HERE"/third_party/shim/*.h
    else
      pins emscripten | awk '$1 == "deb"'
      cat "$HERE/fastcc" "$HERE/emscripten.cmake"
    fi
  } | sha256sum | cut -c1-16
}

inputs_libs() {
  local l
  for l in "${LIBS[@]}"; do lib_hash "${l%/*}" "${l#*/}"; done
}

ready_libs() {
  local l
  for l in "${LIBS[@]}"; do
    [ -f "$TC/lib/${l%/*}/lib${l#*/}.a" ] || return 1
  done
  [ -f "$TC/lib/native/libsentencepiece_train.a" ]
}

stage_libs() {
  local l variant library cache archive
  for l in clang-19 cmake ninja; do
    command -v "$l" >/dev/null || die "$l is missing" "run setup.sh apt"
  done
  [ -d "$TC/src/xnnpack" ] || die "the sources are missing" "run setup.sh sources"
  for l in "${LIBS[@]}"; do
    variant=${l%/*} library=${l#*/}
    cache=$variant-$library-$(lib_hash "$variant" "$library")
    [ -f "$TC/lib/cache/$cache/done" ] || compile_lib "$variant" "$library" "$TC/lib/cache/$cache"
    # A link where earlier versions of this script put one folder per variant.
    [ -L "$TC/lib/$variant" ] && rm "$TC/lib/$variant"
    mkdir -p "$TC/lib/$variant"
    for archive in "$TC/lib/cache/$cache"/*.a; do
      ln -sfn "../cache/$cache/$(basename "$archive")" "$TC/lib/$variant/$(basename "$archive")"
    done
  done
}

compile_lib() { # VARIANT LIBRARY OUTPUT
  local build=$TC/tmp/$1-$2 log=$TC/logs/libs-$1-$2.log args began=$SECONDS
  say libs "compiling $2 for $1"
  rm -rf "$build" "$3"
  mkdir -p "$3"
  args=(-DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19)
  [ "$1" = native ] || args=(-DCMAKE_TOOLCHAIN_FILE="$HERE/emscripten.cmake")
  # The caller's CC, CXX and flags must not reach the archives.
  (
    unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
    export OSSICLE_TOOLCHAIN_DIR=$TC
    cmake -G Ninja -S "$HERE/third_party/build" -B "$build" "${args[@]}" \
      -DOSSICLE_LIBRARY="$2" -DOSSICLE_VARIANT="$1" -DSRC="$TC/src" && cmake --build "$build" -j2
  ) >"$log" 2>&1 || die "$2 did not compile for $1" "see the log" "$log"
  cp "$build"/lib*.a "$3/"
  touch "$3/done"
  rm -rf "$build"
  say libs "$2 for $1 took $((SECONDS - began)) s"
}
