#ifndef OSSICLE_TESTS_SAMPLE_FIT_H_
#define OSSICLE_TESTS_SAMPLE_FIT_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace ossicle::testing {

/// How well integers fit a normal distribution of mean 0.
struct SampleFit {
  double mean_z = 0;          ///< the mean, in its standard errors
  double variance_ratio = 0;  ///< measured / wanted
  double ks_p = 0;            ///< p of Kolmogorov and Smirnov's test
};

/// P(K > x) of Kolmogorov's distribution.
inline double kolmogorov_tail(double x) {
  double sum = 0;
  for (int k = 1; k <= 100; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * x * x);
  return std::clamp(sum, 0.0, 1.0);
}

/// sigma must be large (thousands): the steps of the integers' distribution are then far below the
/// differences that the test can see, with the half step of P(X <= x) taken into account.
inline SampleFit fit(std::vector<std::int32_t> samples, double sigma) {
  const auto n = static_cast<double>(samples.size());
  SampleFit result;
  double squares = 0;
  double sum = 0;
  for (const std::int32_t x : samples) {
    sum += x;
    squares += static_cast<double>(x) * x;
  }
  result.mean_z = sum / n / (sigma / std::sqrt(n));
  result.variance_ratio = squares / n / (sigma * sigma);
  std::sort(samples.begin(), samples.end());
  double distance = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    // Only where the value changes: between equal ones the distribution does not step.
    const bool last = i + 1 == samples.size() || samples[i + 1] != samples[i];
    const bool first = i == 0 || samples[i - 1] != samples[i];
    const auto below = [&](double x) { return 0.5 * std::erfc(-x / (sigma * std::sqrt(2.0))); };
    const auto at = static_cast<double>(i);
    if (last) distance = std::max(distance, std::fabs((at + 1) / n - below(samples[i] + 0.5)));
    if (first) distance = std::max(distance, std::fabs(at / n - below(samples[i] - 0.5)));
  }
  result.ks_p = kolmogorov_tail(distance * (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)));
  return result;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_SAMPLE_FIT_H_
