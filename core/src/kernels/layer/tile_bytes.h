#ifndef OSSICLE_KERNELS_LAYER_TILE_BYTES_H_
#define OSSICLE_KERNELS_LAYER_TILE_BYTES_H_

// Tiles on bytes, for the relaxed dot products: see tile.h.

#include <cstddef>
#include <cstdint>

#include "kernels/layer/linear_layout.h"
#include "kernels/layer/vector.h"

namespace ossicle::kernels::isa {

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

constexpr std::size_t weight_index(std::size_t in, std::size_t n, std::size_t k) {
  return panel_index(in, n, k);
}

/// True where panel_of() copies, and needs room for a panel.
inline constexpr bool kPanelCopied = false;
inline const Weight* panel_of(const std::int8_t* panel, std::size_t, Weight*) { return panel; }

inline I8x16 bytes_of(const I32x4 (&q)[4]) {
  return narrow(narrow(q[0], q[1]), narrow(q[2], q[3]));
}

/// Sixteen activations of one row of a tile of `rows`.
inline void store_activations(Activation* to, std::size_t, const I32x4 (&q)[4]) {
  store(to, bytes_of(q));
}

/// Sixteen weights of channel n, from input k, a multiple of 16.
inline void store_channel(Weight* panels, std::size_t in, std::size_t n, std::size_t k,
                          const I32x4 (&q)[4]) {
  const U32x4 quads = U32x4(bytes_of(q));
  for (std::size_t i = 0; i < 4; ++i) {
    const std::uint32_t quad = quads[i];
    std::memcpy(panels + weight_index(in, n, k + kQuad * i), &quad, sizeof quad);
  }
}

/// Four weights of each of four channels, from input k and channel n, multiples of 4.
inline void store_quads(Weight* panels, std::size_t in, std::size_t n, std::size_t k, I8x16 quads) {
  store(panels + weight_index(in, n, k), quads);
}

}  // namespace ossicle::kernels::isa

#endif  // OSSICLE_KERNELS_LAYER_TILE_BYTES_H_
