#ifndef OSSICLE_KERNELS_LAYER_TILE_H_
#define OSSICLE_KERNELS_LAYER_TILE_H_

// The integer product in registers: a few rows of activations times a panel of 8 channels. Inside
// the kernels only.
//
// How elements lie belongs to the build: as bytes (tile_bytes.h) where there is a relaxed dot
// product, in 16 bits (tile_words.h) elsewhere. Both say
//   Activation, Weight           the types of an element
//   kTileRows, kRun              activations of a tile of R rows: [K / kRun][R][kRun]
//   weight_index(in, n, k)       the place of a weight in panels of 8 channels
//   panel_of(panel, k, room)     a panel of PackedLinear as the tiles take it
//   tile<R>(how, ...)            the product; `how` is Quads or Pairs<kGrouped>
//   store_activations, store_channel, store_quads
// K is a multiple of 16.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "kernels/layer/linear_layout.h"
#include "kernels/linear.h"
#if defined(__wasm_relaxed_simd__)
#include "kernels/layer/tile_bytes.h"
#else
#include "kernels/layer/tile_words.h"
#endif

namespace ossicle::kernels::isa {

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
    store_activations(to + i * rows, rows, q);
  });
}

}  // namespace ossicle::kernels::isa

#endif  // OSSICLE_KERNELS_LAYER_TILE_H_
