#include "base/math.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/rng.h"

namespace ossicle::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double ulps(double got, long double wanted) {
  const double size = std::nextafter(std::abs(got), kInfinity) - std::abs(got);
  return static_cast<double>(
      std::abs((wanted - static_cast<long double>(got)) / static_cast<long double>(size)));
}

// FNV-1a over the bits of many results: one number that every build must agree on.
std::uint64_t fingerprint(double (*function)(double), double low, double high) {
  std::uint64_t state = 7;
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (int i = 0; i < 100000; ++i) {
    hash ^= std::bit_cast<std::uint64_t>(function(low + (high - low) * uniform(state)));
    hash *= 0x100000001b3u;
  }
  return hash;
}

TEST_CASE("exp2 and log2 are exact where the result is a whole number") {
  for (int n = -1074; n <= 1023; ++n) {
    const double power = std::ldexp(1.0, n);
    REQUIRE(det_exp2(n) == power);
    REQUIRE(det_log2(power) == n);
  }
}

TEST_CASE("exp2 and log2 at the edges") {
  CHECK(det_exp2(1024) == kInfinity);
  CHECK(det_exp2(-1076) == 0);
  CHECK(det_exp2(-kInfinity) == 0);
  CHECK(std::isnan(det_exp2(std::numeric_limits<double>::quiet_NaN())));
  CHECK(det_log2(0) == -kInfinity);
  CHECK(det_log2(kInfinity) == kInfinity);
  CHECK(std::isnan(det_log2(-1)));
  CHECK(std::isnan(det_log2(std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("exp2 and log2 give the same bits on every build") {
  CHECK(fingerprint(det_exp2, -1080, 1030) == 0x4a65708e904205d1u);
  CHECK(fingerprint(det_log2, 0, 4) == 0x6c8db3e7702da471u);
}

TEST_CASE("exp2 and log2 of many numbers give the bits of one") {
  const double odd[] = {0,
                        -1,
                        1,
                        1024,
                        1023.5,
                        -1075,
                        -1080,
                        0x1p-1060,
                        kInfinity,
                        -kInfinity,
                        std::numeric_limits<double>::quiet_NaN()};
  std::uint64_t state = 3;
  for (const std::size_t n : {0U, 1U, 2U, 15U, 64U, 1001U}) {
    std::vector<double> x(n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = i % 7 == 3 ? odd[i / 7 % std::size(odd)] : uniform(state) * 60 - 20;
    }
    std::vector<double> powers = x;
    std::vector<double> logarithms = x;
    det_exp2(powers);
    det_log2(logarithms);
    for (std::size_t i = 0; i < n; ++i) {
      REQUIRE(std::bit_cast<std::uint64_t>(powers[i]) ==
              std::bit_cast<std::uint64_t>(det_exp2(x[i])));
      REQUIRE(std::bit_cast<std::uint64_t>(logarithms[i]) ==
              std::bit_cast<std::uint64_t>(det_log2(x[i])));
    }
  }
}

// Only where long double says more than double does.
TEST_CASE("exp2 and log2 are within 1.01 units in the last place") {
  if (std::numeric_limits<long double>::digits < 64) return;
  std::uint64_t state = 1;
  double worst_exp2 = 0;
  double worst_log2 = 0;
  for (int i = 0; i < 200000; ++i) {
    const double x = uniform(state) * 2040 - 1020;
    worst_exp2 = std::max(worst_exp2, ulps(det_exp2(x), std::exp2(static_cast<long double>(x))));
    const double y = i % 2 == 0 ? uniform(state) * 4 : det_exp2(x);
    worst_log2 = std::max(worst_log2, ulps(det_log2(y), std::log2(static_cast<long double>(y))));
  }
  CHECK(worst_exp2 < 1.01);
  CHECK(worst_log2 < 1.01);
}

TEST_CASE("the same seed gives the same random numbers") {
  std::uint64_t state = 0;
  CHECK(next(state) == 0xe220a8397b1dcdafu);  // first output of splitmix64 from 0
  CHECK(next(state) == 0x6e789e6aa1b965f4u);
}

TEST_CASE("uniform and normal numbers have the moments they should") {
  std::uint64_t state = 3;
  double sum = 0, square = 0, cube = 0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = uniform(state);
    REQUIRE((u >= 0 && u < 1));
    const double z = normal(state);
    sum += z;
    square += z * z;
    cube += z * z * z;
  }
  CHECK(sum / kDraws == Approx(0).margin(0.01));
  CHECK(square / kDraws == Approx(1).margin(0.02));
  CHECK(cube / kDraws == Approx(0).margin(0.05));
}

TEST_CASE("below reaches every number equally often") {
  std::uint64_t state = 4;
  std::vector<int> seen(7);
  for (int i = 0; i < 70000; ++i) ++seen[below(state, 7)];
  for (const int count : seen) CHECK(count == Approx(10000).epsilon(0.05));
  CHECK(below(state, 1) == 0);
}

}  // namespace
}  // namespace ossicle::base
