#include "peak.h"

#include <wasm_simd128.h>

namespace ossicle::bench {
namespace {

volatile std::int32_t seed = 0x01020304;
volatile std::int32_t sink;

template <int kChains, class Step>
double run(std::uint32_t rounds, int products, Step step) {
  v128_t acc[kChains];
  for (v128_t& a : acc) a = wasm_i32x4_splat(seed);
  const v128_t w = wasm_i32x4_splat(seed), x = wasm_i32x4_splat(seed);
  for (std::uint32_t i = 0; i < rounds; ++i) {
#pragma clang loop unroll(full)
    for (v128_t& a : acc) a = step(a, w, x);
  }
  v128_t sum = acc[0];
  for (int i = 1; i < kChains; ++i) sum = wasm_i32x4_add(sum, acc[i]);
  sink = wasm_i32x4_extract_lane(sum, 0);
  return 1.0 * rounds * kChains * products;
}

}  // namespace

double multiply_peak(std::uint32_t kind, std::uint32_t rounds) {
#if defined(__wasm_relaxed_simd__)
  if (kind == 0) {
    const v128_t ones = wasm_i16x8_splat(static_cast<std::int16_t>(seed >> 24));
    return run<6>(rounds, 64, [ones](v128_t acc, v128_t w, v128_t x) {
      // Operands that change, so that no product can be taken out of the loop.
      const v128_t y = acc;
      const v128_t p = wasm_i16x8_add(wasm_i16x8_relaxed_dot_i8x16_i7x16(w, y),
                                      wasm_i16x8_relaxed_dot_i8x16_i7x16(x, y));
      const v128_t q = wasm_i16x8_add(wasm_i16x8_relaxed_dot_i8x16_i7x16(y, w),
                                      wasm_i16x8_relaxed_dot_i8x16_i7x16(y, x));
      return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(wasm_i16x8_add(p, q), ones));
    });
  }
  if (kind == 1) {
    return run<12>(rounds, 16, [](v128_t acc, v128_t w, v128_t x) {
      return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(w, x, acc);
    });
  }
#else
  if (kind == 0) {
    return run<12>(rounds, 8, [](v128_t acc, v128_t w, v128_t) {
      return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(w, acc));
    });
  }
#endif
  return 0;
}

}  // namespace ossicle::bench
