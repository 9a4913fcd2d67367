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

TEST_CASE("a share is the keystream without the words that are too large") {
  constexpr std::size_t kSize = 40000;  // about ten words are passed over
  const SecretSeed seed{9};
  privacy::ChaChaState state = privacy::chacha20_state(seed, "osl-field-v1");
  std::vector<std::uint32_t> want;
  std::array<std::uint32_t, 16> block;
  std::size_t passed_over = 0;
  while (want.size() < kSize) {
    privacy::chacha20_block(state, block);
    for (const std::uint32_t word : block) {
      if (word < kFieldModulus) want.push_back(word);
      passed_over += static_cast<std::size_t>(word >= kFieldModulus);
    }
  }
  CHECK(passed_over > 0);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{65}, kSize}) {
    std::vector<std::uint32_t> share(size);
    expand_share(seed, share);
    REQUIRE(std::equal(share.begin(), share.end(), want.begin()));
  }
}

TEST_CASE("sums of shares make the sum of the tables together, with their noise") {
  constexpr std::size_t kSize = 200;
  std::uint64_t random = 5;
  std::vector<std::uint32_t> first(kSize);
  std::vector<std::uint32_t> second(kSize);
  std::vector<std::int32_t> want(kSize);
  for (int report = 0; report < 30; ++report) {
    std::vector<std::int32_t> table(kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      table[i] = static_cast<std::int32_t>(base::below(random, 2049)) - 1024;
      want[i] += table[i];
    }
    const SecretSeed seed{static_cast<std::uint8_t>(report)};
    std::vector<std::uint32_t> one(kSize);
    std::vector<std::uint32_t> other(kSize);
    expand_share(seed, one);
    REQUIRE(split(table, seed, other).ok());
    REQUIRE(add_share(first, one).ok());
    REQUIRE(add_share(second, other).ok());
  }
  std::vector<std::int32_t> sum(kSize);
  REQUIRE(join(first, second, sum).ok());
  CHECK(sum == want);

  const Variance variance{.numerator = 8192 * 8192, .denominator = 1};
  REQUIRE(add_noise(first, variance, {1}).ok());
  REQUIRE(join(first, second, sum).ok());
  DiscreteGaussian noise = DiscreteGaussian::open(variance, {1}).value();
  for (std::size_t i = 0; i < kSize; ++i) REQUIRE(sum[i] == want[i] + noise.next());
  CHECK(add_noise(first, {.numerator = 0}, {}).error().code == Code::kInvalidArgument);
}

TEST_CASE("the whole range between half the modulus on both sides comes back") {
  constexpr std::int32_t kHalf = (kFieldModulus - 1) / 2;
  const std::vector<std::int32_t> table = {-kHalf, -1, 0, 1, kHalf};
  std::vector<std::uint32_t> one(table.size());
  std::vector<std::uint32_t> other(table.size());
  std::vector<std::int32_t> back(table.size());
  expand_share(counting(), one);
  REQUIRE(split(table, counting(), other).ok());
  REQUIRE(join(one, other, back).ok());
  CHECK(back == table);
  // What lies beyond comes back as what it is modulo q.
  using Limits = std::numeric_limits<std::int32_t>;
  const std::vector<std::int32_t> beyond = {Limits::min(), Limits::max()};
  one.resize(2), other.resize(2), back.resize(2);
  REQUIRE(split(beyond, counting(), other).ok());
  REQUIRE(join(one, other, back).ok());
  for (std::size_t i = 0; i < beyond.size(); ++i) {
    CHECK(back[i] != beyond[i]);
    CHECK((std::int64_t{beyond[i]} - back[i]) % kFieldModulus == 0);
  }
}

TEST_CASE("shares of other sizes, or with numbers too large, are refused") {
  std::vector<std::uint32_t> three(3);
  const std::vector<std::uint32_t> two(2);
  std::vector<std::int32_t> table(3);
  CHECK(split(std::span(table).first(2), {}, three).error().code == Code::kInvalidArgument);
  CHECK(add_share(three, two).error().code == Code::kInvalidArgument);
  CHECK(join(three, two, table).error().code == Code::kInvalidArgument);
  CHECK(join(two, three, table).error().code == Code::kInvalidArgument);
  const std::vector<std::uint32_t> large = {1, kFieldModulus - 1, kFieldModulus};
  const Status status = add_share(three, large);
  CHECK(status.error().code == Code::kCorrupt);
  CHECK(status.error().at == 2);
  CHECK(three == std::vector<std::uint32_t>(3));
  CHECK(join(three, large, table).error().code == Code::kCorrupt);
  CHECK(join(large, three, table).error().code == Code::kCorrupt);
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
