// The sampler on 10^7 samples and the budget in 10^6 random schedules. Says what it found; exit
// status 1 when a bound of core/include/ossicle/privacy.h's claims does not hold.
#include <cmath>
#include <cstdio>
#include <vector>

#include "budget_schedule.h"
#include "ossicle/privacy.h"
#include "sample_fit.h"

namespace ossicle {
namespace {

bool check_sampler() {
  constexpr std::uint64_t kSigma = 51816;  // 8 norms of 6,477 steps
  constexpr std::size_t kSamples = 10'000'000;
  SecretSeed seed{};
  seed[0] = 7;
  Result<DiscreteGaussian> noise = DiscreteGaussian::open({kSigma * kSigma, 1}, seed);
  if (!noise.ok()) return false;
  std::vector<std::int32_t> samples(kSamples);
  for (std::int32_t& x : samples) x = noise.value().next();
  const testing::SampleFit fit = testing::fit(std::move(samples), kSigma);
  std::printf("sampler: %zu samples, sigma %llu: KS p %.4f, variance ratio %.6f, mean %.2f s.e.\n",
              kSamples, static_cast<unsigned long long>(kSigma), fit.ks_p, fit.variance_ratio,
              fit.mean_z);
  return fit.ks_p > 0.001 && std::fabs(fit.variance_ratio - 1) < 0.001;
}

bool check_budget() {
  constexpr std::uint64_t kSchedules = 1'000'000;
  std::uint64_t over = 0;
  std::uint64_t sent = 0;
  std::uint64_t refused = 0;
  std::uint64_t crashes = 0;
  for (std::uint64_t seed = 0; seed < kSchedules; ++seed) {
    const testing::ScheduleResult result = testing::run_schedule(seed, 60);
    over += static_cast<std::uint64_t>(result.over_budget || result.broken);
    sent += result.sent;
    refused += result.refused;
    for (const std::uint32_t n : result.crashes) crashes += n;
  }
  std::printf("budget: %llu schedules, %llu sent, %llu refused, %llu crashes: %llu over budget\n",
              static_cast<unsigned long long>(kSchedules), static_cast<unsigned long long>(sent),
              static_cast<unsigned long long>(refused), static_cast<unsigned long long>(crashes),
              static_cast<unsigned long long>(over));
  return over == 0;
}

}  // namespace
}  // namespace ossicle

int main() {
  const bool sampler = ossicle::check_sampler();
  const bool budget = ossicle::check_budget();
  return sampler && budget ? 0 : 1;
}
