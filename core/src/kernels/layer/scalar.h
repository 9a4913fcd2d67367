#ifndef OSSICLE_KERNELS_LAYER_SCALAR_H_
#define OSSICLE_KERNELS_LAYER_SCALAR_H_

// The float steps of the int8 products, one number at a time: what the vector kernels must repeat
// bit for bit. Inside the kernels and their oracles only.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "kernels/layer/linear_layout.h"

namespace ossicle::kernels {

/// 2^23: added to a number of 0..2^22 it leaves the nearest integer, halves to even, in the low
/// bits. One addition instead of a conversion, for which WebAssembly's rules cost six instructions.
inline constexpr float kRoundUnsigned = 0x1p23f;
inline constexpr std::uint32_t kRoundUnsignedBits = 0x4B000000;
/// The same for -2^22..2^22.
inline constexpr float kRoundSigned = 0x1.8p23f;
inline constexpr std::uint32_t kRoundSignedBits = 0x4B400000;

/// NaN gives 127.
inline std::uint8_t round_u7(float x) {
  const float limited = x < 127.0f ? x : 127.0f;
  return static_cast<std::uint8_t>(std::bit_cast<std::uint32_t>(limited + kRoundUnsigned) -
                                   kRoundUnsignedBits);
}

/// NaN gives 127.
inline std::int8_t round_s8(float x) {
  const float above = x < 127.0f ? x : 127.0f;
  const float limited = above > -127.0f ? above : -127.0f;
  return static_cast<std::int8_t>(std::bit_cast<std::uint32_t>(limited + kRoundSigned) -
                                  kRoundSignedBits);
}

/// 1 / scale, or 0 where the scale is too small to divide by.
inline float inverse_scale(float scale) { return scale < kSmallestScale ? 0.0f : 1.0f / scale; }

/// x ~ scale * u7 + zero.
struct RowScale {
  float scale = 0, zero = 0, inverse = 0;
  static RowScale of(float min, float max) {
    RowScale s;
    s.scale = max * (1.0f / 127.0f) - min * (1.0f / 127.0f);
    s.inverse = inverse_scale(s.scale);
    if (s.inverse == 0.0f) s.scale = 0.0f;
    s.zero = min + 0.0f;  // -0 becomes 0, since which of the two is the minimum is chance
    return s;
  }
};

/// The scale of x [n], n > 0.
inline RowScale row_scale_scalar(const float* x, std::size_t n) {
  float min = x[0], max = x[0];
  for (std::size_t i = 1; i < n; ++i) {
    min = x[i] < min ? x[i] : min;
    max = max < x[i] ? x[i] : max;
  }
  return RowScale::of(min, max);
}

/// The sum of a product in f32.
inline float dequantise(std::int32_t sum, float row_scale, float row_zero, float scale,
                        float offset, float bias) {
  return static_cast<float>(sum) * (row_scale * scale) + (row_zero * offset + bias);
}

/// log2(e) / sqrt(D): scores in powers of 2.
inline float attention_scale(std::size_t head_size) {
  return 1.44269504f / std::sqrt(static_cast<float>(head_size));
}

/// gelu_scalar()'s limit and polynomial, highest degree first: the minimax fit of
/// Phi(-t)^(1/8), weighted so that the largest error of t p(t)^8 is smallest.
inline constexpr float kGeluLimit = 4.925f;
inline constexpr float kGelu[] = {-0.0001909423735924065f, 0.0019396288553252816f,
                                  -0.0011081264819949865f, -0.03172166272997856f,
                                  -0.0914909690618515f,    0.9170034527778625f};

/// The minimax fit of 2^x on [-1/2, 1/2], highest degree first.
inline constexpr float kExp2[] = {0.00957006961107254f, 0.0559178851544857f, 0.2402474582195282f,
                                  0.6931217908859253f, 0.9999992847442627f};
inline constexpr float kExp2Lowest = -100.0f;

/// 2^x for x <= 0, relative error below 4e-6; 2^-100 below -100 and for NaN: small enough to count
/// for nothing beside a 1, large enough for products of it to stay normal numbers.
inline float exp2_scalar(float x) {
  const float limited = x > kExp2Lowest ? x : kExp2Lowest;
  const float shifted = limited + kRoundSigned;
  const float r = limited - (shifted - kRoundSigned);
  float p = kExp2[0];
  for (std::size_t i = 1; i < std::size(kExp2); ++i) p = p * r + kExp2[i];
  const std::uint32_t n = std::bit_cast<std::uint32_t>(shifted) << 23;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + n);
}

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_LAYER_SCALAR_H_
