#ifndef OSSICLE_TESTS_UNIT_NN_BLOCK_INPUT_H_
#define OSSICLE_TESTS_UNIT_NN_BLOCK_INPUT_H_

// Weights and inputs of a Transformer block, the same from the same seed on every build. wasm-side
// tests make them again in JavaScript (tests/wasm/block.mjs): keep the two alike.

#include <cstdint>
#include <span>
#include <vector>

#include "ossicle/transformer.h"

namespace ossicle::testing {

/// Numbers in [-scale, scale), exact in f32.
inline std::vector<float> noise(std::size_t n, std::uint32_t seed, float scale) {
  std::vector<float> v(n);
  for (float& x : v) {
    seed = seed * 1664525u + 1013904223u;
    x = (static_cast<float>(seed >> 8) * 0x1p-23f - 1.0f) * scale;
  }
  return v;
}

/// All arrays of BlockWeights one after the other, as the C ABI takes them.
struct BlockInput {
  BlockShape shape;
  std::vector<float> values;

  static std::vector<std::size_t> sizes(const BlockShape& s) {
    const std::size_t c = s.channels, f = s.feed_forward;
    return {3 * c * c, 3 * c, c * c, c, c, c, f * c, f, c * f, c, c, c};
  }

  explicit BlockInput(const BlockShape& s, std::uint32_t seed = 1) : shape(s) {
    std::size_t array = 0;
    for (const std::size_t n : sizes(s)) {
      const bool norm_weight = array == 4 || array == 10;
      for (const float v : noise(n, seed + static_cast<std::uint32_t>(array), 0.125f)) {
        values.push_back(norm_weight ? 1.0f + v : v);
      }
      ++array;
    }
  }

  BlockWeights weights() const {
    BlockWeights w;
    std::span<const float>* const arrays[] = {
        &w.qkv_weight, &w.qkv_bias, &w.out_weight,  &w.out_bias,  &w.norm1_weight, &w.norm1_bias,
        &w.up_weight,  &w.up_bias,  &w.down_weight, &w.down_bias, &w.norm2_weight, &w.norm2_bias};
    std::size_t at = 0, array = 0;
    for (const std::size_t n : sizes(shape)) {
      *arrays[array++] = std::span(values).subspan(at, n);
      at += n;
    }
    return w;
  }
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_NN_BLOCK_INPUT_H_
