#include "nn/stack.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "stack_input.h"

namespace ossicle {
namespace {

using nn::StackShape;
using testing::StackInput;
using Lengths = std::vector<std::uint32_t>;

StackShape small_shape() {
  return {.layers = 2,
          .channels = 32,
          .heads = 4,
          .feed_forward = 64,
          .max_rows = 300,
          .max_sequence = 40};
}

nn::Int8Stack open_int8(const StackInput& input) {
  auto stack = nn::Int8Stack::open(input.shape, input.int8);
  REQUIRE(stack.ok());
  return std::move(stack).value();
}

double cosine(std::span<const float> a, std::span<const float> b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return ab / std::sqrt(aa * bb);
}

TEST_CASE("int8 layers give the direction of f32 layers: 0.999 a layer") {
  for (const std::uint32_t layers : {1u, 4u}) {
    const StackInput input({.layers = layers,
                            .channels = 128,
                            .heads = 4,
                            .feed_forward = 512,
                            .max_rows = 64,
                            .max_sequence = 32});
    auto f32 = nn::F32Stack::open(input.shape, input.f32);
    REQUIRE(f32.ok());
    nn::Int8Stack int8 = open_int8(input);
    const Lengths lengths = {32, 1, 17};
    std::vector<float> a = input.state(50, 7), b = a;
    REQUIRE(f32.value().run(a, lengths).ok());
    REQUIRE(int8.run(b, lengths).ok());
    CAPTURE(layers);
    CHECK(cosine(a, b) >= 1 - 0.001 * layers);
  }
}

TEST_CASE("a sequence gives the same bytes alone and among others of any length") {
  const StackInput input(small_shape());
  nn::Int8Stack stack = open_int8(input);
  const Lengths lengths = {40, 0, 1, 15, 16, 17, 40, 40, 2, 33, 40, 39};
  const std::size_t rows = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
  const std::vector<float> start = input.state(rows, 3);
  std::vector<float> together = start;
  REQUIRE(stack.run(together, lengths).ok());
  std::size_t at = 0;
  for (const std::uint32_t length : lengths) {
    const std::size_t n = std::size_t{length} * input.shape.channels;
    std::vector<float> alone(start.begin() + std::ptrdiff_t(at),
                             start.begin() + std::ptrdiff_t(at + n));
    REQUIRE(stack.run(alone, Lengths{length}).ok());
    CAPTURE(length);
    REQUIRE(std::equal(alone.begin(), alone.end(), together.begin() + std::ptrdiff_t(at)));
    at += n;
  }
}

TEST_CASE("an f32 sequence gives the same bytes alone and among others") {
  const StackInput input(small_shape());
  auto stack = nn::F32Stack::open(input.shape, input.f32);
  REQUIRE(stack.ok());
  const std::vector<float> start = input.state(9, 3);
  std::vector<float> together = start, alone(start.begin() + 4 * 32, start.end());
  REQUIRE(stack.value().run(together, Lengths{4, 0, 5}).ok());
  REQUIRE(stack.value().run(alone, Lengths{5}).ok());
  REQUIRE(std::equal(alone.begin(), alone.end(), together.begin() + 4 * 32));
}

TEST_CASE("native, simd and relaxed builds of the int8 stack give the same bytes") {
  std::uint64_t digest = 1469598103934665603u;  // FNV-1a
  for (const std::uint32_t heads : {2u, 6u}) {  // head sizes 48 and 16
    StackInput input({.layers = 3,
                      .channels = 96,
                      .heads = heads,
                      .feed_forward = 256,
                      .max_rows = 200,
                      .max_sequence = 70});
    nn::Int8Stack stack = open_int8(input);
    const Lengths lengths = {1, 70, 5, 16, 33};
    std::vector<float> x = input.state(125, heads);
    std::vector<float> in_quads = x;
    REQUIRE(stack.run(x, lengths).ok());
    input.shape.dot = kernels::Dot::kQuads;
    nn::Int8Stack other = open_int8(input);
    REQUIRE(other.run(in_quads, lengths).ok());
    REQUIRE(x == in_quads);
    for (const float v : x) {
      std::uint32_t bits = 0;
      std::memcpy(&bits, &v, sizeof bits);
      digest = (digest ^ bits) * 1099511628211u;
    }
  }
  // Made by the native build; every other build must make it too.
  CHECK(digest == 0xa91944aa4c7690e7u);
}

TEST_CASE("states of zeros, of one value and of large numbers give finite numbers") {
  const StackInput input(small_shape());
  nn::Int8Stack stack = open_int8(input);
  for (const float value : {0.0f, 1.0f, -1e-30f, 1e10f}) {
    std::vector<float> x(std::size_t{7} * 32, value);
    REQUIRE(stack.run(x, Lengths{3, 4}).ok());
    for (const float v : x) REQUIRE(std::isfinite(v));
  }
}

TEST_CASE("a stack's shape out of range is refused with the number that is wrong") {
  struct Case {
    void (*change)(StackShape&);
    std::uint64_t at;
  };
  const Case cases[] = {
      {[](StackShape& s) { s.layers = 0; }, 0},
      {[](StackShape& s) { s.layers = 49; }, 49},
      {[](StackShape& s) { s.layers = 3; }, 2},
      {[](StackShape& s) { s.channels = 0; }, 0},
      {[](StackShape& s) { s.channels = 4112; }, 4112},
      {[](StackShape& s) { s.channels = 36; }, 36},
      {[](StackShape& s) { s.heads = 0; }, 0},
      {[](StackShape& s) { s.heads = 5; }, 5},
      {[](StackShape& s) { s.feed_forward = 0; }, 0},
      {[](StackShape& s) { s.feed_forward = 24; }, 24},
      {[](StackShape& s) { s.feed_forward = 0xffffffff; }, 0xffffffff},
      {[](StackShape& s) { s.max_rows = 0; }, 0},
      {[](StackShape& s) { s.max_rows = 16385; }, 16385},
      {[](StackShape& s) { s.max_sequence = 0; }, 0},
      {[](StackShape& s) { s.max_sequence = 513; }, 513},
      {[](StackShape& s) { s.layer_norm_epsilon = -1; }, 0},
  };
  const StackInput input(small_shape());
  for (const Case& c : cases) {
    StackShape shape = input.shape;
    c.change(shape);
    const auto stack = nn::Int8Stack::open(shape, input.int8);
    REQUIRE_FALSE(stack.ok());
    CHECK(stack.error().code == Code::kInvalidArgument);
    CHECK(stack.error().at == c.at);
  }
}

TEST_CASE("weights of another shape, that are not finite, or beyond the rules name their layer") {
  StackInput input(small_shape());
  const auto refused = [&](Code code) {
    const auto stack = nn::Int8Stack::open(input.shape, input.int8);
    REQUIRE_FALSE(stack.ok());
    CHECK(stack.error().code == code);
    CHECK(stack.error().at == 1);
  };
  const nn::Int8Layer good = input.int8[1];
  nn::Int8Layer& layer = input.int8[1];
  layer.down.in = 32;
  refused(Code::kInvalidArgument);
  layer = good;
  layer.up.panels = nullptr;
  refused(Code::kInvalidArgument);
  layer = good;
  layer.norm2_bias = layer.norm2_bias.first(31);
  refused(Code::kInvalidArgument);
  layer = good;
  std::vector<float> bias(32, std::numeric_limits<float>::quiet_NaN());
  layer.out.bias = bias.data();
  refused(Code::kNotFinite);
  layer = good;
  layer.norm1_weight = bias;
  refused(Code::kNotFinite);
  layer = good;
  const std::vector<std::int8_t> beyond(kernels::packed_linear_bytes(32, 32), -128);
  layer.out.panels = beyond.data();
  refused(Code::kCorrupt);
}

TEST_CASE("run refuses lengths that do not fit, and leaves the state as it was") {
  const StackInput input(small_shape());
  nn::Int8Stack stack = open_int8(input);
  const std::vector<float> start = input.state(310, 1);
  std::vector<float> x = start;
  CHECK(stack.run(std::span(x).first(41 * 32), Lengths{41}).error().at == 41);
  CHECK(stack.run(x, Lengths(10, 31)).error().at == 310);
  CHECK(stack.run(std::span(x).first(32), Lengths{1, 1}).error().at == 32);
  CHECK(stack.run(std::span(x).first(0), Lengths{}).ok());
  CHECK(stack.run(std::span(x).first(0), Lengths{0, 0}).ok());
  CHECK(x == start);
}

}  // namespace
}  // namespace ossicle
