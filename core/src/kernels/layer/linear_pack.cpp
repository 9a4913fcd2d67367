#include <algorithm>
#include <cmath>

#include "kernels/layer/linear_layout.h"
#include "kernels/layer/vector.h"
#include "kernels/linear.h"

namespace ossicle::kernels {
namespace {

constexpr float kLargestWeight = 127.0f;
constexpr int kLargestGroupSum = 258;  // 258 * 127 = 32766, the largest that 16 bits hold
constexpr float kLargestGroupSumBeforeRounding = 254.0f;

/// Which of the groups of a channel's 16 weights k belongs to.
constexpr std::size_t group_of(std::size_t k) { return (k % 4) / 2; }

/// The nearest integer, halves to even, for |x| <= 2^22.
int round_to_even(float x) {
  constexpr float kMagic = 0x1.8p23f;  // the spacing of f32 there is 1
  return static_cast<int>((x + kMagic) - kMagic);
}

/// The smallest scale at which the channel keeps both rules.
float scale_of(const float* w, std::size_t in) {
  float largest = 0, largest_sum = 0;
  for (std::size_t from = 0; from < in; from += kBlockIn) {
    float positive[2] = {}, negative[2] = {};
    for (std::size_t k = from; k < std::min(in, from + kBlockIn); ++k) {
      largest = std::max(largest, std::fabs(w[k]));
      (w[k] > 0 ? positive : negative)[group_of(k)] += std::fabs(w[k]);
    }
    for (const float sum : {positive[0], positive[1], negative[0], negative[1]}) {
      largest_sum = std::max(largest_sum, sum);
    }
  }
  return std::max(largest / kLargestWeight, largest_sum / kLargestGroupSumBeforeRounding);
}

}  // namespace

std::size_t packed_linear_bytes(std::size_t in, std::size_t out) {
  return padded_in(in) * panels_of(out) * kPanel;
}

void pack_linear(const std::int8_t* weight, std::size_t in, std::size_t out, std::int8_t* panels) {
  std::fill_n(panels, packed_linear_bytes(in, out), std::int8_t{0});
  for (std::size_t n = 0; n < out; ++n) {
    for (std::size_t k = 0; k < in; ++k) panels[panel_index(in, n, k)] = weight[n * in + k];
  }
}

void quantise_weight(const float* weight, std::size_t in, std::size_t out, std::int8_t* q,
                     float* scale, float* offset) {
  for (std::size_t n = 0; n < out; ++n) {
    const float* w = weight + n * in;
    const float s = scale_of(w, in);
    const float inverse = s < kSmallestScale ? 0.0f : 1.0f / s;
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < in; ++k) {
      const int rounded = round_to_even(w[k] * inverse);
      q[n * in + k] = static_cast<std::int8_t>(std::clamp(rounded, -127, 127));
      sum += q[n * in + k];
    }
    scale[n] = inverse == 0.0f ? 0.0f : s;
    offset[n] = scale[n] * static_cast<float>(sum);
  }
}

// Four channels of a quad are one vector, their pairs of weights its 16-bit lanes, so that a lane
// is a group. What a group's weights sum to, less its positive ones, are the negative ones.
bool obeys_group_rule(const PackedLinear& linear) {
  using isa::I16x8, isa::I8x16;
  constexpr std::size_t kQuadBytes = kPanel * kQuad, kBlockBytes = kBlockIn * kPanel;
  const auto max = [](I16x8 a, I16x8 b) { return a > b ? a : b; };
  I8x16 lowest{};
  I16x8 worst{};
  const std::size_t bytes = packed_linear_bytes(linear.in, linear.out);
  for (std::size_t block = 0; block < bytes; block += kBlockBytes) {
    for (std::size_t half = 0; half < kQuadBytes; half += sizeof(I8x16)) {
      I16x8 positive{}, sum{};
      for (std::size_t quad = 0; quad < kBlockBytes; quad += kQuadBytes) {
        const auto w = isa::load<I8x16>(linear.panels + block + half + quad);
        lowest = w < lowest ? w : lowest;
        const I16x8 first = I16x8(w) << 8 >> 8, second = I16x8(w) >> 8;
        positive += max(first, I16x8{}) + max(second, I16x8{});
        sum += first + second;
      }
      worst = max(worst, max(positive, positive - sum));
    }
  }
  bool obeyed = true;
  for (std::size_t i = 0; i < 16; ++i) obeyed = obeyed && lowest[i] != -128;
  for (std::size_t i = 0; i < 8; ++i) obeyed = obeyed && worst[i] <= kLargestGroupSum;
  return obeyed;
}

}  // namespace ossicle::kernels
