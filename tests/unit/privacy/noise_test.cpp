#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ossicle/privacy.h"
#include "sample_fit.h"

namespace ossicle {
namespace {

constexpr std::uint64_t kSigma = 51816;  // 8 norms of 6,477 steps

SecretSeed seed_of(std::uint8_t first) {
  SecretSeed seed{};
  seed[0] = first;
  return seed;
}

std::vector<std::int32_t> draw(const Variance& variance, std::size_t n, std::uint8_t seed) {
  Result<DiscreteGaussian> noise = DiscreteGaussian::open(variance, seed_of(seed));
  REQUIRE(noise.ok());
  std::vector<std::int32_t> samples(n);
  for (std::int32_t& x : samples) x = noise.value().next();
  return samples;
}

// Also what an aggregator with a sixteenth of the noise, or none, fails.
TEST_CASE("noise of the default sigma is normal, with its mean and variance") {
  const testing::SampleFit fit = testing::fit(draw({kSigma * kSigma, 1}, 100000, 1), kSigma);
  CHECK(fit.ks_p > 0.001);
  CHECK(std::fabs(fit.mean_z) < 3.3);
  CHECK(std::fabs(fit.variance_ratio - 1) < 0.015);  // standard error 0.0045
}

TEST_CASE("a sixteenth of the noise does not pass for all of it") {
  constexpr std::uint64_t kLess = kSigma / 16;
  const testing::SampleFit fit = testing::fit(draw({kLess * kLess, 1}, 10000, 1), kSigma);
  CHECK(fit.ks_p < 1e-9);
  CHECK(fit.variance_ratio < 0.01);
}

TEST_CASE("small sigmas have the exact probabilities") {
  // Whole, broken, below one step, and sigma^2 just below a square.
  const std::vector<Variance> variances = {{1, 1}, {9, 4}, {1, 5}, {1048575, 1048576}, {15, 1}};
  std::uint8_t seed = 2;
  for (const Variance& variance : variances) {
    constexpr int kSamples = 30000;
    constexpr std::int32_t kReach = 40;
    const double two_squares =
        2 * static_cast<double>(variance.numerator) / static_cast<double>(variance.denominator);
    double total = 0;
    for (std::int32_t x = -kReach; x <= kReach; ++x) total += std::exp(-x * x / two_squares);
    std::vector<double> counts(2 * kReach + 1);
    for (const std::int32_t x : draw(variance, kSamples, seed++)) {
      REQUIRE(std::abs(x) <= kReach);
      counts[static_cast<std::size_t>(x + kReach)] += 1;
    }
    double chi = 0;
    double rest_want = 0;
    double rest = 0;
    int cells = 0;
    for (std::int32_t x = -kReach; x <= kReach; ++x) {
      const double want = kSamples * std::exp(-x * x / two_squares) / total;
      const double count = counts[static_cast<std::size_t>(x + kReach)];
      if (want < 10) {
        rest_want += want;
        rest += count;
        continue;
      }
      chi += (count - want) * (count - want) / want;
      ++cells;
    }
    chi += (rest - rest_want) * (rest - rest_want) / std::max(rest_want, 1.0);
    // Wilson and Hilferty: the normal score of a chi-square with `cells` degrees of freedom.
    const double f = cells;
    const double score = (std::cbrt(chi / f) - 1 + 2 / (9 * f)) / std::sqrt(2 / (9 * f));
    INFO("sigma^2 = " << variance.numerator << "/" << variance.denominator << ", chi " << chi);
    CHECK(score < 3.1);
  }
}

TEST_CASE("at the limits of the variance nothing overflows") {
  const std::uint64_t most = kMaxSigma * kMaxSigma;
  for (const Variance& variance :
       {Variance{most * kMaxVarianceDenominator, kMaxVarianceDenominator}, Variance{most, 1}}) {
    const testing::SampleFit fit =
        testing::fit(draw(variance, 10000, 3), static_cast<double>(kMaxSigma));
    CHECK(fit.ks_p > 0.001);
    CHECK(std::fabs(fit.variance_ratio - 1) < 0.05);
  }
  for (const std::int32_t x : draw({1, kMaxVarianceDenominator}, 1000, 4)) REQUIRE(x == 0);
}

TEST_CASE("a variance beyond the limits is refused") {
  const auto code = [](const Variance& variance) {
    const Result<DiscreteGaussian> noise = DiscreteGaussian::open(variance, {});
    return noise.ok() ? Code::kOk : noise.error().code;
  };
  CHECK(code({0, 1}) == Code::kInvalidArgument);
  CHECK(code({1, 0}) == Code::kInvalidArgument);
  CHECK(code({1, kMaxVarianceDenominator + 1}) == Code::kInvalidArgument);
  CHECK(code({kMaxSigma * kMaxSigma + 1, 1}) == Code::kInvalidArgument);
  CHECK(code({kMaxSigma * kMaxSigma, 1}) == Code::kOk);
  std::vector<std::uint32_t> sum(3, 7);
  CHECK(add_noise(sum, {0, 1}, {}).error().code == Code::kInvalidArgument);
  CHECK(sum == std::vector<std::uint32_t>(3, 7));
}

TEST_CASE("noise is added to every number, modulo q, and to each another one") {
  constexpr std::uint32_t kLast = kFieldModulus - 1;  // that is -1
  std::vector<std::uint32_t> sum(1000, kLast);
  REQUIRE(add_noise(sum, {kSigma * kSigma, 1}, seed_of(9)).ok());
  const std::vector<std::int32_t> noise = draw({kSigma * kSigma, 1}, sum.size(), 9);
  std::vector<std::int32_t> joined(sum.size());
  REQUIRE(join(sum, std::vector<std::uint32_t>(sum.size()), joined).ok());
  for (std::size_t i = 0; i < sum.size(); ++i) REQUIRE(joined[i] == noise[i] - 1);
  CHECK(noise != draw({kSigma * kSigma, 1}, sum.size(), 10));
}

}  // namespace
}  // namespace ossicle
