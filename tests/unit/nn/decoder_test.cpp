#include "nn/decoder.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "stack_input.h"

using ossicle::Code;
using ossicle::nn::Int8Decoder;
using ossicle::nn::Int8Stack;
using ossicle::nn::LaneRows;
using ossicle::testing::StackInput;

namespace {

constexpr std::size_t kChannels = 48;
const ossicle::nn::StackShape kShape = {.layers = 2,
                                        .channels = kChannels,
                                        .heads = 3,
                                        .feed_forward = 96,
                                        .max_rows = 40,
                                        .max_sequence = 40};

std::vector<float> together(Int8Decoder& decoder, std::uint32_t lane, std::vector<float> x) {
  const LaneRows next[] = {{lane, static_cast<std::uint32_t>(x.size() / kChannels)}};
  REQUIRE(decoder.run(x, next).ok());
  return x;
}

bool same(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

}  // namespace

TEST_CASE("rows one at a time, in pieces and together give the same bytes") {
  const StackInput input(kShape);
  auto decoder = Int8Decoder::open(kShape, input.int8, 2).value();
  const std::vector<float> x = input.state(40, 5);
  const std::vector<float> whole = together(decoder, 0, x);
  for (const std::size_t piece : {1u, 3u, 4u, 17u}) {
    decoder.clear(1);
    std::vector<float> out;
    for (std::size_t at = 0; at < 40; at += piece) {
      const std::size_t end = std::min<std::size_t>(40, at + piece);
      const std::vector<float> part = together(decoder, 1,
                                               {x.begin() + static_cast<long>(at * kChannels),
                                                x.begin() + static_cast<long>(end * kChannels)});
      out.insert(out.end(), part.begin(), part.end());
    }
    CHECK(same(out, whole));
    CHECK(decoder.rows(1) == 40);
  }
}

TEST_CASE("the last row of a causal layer is that of a layer where all rows see all") {
  ossicle::nn::StackShape shape = kShape;
  shape.layers = 1;
  const StackInput input(shape);
  auto decoder = Int8Decoder::open(shape, input.int8, 1).value();
  auto stack = Int8Stack::open(shape, input.int8).value();
  for (const std::uint32_t n : {1u, 2u, 16u, 33u}) {
    const std::vector<float> x = input.state(n, n);
    decoder.clear(0);
    const std::vector<float> causal = together(decoder, 0, x);
    std::vector<float> full = x;
    REQUIRE(stack.run(full, std::vector{n}).ok());
    CHECK(same(std::span(causal).last(kChannels), std::span<const float>(full).last(kChannels)));
  }
}

TEST_CASE("lanes are apart, and a copy goes on like what it was copied from") {
  const StackInput input(kShape);
  auto decoder = Int8Decoder::open(kShape, input.int8, 3).value();
  const std::vector<float> a = input.state(9, 1), b = input.state(4, 2), more = input.state(1, 3);
  std::vector<float> both = a;
  both.insert(both.end(), b.begin(), b.end());
  const LaneRows next[] = {{2, 9}, {0, 4}};
  REQUIRE(decoder.run(both, next).ok());
  auto alone = Int8Decoder::open(kShape, input.int8, 1).value();
  CHECK(same(std::span<const float>(both).first(a.size()), together(alone, 0, a)));

  decoder.copy(2, 1);
  CHECK(decoder.rows(1) == 9);
  const std::vector<float> expected = together(alone, 0, more);
  CHECK(same(together(decoder, 2, more), expected));
  CHECK(same(together(decoder, 1, more), expected));
  CHECK_FALSE(same(together(decoder, 0, more), expected));
}

TEST_CASE("what a decoder cannot hold is refused and changes nothing") {
  const StackInput input(kShape);
  CHECK(Int8Decoder::open(kShape, input.int8, 0).error().code == Code::kInvalidArgument);
  CHECK(Int8Decoder::open(kShape, input.int8, 65).error().code == Code::kInvalidArgument);
  auto decoder = Int8Decoder::open(kShape, input.int8, 2).value();
  together(decoder, 0, input.state(30, 1));
  std::vector<float> x = input.state(11, 2);
  const std::vector<float> before = x;
  const auto refused = [&](std::vector<LaneRows> next) {
    const ossicle::Status status = decoder.run(x, next);
    return !status.ok() && status.error().code == Code::kInvalidArgument && same(x, before) &&
           decoder.rows(0) == 30 && decoder.rows(1) == 0;
  };
  CHECK(refused({{0, 11}}));
  CHECK(refused({{2, 11}}));
  CHECK(refused({{1, 5}, {1, 6}}));
  CHECK(refused({{1, 10}}));
  CHECK(refused({{1, 41}}));
}
