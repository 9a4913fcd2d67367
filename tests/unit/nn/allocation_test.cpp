#include <catch2/catch.hpp>
#include <vector>

#include "block_input.h"
#include "counted_new.h"
#include "ossicle/transformer.h"
#include "stack_input.h"

namespace ossicle {
namespace {

TEST_CASE("opening a block allocates; running it at any number of tokens does not") {
  const BlockShape shape = {.channels = 64, .heads = 4, .feed_forward = 256, .max_tokens = 40};
  const testing::BlockInput input(shape);
  const std::size_t before = g_allocations;
  auto block = TransformerBlock::open(shape, input.weights());
  REQUIRE(block.ok());
  const std::size_t opened = g_allocations;
  CHECK(opened - before >= 10);  // packed weights, workspaces, buffers: XNNPACK's are counted

  std::vector<float> x = testing::noise(std::size_t{shape.max_tokens} * shape.channels, 3, 1);
  std::size_t failures = 0;
  const std::size_t start = g_allocations;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::uint32_t tokens = 1 + i * 7 % shape.max_tokens;
    if (!block.value().run(std::span(x).first(std::size_t{tokens} * shape.channels), tokens).ok()) {
      ++failures;
    }
  }
  const std::size_t after = g_allocations;
  CHECK(failures == 0);
  CHECK(after == start);
}

TEST_CASE("an int8 stack allocates when it is opened and in none of 10,000 runs") {
  const testing::StackInput input({.layers = 1,
                                   .channels = 16,
                                   .heads = 2,
                                   .feed_forward = 32,
                                   .max_rows = 24,
                                   .max_sequence = 12});
  auto stack = nn::Int8Stack::open(input.shape, input.int8);
  REQUIRE(stack.ok());
  std::vector<float> x = input.state(24, 3);
  std::size_t failures = 0;
  const std::size_t start = g_allocations;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const std::uint32_t lengths[] = {i % 13, i * 7 % 13};
    const std::size_t rows = lengths[0] + lengths[1];
    if (!stack.value().run(std::span(x).first(rows * 16), lengths).ok()) ++failures;
  }
  const std::size_t after = g_allocations;
  CHECK(failures == 0);
  CHECK(after == start);
}

}  // namespace
}  // namespace ossicle
