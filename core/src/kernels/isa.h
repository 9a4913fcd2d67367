#ifndef OSSICLE_KERNELS_ISA_H_
#define OSSICLE_KERNELS_ISA_H_

// The one place where the instruction set is chosen. Inside the kernels only.

#include <cstddef>
#include <cstdint>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#define OSL_KERNELS_WASM 1
#else
#define OSL_KERNELS_WASM 0
#endif

namespace ossicle::kernels::isa {

#if OSL_KERNELS_WASM

#if defined(__wasm_relaxed_simd__)

inline constexpr const char* kName = "relaxed";

/// 16 values of b, ready to be multiplied.
struct Query16 {
  v128_t u7;
};

inline Query16 load_query(const std::uint8_t* b) { return {wasm_v128_load(b)}; }

/// acc += the products of 16 signed bytes with 16 of 7 bits, each lane taking four neighbours. On
/// x86 the operands become the signed and the unsigned one of vpdpbusd (or vpmaddubsw), so their
/// order matters.
inline v128_t add_dot(v128_t s8, v128_t u7, v128_t acc) {
#if defined(OSL_TEST_WRONG_RELAXED_DOT)
  // A fixture: what the baseline compiler of V8 11.3 computes. It overwrites the accumulator with
  // the dot product before adding the two: -120 instead of 40 for 4 x (-3 x 5) + 100.
  static_cast<void>(acc);
  const v128_t dot = wasm_i32x4_relaxed_dot_i8x16_i7x16_add(s8, u7, wasm_i32x4_splat(0));
  return wasm_i32x4_add(dot, dot);
#else
  return wasm_i32x4_relaxed_dot_i8x16_i7x16_add(s8, u7, acc);
#endif
}

inline v128_t add_products(v128_t acc, const std::int8_t* a, const Query16& b) {
  return add_dot(wasm_v128_load(a), b.u7, acc);
}

/// The same sums for the scan, by way of 16-bit pairs (at most 2 * 127 * 127, so nothing saturates)
/// that are then multiplied by one. Where x86 lacks AVX-VNNI, V8 makes five instructions of the
/// 32-bit dot, two of them to build the ones each time, and three of this: 0.126 ms instead of
/// 0.175 for the dot products of 100,000 x 64 (Zen 4, Node 24). With AVX-VNNI it is two more than
/// one, which memory hides.
class ScanDot {
 public:
  ScanDot() {
    // From memory, because a constant would be built again in each iteration.
    volatile std::int16_t one = 1;
    ones_ = wasm_i16x8_splat(one);
  }
  v128_t add(v128_t acc, const std::int8_t* a, const Query16& b) const {
    const v128_t pairs = wasm_i16x8_relaxed_dot_i8x16_i7x16(wasm_v128_load(a), b.u7);
    return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(pairs, ones_));
  }

 private:
  v128_t ones_;
};

#else

inline constexpr const char* kName = "simd128";

struct Query16 {
  v128_t low, high;  // i16x8
};

inline Query16 load_query(const std::uint8_t* b) {
  return {wasm_u16x8_load8x8(b), wasm_u16x8_load8x8(b + 8)};
}

/// Two extending loads cost less than one load and two extends (0.235 ms against 0.283 for the dot
/// products of 100,000 x 64): x86 has no instruction that extends the high half. What bounds this
/// is the vector ports, 6 operations for 16 bytes: without the address arithmetic that V8 adds to
/// such loads it takes 2 % less.
inline v128_t add_products(v128_t acc, const std::int8_t* a, const Query16& b) {
  acc = wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(a), b.low));
  return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(wasm_i16x8_load8x8(a + 8), b.high));
}

class ScanDot {
 public:
  v128_t add(v128_t acc, const std::int8_t* a, const Query16& b) const {
    return add_products(acc, a, b);
  }
};

#endif  // __wasm_relaxed_simd__

/// The lane sums of four accumulators, in order.
inline v128_t lane_sums(v128_t s0, v128_t s1, v128_t s2, v128_t s3) {
  const v128_t s01 = wasm_i32x4_add(wasm_i32x4_shuffle(s0, s1, 0, 4, 1, 5),
                                    wasm_i32x4_shuffle(s0, s1, 2, 6, 3, 7));
  const v128_t s23 = wasm_i32x4_add(wasm_i32x4_shuffle(s2, s3, 0, 4, 1, 5),
                                    wasm_i32x4_shuffle(s2, s3, 2, 6, 3, 7));
  return wasm_i32x4_add(wasm_i64x2_shuffle(s01, s23, 0, 2), wasm_i64x2_shuffle(s01, s23, 1, 3));
}

inline std::int32_t lane_sum(v128_t s) {
  const v128_t pair = wasm_i32x4_add(s, wasm_i32x4_shuffle(s, s, 2, 3, 0, 1));
  return wasm_i32x4_extract_lane(pair, 0) + wasm_i32x4_extract_lane(pair, 1);
}

#else

inline constexpr const char* kName = "scalar";

#endif  // OSL_KERNELS_WASM

}  // namespace ossicle::kernels::isa

#endif  // OSSICLE_KERNELS_ISA_H_
