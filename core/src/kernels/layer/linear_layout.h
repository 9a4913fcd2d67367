#ifndef OSSICLE_KERNELS_LAYER_LINEAR_LAYOUT_H_
#define OSSICLE_KERNELS_LAYER_LINEAR_LAYOUT_H_

// Where a weight lies in PackedLinear::panels. Inside the kernels only.

#include <cstddef>

namespace ossicle::kernels {

inline constexpr std::size_t kPanel = 8;     // output channels side by side
inline constexpr std::size_t kQuad = 4;      // neighbouring inputs of one channel
inline constexpr std::size_t kBlockIn = 16;  // `in` is padded to a multiple of it

/// A row or channel whose scale is smaller is stored as zeros: its reciprocal could overflow.
inline constexpr float kSmallestScale = 1e-30f;

constexpr std::size_t padded_in(std::size_t in) {
  return (in + kBlockIn - 1) / kBlockIn * kBlockIn;
}
constexpr std::size_t panels_of(std::size_t out) { return (out + kPanel - 1) / kPanel; }

/// The place of the weight from input k to channel n.
constexpr std::size_t panel_index(std::size_t in, std::size_t n, std::size_t k) {
  return ((n / kPanel * (padded_in(in) / kQuad) + k / kQuad) * kPanel + n % kPanel) * kQuad +
         k % kQuad;
}

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_LAYER_LINEAR_LAYOUT_H_
