#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "norm_proof_kit.h"
#include "privacy/field_stream.h"

namespace ossicle {
namespace {

using privacy::field::kQ;

// A table of the greatest norm that `max_norm` allows, or one just within it.
std::vector<std::int32_t> clipped_table(const NormShape& shape, std::uint64_t seed, double spread) {
  std::vector<std::int32_t> table(shape.numbers);
  for (std::int32_t& x : table) x = static_cast<std::int32_t>(spread * base::normal(seed));
  REQUIRE(clip(table, shape.max_norm).ok());
  return table;
}

TEST_CASE("every table within the bound is accepted, whatever its size and numbers") {
  std::uint64_t random = 1;
  for (const std::uint32_t numbers : {1u, 2u, 7u, 8u, 9u, 127u, 128u, 129u, 1000u, 1161u}) {
    for (const std::uint32_t max_norm : {1u, 2u, 100u, 1023u, 1024u}) {
      for (const double spread : {0.0, 0.5, 20.0, 1e6}) {
        const NormShape shape{numbers, max_norm};
        NormReport report(shape, base::next(random));
        const auto table = clipped_table(shape, base::next(random), spread);
        REQUIRE(report.prove(table).ok());
        REQUIRE(report.verdict() == Code::kOk);
        std::vector<std::int32_t> joined(numbers);
        REQUIRE(join(report.share, report.second_share, joined).ok());
        REQUIRE(joined == table);
      }
    }
  }
}

TEST_CASE("a whole contribution is accepted, and costs what is stated") {
  const NormShape shape;
  NormReport report(shape, 11);
  CHECK(report.share.size() * 4 == 264192);
  CHECK(report.proof.size() == 12816);
  CHECK(report.first.size() == 4288);
  REQUIRE(report.prove(clipped_table(shape, 12, 300)).ok());
  CHECK(report.verdict() == Code::kOk);
}

TEST_CASE("a norm of exactly the bound is accepted, in one number and in many") {
  const NormShape shape{.numbers = 300};
  std::vector<std::int32_t> table(shape.numbers);
  for (const std::int32_t x : {1024, -1024}) {
    table[299] = x;
    NormReport report(shape, 21);
    REQUIRE(report.prove(table).ok());
    CHECK(report.verdict() == Code::kOk);
  }
  table.assign(shape.numbers, 0);
  for (std::size_t i = 0; i < 256; ++i) table[i] = i % 2 == 0 ? 64 : -64;  // 256 64^2 = 1024^2
  NormReport report(shape, 22);
  REQUIRE(report.prove(table).ok());
  CHECK(report.verdict() == Code::kOk);
  table[299] = 1;
  CHECK(report.prove(table).error().code == Code::kNormExceeded);
}

TEST_CASE("a verifier checks one report after the other") {
  const NormShape shape{.numbers = 500};
  std::uint64_t random = 31;
  Result<NormVerifier> first = NormVerifier::open(shape, {5});
  Result<NormVerifier> second = NormVerifier::open(shape, {5});
  REQUIRE(first.ok());
  REQUIRE(second.ok());
  for (int i = 0; i < 20; ++i) {
    NormReport report(shape, base::next(random));
    REQUIRE(report.prove(clipped_table(shape, base::next(random), 90)).ok());
    REQUIRE(first.value()
                .begin_first(report.context, report.share, report.proof, report.parts, report.first)
                .ok());
    REQUIRE(second.value()
                .begin_second(report.context, report.seeds.second, report.parts,
                              report.second_share, report.second)
                .ok());
    REQUIRE(verify_norm(shape, report.first, report.second).ok());
  }
}

// Coins as the reference has them, one at a time.
TEST_CASE("the sums over heads are those that the keystream's bits choose") {
  std::uint64_t random = 41;
  for (const std::size_t n : {std::size_t{1}, std::size_t{8}, std::size_t{63}, std::size_t{1000}}) {
    std::vector<std::uint32_t> numbers(n);
    for (std::uint32_t& x : numbers) x = base::below(random, kQ);
    const privacy::Digest key{42};
    std::vector<std::uint8_t> coins(n / 8 * 80 + 80 + 256);
    privacy::field::Keystream keystream(key, "osl-tests-v1", privacy::field::Rounds::kPublic);
    std::array<std::uint32_t, privacy::field::Keystream::kWords> words;
    for (std::size_t at = 0; at + sizeof(words) <= coins.size(); at += sizeof(words)) {
      keystream.next(words);
      std::memcpy(coins.data() + at, words.data(), sizeof(words));
    }
    std::array<std::uint32_t, privacy::kCoins> sums;
    privacy::coin_sums(numbers, key, sums);
    for (std::size_t j = 0; j < privacy::kCoins; ++j) {
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < n; ++i) {
        if (((coins[80 * (i / 8) + j] >> (i % 8)) & 1) != 0) sum += numbers[i];
      }
      REQUIRE(sums[j] == sum % kQ);
    }
  }
}

// How many of the tests a table passes, over many keys.
double share_passed(const std::vector<std::uint32_t>& table) {
  constexpr int kKeys = 100;
  int passed = 0;
  std::uint64_t random = 51;
  for (int i = 0; i < kKeys; ++i) {
    std::array<std::uint32_t, privacy::kCoins> sums;
    privacy::coin_sums(table, seed_from(random), sums);
    for (std::size_t j = 0; j < privacy::kTests; ++j) {
      const std::uint32_t y = privacy::field::subtract(sums[j], sums[j + 1]);
      passed += static_cast<int>(privacy::field::add(y, privacy::kWindow) < 2 * privacy::kWindow);
    }
  }
  return passed / (kKeys * static_cast<double>(privacy::kTests));
}

TEST_CASE("a table that wraps passes a test at most every second time") {
  constexpr double kSlack = 4 * 0.5 / 89;  // four standard deviations of 7,900 coins
  CHECK(share_passed(std::vector<std::uint32_t>(100, 0)) == 1);
  CHECK(share_passed({16384}) < 0.5 + kSlack);
  CHECK(share_passed({16384}) > 0.5 - kSlack);         // the bound is met
  CHECK(share_passed({(kQ + 1) / 2}) < 0.5 + kSlack);  // 2 x = 1
  CHECK(share_passed(std::vector<std::uint32_t>(4, (kQ + 1) / 2)) < 0.5 + kSlack);
  CHECK(share_passed(std::vector<std::uint32_t>(16, 16383)) < 0.43 + kSlack);
  CHECK(share_passed(std::vector<std::uint32_t>(66048, 255)) < 0.43 + kSlack);
  CHECK(share_passed(std::vector<std::uint32_t>(66048, 16383)) < 0.43 + kSlack);
}

// Sixteen values of 4,096 numbers: 15 degrees of freedom, p 0.001 is 37.7.
double chi_square(std::span<const std::uint8_t> bytes) {
  std::array<double, 16> counts{};
  double all = 0;
  for (std::size_t at = 3; at < bytes.size(); at += 4) {
    counts[bytes[at] >> 4] += 1;
    all += 1;
  }
  double chi = 0;
  for (const double count : counts) chi += (count - all / 16) * (count - all / 16) / (all / 16);
  return chi;
}

TEST_CASE("what one aggregator sees and says is uniform, for an empty table and a full one") {
  const NormShape shape{.numbers = 9000};
  for (const double spread : {0.0, 1e6}) {
    const auto table = clipped_table(shape, 61, spread);
    std::vector<std::uint8_t> said[2];
    std::vector<std::uint8_t> seen;
    std::vector<std::uint8_t> joint;
    std::uint64_t random = 62;
    for (int i = 0; i < 12; ++i) {
      NormReport report(shape, base::next(random));
      REQUIRE(report.prove(table).ok());
      REQUIRE(report.verdict() == Code::kOk);
      const std::size_t wires = report.first.size() - 64;
      said[0].insert(said[0].end(), report.first.begin(), report.first.end() - 64);
      said[1].insert(said[1].end(), report.second.begin(), report.second.end() - 64);
      seen.insert(seen.end(), report.proof.begin() + 32, report.proof.end());
      // The wires' values themselves, which both learn.
      for (std::size_t at = 0; at < wires; at += 4) {
        std::uint32_t a = 0;
        std::uint32_t b = 0;
        std::memcpy(&a, report.first.data() + at, 4);
        std::memcpy(&b, report.second.data() + at, 4);
        const std::uint32_t x = privacy::field::add(a, b);
        for (unsigned shift = 0; shift < 32; shift += 8) {
          joint.push_back(static_cast<std::uint8_t>(x >> shift));
        }
      }
    }
    CHECK(chi_square(said[0]) < 37.7);
    CHECK(chi_square(said[1]) < 37.7);
    CHECK(chi_square(seen) < 37.7);
    CHECK(chi_square(joint) < 37.7);
  }
}

TEST_CASE("two proofs of one table have nothing in common") {
  const NormShape shape{.numbers = 400};
  const auto table = clipped_table(shape, 71, 50);
  NormReport one(shape, 72);
  NormReport other(shape, 73);
  other.key = one.key;
  REQUIRE(one.prove(table).ok());
  REQUIRE(other.prove(table).ok());
  REQUIRE(one.verdict() == Code::kOk);
  REQUIRE(other.verdict() == Code::kOk);
  std::size_t same = 0;
  for (std::size_t i = 0; i < table.size(); ++i)
    same += static_cast<std::size_t>(one.share[i] == other.share[i]);
  CHECK(same <= 1);
  CHECK(one.parts != other.parts);
  CHECK(one.first != other.first);
}

}  // namespace
}  // namespace ossicle
