#include <algorithm>
#include <cmath>
#include <numeric>

#include "attacks.h"
#include "base/rng.h"

namespace ossicle::audit {
namespace {

constexpr double kAlpha = 0.05;
constexpr std::uint32_t kOthers = 3;
/// Before clipping; a power of two, so that the clipped canary has norm C exactly.
constexpr double kTimesTooLong = 16;
constexpr double kUnits = kTimesTooLong * kMaxNorm / kStepsPerUnit;

// Independent of each other, and of the noise.
enum Purpose : std::uint64_t { kShareSeed = 1, kNoiseSeed = 2 };

std::vector<double> random_table(const Mechanism& mechanism, std::uint64_t& state) {
  std::vector<double> units(mechanism.shape.numbers());
  for (double& x : units) x = base::normal(state);
  return units;
}

}  // namespace

Result<Membership> attack_membership(const Mechanism& mechanism, std::uint32_t trials,
                                     std::uint64_t seed, const Progress& progress) {
  const std::size_t n = mechanism.shape.numbers();
  std::uint64_t state = seed;
  std::vector<std::vector<double>> others;
  std::vector<std::int32_t> known(n);
  std::vector<std::int32_t> steps(n);
  for (std::uint32_t k = 0; k < kOthers; ++k) {
    others.push_back(random_table(mechanism, state));
    OSL_TRY(prepare(mechanism, others.back(), steps));
    for (std::size_t i = 0; i < n; ++i) known[i] += steps[i];
  }
  std::vector<double> canary(n);
  for (double& x : canary) {
    x = kUnits / std::sqrt(static_cast<double>(n)) * (base::below(state, 2) == 0 ? 1 : -1);
  }
  OSL_TRY(prepare(mechanism, canary, steps));
  const std::vector<double> nothing(n);

  std::uint64_t number = seed;
  std::vector<std::int32_t> sum(n);
  std::vector<double> scores[2];
  for (std::uint32_t trial = 0; trial < 2 * trials; ++trial) {
    const bool in = trial % 2 == 1;
    double score = 0;
    for (std::uint32_t report = 0; report < mechanism.reports; ++report) {
      Round round(mechanism);
      for (const std::vector<double>& units : others) {
        OSL_TRY(round.add(units, seed_of(kShareSeed, ++number)));
      }
      OSL_TRY(round.add(in ? canary : nothing, seed_of(kShareSeed, ++number)));
      OSL_TRY(round.publish(seed_of(kNoiseSeed, ++number), sum));
      for (std::size_t i = 0; i < n; ++i) {
        score += (static_cast<double>(sum[i]) - known[i]) * steps[i];
      }
    }
    scores[static_cast<std::size_t>(in)].push_back(score);
    if (trial % 1024 == 0) progress(trial / (2.0 * trials));
  }
  return Membership{area(scores[1], scores[0]),
                    epsilon_of_trials(scores[1], scores[0], kDelta, kAlpha)};
}

OneRun guess_coins(const std::vector<double>& scores, const std::vector<std::uint8_t>& coins) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  const auto canaries = static_cast<std::uint32_t>(order.size());
  // Each number of guesses is a test of its own, and the best is kept.
  const std::uint32_t tried[] = {canaries / 20 * 2, canaries / 5 * 2, canaries / 2 * 2};
  OneRun best;
  for (const std::uint32_t guesses : tried) {
    std::uint32_t right = 0;
    for (std::size_t k = 0; k < guesses / 2; ++k) {
      right += static_cast<std::uint32_t>(coins[order[k]] == 1);
      right += static_cast<std::uint32_t>(coins[order[order.size() - 1 - k]] == 0);
    }
    const double epsilon =
        epsilon_of_guesses(canaries, guesses, right, kDelta, kAlpha / std::size(tried));
    if (best.guesses == 0 || epsilon > best.epsilon) best = {epsilon, guesses, right};
  }
  return best;
}

Result<OneRun> attack_one_run(const Mechanism& mechanism, std::uint32_t canaries,
                              std::uint64_t seed, const Progress& progress) {
  const std::size_t n = mechanism.shape.numbers();
  if (n < canaries) {
    return Error{Code::kInvalidArgument, n, "audit: each canary needs a number of its own"};
  }
  const std::size_t apart = n / canaries;
  std::uint64_t state = seed;
  std::vector<std::uint8_t> coins(canaries);
  for (std::uint8_t& coin : coins) coin = static_cast<std::uint8_t>(base::below(state, 2));

  std::uint64_t number = seed;
  std::vector<double> scores(canaries);
  std::vector<double> table(n);
  std::vector<std::int32_t> sum(n);
  for (std::uint32_t report = 0; report < mechanism.reports; ++report) {
    Round round(mechanism);
    for (std::size_t c = 0; c < canaries; ++c) {
      table[c * apart] = coins[c] * kUnits;
      OSL_TRY(round.add(table, seed_of(kShareSeed, ++number)));
      table[c * apart] = 0;
      if (c % 64 == 0) {
        progress((report + static_cast<double>(c) / canaries) / mechanism.reports);
      }
    }
    OSL_TRY(round.publish(seed_of(kNoiseSeed, ++number), sum));
    for (std::size_t c = 0; c < canaries; ++c) scores[c] += sum[c * apart];
  }
  return guess_coins(scores, coins);
}

}  // namespace ossicle::audit
