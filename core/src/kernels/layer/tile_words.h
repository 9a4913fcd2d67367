#ifndef OSSICLE_KERNELS_LAYER_TILE_WORDS_H_
#define OSSICLE_KERNELS_LAYER_TILE_WORDS_H_

// Tiles on 16-bit words, for i32x4.dot_i16x8 and its like: see tile.h. Weights of a panel:
// [K / 2][8][2].

#include <cstddef>
#include <cstdint>

#include "kernels/layer/linear_layout.h"
#include "kernels/layer/vector.h"

namespace ossicle::kernels::isa {

inline constexpr std::size_t kTileRows = 4;
using Activation = std::int16_t;
using Weight = std::int16_t;
inline constexpr std::size_t kRun = 2;

constexpr std::size_t weight_index(std::size_t in, std::size_t n, std::size_t k) {
  return ((n / kPanel * (padded_in(in) / 2) + k / 2) * kPanel + n % kPanel) * 2 + k % 2;
}

inline I16x8 splat_pair(const Activation* a) {
#if OSL_KERNELS_WASM
  return I16x8(wasm_v128_load32_splat(a));
#else
  std::int32_t pair = 0;
  std::memcpy(&pair, a, sizeof pair);
  return I16x8(I32x4{pair, pair, pair, pair});
#endif
}

/// low[r] and high[r] += products of K inputs for 4 channels each. Not unrolled: LLVM would gather
/// the loads of several steps, and V8 would have too few registers for them.
template <std::size_t R>
inline void multiply(const Activation* a, const Weight* w, std::size_t k, I32x4 (&low)[R],
                     I32x4 (&high)[R]) {
#pragma clang loop unroll(disable)
  for (; k > 0; k -= kRun, w += kPanel * 2, a += kRun * R) {
    const auto w0 = load<I16x8>(w), w1 = load<I16x8>(w + kPanel);
#pragma clang loop unroll(full)
    for (std::size_t r = 0; r < R; ++r) {
      const I16x8 x = splat_pair(a + kRun * r);
      low[r] += dot_pairs(w0, x);
      high[r] += dot_pairs(w1, x);
    }
  }
}

/// This build multiplies in one way.
struct Quads {};
template <bool kGrouped>
using Pairs = Quads;

/// A tile of R rows and the 8 channels from `first`: sink.put<R>(first channel of four, sums).
template <std::size_t R, class Sink>
inline void tile(Quads, const Activation* a, const Weight* w, std::size_t k, std::size_t first,
                 const Sink& sink) {
  I32x4 low[R] = {}, high[R] = {};
  multiply<R>(a, w, k, low, high);
  sink.template put<R>(first, low);
  sink.template put<R>(first + 4, high);
}

/// Quads of two channels each into the pairs of four.
inline I16x8 first_pairs(I16x8 a, I16x8 b) {
  return I16x8(__builtin_shufflevector(I32x4(a), I32x4(b), 0, 2, 4, 6));
}
inline I16x8 second_pairs(I16x8 a, I16x8 b) {
  return I16x8(__builtin_shufflevector(I32x4(a), I32x4(b), 1, 3, 5, 7));
}

/// Eight bytes with their sign.
inline I16x8 widen(const std::int8_t* bytes) {
  using I8x8 = std::int8_t __attribute__((vector_size(8)));
  I8x8 v;
  std::memcpy(&v, bytes, sizeof v);
  return __builtin_convertvector(v, I16x8);
}

/// True where panel_of() copies, and needs room for a panel.
inline constexpr bool kPanelCopied = true;
inline const Weight* panel_of(const std::int8_t* panel, std::size_t k, Weight* room) {
  Weight* to = room;
  for (std::size_t i = 0; i < k; i += kQuad, panel += kPanel * kQuad, to += kPanel * kQuad) {
    const I16x8 a = widen(panel), b = widen(panel + 8), c = widen(panel + 16),
                d = widen(panel + 24);
    store(to, first_pairs(a, b));
    store(to + 8, first_pairs(c, d));
    store(to + 16, second_pairs(a, b));
    store(to + 24, second_pairs(c, d));
  }
  return room;
}

inline void store_pairs(I32x4 pairs, Activation* to, std::size_t step) {
  for (std::size_t i = 0; i < 4; ++i) {
    const std::int32_t pair = pairs[i];
    std::memcpy(to + i * step, &pair, sizeof pair);
  }
}

/// Sixteen activations of one row of a tile of `rows`.
inline void store_activations(Activation* to, std::size_t rows, const I32x4 (&q)[4]) {
  const std::size_t step = kRun * rows;
  store_pairs(I32x4(narrow(q[0], q[1])), to, step);
  store_pairs(I32x4(narrow(q[2], q[3])), to + 4 * step, step);
}

/// Sixteen weights of channel n, from input k, a multiple of 16.
inline void store_channel(Weight* panels, std::size_t in, std::size_t n, std::size_t k,
                          const I32x4 (&q)[4]) {
  Weight* to = panels + weight_index(in, n, k);
  store_pairs(I32x4(narrow(q[0], q[1])), to, kPanel * 2);
  store_pairs(I32x4(narrow(q[2], q[3])), to + 4 * kPanel * 2, kPanel * 2);
}

/// Four weights of each of four channels, from input k and channel n, multiples of 4.
inline void store_quads(Weight* panels, std::size_t in, std::size_t n, std::size_t k, I8x16 quads) {
  std::int8_t bytes[16];
  store(bytes, quads);
  const I16x8 a = widen(bytes), b = widen(bytes + 8);
  Weight* to = panels + weight_index(in, n, k);
  store(to, first_pairs(a, b));
  store(to + kPanel * 2, second_pairs(a, b));
}

}  // namespace ossicle::kernels::isa

#endif  // OSSICLE_KERNELS_LAYER_TILE_WORDS_H_
