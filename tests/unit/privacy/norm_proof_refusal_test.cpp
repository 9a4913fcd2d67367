#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <vector>

#include "norm_proof_kit.h"

namespace ossicle {
namespace {

using privacy::field::kQ;

constexpr NormShape kSmall{.numbers = 200};

std::vector<std::uint32_t> in_field(const std::vector<std::int32_t>& table) {
  std::vector<std::uint32_t> numbers(table.size());
  std::ranges::transform(table, numbers.begin(), privacy::field::from_signed);
  return numbers;
}

// What a client gets that takes the table as it is and does all else by the rules.
Code refused(std::vector<std::int32_t> table, std::uint64_t seed = 1) {
  table.resize(kSmall.numbers);
  NormReport report(kSmall, seed);
  CHECK_FALSE(report.forge(in_field(table)));
  return report.verdict();
}

TEST_CASE("a table that is a little too long is refused, by the client and by the aggregators") {
  std::vector<std::int32_t> table(kSmall.numbers);
  for (const std::int32_t x : {1025, -1025}) {
    table[0] = x;
    NormReport report(kSmall, 2);
    CHECK(report.prove(table).error().code == Code::kNormExceeded);
    CHECK(refused(table) == Code::kNormExceeded);
  }
  table[0] = 1024;
  table[199] = 1;
  NormReport report(kSmall, 3);
  CHECK(report.prove(table).error().code == Code::kNormExceeded);
  CHECK(refused(table) == Code::kNormExceeded);
}

TEST_CASE("huge numbers are refused") {
  using Limits = std::numeric_limits<std::int32_t>;
  for (const std::int32_t x :
       {65536, 1 << 20, 2146959360, -2146959360, Limits::max(), Limits::min()}) {
    NormReport report(kSmall, 4);
    std::vector<std::int32_t> table(kSmall.numbers);
    table[77] = x;
    CHECK(report.prove(table).error().code == Code::kNormExceeded);
    CHECK(refused(table) == Code::kNormExceeded);
  }
  CHECK(refused(std::vector<std::int32_t>(kSmall.numbers, 1000)) == Code::kNormExceeded);
}

// A root modulo q of the first number from `from` on that has one: its square wraps to a small one.
std::uint32_t root_near(std::uint32_t from) {
  std::uint32_t square = from;
  while (privacy::field::power(square, (kQ - 1) / 2) != 1) ++square;
  // Tonelli and Shanks; q - 1 = 2^20 4095.
  std::uint32_t c = privacy::field::power(privacy::field::kGenerator, 4095);
  std::uint32_t t = privacy::field::power(square, 4095);
  std::uint32_t root = privacy::field::power(square, 2048);
  for (unsigned m = 20; t != 1;) {
    unsigned order = 0;
    for (std::uint32_t s = t; s != 1; s = privacy::field::multiply(s, s)) ++order;
    std::uint32_t b = c;
    for (unsigned i = 0; i + order + 1 < m; ++i) b = privacy::field::multiply(b, b);
    root = privacy::field::multiply(root, b);
    c = privacy::field::multiply(b, b);
    t = privacy::field::multiply(t, c);
    m = order;
  }
  REQUIRE(privacy::field::multiply(root, root) == square);
  return root;
}

TEST_CASE("tables whose squares wrap to a small sum modulo q are refused") {
  const auto small_squares = [](const std::vector<std::uint32_t>& table) {
    std::uint32_t squares = 0;
    for (const std::uint32_t x : table)
      squares = privacy::field::add(squares, privacy::field::multiply(x, x));
    return squares <= 1024 * 1024;
  };
  std::vector<std::vector<std::uint32_t>> tables;
  // One number.
  for (const std::uint32_t square : {17u, 1000u, 1048000u}) tables.push_back({root_near(square)});
  // A root of -1 beside 1: 0 in all. And two that are close to q / 2.
  tables.push_back({root_near(kQ - 1), 1});
  tables.push_back(std::vector<std::uint32_t>(4, (kQ + 1) / 2));
  // The smallest numbers that wrap: 16 of 16,383, whose squares add up to q + 524,303.
  tables.push_back(std::vector<std::uint32_t>(16, 16383));
  // Many: 128 5792^2 = q + 131,071, half of them negative.
  std::vector<std::uint32_t> many(128, 5792);
  for (std::size_t i = 0; i < 64; ++i) many[i] = kQ - 5792;
  tables.push_back(many);
  for (std::vector<std::uint32_t>& table : tables) {
    CAPTURE(table.front());
    REQUIRE(small_squares(table));
    table.resize(kSmall.numbers);
    for (const std::uint64_t seed : {5u, 6u, 7u}) {
      NormReport report(kSmall, seed);
      CHECK_FALSE(report.forge(table));
      CHECK(report.verdict() == Code::kNormExceeded);
    }
  }
}

// The liar's own proof is right in all but the bits, which it may choose.
TEST_CASE("no choice of bits makes a long table pass") {
  std::vector<std::uint32_t> table(kSmall.numbers);
  table[3] = 1500;  // v = 2,250,000; u = max_norm^2 - v is negative
  const auto write = [](std::span<std::uint32_t> bits, std::uint32_t number) {
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = (number >> i) & 1;
  };
  NormReport report(kSmall, 8);
  const std::size_t norm_bits = privacy::norm_layout(kSmall).value().norm_bits;
  REQUIRE(norm_bits == 21);
  SECTION("a smaller sum of squares") {
    report.forge(table, [&](auto bits) {
      write(bits.first(21), 1024 * 1024);
      write(bits.subspan(21, 21), 0);
    });
  }
  SECTION("the right one, and no complement") {
    report.forge(table, [&](auto bits) { write(bits.subspan(21, 21), 0); });
  }
  SECTION("the right one, and a bit that is none makes up for it") {
    report.forge(table, [&](auto bits) {
      write(bits.first(21), 0);
      write(bits.subspan(21, 21), 0);
      bits[0] = 1500 * 1500;
      bits[21] = privacy::field::subtract(1024 * 1024, 1500 * 1500);
    });
  }
  SECTION("a bit of 2") {
    report.forge(table, [&](auto bits) { bits[20] = 2; });
  }
  CHECK(report.verdict() == Code::kNormExceeded);
}

TEST_CASE("a short table with any one bit wrong, or a bit that is none, is refused") {
  const NormShape tiny{.numbers = 3, .max_norm = 5};
  const std::vector<std::uint32_t> table = {3, kQ - 4, 0};
  const std::size_t count = privacy::norm_layout(tiny).value().bits;
  for (std::size_t at = 0; at < count; at += 7) {
    for (const std::uint32_t by : {1u, 2u, kQ / 2, kQ - 1}) {
      NormReport report(tiny, 9 + at);
      REQUIRE(
          report.forge(table, [&](auto bits) { bits[at] = privacy::field::add(bits[at], by); }));
      REQUIRE(report.verdict() == Code::kNormExceeded);
    }
  }
}

TEST_CASE("a tampered share, proof, seed, context or part is refused, each with its code") {
  NormReport report(kSmall, 10);
  std::vector<std::int32_t> table(kSmall.numbers, 70);
  REQUIRE(report.prove(table).ok());
  REQUIRE(report.verdict() == Code::kOk);
  SECTION("a number of the share") {
    report.share[199] = privacy::field::add(report.share[199], 1);
    CHECK(report.verdict() == Code::kChecksumMismatch);
  }
  SECTION("any byte of the proof") {
    const std::size_t bits_end = 32 + 4 * privacy::norm_layout(kSmall).value().bits;
    for (std::size_t at = 0; at < report.proof.size(); at += at < 40 ? 1 : 501) {
      report.proof[at] ^= 1;
      const Code want = at < bits_end ? Code::kChecksumMismatch : Code::kNormExceeded;
      REQUIRE(report.verdict() == want);
      report.proof[at] ^= 1;
    }
    CHECK(report.verdict() == Code::kOk);
  }
  SECTION("the second aggregator's seed") {
    report.seeds.second[31] ^= 0x80;
    CHECK(report.verdict() == Code::kChecksumMismatch);
  }
  SECTION("the context") {
    report.context.back() ^= 1;
    CHECK(report.verdict() == Code::kChecksumMismatch);
  }
  SECTION("the bound") {
    report.shape.max_norm = 1023;  // a bit fewer for v
    CHECK(report.begin_first().error().code == Code::kCorrupt);
    NormReport tighter({.numbers = 200, .max_norm = 1023}, 10);
    REQUIRE(tighter.prove(table).ok());
    tighter.shape.max_norm = 1022;  // as many bits
    CHECK(tighter.verdict() == Code::kChecksumMismatch);
  }
  SECTION("any of the parts") {
    for (std::size_t at = 0; at < report.parts.size(); ++at) {
      report.parts[at] ^= 1;
      REQUIRE(report.verdict() == Code::kChecksumMismatch);
      report.parts[at] ^= 1;
    }
  }
  SECTION("parts of which each aggregator is told others") {
    REQUIRE(report.begin_first().ok());
    for (const std::size_t at : {std::size_t{0}, std::size_t{64}}) {
      report.parts[at] ^= 1;  // not those of the second's own share
      REQUIRE(report.begin_second().ok());
      REQUIRE(verify_norm(kSmall, report.first, report.second).error().code ==
              Code::kChecksumMismatch);
      report.parts[at] ^= 1;
    }
  }
  SECTION("a verify key that only one of them has") {
    REQUIRE(report.begin_first().ok());
    report.key[0] ^= 1;
    REQUIRE(report.begin_second().ok());
    CHECK(verify_norm(kSmall, report.first, report.second).error().code == Code::kNormExceeded);
  }
}

TEST_CASE("messages of two reports, or of one aggregator twice, are refused") {
  NormReport one(kSmall, 11);
  NormReport other(kSmall, 12);
  other.key = one.key;
  const std::vector<std::int32_t> table(kSmall.numbers, 7);
  REQUIRE(one.prove(table).ok());
  REQUIRE(other.prove(table).ok());
  REQUIRE(one.verdict() == Code::kOk);
  REQUIRE(other.verdict() == Code::kOk);
  CHECK(verify_norm(kSmall, one.first, other.second).error().code == Code::kChecksumMismatch);
  CHECK(verify_norm(kSmall, one.first, one.first).error().code == Code::kNormExceeded);
  CHECK(verify_norm(kSmall, one.second, one.first).ok());  // nothing depends on their order
  std::swap(one.share, other.share);
  CHECK(one.verdict() == Code::kChecksumMismatch);
}

TEST_CASE("what has another size, or a number not below q, is refused") {
  NormReport report(kSmall, 13);
  const std::vector<std::int32_t> table(kSmall.numbers, 7);
  CHECK(report.prove(std::span(table).first(199)).error().code == Code::kInvalidArgument);
  REQUIRE(report.prove(table).ok());
  REQUIRE(report.verdict() == Code::kOk);
  SECTION("proof") {
    report.proof.pop_back();
    CHECK(report.prove(table).error().code == Code::kInvalidArgument);
    CHECK(report.verdict() == Code::kCorrupt);
    report.proof.clear();
    CHECK(report.verdict() == Code::kCorrupt);
  }
  SECTION("share") {
    report.share.pop_back();
    CHECK(report.prove(table).error().code == Code::kInvalidArgument);
    CHECK(report.verdict() == Code::kInvalidArgument);
  }
  SECTION("the second's share") {
    report.second_share.pop_back();
    CHECK(report.verdict() == Code::kInvalidArgument);
  }
  SECTION("room for a message") {
    report.first.pop_back();
    CHECK(report.verdict() == Code::kInvalidArgument);
  }
  SECTION("message") {
    const auto cut = std::span<const std::uint8_t>(report.first).first(report.first.size() - 1);
    CHECK(verify_norm(kSmall, cut, report.second).error().code == Code::kCorrupt);
    CHECK(verify_norm(kSmall, report.first, cut).error().code == Code::kCorrupt);
    CHECK(verify_norm(kSmall, {}, {}).error().code == Code::kCorrupt);
  }
  SECTION("a number of the share") {
    report.share[5] = kQ;
    CHECK(report.begin_first().error().code == Code::kCorrupt);
    CHECK(report.begin_first().error().at == 5);
  }
  SECTION("a number of the proof") {
    std::fill_n(report.proof.begin() + 32 + 8, 4, std::uint8_t{0xff});
    CHECK(report.begin_first().error().code == Code::kCorrupt);
    CHECK(report.begin_first().error().at == 40);
  }
  SECTION("a number of a message") {
    std::fill_n(report.second.begin() + 16, 4, std::uint8_t{0xff});
    const Status status = verify_norm(kSmall, report.first, report.second);
    CHECK(status.error().code == Code::kCorrupt);
    CHECK(status.error().at == 16);
  }
}

TEST_CASE("shapes beyond the limits are refused") {
  for (const NormShape& shape : {NormShape{0, 1024}, NormShape{(1u << 20) + 1, 1024},
                                 NormShape{100, 0}, NormShape{100, 1025}}) {
    CHECK(norm_sizes(shape).error().code == Code::kInvalidArgument);
    CHECK(NormVerifier::open(shape, {}).error().code == Code::kInvalidArgument);
    CHECK(verify_norm(shape, {}, {}).error().code == Code::kInvalidArgument);
    NormParts parts;
    CHECK(prove_norm(shape, {}, {}, {}, {}, {}, parts).error().code == Code::kInvalidArgument);
  }
  CHECK(norm_sizes({1u << 20, 1024}).ok());
}

// Under the sanitizers: any bytes are answered with a code.
TEST_CASE("random bytes are refused") {
  std::uint64_t random = 14;
  const NormShape shape{.numbers = 40};
  NormReport report(shape, 15);
  Result<NormVerifier> verifier = NormVerifier::open(shape, {1});
  REQUIRE(verifier.ok());
  const auto scatter = [&](std::span<std::uint8_t> bytes) {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(base::next(random));
  };
  const auto below_q = [&](std::span<std::uint8_t> bytes) {
    for (std::size_t at = 3; at < bytes.size(); at += 4) bytes[at] &= 0x7f;
  };
  for (int i = 0; i < 300; ++i) {
    std::vector<std::uint8_t> proof(base::below(random, 4) == 0 ? base::below(random, 20000)
                                                                : report.proof.size());
    scatter(proof);
    scatter(report.parts);
    for (std::uint32_t& x : report.share)
      x = static_cast<std::uint32_t>(base::next(random) >> (i % 2 + 32));
    if (i % 3 != 0) below_q(proof);
    REQUIRE_FALSE(
        verifier.value().begin_first({}, report.share, proof, report.parts, report.first).ok());
    REQUIRE_FALSE(
        verifier.value()
            .begin_second({}, seed_from(random), report.parts, report.second_share, report.second)
            .ok());
    scatter(report.first);
    scatter(report.second);
    if (i % 3 != 0) {
      below_q(report.first);
      below_q(report.second);
    }
    if (i % 3 == 1) std::copy_n(report.first.end() - 32, 32, report.second.end() - 32);
    REQUIRE_FALSE(verify_norm(shape, report.first, report.second).ok());
  }
}

}  // namespace
}  // namespace ossicle
