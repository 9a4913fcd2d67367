#ifndef OSSICLE_KERNELS_LAYER_VECTOR_H_
#define OSSICLE_KERNELS_LAYER_VECTOR_H_

// Vectors of 128 bits, the same source for native and WebAssembly. Only what clang's vector
// extensions do not say is written per instruction set. Inside the kernels only.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/isa.h"
#include "kernels/layer/scalar.h"

#if defined(__SSE2__) && !OSL_KERNELS_WASM
#include <emmintrin.h>
#endif

namespace ossicle::kernels::isa {

using F32x4 = float __attribute__((vector_size(16)));
using I32x4 = std::int32_t __attribute__((vector_size(16)));
using U32x4 = std::uint32_t __attribute__((vector_size(16)));
using I16x8 = std::int16_t __attribute__((vector_size(16)));
using U8x16 = std::uint8_t __attribute__((vector_size(16)));
using I8x16 = std::int8_t __attribute__((vector_size(16)));

template <class V>
inline V load(const void* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <class V>
inline void store(void* p, V v) {
  std::memcpy(p, &v, sizeof v);
}
inline F32x4 splat(float x) { return F32x4{x, x, x, x}; }

/// b < a ? b : a in each lane, and a < b ? b : a: a where either is NaN.
inline F32x4 min(F32x4 a, F32x4 b) {
#if OSL_KERNELS_WASM
  return F32x4(wasm_f32x4_pmin(v128_t(a), v128_t(b)));
#else
  return b < a ? b : a;
#endif
}
inline F32x4 max(F32x4 a, F32x4 b) {
#if OSL_KERNELS_WASM
  return F32x4(wasm_f32x4_pmax(v128_t(a), v128_t(b)));
#else
  return a < b ? b : a;
#endif
}

inline float min_lane(F32x4 v) {
  const float a = v[1] < v[0] ? v[1] : v[0], b = v[3] < v[2] ? v[3] : v[2];
  return b < a ? b : a;
}
inline float max_lane(F32x4 v) {
  const float a = v[0] < v[1] ? v[1] : v[0], b = v[2] < v[3] ? v[3] : v[2];
  return a < b ? b : a;
}

inline F32x4 to_f32(I32x4 v) { return __builtin_convertvector(v, F32x4); }

/// Eight lanes of 32 bits, each within 16 bits, to 16 bits.
inline I16x8 narrow(I32x4 a, I32x4 b) {
#if OSL_KERNELS_WASM
  return I16x8(wasm_i16x8_narrow_i32x4(v128_t(a), v128_t(b)));
#elif defined(__SSE2__)
  return I16x8(_mm_packs_epi32(__m128i(a), __m128i(b)));
#else
  using I32x8 = std::int32_t __attribute__((vector_size(32)));
  const I32x8 both = __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7);
  return __builtin_convertvector(both, I16x8);
#endif
}

/// Sixteen lanes of 16 bits, each within signed 8 bits, to 8 bits.
inline I8x16 narrow(I16x8 a, I16x8 b) {
#if OSL_KERNELS_WASM
  return I8x16(wasm_i8x16_narrow_i16x8(v128_t(a), v128_t(b)));
#elif defined(__SSE2__)
  return I8x16(_mm_packs_epi16(__m128i(a), __m128i(b)));
#else
  return __builtin_shufflevector(I8x16(a), I8x16(b), 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24,
                                 26, 28, 30);
#endif
}

/// Four vectors of 16 channels into four vectors of quads [4 channels][4 vectors].
inline void interleave(const I8x16 (&v)[4], I8x16 (&quads)[4]) {
  const auto low = [](I8x16 a, I8x16 b) {
    return I16x8(
        __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
  };
  const auto high = [](I8x16 a, I8x16 b) {
    return I16x8(__builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30,
                                         15, 31));
  };
  const I16x8 first[] = {low(v[0], v[1]), high(v[0], v[1])};
  const I16x8 second[] = {low(v[2], v[3]), high(v[2], v[3])};
  for (std::size_t i = 0; i < 2; ++i) {
    quads[2 * i] = I8x16(__builtin_shufflevector(first[i], second[i], 0, 8, 1, 9, 2, 10, 3, 11));
    quads[2 * i + 1] =
        I8x16(__builtin_shufflevector(first[i], second[i], 4, 12, 5, 13, 6, 14, 7, 15));
  }
}

/// a0 b0 + a1 b1, a2 b2 + a3 b3, ...: exact.
inline I32x4 dot_pairs(I16x8 a, I16x8 b) {
#if OSL_KERNELS_WASM
  return I32x4(wasm_i32x4_dot_i16x8(v128_t(a), v128_t(b)));
#elif defined(__SSE2__)
  return I32x4(_mm_madd_epi16(__m128i(a), __m128i(b)));
#else
  I32x4 sum;
  for (int i = 0; i < 4; ++i) sum[i] = a[2 * i] * b[2 * i] + a[2 * i + 1] * b[2 * i + 1];
  return sum;
#endif
}

/// A constant for a loop, by way of memory: V8 makes a vector constant anew, in up to four
/// instructions, wherever the compiler repeats it, which is in each iteration.
template <auto kValue>
struct InMemory {
  static inline const volatile auto value = kValue;
};
template <float kValue>
inline F32x4 constant() {
  return splat(InMemory<kValue>::value);
}
template <std::uint32_t kValue>
inline U32x4 constant() {
  const std::uint32_t v = InMemory<kValue>::value;
  return U32x4{v, v, v, v};
}

inline F32x4 abs(F32x4 x) { return F32x4(U32x4(x) & 0x7fffffffu); }

/// round_u7() of four numbers.
struct RoundU7 {
  F32x4 highest = constant<127.0f>(), magic = constant<kRoundUnsigned>();
  U32x4 bits = constant<kRoundUnsignedBits>();
  I32x4 operator()(F32x4 x) const { return I32x4(U32x4(min(highest, x) + magic) - bits); }
};

/// round_s8() of four numbers.
struct RoundS8 {
  F32x4 highest = constant<127.0f>(), lowest = constant<-127.0f>(),
        magic = constant<kRoundSigned>();
  U32x4 bits = constant<kRoundSignedBits>();
  I32x4 operator()(F32x4 x) const {
    return I32x4(U32x4(max(lowest, min(highest, x)) + magic) - bits);
  }
};

/// exp2_scalar() of four numbers.
struct Exp2 {
  F32x4 lowest = constant<kExp2Lowest>(), magic = constant<kRoundSigned>();
  F32x4 c0 = constant<kExp2[0]>(), c1 = constant<kExp2[1]>(), c2 = constant<kExp2[2]>();
  F32x4 c3 = constant<kExp2[3]>(), c4 = constant<kExp2[4]>();
  F32x4 operator()(F32x4 x) const {
    const F32x4 limited = max(lowest, x);
    const F32x4 shifted = limited + magic;
    const F32x4 r = limited - (shifted - magic);
    const F32x4 p = (((c0 * r + c1) * r + c2) * r + c3) * r + c4;
    return F32x4(U32x4(p) + (U32x4(shifted) << 23));
  }
};

/// gelu_scalar() of four numbers.
struct Gelu {
  U32x4 size = constant<0x7fffffffu>();
  F32x4 limit = constant<kGeluLimit>();
  F32x4 c0 = constant<kGelu[0]>(), c1 = constant<kGelu[1]>(), c2 = constant<kGelu[2]>();
  F32x4 c3 = constant<kGelu[3]>(), c4 = constant<kGelu[4]>(), c5 = constant<kGelu[5]>();
  F32x4 operator()(F32x4 x) const {
    const F32x4 t = min(limit, F32x4(U32x4(x) & size));
    F32x4 p = ((((c0 * t + c1) * t + c2) * t + c3) * t + c4) * t + c5;
    p = p * p;
    p = p * p;
    p = p * p;
    return max(splat(0.0f), x) - t * p;
  }
};

}  // namespace ossicle::kernels::isa

#endif  // OSSICLE_KERNELS_LAYER_VECTOR_H_
