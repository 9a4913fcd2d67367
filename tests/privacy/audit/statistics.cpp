#include "statistics.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace ossicle::audit {
namespace {

constexpr double kMostEpsilon = 50;

// For each score, the share of `others` that it is above; a tie is half.
std::vector<double> shares_below(std::span<const double> scores, std::span<const double> others) {
  std::vector<double> sorted(others.begin(), others.end());
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> shares;
  shares.reserve(scores.size());
  for (const double score : scores) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), score);
    const auto twice = static_cast<double>((low - sorted.begin()) + (high - sorted.begin()));
    shares.push_back(twice / (2 * static_cast<double>(sorted.size())));
  }
  return shares;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

// The variance of their mean.
double error_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  const auto n = static_cast<double>(values.size());
  return squares / (n - 1) / n;
}

// The largest x of low..high for which `holds`, which holds up to some x and not beyond it.
double last_where(double low, double high, const std::function<bool(double)>& holds) {
  for (int step = 0; step < 50; ++step) {
    const double middle = (low + high) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

double chance(std::uint32_t k, std::uint32_t n, double p) {
  return std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) +
                  k * std::log(p) + (n - k) * std::log1p(-p));
}

std::uint32_t above(std::span<const double> scores, std::size_t first, double threshold) {
  std::uint32_t n = 0;
  for (std::size_t i = first; i < scores.size(); i += 2) {
    n += static_cast<std::uint32_t>(scores[i] > threshold);
  }
  return n;
}

std::uint32_t half(std::span<const double> scores, std::size_t first) {
  return static_cast<std::uint32_t>((scores.size() + 1 - first) / 2);
}

// Of the scores first, first + 2 ...; half of alpha for each of the two rates.
double epsilon_of_test(std::span<const double> holds, std::span<const double> not_so,
                       std::size_t first, double threshold, double delta, double alpha) {
  const double hits =
      proportion_at_least(above(holds, first, threshold), half(holds, first), alpha / 2);
  const double alarms =
      proportion_at_most(above(not_so, first, threshold), half(not_so, first), alpha / 2);
  return hits - delta > alarms ? std::log((hits - delta) / alarms) : 0;
}

}  // namespace

Auc area(std::span<const double> holds, std::span<const double> not_so) {
  const std::vector<double> of_holds = shares_below(holds, not_so);
  const std::vector<double> of_not_so = shares_below(not_so, holds);
  return {mean_of(of_holds), std::sqrt(error_of(of_holds) + error_of(of_not_so))};
}

double binomial_tail(std::uint32_t k, std::uint32_t n, double p) {
  // The shorter of the two sums.
  if (k == 0) return 1;
  if (k > n) return 0;
  if (k < n * p) {
    double below = 0;
    for (std::uint32_t i = k; i-- > 0;) {
      const double term = chance(i, n, p);
      below += term;
      if (term < 1e-18 * below) break;
    }
    return std::max(0.0, 1 - below);
  }
  double above = 0;
  for (std::uint32_t i = k; i <= n; ++i) {
    const double term = chance(i, n, p);
    above += term;
    if (term < 1e-18 * above) break;
  }
  return std::min(1.0, above);
}

double proportion_at_least(std::uint32_t k, std::uint32_t n, double alpha) {
  if (k == 0) return 0;
  return last_where(0, 1, [&](double p) { return p == 0 || binomial_tail(k, n, p) <= alpha; });
}

double proportion_at_most(std::uint32_t k, std::uint32_t n, double alpha) {
  return 1 - proportion_at_least(n - k, n, alpha);
}

double epsilon_of_trials(std::span<const double> holds, std::span<const double> not_so,
                         double delta, double alpha) {
  std::vector<double> seen;
  for (std::size_t i = 0; i < not_so.size(); i += 2) seen.push_back(not_so[i]);
  std::sort(seen.begin(), seen.end());
  double best = 0;
  double most = -1;
  for (const double share : {0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3}) {
    const double place = (1 - share) * static_cast<double>(seen.size() - 1);
    const double threshold = seen[static_cast<std::size_t>(place)];
    const double epsilon = epsilon_of_test(holds, not_so, 0, threshold, delta, alpha);
    if (epsilon > most) {
      most = epsilon;
      best = threshold;
    }
  }
  return epsilon_of_test(holds, not_so, 1, best, delta, alpha);
}

double epsilon_of_guesses(std::uint32_t canaries, std::uint32_t guesses, std::uint32_t right,
                          double delta, double alpha) {
  const auto refuted = [&](double epsilon) {
    const double p = 1 / (1 + std::exp(-epsilon));
    double slope = 0;
    double between = 0;  // f(right - i) - f(right)
    for (std::uint32_t i = 1; i <= right; ++i) {
      between += chance(right - i, guesses, p);
      slope = std::max(slope, between / i);
    }
    return binomial_tail(right, guesses, p) + 2 * canaries * delta * slope <= alpha;
  };
  return refuted(0) ? last_where(0, kMostEpsilon, refuted) : 0;
}

}  // namespace ossicle::audit
