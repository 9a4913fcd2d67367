# shellcheck shell=bash
# Header-only libraries, linked one folder each: /usr/include itself on a wasm include path would mix
# glibc's headers into Emscripten's.

ready_headers() { [ -e "$TC/include/eigen3/Eigen/Core" ] && [ -e "$TC/include/nlohmann/nlohmann/json.hpp" ] && [ -e "$TC/include/catch2/catch2/catch.hpp" ]; }

inputs_headers() { dpkg-query -W -f '${Package} ${Version}\n' libeigen3-dev nlohmann-json3-dev catch2 2>/dev/null || true; }

stage_headers() {
  local name from
  rm -rf "$TC/include"
  for name in eigen3 nlohmann catch2; do
    from=/usr/include/$name
    [ -d "$from" ] || die "$from is missing" "run setup.sh apt"
    # Eigen is included as <Eigen/Core>, the other two as <name/header>, so each gets a folder of its own.
    if [ "$name" = eigen3 ]; then
      mkdir -p "$TC/include"
      ln -sfn "$from" "$TC/include/eigen3"
    else
      mkdir -p "$TC/include/$name"
      ln -sfn "$from" "$TC/include/$name/$name"
    fi
  done
}
