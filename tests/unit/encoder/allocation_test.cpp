#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "counted_new.h"
#include "encoder_input.h"

namespace ossicle {
namespace {

TEST_CASE("10,000 texts are encoded without taking memory") {
  const testing::EncoderInput input;
  const auto bundle = input.write();
  REQUIRE(bundle.ok());
  const std::size_t start = g_allocations;
  auto encoder = testing::open(bundle.value(), input.tokenizer);
  REQUIRE(encoder.ok());
  CHECK(g_allocations > start);
  std::vector<std::string> lines = testing::mixed_lines();
  lines.insert(lines.end(), {"", std::string(3000, 'a'), std::string(1000, '\xff')});
  const std::vector<std::string_view> texts(lines.begin(), lines.end());
  std::vector<float> out(texts.size() * 48);
  std::size_t failures = 0, done = 0;
  const std::size_t before = g_allocations;
  for (; done < 10000; done += texts.size()) {
    failures += encoder.value().encode(texts, 48, out).ok() ? 0 : 1;
  }
  const std::size_t taken = g_allocations - before;
  CHECK(taken == 0);
  CHECK(failures == 0);
}

}  // namespace
}  // namespace ossicle
