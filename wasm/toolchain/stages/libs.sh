# shellcheck shell=bash
# XNNPACK and sentencepiece, compiled once per variant into .toolchain/lib/<variant>-<hash>/, with a link
# <variant> to the current one. A fresh build folder, `make clean` or another checkout reuse them.

LIB_VARIANTS=(native wasm-simd wasm-relaxed)

inputs_libs() {
  pins sources
  pins emscripten | awk '$1 == "deb"'
  clang-19 --version 2>/dev/null | head -n1 || true
  cat "$HERE/fastcc" "$HERE/emscripten.cmake"
  find "$HERE/third_party/build" "$HERE/third_party/shim" -type f -print0 | sort -z | xargs -0 cat
}

ready_libs() {
  local v
  for v in "${LIB_VARIANTS[@]}"; do
    [ -f "$TC/lib/$v/libxnnpack.a" ] || return 1
  done
  [ -f "$TC/lib/native/libsentencepiece_train.a" ] && [ -f "$TC/lib/wasm-simd/libsentencepiece.a" ]
}

stage_libs() {
  local v hash out build log args began
  for v in clang-19 cmake ninja; do
    command -v "$v" >/dev/null || die "$v is missing" "run setup.sh apt"
  done
  [ -d "$TC/src/xnnpack" ] || die "the sources are missing" "run setup.sh sources"
  hash=$(stage_hash libs)
  for v in "${LIB_VARIANTS[@]}"; do
    out=$TC/lib/$v-$hash
    if [ ! -f "$out/done" ]; then
      build=$TC/tmp/libs-$v
      log=$TC/logs/libs-$v.log
      began=$SECONDS
      say libs "compiling for $v"
      rm -rf "$build" "$out"
      mkdir -p "$out"
      args=(-DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19)
      [ "$v" = native ] || args=(-DCMAKE_TOOLCHAIN_FILE="$HERE/emscripten.cmake")
      # CC and CXX of the caller must not win over the pinned compiler, nor its flags reach the archives.
      (
        unset CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS
        export OSSICLE_TOOLCHAIN_DIR=$TC
        cmake -G Ninja -S "$HERE/third_party/build" -B "$build" "${args[@]}" \
          -DOSSICLE_VARIANT="$v" -DSRC="$TC/src" && cmake --build "$build" -j2
      ) >"$log" 2>&1 || die "the third-party libraries did not compile for $v" "see the log" "$log"
      cp "$build"/lib*.a "$out/"
      touch "$out/done"
      rm -rf "$build"
      say libs "$v took $((SECONDS - began)) s"
    fi
    ln -sfn "$v-$hash" "$TC/lib/$v"
  done
}
