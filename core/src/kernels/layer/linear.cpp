#include "kernels/linear.h"

#include <algorithm>
#include <array>

#include "kernels/layer/tile.h"

namespace ossicle::kernels {
namespace {

using isa::Activation;
using isa::Weight;

constexpr std::size_t kLine = 64;
constexpr std::size_t aligned(std::size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// Tiles of rows that meet each panel together: many enough that fetching a panel (and copying it,
/// where the build does) costs little, few enough to stay in the second-level cache.
constexpr std::size_t kTilesTogether = 16;
constexpr std::size_t kRowsTogether = kTilesTogether * isa::kTileRows;

constexpr std::size_t tiles_bytes(std::size_t in) {
  return aligned(kRowsTogether * padded_in(in) * sizeof(Activation));
}
constexpr std::size_t panel_bytes(std::size_t in) {
  return isa::kPanelCopied ? aligned(padded_in(in) * kPanel * sizeof(Weight)) : 0;
}

/// The parts of the scratch memory.
struct Parts {
  Activation* tiles;  // of kRowsTogether rows
  Weight* panel;      // [K, 8], if kPanelCopied
};

/// What a panel's epilogue reads, in full even where the panel is not.
struct PanelConstants {
  std::array<float, kPanel> scale{}, offset{}, bias{};
  PanelConstants(const PackedLinear& linear, std::size_t n, std::size_t channels) {
    std::copy_n(linear.scale + n, channels, scale.data());
    std::copy_n(linear.offset + n, channels, offset.data());
    std::copy_n(linear.bias + n, channels, bias.data());
  }
};

/// linear() for at most kRowsTogether rows.
void linear_block(const PackedLinear& linear, const float* x, std::size_t x_stride,
                  std::size_t rows, float* y, std::size_t y_stride, const Parts& parts, Dot dot) {
  const std::size_t k = padded_in(linear.in), tiles = isa::tiles_of(rows);
  std::array<float, kRowsTogether> row_scale, row_zero;
  for (std::size_t t = 0; t < tiles; ++t) {
    const std::size_t first = isa::first_row(rows, t), end = isa::first_row(rows, t + 1);
    Activation* tile = parts.tiles + first * k;
    for (std::size_t r = first; r < end; ++r) {
      const RowScale s = isa::row_scale(x + r * x_stride, linear.in);
      row_scale[r] = s.scale;
      row_zero[r] = s.zero;
      isa::store_row(x + r * x_stride, linear.in, s, tile + (r - first) * isa::kRun, end - first);
    }
  }
  for (std::size_t n = 0; n < linear.out; n += kPanel) {
    const Weight* panel = isa::panel_of(linear.panels + n * k, k, parts.panel);
    const std::size_t channels = std::min(kPanel, linear.out - n);
    const bool full = channels == kPanel;
    const PanelConstants constants(linear, n, channels);
    std::array<float, kPanel * isa::kTileRows> part;  // the rows of a panel that is not full
    for (std::size_t t = 0; t < tiles; ++t) {
      const std::size_t first = isa::first_row(rows, t);
      const std::size_t count = isa::first_row(rows, t + 1) - first;
      const isa::Affine affine = {.row_scale = row_scale.data() + first,
                                  .row_zero = row_zero.data() + first,
                                  .scale = constants.scale.data(),
                                  .offset = constants.offset.data(),
                                  .bias = constants.bias.data(),
                                  .y = full ? y + first * y_stride + n : part.data(),
                                  .stride = full ? y_stride : kPanel};
      isa::tile_of<true>(dot, count, parts.tiles + first * k, panel, k, 0, 1, affine);
      for (std::size_t r = 0; !full && r < count; ++r) {
        std::copy_n(part.data() + r * kPanel, channels, y + (first + r) * y_stride + n);
      }
    }
  }
}

}  // namespace

std::size_t linear_bytes(std::size_t in) { return tiles_bytes(in) + panel_bytes(in); }

void linear(const PackedLinear& linear, const float* x, std::size_t x_stride, std::size_t rows,
            float* y, std::size_t y_stride, std::byte* scratch, Dot dot) {
  const Parts parts = {reinterpret_cast<Activation*>(scratch),
                       reinterpret_cast<Weight*>(scratch + tiles_bytes(linear.in))};
  // Even blocks, as tiles are, so that the last is not the smallest.
  const std::size_t blocks = (rows + kRowsTogether - 1) / kRowsTogether;
  for (std::size_t b = 0, first = 0; b < blocks; ++b) {
    const std::size_t count = (rows - first + blocks - b - 1) / (blocks - b);
    linear_block(linear, x + first * x_stride, x_stride, count, y + first * y_stride, y_stride,
                 parts, dot);
    first += count;
  }
}

}  // namespace ossicle::kernels
