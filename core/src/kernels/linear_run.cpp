#include <algorithm>
#include <array>

#include "kernels/linear.h"
#include "kernels/tile.h"

namespace ossicle::kernels {
namespace {

using isa::Activation;
using isa::Weight;

constexpr std::size_t kLine = 64;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }
/// Whether a panel is widened, once a call, before it meets the rows.
constexpr bool kWidened = sizeof(Weight) > sizeof(std::int8_t);

/// The parts of QuantisedRows::memory.
struct Parts {
  float *scale, *zero;  // [rows]
  Activation* tiles;    // [rows, K] in tiles
  Weight* panel;        // [K, 8], if kWidened
  std::size_t size;
  Parts(std::byte* memory, std::size_t rows, std::size_t in) {
    const std::size_t k = padded_in(in);
    std::size_t at = 0;
    const auto take = [&](std::size_t bytes) {
      std::byte* part = memory + at;
      at += aligned(bytes);
      return part;
    };
    scale = reinterpret_cast<float*>(take(rows * sizeof(float)));
    zero = reinterpret_cast<float*>(take(rows * sizeof(float)));
    tiles = reinterpret_cast<Activation*>(take(rows * k * sizeof(Activation)));
    panel = reinterpret_cast<Weight*>(take(kWidened ? k * kPanel * sizeof(Weight) : 0));
    size = at;
  }
};

/// The panel as the tiles take it. A template, so that each build compiles only its own half.
template <class W>
const W* widened(const std::int8_t* panel, std::size_t k, W* room) {
  if constexpr (sizeof(W) > sizeof(std::int8_t)) {
    for (std::size_t i = 0; i < k * kPanel; ++i) room[i] = panel[i];
    return room;
  } else {
    return panel;
  }
}

}  // namespace

std::size_t quantised_bytes(std::size_t rows, std::size_t in) {
  alignas(kLine) static std::byte origin[kLine];
  return Parts(origin, rows, in).size;
}

void quantise_rows(const float* x, std::size_t stride, const QuantisedRows& rows) {
  const Parts parts(rows.memory, rows.rows, rows.in);
  const std::size_t k = padded_in(rows.in);
  for (std::size_t t = 0; rows.rows > 0 && t < isa::tiles_of(rows.rows); ++t) {
    const std::size_t first = isa::first_row(rows.rows, t), end = isa::first_row(rows.rows, t + 1);
    for (std::size_t r = first; r < end; ++r) {
      const RowScale s = isa::row_scale(x + r * stride, rows.in);
      parts.scale[r] = s.scale;
      parts.zero[r] = s.zero;
      isa::store_row(x + r * stride, rows.in, s, parts.tiles + first * k + (r - first) * kQuad,
                     end - first);
    }
  }
}

void linear(const PackedLinear& linear, const QuantisedRows& rows, Epilogue epilogue, float* y,
            std::size_t stride) {
  if (rows.rows == 0) return;
  const Parts parts(rows.memory, rows.rows, rows.in);
  const std::size_t k = padded_in(rows.in), tiles = isa::tiles_of(rows.rows);
  for (std::size_t n = 0; n < linear.out; n += kPanel) {
    const Weight* panel = widened(linear.panels + n * k, k, parts.panel);
    const std::size_t channels = std::min(kPanel, linear.out - n);
    // A panel that is not full takes what it reads and writes from arrays that are.
    std::array<float, kPanel> scale{}, offset{}, bias{};
    std::array<float, kPanel * isa::kTileRows> part;
    isa::Affine affine = {.row_scale = nullptr,
                          .row_zero = nullptr,
                          .scale = linear.scale + n,
                          .offset = linear.offset + n,
                          .bias = linear.bias + n,
                          .y = nullptr,
                          .stride = stride,
                          .with_gelu = epilogue == Epilogue::kGelu};
    const bool full = channels == kPanel;
    if (!full) {
      std::copy_n(affine.scale, channels, scale.data());
      std::copy_n(affine.offset, channels, offset.data());
      std::copy_n(affine.bias, channels, bias.data());
      affine.scale = scale.data();
      affine.offset = offset.data();
      affine.bias = bias.data();
      affine.stride = kPanel;
    }
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t first = isa::first_row(rows.rows, t);
      const std::size_t count = isa::first_row(rows.rows, t + 1) - first;
      affine.row_scale = parts.scale + first;
      affine.row_zero = parts.zero + first;
      affine.y = full ? y + first * stride + n : part.data();
      isa::tile_of<true>(count, parts.tiles + first * k, panel, k, affine);
      for (std::size_t r = 0; !full && r < count; ++r) {
        std::copy_n(part.data() + r * kPanel, channels, y + (first + r) * stride + n);
      }
    }
  }
}

}  // namespace ossicle::kernels
