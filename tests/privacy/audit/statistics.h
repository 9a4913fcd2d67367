#ifndef OSSICLE_TESTS_PRIVACY_AUDIT_STATISTICS_H_
#define OSSICLE_TESTS_PRIVACY_AUDIT_STATISTICS_H_

#include <cstdint>
#include <span>

namespace ossicle::audit {

// What can be said, and how surely, from an attacker's scores and guesses. Every limit below is
// one-sided: it is wrong with probability alpha at most, whatever the mechanism is.

/// Area under the ROC curve and its standard error.
struct Auc {
  double value = 0.5;
  double error = 0;
};

/// Of scores where the attacked fact holds against scores where it does not; ties count half. At
/// least two of each. Source of the error: DeLong, DeLong, Clarke-Pearson, Biometrics 1988.
Auc area(std::span<const double> holds, std::span<const double> not_so);

/// P(Binomial(n, p) >= k), 0 < p < 1.
double binomial_tail(std::uint32_t k, std::uint32_t n, double p);

/// Clopper and Pearson's limits of a proportion of which k of n were seen.
double proportion_at_least(std::uint32_t k, std::uint32_t n, double alpha);
double proportion_at_most(std::uint32_t k, std::uint32_t n, double alpha);

/// A lower limit of epsilon from repeated trials: the threshold of a test is chosen on every
/// second score, and its two error rates are taken from the others. 0 where nothing is
/// shown. Source: Kairouz, Oh, Viswanath, "The composition theorem for differential privacy", ICML
/// 2015: hits <= e^epsilon false alarms + delta.
double epsilon_of_trials(std::span<const double> holds, std::span<const double> not_so,
                         double delta, double alpha);

/// A lower limit of epsilon from one run: `guesses` of `canaries` coins were guessed, the others
/// abstained from, and `right` of the guesses were right. Which to abstain from may depend on what
/// was published, how many may not. 0 where nothing is shown.
/// Source: Steinke, Nasr, Jagielski, "Privacy auditing with one (1) training run", NeurIPS 2023,
/// theorem 5.2: with f(v) = P(Binomial(guesses, e^epsilon / (1 + e^epsilon)) >= v),
///   P(right >= v) <= f(v) + 2 canaries delta max over i of (f(v - i) - f(v)) / i.
double epsilon_of_guesses(std::uint32_t canaries, std::uint32_t guesses, std::uint32_t right,
                          double delta, double alpha);

}  // namespace ossicle::audit

#endif  // OSSICLE_TESTS_PRIVACY_AUDIT_STATISTICS_H_
