// Forced into every native XNNPACK file, in the place of <cpuinfo.h>: no processor has any
// extension beyond the x86-64 baseline (SSE2). With that XNNPACK picks, natively, kernels that
// multiply and add in the same order as its WebAssembly ones, so native and wasm results are the
// same bytes; FMA kernels would not be.
#pragma once
#include <stdbool.h>

#define OSSICLE_NO(feature) \
  static inline bool cpuinfo_has_x86_##feature(void) { return false; }
OSSICLE_NO(ssse3)
OSSICLE_NO(sse4_1)
OSSICLE_NO(avx)
OSSICLE_NO(f16c)
OSSICLE_NO(fma3)
OSSICLE_NO(avx2)
#undef OSSICLE_NO

enum ossicle_uarch { cpuinfo_uarch_unknown, cpuinfo_uarch_zen, cpuinfo_uarch_dhyana };
struct ossicle_core {
  enum ossicle_uarch uarch;
};
static inline const struct ossicle_core* cpuinfo_get_core(unsigned index) {
  static const struct ossicle_core core = {cpuinfo_uarch_unknown};
  (void)index;
  return &core;
}
