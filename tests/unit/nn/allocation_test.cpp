// Replaces operator new, which XNNPACK's memory comes from too, and counts.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <new>
#include <vector>

#include "block_input.h"
#include "ossicle/transformer.h"
#include "stack_input.h"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  return std::aligned_alloc(alignment, (size + alignment) / alignment * alignment);
}
constexpr std::size_t kDefault = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t size) { return counted(size, kDefault); }
void* operator new[](std::size_t size) { return counted(size, kDefault); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return counted(size, kDefault);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }

namespace ossicle {
namespace {

TEST_CASE("opening a block allocates; running it at any number of tokens does not") {
  const BlockShape shape = {.channels = 64, .heads = 4, .feed_forward = 256, .max_tokens = 40};
  const testing::BlockInput input(shape);
  const std::size_t before = allocations;
  auto block = TransformerBlock::open(shape, input.weights());
  REQUIRE(block.ok());
  const std::size_t opened = allocations;
  CHECK(opened - before >= 10);  // packed weights, workspaces, buffers: XNNPACK's are counted

  std::vector<float> x = testing::noise(std::size_t{shape.max_tokens} * shape.channels, 3, 1);
  std::size_t failures = 0;
  const std::size_t start = allocations;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const std::uint32_t tokens = 1 + i * 7 % shape.max_tokens;
    if (!block.value().run(std::span(x).first(std::size_t{tokens} * shape.channels), tokens).ok()) {
      ++failures;
    }
  }
  const std::size_t after = allocations;
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
  const std::size_t start = allocations;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    const std::uint32_t lengths[] = {i % 13, i * 7 % 13};
    const std::size_t rows = lengths[0] + lengths[1];
    if (!stack.value().run(std::span(x).first(rows * 16), lengths).ok()) ++failures;
  }
  const std::size_t after = allocations;
  CHECK(failures == 0);
  CHECK(after == start);
}

}  // namespace
}  // namespace ossicle
