#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "ossicle/privacy.h"

namespace ossicle {
namespace {

unsigned __int128 squares(const std::vector<std::int32_t>& table) {
  unsigned __int128 sum = 0;
  for (const std::int64_t x : table) sum += static_cast<std::uint64_t>(x * x);
  return sum;
}

bool within(const std::vector<std::int32_t>& table, std::uint64_t norm) {
  return squares(table) <= static_cast<unsigned __int128>(norm) * norm;
}

TEST_CASE("a table has the same size whatever is in it") { CHECK(TableShape{}.numbers() == 66048); }

TEST_CASE("units become steps, halves away from zero") {
  const std::vector<double> units = {0,
                                     1,
                                     -1,
                                     0.5 / 1024,
                                     -0.5 / 1024,
                                     1.5 / 1024,
                                     -2.5 / 1024,
                                     0.4999999999 / 1024,
                                     0x1.fffffffffffffp-12,
                                     0x1p-1074,
                                     2097151.0};
  std::vector<std::int32_t> steps(units.size());
  REQUIRE(quantise(units, steps).ok());
  CHECK(steps == std::vector<std::int32_t>{0, 1024, -1024, 1, -1, 2, -3, 0, 0, 0, 2147482624});
}

TEST_CASE("numbers that no table may have are refused with their place") {
  std::vector<std::int32_t> steps(3);
  const auto code = [&](double bad) {
    const Status status = quantise(std::vector<double>{0, bad, 0}, steps);
    CHECK(status.error().at == 1);
    return status.error().code;
  };
  CHECK(code(std::numeric_limits<double>::quiet_NaN()) == Code::kNotFinite);
  CHECK(code(std::numeric_limits<double>::infinity()) == Code::kNotFinite);
  CHECK(code(1e300) == Code::kOutOfRange);
  CHECK(code(std::numeric_limits<double>::max()) == Code::kOutOfRange);
  CHECK(code(2097152.0) == Code::kOutOfRange);
  CHECK(code(-2097152.0) == Code::kOutOfRange);
  CHECK(quantise(std::vector<double>(2), steps).error().code == Code::kInvalidArgument);
}

TEST_CASE("after clipping no table is longer than the norm") {
  std::uint64_t seed = 11;
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::int32_t> table(1 + base::below(seed, 600));
    const unsigned shift = base::below(seed, 32);
    for (std::int32_t& x : table) {
      x = static_cast<std::int32_t>(static_cast<std::uint32_t>(base::next(seed))) >> shift;
    }
    const std::uint32_t norm = 1 + (static_cast<std::uint32_t>(base::next(seed)) >> shift);
    REQUIRE(clip(table, norm).ok());
    REQUIRE(within(table, norm));
  }
}

TEST_CASE("the worst tables are clipped too") {
  constexpr std::int32_t kLeast = std::numeric_limits<std::int32_t>::min();
  constexpr std::int32_t kMost = std::numeric_limits<std::int32_t>::max();
  for (const std::int32_t x : {kLeast, kMost, 1, -1, 26, 6477}) {
    for (const std::uint32_t norm : {1U, 2U, 255U, 6477U, 0x7fffffffU, 0xffffffffU}) {
      for (const std::size_t size : {std::size_t{1}, std::size_t{5}, TableShape{}.numbers()}) {
        std::vector<std::int32_t> table(size, x);
        REQUIRE(clip(table, norm).ok());
        REQUIRE(within(table, norm));
      }
    }
  }
  std::vector<std::int32_t> one = {1};
  CHECK(clip(one, 0).error().code == Code::kInvalidArgument);
}

TEST_CASE("a table within the norm is left as it is, to the last step") {
  std::vector<std::int32_t> table = {3, -4, 0};
  REQUIRE(clip(table, 5).ok());
  CHECK(table == std::vector<std::int32_t>{3, -4, 0});
  REQUIRE(clip(table, 4).ok());
  CHECK(table == std::vector<std::int32_t>{2, -3, 0});
  std::vector<std::int32_t> lone = {std::numeric_limits<std::int32_t>::min()};
  REQUIRE(clip(lone, 0x80000000U).ok());
  CHECK(lone[0] == std::numeric_limits<std::int32_t>::min());
  REQUIRE(clip(lone, 0x7fffffffU).ok());
  CHECK(lone[0] == -0x7fffffff);
}

TEST_CASE("clipping keeps the direction and nearly all of the allowed length") {
  std::vector<std::int32_t> table(1000);
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::int32_t>(i * 1000) - 500000;
  }
  const std::vector<std::int32_t> before = table;
  REQUIRE(clip(table, 1000000).ok());
  const double norm = std::sqrt(static_cast<double>(squares(table)));
  CHECK(norm > 0.9999e6);
  const double scale = norm / std::sqrt(static_cast<double>(squares(before)));
  for (std::size_t i = 0; i < table.size(); ++i) {
    REQUIRE(std::fabs(table[i] - before[i] * scale) < 2);
  }
}

}  // namespace
}  // namespace ossicle
