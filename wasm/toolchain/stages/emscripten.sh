# shellcheck shell=bash
# Emscripten from Debian trixie, unpacked (never installed) next to the machine's own LLVM 19. Debian 12's
# Emscripten (3.1.6, clang 14) has no relaxed SIMD and writes JavaScript that current Node refuses.

EM_PREFIX=$TC/emscripten

ready_emscripten() { [ -x "$EM_PREFIX/root/usr/share/emscripten/emcc" ] && [ -x "$EM_PREFIX/byn/usr/bin/wasm-opt" ]; }

inputs_emscripten() { echo "$TC/node/bin/node"; }

stage_emscripten() {
  local debs=$TC/tmp/debs log=$TC/logs/emscripten.log
  local em=$EM_PREFIX/root/usr/share/emscripten byn=$EM_PREFIX/byn lib tool p
  for tool in clang-19 wasm-ld-19 llvm-ar-19 patchelf; do
    command -v "$tool" >/dev/null || die "$tool is missing" "run setup.sh apt"
  done
  [ -d "$TC/node/node_modules/acorn" ] || die "Node.js is not set up" "run setup.sh node"
  private_apt_update
  rm -rf "$debs" "$EM_PREFIX"
  mkdir -p "$EM_PREFIX/root" "$byn"
  fetch_pinned emscripten deb "$debs"
  fetch_pinned emscripten run "$debs"

  say emscripten "unpacking"
  # Position-independent system libraries are for dynamic linking, which we do not do: 0.8 of 1.6 GB.
  dpkg-deb --fsys-tarfile "$debs"/emscripten_*.deb |
    tar -x -C "$EM_PREFIX/root" --exclude='*/wasm32-emscripten/pic' --exclude='*/wasm32-emscripten/lto-pic' ||
    die "the emscripten package could not be unpacked" "check the free space (1 GB) in $TC, then run setup.sh again"
  for p in binaryen libc6 libstdc++6 libgcc-s1; do dpkg-deb -x "$debs/$p"_*.deb "$byn"; done

  # binaryen's programs use trixie's loader and libraries; the kernel reads the loader's path from the file.
  lib=$byn/usr/lib/x86_64-linux-gnu
  for p in "$byn"/usr/bin/*; do
    is_elf "$p" && patchelf --set-interpreter "$lib/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$lib" "$p"
  done
  for p in "$lib"/libbinaryen*.so* "$byn"/usr/lib/libbinaryen*.so*; do
    if [ -f "$p" ] && [ ! -L "$p" ]; then patchelf --force-rpath --set-rpath "$lib" "$p"; fi
  done

  mkdir -p "$em/node_modules"
  ln -sfn "$TC/node/node_modules/acorn" "$em/node_modules/acorn"
  cat >"$EM_PREFIX/emscripten.config" <<CONFIG
LLVM_ROOT = '/usr/bin'
LLVM_ADD_VERSION = '19'
CLANG_ADD_VERSION = '19'
BINARYEN_ROOT = '$byn/usr'
NODE_JS = '$TC/node/bin/node'
FROZEN_CACHE = True
CONFIG
  # emcc looks here when EM_CONFIG is not set, so builds work from a shell that sourced nothing.
  cp "$EM_PREFIX/emscripten.config" "$em/.emscripten"
  rm -rf "$debs"

  say emscripten "trying it"
  printf 'int main(){return 42;}' >"$TC/tmp/try.c"
  (
    unset EM_CONFIG
    export EMSDK_PYTHON=/usr/bin/python3
    "$em/emcc" -O2 -msimd128 "$TC/tmp/try.c" -o "$TC/tmp/try.js"
  ) >"$log" 2>&1 || die "Emscripten is unpacked but does not compile" "see the log; if it names a library, versions.lock may lack a run-time package of binaryen" "$log"
  local rc=0
  "$TC/node/bin/node" "$TC/tmp/try.js" >>"$log" 2>&1 || rc=$?
  [ "$rc" = 42 ] || die "a program compiled by Emscripten returned $rc instead of 42" "see the log" "$log"
  rm -f "$TC"/tmp/try.*
}

is_elf() { [ -f "$1" ] && [ ! -L "$1" ] && [ "$(head -c4 "$1" | tail -c3)" = ELF ]; }
