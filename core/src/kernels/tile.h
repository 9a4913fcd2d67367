#ifndef OSSICLE_KERNELS_TILE_H_
#define OSSICLE_KERNELS_TILE_H_

// The integer product in registers: a few rows of activations times a panel of 8 channels. Inside
// the kernels only.
//
// Weights of a panel: [K / 4][8][4]. Activations of a tile of R rows: [K / kRun][R][kRun], where
// kRun is what one step of the loop takes of a row. K is a multiple of 16. kRun and the types of an
// element belong to the build: bytes where the relaxed dot product takes them, 16 bits elsewhere.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/linear.h"
#include "kernels/linear_layout.h"
#include "kernels/vector.h"

namespace ossicle::kernels::isa {

#if defined(__wasm_relaxed_simd__)

inline constexpr std::size_t kTileRows = 6;
using Activation = std::uint8_t;
using Weight = std::int8_t;
inline constexpr std::size_t kRun = 16;

/// 16 products of signed 8-bit with 7-bit numbers, added in pairs. The first operand is the signed
/// one (see isa.h).
inline I16x8 dot_bytes_in_pairs(I8x16 w, U8x16 a) {
  return I16x8(wasm_i16x8_relaxed_dot_i8x16_i7x16(v128_t(w), v128_t(a)));
}

inline U8x16 splat_quad(const Activation* a) { return U8x16(wasm_v128_load32_splat(a)); }

/// acc[r] += products of K inputs for 4 channels, whose weights begin at `w`.
/// kGrouped: the weights keep the rule of PackedLinear, so that four 16-bit sums are added before
/// they are widened: 9 instructions for 64 products, where widening each takes 12.
template <std::size_t R, bool kGrouped>
inline void multiply(const Activation* a, const Weight* w, std::size_t k, I32x4 (&acc)[R]) {
  const I16x8 ones = I16x8(constant<0x00010001u>());
  constexpr std::size_t kStep = kPanel * kQuad;
  for (; k > 0; k -= kBlockIn, w += kBlockIn * kPanel, a += kRun * R) {
    const auto w0 = load<I8x16>(w), w1 = load<I8x16>(w + kStep);
    const auto w2 = load<I8x16>(w + 2 * kStep), w3 = load<I8x16>(w + 3 * kStep);
#pragma clang loop unroll(full)
    for (std::size_t r = 0; r < R; ++r) {
      const Activation* row = a + kRun * r;
      const I16x8 p0 = dot_bytes_in_pairs(w0, splat_quad(row));
      const I16x8 p1 = dot_bytes_in_pairs(w1, splat_quad(row + kQuad));
      const I16x8 p2 = dot_bytes_in_pairs(w2, splat_quad(row + 2 * kQuad));
      const I16x8 p3 = dot_bytes_in_pairs(w3, splat_quad(row + 3 * kQuad));
      if constexpr (kGrouped) {
        acc[r] += dot_pairs((p0 + p1) + (p2 + p3), ones);
      } else {
        acc[r] += dot_pairs(p0, ones);
        acc[r] += dot_pairs(p1, ones);
        acc[r] += dot_pairs(p2, ones);
        acc[r] += dot_pairs(p3, ones);
      }
    }
  }
}

/// low[r] and high[r] += products of K inputs for 4 channels each. Twelve accumulators, two vectors
/// of weights and one of activations are all the registers there are, hence no unrolling.
template <std::size_t R>
inline void multiply_quads(const Activation* a, const Weight* w, std::size_t k, I32x4 (&low)[R],
                           I32x4 (&high)[R]) {
  const auto add = [](I8x16 weights, U8x16 x, I32x4 sum) {
    return I32x4(add_dot(v128_t(weights), v128_t(x), v128_t(sum)));
  };
  for (; k > 0; k -= kBlockIn, a += kRun * R) {
#pragma clang loop unroll(disable)
    for (std::size_t j = 0; j < kBlockIn; j += kQuad, w += kPanel * kQuad) {
      const auto w0 = load<I8x16>(w), w1 = load<I8x16>(w + 4 * kQuad);
#pragma clang loop unroll(full)
      for (std::size_t r = 0; r < R; ++r) {
        const U8x16 x = splat_quad(a + kRun * r + j);
        low[r] = add(w0, x, low[r]);
        high[r] = add(w1, x, high[r]);
      }
    }
  }
}

/// How a build multiplies: kGrouped says that the weights keep the rule of PackedLinear.
struct Quads {};
template <bool kGrouped>
struct Pairs {};

/// A tile of R rows and the 8 channels from `first`: sink.put<R>(first channel of four, sums).
template <std::size_t R, class Sink>
inline void tile(Quads, const Activation* a, const Weight* w, std::size_t k, std::size_t first,
                 const Sink& sink) {
  I32x4 low[R] = {}, high[R] = {};
  multiply_quads<R>(a, w, k, low, high);
  sink.template put<R>(first, low);
  sink.template put<R>(first + 4, high);
}
template <std::size_t R, bool kGrouped, class Sink>
inline void tile(Pairs<kGrouped>, const Activation* a, const Weight* w, std::size_t k,
                 std::size_t first, const Sink& sink) {
  for (std::size_t n = 0; n < kPanel; n += 4) {
    I32x4 acc[R] = {};
    multiply<R, kGrouped>(a, w + n * kQuad, k, acc);
    sink.template put<R>(first + n, acc);
  }
}

#else

inline constexpr std::size_t kTileRows = 4;
using Activation = std::int16_t;
using Weight = std::int16_t;
inline constexpr std::size_t kRun = 4;

inline I16x8 splat_quad(const Activation* a) {
#if OSL_KERNELS_WASM
  return I16x8(wasm_v128_load64_splat(a));
#else
  std::int64_t quad = 0;
  std::memcpy(&quad, a, sizeof quad);
  using I64x2 = std::int64_t __attribute__((vector_size(16)));
  return I16x8(I64x2{quad, quad});
#endif
}

/// Each accumulator holds two partial sums of two channels. Not unrolled: LLVM would gather the
/// loads of several steps, and V8 would have too few registers for them.
template <std::size_t R>
inline void multiply(const Activation* a, const Weight* w, std::size_t k, I32x4 (&acc)[2 * R]) {
#pragma clang loop unroll(disable)
  for (; k > 0; k -= kRun, w += kPanel * kQuad, a += kRun * R) {
    const auto w0 = load<I16x8>(w), w1 = load<I16x8>(w + 8);
#pragma clang loop unroll(full)
    for (std::size_t r = 0; r < R; ++r) {
      const I16x8 x = splat_quad(a + kRun * r);
      acc[2 * r] += dot_pairs(w0, x);
      acc[2 * r + 1] += dot_pairs(w1, x);
    }
  }
}

/// How this build multiplies: in one way.
struct Quads {};
template <bool kGrouped>
using Pairs = Quads;

/// A tile of R rows and the 8 channels from `first`: sink.put<R>(first channel of four, sums).
template <std::size_t R, class Sink>
inline void tile(Quads, const Activation* a, const Weight* w, std::size_t k, std::size_t first,
                 const Sink& sink) {
  for (std::size_t n = 0; n < kPanel; n += 4) {
    I32x4 acc[2 * R] = {};
    multiply<R>(a, w + n * kQuad, k, acc);
    I32x4 sums[R];
    for (std::size_t r = 0; r < R; ++r) {
      const I32x4 x = acc[2 * r], y = acc[2 * r + 1];
      sums[r] =
          __builtin_shufflevector(x, y, 0, 2, 4, 6) + __builtin_shufflevector(x, y, 1, 3, 5, 7);
    }
    sink.template put<R>(first + n, sums);
  }
}

#endif  // __wasm_relaxed_simd__

/// The tiles of one tile of rows, 1..kTileRows of them, and `panels` panels that lie `step`
/// elements apart.
template <class How, class Sink>
inline void tiles(How how, std::size_t rows, const Activation* a, const Weight* w, std::size_t k,
                  std::size_t step, std::size_t panels, const Sink& sink) {
  const auto each = [&]<std::size_t R>() {
    for (std::size_t p = 0; p < panels; ++p) tile<R>(how, a, w + p * step, k, p * kPanel, sink);
  };
  switch (rows) {
    case 1:
      return each.template operator()<1>();
    case 2:
      return each.template operator()<2>();
    case 3:
      return each.template operator()<3>();
    case 4:
      return each.template operator()<4>();
    default:
      if constexpr (kTileRows > 4) {
        if (rows == 5) return each.template operator()<5>();
        return each.template operator()<6>();
      }
  }
}

template <bool kGrouped, class Sink>
inline void tile_of(Dot dot, std::size_t rows, const Activation* a, const Weight* w, std::size_t k,
                    std::size_t step, std::size_t panels, const Sink& sink) {
  if (std::is_same_v<Pairs<kGrouped>, Quads> || dot == Dot::kQuads) {
    return tiles(Quads{}, rows, a, w, k, step, panels, sink);
  }
  return tiles(Pairs<kGrouped>{}, rows, a, w, k, step, panels, sink);
}

/// y = f32(sum) * (row_scale * scale) + (row_zero * offset + bias) of a tile of rows into y [R,
/// channels].
struct Affine {
  const float *row_scale, *row_zero;   // [R]
  const float *scale, *offset, *bias;  // [channels]
  float* y;
  std::size_t stride;

  template <std::size_t R>
  [[gnu::always_inline]] inline void put(std::size_t n, const I32x4 (&sums)[R]) const {
    const auto s = load<F32x4>(scale + n), o = load<F32x4>(offset + n), b = load<F32x4>(bias + n);
    // Copies, because the compiler must assume that storing y changes the members.
    const float *const scales = row_scale, *const zeros = row_zero;
    float* to = y + n;
    const std::size_t step = stride;
#pragma clang loop unroll(full)
    for (std::size_t r = 0; r < R; ++r, to += step) {
      store(to, to_f32(sums[r]) * (splat(scales[r]) * s) + (splat(zeros[r]) * o + b));
    }
  }
};

/// Tiles of `rows` rows: their number, and the first row of tile i. Even, so that none is small.
constexpr std::size_t tiles_of(std::size_t rows) { return (rows + kTileRows - 1) / kTileRows; }
constexpr std::size_t first_row(std::size_t rows, std::size_t i) {
  const std::size_t tiles = tiles_of(rows), small = rows / tiles, large = rows % tiles;
  return i * small + (i < large ? i : large);
}

/// Calls `each(index, pointer to 16 numbers)` along x [n]; the last call may see a copy that `fill`
/// makes up to 16.
template <class Each>
inline void for_blocks(const float* x, std::size_t n, float fill, const Each& each) {
  std::size_t i = 0;
  for (; i + kBlockIn <= n; i += kBlockIn) each(i, x + i);
  if (i == n) return;
  float part[kBlockIn];
  for (std::size_t j = 0; j < kBlockIn; ++j) part[j] = i + j < n ? x[i + j] : fill;
  each(i, static_cast<const float*>(part));
}

/// The scale of x [n], n > 0; row_scale_scalar() in vectors.
inline RowScale row_scale(const float* x, std::size_t n) {
  F32x4 low = splat(x[0]), high = low, low2 = low, high2 = low;
  for_blocks(x, n, x[0], [&](std::size_t, const float* v) {
    const auto a = load<F32x4>(v), b = load<F32x4>(v + 4);
    const auto c = load<F32x4>(v + 8), d = load<F32x4>(v + 12);
    low = min(low, min(a, b));
    high = max(high, max(a, b));
    low2 = min(low2, min(c, d));
    high2 = max(high2, max(c, d));
  });
  return RowScale::of(min_lane(min(low, low2)), max_lane(max(high, high2)));
}

/// Four quads of 16 integers in 7 or 8 bits, `step` elements apart.
inline void store_quads(std::int8_t* to, std::size_t step, const I32x4 (&q)[4]) {
  const U32x4 bytes = U32x4(narrow(narrow(q[0], q[1]), narrow(q[2], q[3])));
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t quad = bytes[i];
    std::memcpy(to + i * step, &quad, sizeof quad);
  }
}
inline void store_quads(std::int16_t* to, std::size_t step, const I32x4 (&q)[4]) {
  using U64x2 = std::uint64_t __attribute__((vector_size(16)));
  for (std::size_t i = 0; i < 4; i += 2) {
    const U64x2 quads = U64x2(narrow(q[i], q[i + 1]));
    const std::uint64_t first = quads[0], second = quads[1];
    std::memcpy(to + i * step, &first, sizeof first);
    std::memcpy(to + (i + 1) * step, &second, sizeof second);
  }
}

/// Sixteen weights as the build takes them.
inline void store_weights(std::int8_t* to, I8x16 w) { store(to, w); }
inline void store_weights(std::int16_t* to, I8x16 w) {
  using I8x8 = std::int8_t __attribute__((vector_size(8)));
  const I8x8 low = __builtin_shufflevector(w, w, 0, 1, 2, 3, 4, 5, 6, 7);
  const I8x8 high = __builtin_shufflevector(w, w, 8, 9, 10, 11, 12, 13, 14, 15);
  store(to, __builtin_convertvector(low, I16x8));
  store(to + 8, __builtin_convertvector(high, I16x8));
}

/// Sixteen activations of one row of a tile of `rows`.
inline void store_block(std::uint8_t* to, std::size_t, const I32x4 (&q)[4]) {
  store(to, narrow(narrow(q[0], q[1]), narrow(q[2], q[3])));
}
inline void store_block(std::int16_t* to, std::size_t rows, const I32x4 (&q)[4]) {
  store_quads(to, kQuad * rows, q);
}

/// x [n] as 7-bit integers into a row of a tile of `rows`, whose first element is at `to`. Padding
/// up to a multiple of 16 is arbitrary; the weights there are 0.
inline void store_row(const float* x, std::size_t n, const RowScale& s, Activation* to,
                      std::size_t rows) {
  const F32x4 zero = splat(s.zero), inverse = splat(s.inverse);
  const RoundU7 round;
  for_blocks(x, n, s.zero, [&](std::size_t i, const float* v) {
    I32x4 q[4];
    for (std::size_t j = 0; j < 4; ++j) {
      q[j] = round((load<F32x4>(v + 4 * j) - zero) * inverse);
    }
    store_block(to + i * rows, rows, q);
  });
}

}  // namespace ossicle::kernels::isa

#endif  // OSSICLE_KERNELS_TILE_H_
