# CMake toolchain file of the wasm presets. Works in a shell that sourced nothing: it finds everything from
# the repository's root, or from OSSICLE_TOOLCHAIN_DIR.
get_filename_component(_ossicle_root "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
if(DEFINED ENV{OSSICLE_TOOLCHAIN_DIR})
  set(OSSICLE_TOOLCHAIN_DIR "$ENV{OSSICLE_TOOLCHAIN_DIR}")
else()
  set(OSSICLE_TOOLCHAIN_DIR "${_ossicle_root}/.toolchain")
endif()
set(_em "${OSSICLE_TOOLCHAIN_DIR}/emscripten/root/usr/share/emscripten")
if(NOT EXISTS "${_em}/emcc")
  message(FATAL_ERROR "Emscripten is not in ${OSSICLE_TOOLCHAIN_DIR}. Run: make setup")
endif()

# Emscripten's own file runs emcc and em-config while CMake configures.
set(ENV{EM_CONFIG} "${OSSICLE_TOOLCHAIN_DIR}/emscripten/emscripten.config")
set(ENV{EMSDK_PYTHON} /usr/bin/python3)
# Set before the include, which would otherwise take the first node in PATH; relaxed SIMD needs a current one.
set(CMAKE_CROSSCOMPILING_EMULATOR "${OSSICLE_TOOLCHAIN_DIR}/node/bin/node")
include("${_em}/cmake/Modules/Platform/Emscripten.cmake")

set(CMAKE_C_COMPILER_LAUNCHER "${CMAKE_CURRENT_LIST_DIR}/fastcc")
set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_CURRENT_LIST_DIR}/fastcc")
set(CMAKE_C_LINKER_LAUNCHER "${CMAKE_CURRENT_LIST_DIR}/fastcc")
set(CMAKE_CXX_LINKER_LAUNCHER "${CMAKE_CURRENT_LIST_DIR}/fastcc")
# emar and emranlib only start Python to call these.
foreach(_lang "" C_COMPILER_ CXX_COMPILER_)
  set(CMAKE_${_lang}AR /usr/bin/llvm-ar-19)
  set(CMAKE_${_lang}RANLIB /usr/bin/llvm-ranlib-19)
endforeach()
set(CMAKE_NM /usr/bin/llvm-nm-19)
