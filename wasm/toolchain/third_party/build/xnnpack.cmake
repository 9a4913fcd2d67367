# XNNPACK with three operators only: f32 fully-connected, f32 batch matrix multiply, f32 softmax.
# Everything: 1 min 46 s; this: 15 s. To add an operator, add its file in src/operators, build the smoke
# program, and add the files that define what the linker then misses.
set(XNN ${SRC}/xnnpack)
set(XNN_SRCS
  src/operators/fully-connected-nc.c
  src/operators/batch-matrix-multiply-nc.c
  src/operators/softmax-nc.c
  src/allocator.c
  src/cache.c
  src/configs/binary-elementwise-config.c
  src/configs/gemm-config.c
  src/configs/hardware-config.c
  src/configs/raddstoreexpminusmax-config.c
  src/configs/rmax-config.c
  src/enums/microkernel-type.c
  src/enums/operator-type.c
  src/init.c
  src/microparams-init.c
  src/operator-delete.c
  src/operator-run.c
  src/operator-utils.c
  src/params.c
  src/reference/packing.cc)
set(XNN_PACKW src/x32-packw/gen/x32-packw)
set(XNN_EXP src/f32-raddstoreexpminusmax/gen/f32-raddstoreexpminusmax)
set(XNN_RMAX src/f32-rminmax/gen/f32-rmax)
set(XNN_VBIN src/f32-vbinary/gen/f32)
set(XNN_GEMM src/f32-gemm/gen/f32-gemm)

if(OSSICLE_VARIANT STREQUAL "native")
  # shim/no_cpuinfo.h makes it choose the SSE2 kernels. The AVX ones are named by the same functions, so
  # they must link, but never run.
  set(XNN_KERNELS
    ${XNN_GEMM}-1x8-minmax-sse-load1.c ${XNN_GEMM}-4x8-minmax-sse-load1.c ${XNN_GEMM}-4x2c4-minmax-sse.c
    ${XNN_PACKW}-x8-gemm-goi-sse2-u4.c ${XNN_PACKW}-x2c4-gemm-goi-sse2-u4.c
    ${XNN_EXP}-wasmsimd-rr2-p5-u16-acc2.c ${XNN_RMAX}-sse-u16-acc4.c
    ${XNN_VBIN}-vmul-sse-u8.c ${XNN_VBIN}-vmulc-sse-u8.c)
  set(XNN_AVX_KERNELS
    ${XNN_GEMM}-1x16-minmax-avx-broadcast.c ${XNN_GEMM}-5x16-minmax-avx-broadcast.c
    ${XNN_GEMM}-1x16-minmax-fma3-broadcast.c ${XNN_GEMM}-5x16-minmax-fma3-broadcast.c
    ${XNN_PACKW}-x16-gemm-goi-avx-u4.c
    ${XNN_EXP}-avx2-rr2-p5-u32-acc2.c ${XNN_RMAX}-avx-u32-acc4.c
    ${XNN_VBIN}-vmul-avx-u16.c ${XNN_VBIN}-vmulc-avx-u16.c)
elseif(OSSICLE_VARIANT STREQUAL "wasm-simd")
  # "x86" and "arm" name the processor a kernel is fast on; one is chosen when the module starts.
  set(XNN_KERNELS
    ${XNN_GEMM}-1x8-minmax-wasmsimd-x86-loadsplat.c ${XNN_GEMM}-4x8-minmax-wasmsimd-x86-loadsplat.c
    ${XNN_GEMM}-1x8-minmax-wasmsimd-arm-splat.c ${XNN_GEMM}-5x8-minmax-wasmsimd-arm-splat.c
    ${XNN_GEMM}-4x2c4-minmax-wasmsimd-x86.c ${XNN_GEMM}-4x2c4-minmax-wasmsimd-arm.c
    ${XNN_PACKW}-x8-gemm-goi-wasmsimd-u4.c ${XNN_PACKW}-x2c4-gemm-goi-wasmsimd-u4.c
    ${XNN_EXP}-wasmsimd-rr2-p5-u16-acc2.c ${XNN_RMAX}-wasmsimd-pminmax-u16-acc4.c
    ${XNN_VBIN}-vmul-wasmsimd-u16.c ${XNN_VBIN}-vmulc-wasmsimd-u16.c)
elseif(OSSICLE_VARIANT STREQUAL "wasm-relaxed")
  set(XNN_KERNELS
    ${XNN_GEMM}-1x8-minmax-wasmrelaxedsimd-fma-loadsplat.c ${XNN_GEMM}-4x8-minmax-wasmrelaxedsimd-fma-loadsplat.c
    ${XNN_GEMM}-1x8-minmax-wasmrelaxedsimd-fma-splat.c ${XNN_GEMM}-6x8-minmax-wasmrelaxedsimd-fma-splat.c
    ${XNN_GEMM}-4x2c4-minmax-wasmrelaxedsimd-fma.c
    ${XNN_PACKW}-x8-gemm-goi-wasmsimd-u4.c ${XNN_PACKW}-x2c4-gemm-goi-wasmsimd-u4.c
    ${XNN_EXP}-wasmrelaxedsimd-rr2-p5-u16-acc2.c ${XNN_RMAX}-wasmsimd-pminmax-u16-acc4.c
    ${XNN_VBIN}-vmul-wasmsimd-u16.c ${XNN_VBIN}-vmulc-wasmsimd-u16.c)
else()
  message(FATAL_ERROR "OSSICLE_VARIANT is '${OSSICLE_VARIANT}'; it must be native, wasm-simd or wasm-relaxed")
endif()

# gemm-config.c names 50 kernels that we cannot reach, and a table of function pointers keeps every one of
# them in the module: indirect GEMM (convolutions) and the variants that do not clamp (XNNPACK falls back to
# the clamping ones, with the same result at infinite bounds). Their names become null pointers, after the
# headers that declare them have been read.
file(READ ${XNN}/src/configs/gemm-config.c _config)
string(REGEX MATCHALL "xnn_f32_(igemm|igemm_minmax|igemm_relu|gemm|gemm_relu)_ukernel_[a-z0-9_]+" _unused "${_config}")
list(REMOVE_DUPLICATES _unused)
list(TRANSFORM _unused REPLACE "(.+)" "#define \\1 NULL")
list(JOIN _unused "\n" _unused)
file(CONFIGURE OUTPUT gemm-config-prelude.h @ONLY CONTENT [=[
#include "xnnpack/config.h"
#include "xnnpack/gemm.h"
#include "xnnpack/igemm.h"
#ifdef __EMSCRIPTEN__
// It asks JavaScript for the number of cores, to guess whether an x86 has AVX. A module that loads without
// Emscripten's JavaScript cannot ask; every x86 that a current browser supports well has it.
#include <emscripten.h>
#undef EM_JS
#define EM_JS(result, name, ...) static inline result name(void) { return 64; }
#endif
@_unused@
]=])
list(TRANSFORM XNN_SRCS PREPEND ${XNN}/)
list(TRANSFORM XNN_KERNELS PREPEND ${XNN}/)
list(TRANSFORM XNN_AVX_KERNELS PREPEND ${XNN}/)

# The single-threaded stand-in for the thread pool: the engine is one thread, and so is a wasm module here.
add_library(xnnpack STATIC ${XNN_SRCS} ${XNN_KERNELS} ${XNN_AVX_KERNELS} ${SRC}/pthreadpool/src/shim.c)
target_include_directories(xnnpack PRIVATE ${XNN}/include ${XNN} ${XNN}/src ${SRC}/pthreadpool/include
  ${SRC}/pthreadpool/src ${SRC}/fxdiv/include ${SRC}/fp16/include)
target_compile_options(xnnpack PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti>)
set_source_files_properties(${XNN_SRCS} ${SRC}/pthreadpool/src/shim.c PROPERTIES COMPILE_OPTIONS "${COLD}")
set_source_files_properties(${XNN_KERNELS} PROPERTIES COMPILE_OPTIONS "${HOT}")
set_source_files_properties(${XNN}/src/configs/gemm-config.c PROPERTIES
  COMPILE_OPTIONS "${COLD};-include;${CMAKE_CURRENT_BINARY_DIR}/gemm-config-prelude.h")
if(XNN_AVX_KERNELS)
  set_source_files_properties(${XNN_AVX_KERNELS} PROPERTIES COMPILE_OPTIONS "${HOT};-mavx;-mavx2;-mfma")
endif()
if(OSSICLE_VARIANT STREQUAL "native")
  target_compile_options(xnnpack PRIVATE -include ${CMAKE_CURRENT_LIST_DIR}/../shim/no_cpuinfo.h)
  # The SSE2 softmax adds a row up in another order than the wasm one, the only such difference among our
  # kernels: native builds take the wasm one too, through shim/wasm_simd128.h.
  set(_exp xnn_f32_raddstoreexpminusmax_ukernel__)
  set_source_files_properties(${XNN}/src/configs/raddstoreexpminusmax-config.c PROPERTIES
    COMPILE_DEFINITIONS "${_exp}sse2_rr2_p5_u16_acc2=${_exp}wasmsimd_rr2_p5_u16_acc2")
  set_source_files_properties(${XNN}/${XNN_EXP}-wasmsimd-rr2-p5-u16-acc2.c PROPERTIES
    INCLUDE_DIRECTORIES ${CMAKE_CURRENT_LIST_DIR}/../shim)
elseif(OSSICLE_VARIANT STREQUAL "wasm-relaxed")
  target_compile_options(xnnpack PRIVATE -mrelaxed-simd)
endif()

target_compile_definitions(xnnpack PRIVATE XNN_LOG_LEVEL=0 XNN_ENABLE_MEMOPT=1
  XNN_ENABLE_GEMM_M_SPECIALIZATION=1 FXDIV_USE_INLINE_ASSEMBLY=0)
foreach(_feature ASSEMBLY CPUINFO DWCONV_MULTIPASS HVX JIT KLEIDIAI RISCV_VECTOR SPARSE VSX ARM_BF16 ARM_DOTPROD
    ARM_FP16_SCALAR ARM_FP16_VECTOR ARM_I8MM ARM_SME ARM_SME2 AVX256SKX AVX256VNNI AVX256VNNIGFNI AVX512AMX
    AVX512F AVX512FP16 AVX512SKX AVX512VBMI AVX512VNNI AVX512VNNIGFNI AVXVNNI AVXVNNIINT8)
  target_compile_definitions(xnnpack PRIVATE XNN_ENABLE_${_feature}=0)
endforeach()
