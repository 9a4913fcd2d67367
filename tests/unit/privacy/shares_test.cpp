#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "base/sha256.h"
#include "ossicle/privacy.h"
#include "privacy/chacha20.h"

namespace ossicle {
namespace {

SecretSeed counting() {
  SecretSeed seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
  return seed;
}

std::string hex(std::span<const std::uint32_t> words) {
  std::vector<std::uint8_t> bytes;
  for (const std::uint32_t word : words) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(word >> shift));
    }
  }
  return base::to_hex(bytes);
}

std::string block_of(const SecretSeed& key, std::string_view nonce, std::uint32_t counter) {
  privacy::ChaChaState state = privacy::chacha20_state(key, nonce);
  state[12] = counter;
  std::array<std::uint32_t, 16> block;
  privacy::chacha20_block(state, block);
  return hex(block);
}

TEST_CASE("ChaCha20 gives the blocks of RFC 8439") {
  constexpr std::string_view kZeros("\0\0\0\0\0\0\0\0\0\0\0\0", 12);
  // Section 2.3.2.
  CHECK(block_of(counting(), std::string_view("\0\0\0\x09\0\0\0\x4a\0\0\0\0", 12), 1) ==
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
  // Appendix A.1, vectors 1 and 2.
  CHECK(block_of({}, kZeros, 0) ==
        "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
        "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586");
  CHECK(block_of({}, kZeros, 1) ==
        "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
        "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f");
}

TEST_CASE("no block of a stream comes twice when its counter is used up") {
  privacy::ChaChaState state = privacy::chacha20_state(SecretSeed{}, "osl-noise-v1");
  const std::uint32_t nonce = state[13];
  state[12] = 0xffffffff;
  std::array<std::uint32_t, 16> block;
  privacy::chacha20_block(state, block);
  CHECK(state[12] == 0);
  CHECK(state[13] == nonce + 1);
}

TEST_CASE("a share is the keystream, whole or not") {
  std::vector<std::uint32_t> share(100);
  expand_share(counting(), share);
  CHECK(hex(std::span(share).first(16)) == block_of(counting(), "osl-share-v1", 0));
  CHECK(hex(std::span(share).subspan(80, 16)) == block_of(counting(), "osl-share-v1", 5));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{17}}) {
    std::vector<std::uint32_t> part(size);
    expand_share(counting(), part);
    REQUIRE(std::equal(part.begin(), part.end(), share.begin()));
  }
}

TEST_CASE("sums of shares make the sum of the tables together") {
  std::uint64_t seed = 5;
  constexpr std::size_t kSize = 333;
  std::vector<std::uint32_t> first(kSize);
  std::vector<std::uint32_t> second(kSize);
  std::vector<std::int32_t> want(kSize);
  for (int report = 0; report < 50; ++report) {
    std::vector<std::int32_t> table(kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      table[i] = static_cast<std::int32_t>(base::below(seed, 20001)) - 10000;
      want[i] += table[i];
    }
    SecretSeed secret{};
    for (std::uint8_t& byte : secret) byte = static_cast<std::uint8_t>(base::next(seed));
    std::vector<std::uint32_t> one(kSize);
    std::vector<std::uint32_t> other(kSize);
    expand_share(secret, one);
    REQUIRE(split(table, secret, other).ok());
    REQUIRE(add_share(first, one).ok());
    REQUIRE(add_share(second, other).ok());
  }
  std::vector<std::int32_t> sum(kSize);
  REQUIRE(join(first, second, sum).ok());
  CHECK(sum == want);
}

TEST_CASE("the whole range of an int32 comes back") {
  const std::vector<std::int32_t> table = {std::numeric_limits<std::int32_t>::min(), -1, 0, 1,
                                           std::numeric_limits<std::int32_t>::max()};
  std::vector<std::uint32_t> one(table.size());
  std::vector<std::uint32_t> other(table.size());
  std::vector<std::int32_t> back(table.size());
  expand_share(counting(), one);
  REQUIRE(split(table, counting(), other).ok());
  REQUIRE(join(one, other, back).ok());
  CHECK(back == table);
}

TEST_CASE("shares of other sizes are refused") {
  std::vector<std::uint32_t> three(3);
  std::vector<std::uint32_t> two(2);
  std::vector<std::int32_t> table(3);
  CHECK(split(table, {}, two).error().code == Code::kInvalidArgument);
  CHECK(add_share(three, two).error().code == Code::kInvalidArgument);
  CHECK(join(three, two, table).error().code == Code::kInvalidArgument);
  CHECK(join(two, three, table).error().code == Code::kInvalidArgument);
}

// The share that an aggregator sees must not depend on the table, on average over seeds: its high
// bit is a coin for a table of zeros and for a full one alike.
TEST_CASE("a share alone does not tell a full table from an empty one") {
  constexpr std::size_t kSize = 4096;
  for (const std::int32_t x : {0, 6477, -1000000}) {
    const std::vector<std::int32_t> table(kSize, x);
    std::vector<std::uint32_t> other(kSize);
    REQUIRE(split(table, counting(), other).ok());
    std::array<int, 16> counts{};
    for (const std::uint32_t number : other) ++counts[number >> 28];
    double chi = 0;
    for (const int count : counts) chi += (count - 256.0) * (count - 256.0) / 256.0;
    CHECK(chi < 37.7);  // 15 degrees of freedom, p 0.001
  }
}

}  // namespace
}  // namespace ossicle
