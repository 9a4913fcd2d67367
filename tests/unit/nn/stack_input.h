#ifndef OSSICLE_TESTS_UNIT_NN_STACK_INPUT_H_
#define OSSICLE_TESTS_UNIT_NN_STACK_INPUT_H_

// Layers of a stack, in f32 and quantised from the same numbers, that own their memory.

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <utility>
#include <vector>

#include "block_input.h"
#include "nn/stack.h"

namespace ossicle::testing {

struct StackInput {
  nn::StackShape shape;

  explicit StackInput(const nn::StackShape& s) : shape(s) {
    const BlockShape block = {.channels = s.channels,
                              .heads = s.heads,
                              .feed_forward = s.feed_forward,
                              .max_tokens = s.max_sequence};
    const std::size_t c = s.channels, f = s.feed_forward;
    for (std::uint32_t i = 0; i < s.layers; ++i) {
      blocks_.emplace_back(block, 100 * i + 1);
      const BlockWeights w = blocks_.back().weights();
      f32.push_back(w);
      int8.push_back({pack(w.qkv_weight, w.qkv_bias, c), pack(w.out_weight, w.out_bias, c),
                      pack(w.up_weight, w.up_bias, c), pack(w.down_weight, w.down_bias, f),
                      w.norm1_weight, w.norm1_bias, w.norm2_weight, w.norm2_bias});
    }
  }

  std::vector<BlockWeights> f32;
  std::vector<nn::Int8Layer> int8;

  std::vector<float> state(std::size_t rows, std::uint32_t seed) const {
    return noise(rows * shape.channels, seed, 1);
  }

 private:
  struct Product {
    std::vector<std::int8_t> panels;
    std::vector<float> scale, offset;
  };

  kernels::PackedLinear pack(std::span<const float> weight, std::span<const float> bias,
                             std::size_t in) {
    const std::size_t out = bias.size();
    std::vector<std::int8_t> q(weight.size());
    Product& p = products_.emplace_back();
    p.scale.resize(out);
    p.offset.resize(out);
    p.panels.resize(kernels::packed_linear_bytes(in, out));
    kernels::quantise_weight(weight.data(), in, out, q.data(), p.scale.data(), p.offset.data());
    kernels::pack_linear(q.data(), in, out, p.panels.data());
    return {in, out, p.panels.data(), p.scale.data(), p.offset.data(), bias.data()};
  }

  std::list<BlockInput> blocks_;  // lists, because views point into them
  std::list<Product> products_;
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_NN_STACK_INPUT_H_
