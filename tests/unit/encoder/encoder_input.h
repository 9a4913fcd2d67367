#ifndef OSSICLE_TESTS_UNIT_ENCODER_ENCODER_INPUT_H_
#define OSSICLE_TESTS_UNIT_ENCODER_ENCODER_INPUT_H_

#include <cstdint>
#include <cstring>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../text/model_file.h"
#include "ossicle/encoder.h"

namespace ossicle::testing {

/// A small encoder of random weights on the tiny tokenizer, 312 pieces.
struct EncoderInput {
  EncoderShape shape{.vocabulary = 312,
                     .word_size = 16,
                     .channels = 64,
                     .layers = 2,
                     .heads = 2,
                     .feed_forward = 128,
                     .max_tokens = 32,
                     .projection = 48,
                     .pooling = EncoderShape::Pooling::kMean,
                     .begin_id = 1,
                     .end_id = 2,
                     .layer_norm_epsilon = 1e-12,
                     .dimensions = {16, 48}};
  EncoderWeights weights;
  std::string tokenizer = tiny_model();

  EncoderInput() { fill(); }

  /// Weights anew for a shape that was changed.
  void fill() {
    const std::size_t c = shape.channels, e = shape.word_size, f = shape.feed_forward;
    weights = {};
    weights.word = noise(shape.vocabulary * e, 1);
    if (e != c) weights.word_projection = noise(c * e, 0.3f);
    weights.position = noise(shape.max_tokens * c, 0.3f);
    weights.norm_weight = noise(c, 0.1f, 1);
    weights.norm_bias = noise(c, 0.1f);
    weights.projection = noise(shape.projection * c, 0.2f);
    weights.layers.resize(shape.layers);
    for (EncoderWeights::Layer& l : weights.layers) {
      for (auto* w : {&l.query_weight, &l.key_weight, &l.value_weight, &l.out_weight}) {
        *w = noise(c * c, 0.15f);
      }
      for (auto* b : {&l.query_bias, &l.key_bias, &l.value_bias, &l.out_bias, &l.norm1_bias,
                      &l.norm2_bias, &l.down_bias}) {
        *b = noise(c, 0.1f);
      }
      l.norm1_weight = noise(c, 0.1f, 1);
      l.norm2_weight = noise(c, 0.1f, 1);
      l.up_weight = noise(f * c, 0.15f);
      l.up_bias = noise(f, 0.1f);
      l.down_weight = noise(c * f, 0.15f);
    }
  }

  Result<EncoderBundleBytes> write() const {
    return write_encoder(shape, weights, bytes_of(tokenizer),
                         {.name = "test", .licence = "none", .source = "noise", .recipe = "test"});
  }

  /// Uniform in mean +- size; valid as long as this object is.
  std::span<const float> noise(std::size_t n, float size, float mean = 0) {
    std::vector<float>& values = kept_.emplace_back(n);
    for (float& v : values) {
      state_ = state_ * 1664525u + 1013904223u;
      v = mean + size * (static_cast<float>(state_ >> 8) / 8388608.0f - 1.0f);
    }
    return values;
  }

 private:
  std::uint32_t state_ = 7;
  std::list<std::vector<float>> kept_;
};

inline OwnedBytes owned(std::span<const std::byte> bytes) {
  OwnedBytes out = OwnedBytes::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

inline Result<Encoder> open(const EncoderBundleBytes& bundle, std::string_view tokenizer) {
  return Encoder::open(bundle.bundle_json, owned(bundle.weights), bytes_of(tokenizer));
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_ENCODER_ENCODER_INPUT_H_
