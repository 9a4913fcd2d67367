#include "ossicle/transformer.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "block_input.h"

namespace ossicle {
namespace {

using testing::BlockInput;

using Matrix = std::vector<double>;  // row-major

// y = x W' + b; x is [rows, in], w [out, in].
Matrix affine(const Matrix& x, std::size_t rows, std::span<const float> w,
              std::span<const float> b) {
  const std::size_t out = b.size(), in = w.size() / out;
  Matrix y(rows * out);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t o = 0; o < out; ++o) {
      double s = b[o];
      for (std::size_t i = 0; i < in; ++i) s += x[r * in + i] * w[o * in + i];
      y[r * out + o] = s;
    }
  }
  return y;
}

void normalise(Matrix& x, std::span<const float> weight, std::span<const float> bias,
               double epsilon) {
  const std::size_t c = weight.size();
  for (std::size_t at = 0; at < x.size(); at += c) {
    double mean = 0, variance = 0;
    for (std::size_t i = 0; i < c; ++i) mean += x[at + i] / double(c);
    for (std::size_t i = 0; i < c; ++i) variance += std::pow(x[at + i] - mean, 2) / double(c);
    for (std::size_t i = 0; i < c; ++i) {
      x[at + i] = (x[at + i] - mean) / std::sqrt(variance + epsilon) * weight[i] + bias[i];
    }
  }
}

// The definition, in double: no tricks in common with the product.
Matrix reference(const BlockInput& input, const std::vector<float>& x, std::size_t tokens) {
  const BlockWeights w = input.weights();
  const std::size_t c = input.shape.channels, heads = input.shape.heads, d = c / heads;
  const Matrix in(x.begin(), x.end());
  const Matrix qkv = affine(in, tokens, w.qkv_weight, w.qkv_bias);
  Matrix mixed(tokens * c);
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t t = 0; t < tokens; ++t) {
      std::vector<double> attention(tokens);
      double total = 0;
      for (std::size_t s = 0; s < tokens; ++s) {
        double dot = 0;
        for (std::size_t i = 0; i < d; ++i) {
          dot += qkv[t * 3 * c + h * d + i] * qkv[s * 3 * c + c + h * d + i];
        }
        total += attention[s] = std::exp(dot / std::sqrt(double(d)));
      }
      for (std::size_t s = 0; s < tokens; ++s) {
        for (std::size_t i = 0; i < d; ++i) {
          mixed[t * c + h * d + i] += attention[s] / total * qkv[s * 3 * c + 2 * c + h * d + i];
        }
      }
    }
  }
  Matrix y = affine(mixed, tokens, w.out_weight, w.out_bias);
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += in[i];
  normalise(y, w.norm1_weight, w.norm1_bias, double{input.shape.layer_norm_epsilon});
  Matrix hidden = affine(y, tokens, w.up_weight, w.up_bias);
  for (double& v : hidden) v = 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)));
  Matrix z = affine(hidden, tokens, w.down_weight, w.down_bias);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] += y[i];
  normalise(z, w.norm2_weight, w.norm2_bias, double{input.shape.layer_norm_epsilon});
  return z;
}

void check_against_reference(const BlockShape& shape, std::uint32_t tokens) {
  const BlockInput input(shape);
  auto block = TransformerBlock::open(shape, input.weights());
  REQUIRE(block.ok());
  std::vector<float> x = testing::noise(std::size_t{tokens} * shape.channels, 99, 1);
  const Matrix expected = reference(input, x, tokens);
  REQUIRE(block.value().run(x, tokens).ok());
  double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    worst = std::fmax(worst, std::fabs(x[i] - expected[i]));
  }
  CAPTURE(shape.channels, tokens, worst);
  CHECK(worst <= 1e-5);
}

BlockShape small_shape() {
  return {.channels = 16, .heads = 2, .feed_forward = 32, .max_tokens = 9};
}

TEST_CASE("a block agrees with double arithmetic for 1 to 9 tokens") {
  for (std::uint32_t tokens = 1; tokens <= 9; ++tokens) {
    check_against_reference(small_shape(), tokens);
  }
}

TEST_CASE("a block agrees with double arithmetic at the shape of small and of MiniLM encoders") {
  check_against_reference({.channels = 64, .heads = 4, .feed_forward = 256, .max_tokens = 17}, 17);
  check_against_reference({.channels = 384, .heads = 12, .feed_forward = 1536, .max_tokens = 32},
                          32);
}

TEST_CASE("a block agrees with double arithmetic at shapes that fill no vector") {
  check_against_reference({.channels = 6, .heads = 3, .feed_forward = 5, .max_tokens = 7}, 7);
  check_against_reference({.channels = 1, .heads = 1, .feed_forward = 1, .max_tokens = 2}, 2);
  check_against_reference({.channels = 21, .heads = 7, .feed_forward = 33, .max_tokens = 3}, 3);
}

TEST_CASE("the same tokens give the same bytes, whatever ran before") {
  const BlockInput input(small_shape());
  auto block = TransformerBlock::open(input.shape, input.weights());
  REQUIRE(block.ok());
  const std::vector<float> tokens3 = testing::noise(3 * 16, 1, 1);
  std::vector<float> first = tokens3;
  REQUIRE(block.value().run(first, 3).ok());
  std::vector<float> longer = testing::noise(9 * 16, 2, 1);
  REQUIRE(block.value().run(longer, 9).ok());
  std::vector<float> again = tokens3;
  REQUIRE(block.value().run(again, 3).ok());
  CHECK(std::memcmp(first.data(), again.data(), first.size() * sizeof(float)) == 0);
}

TEST_CASE("native, simd and relaxed builds give the same bytes") {
  const BlockShape shape = {.channels = 64, .heads = 4, .feed_forward = 256, .max_tokens = 17};
  const BlockInput input(shape);
  auto block = TransformerBlock::open(shape, input.weights());
  REQUIRE(block.ok());
  std::uint64_t digest = 1469598103934665603u;  // FNV-1a
  for (const std::uint32_t tokens : {1u, 5u, 17u}) {
    std::vector<float> x = testing::noise(std::size_t{tokens} * 64, tokens, 1);
    REQUIRE(block.value().run(x, tokens).ok());
    for (const float v : x) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, &v, sizeof bits);
      digest = (digest ^ bits) * 1099511628211u;
    }
  }
  // Made by the native build; every other build must make it too.
  CHECK(digest == 0x39361d251b8c9712u);
}

TEST_CASE("a shape out of range is refused with the number that is wrong") {
  struct Case {
    BlockShape shape;
    std::uint64_t at;
  };
  const Case cases[] = {
      {{.channels = 0, .heads = 1, .feed_forward = 8, .max_tokens = 4}, 0},
      {{.channels = 4097, .heads = 1, .feed_forward = 8, .max_tokens = 4}, 4097},
      {{.channels = 16, .heads = 0, .feed_forward = 8, .max_tokens = 4}, 0},
      {{.channels = 16, .heads = 3, .feed_forward = 8, .max_tokens = 4}, 3},
      {{.channels = 16, .heads = 2, .feed_forward = 0, .max_tokens = 4}, 0},
      {{.channels = 16, .heads = 2, .feed_forward = 0xffffffff, .max_tokens = 4}, 0xffffffff},
      {{.channels = 16, .heads = 2, .feed_forward = 8, .max_tokens = 0}, 0},
      {{.channels = 16, .heads = 2, .feed_forward = 8, .max_tokens = 513}, 513},
  };
  for (const Case& c : cases) {
    const auto block = TransformerBlock::open(c.shape, {});
    REQUIRE_FALSE(block.ok());
    CHECK(block.error().code == Code::kInvalidArgument);
    CHECK(block.error().at == c.at);
  }
}

TEST_CASE("a weight array of another size is refused by name") {
  const BlockInput input(small_shape());
  BlockWeights w = input.weights();
  w.down_bias = w.down_bias.first(15);
  const auto block = TransformerBlock::open(input.shape, w);
  REQUIRE_FALSE(block.ok());
  CHECK(block.error().code == Code::kInvalidArgument);
  CHECK(block.error().what == std::string("down_bias is not [C]"));
}

TEST_CASE("a weight that is not finite is refused with its place") {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    BlockInput input(small_shape());
    const std::size_t before_up_weight = 3 * 16 * 16 + 3 * 16 + 16 * 16 + 3 * 16;
    input.values[before_up_weight + 7] = bad;
    const auto block = TransformerBlock::open(input.shape, input.weights());
    REQUIRE_FALSE(block.ok());
    CHECK(block.error().code == Code::kNotFinite);
    CHECK(block.error().at == 7);
    CHECK(block.error().what == std::string("up_weight is not finite"));
  }
}

TEST_CASE("run refuses a number of tokens or an array that does not fit, and leaves x as it was") {
  const BlockInput input(small_shape());
  auto block = TransformerBlock::open(input.shape, input.weights());
  REQUIRE(block.ok());
  const std::vector<float> x = testing::noise(10 * 16, 1, 1);
  std::vector<float> y = x;
  CHECK(block.value().run(std::span(y).first(0), 0).error().code == Code::kInvalidArgument);
  CHECK(block.value().run(y, 10).error().at == 10);
  CHECK(block.value().run(std::span(y).first(3 * 16 + 1), 3).error().at == 49);
  CHECK(y == x);
}

}  // namespace
}  // namespace ossicle
