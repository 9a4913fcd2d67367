#include "privacy/hash_lanes.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "base/rng.h"

namespace ossicle {
namespace {

TEST_CASE("each lane is the SHA-256 of the prefix and its numbers") {
  std::uint64_t random = 3;
  for (const std::size_t blocks : {0U, 1U, 2U, 3U, 100U}) {
    std::vector<std::uint32_t> numbers(blocks * privacy::kLaneNumbers);
    for (std::uint32_t& x : numbers) x = static_cast<std::uint32_t>(base::next(random));
    const base::Digest prefix{1, 2, static_cast<std::uint8_t>(blocks)};
    const base::Digest more{4, 5};
    const auto lanes = privacy::hash_lanes(prefix, more, numbers);
    for (std::size_t lane = 0; lane < privacy::kLanes; ++lane) {
      std::vector<std::uint32_t> own;
      for (std::size_t i = lane; i < numbers.size(); i += privacy::kLanes) {
        own.push_back(numbers[i]);
      }
      base::Sha256 hash;
      hash.update(std::as_bytes(std::span(prefix)));
      hash.update(std::as_bytes(std::span(more)));
      hash.update(std::as_bytes(std::span(own)));
      REQUIRE(lanes[lane] == hash.finish());
    }
  }
}

}  // namespace
}  // namespace ossicle
