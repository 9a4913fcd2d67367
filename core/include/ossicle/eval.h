#ifndef OSSICLE_EVAL_H_
#define OSSICLE_EVAL_H_

#include <cstdint>
#include <span>
#include <vector>

namespace ossicle {

/// Ranking metrics at k of one user's list against the held-out items, both as item rows.
/// Definitions as in RecBole: DCG with log2(rank + 1), ideal DCG over min(|truth|, k), MRR 0 when
/// nothing is hit.
struct RankingMetrics {
  double recall = 0;
  double ndcg = 0;
  double mrr = 0;
  double hit = 0;
  double precision = 0;
};

/// `truth` is sorted and not empty; `ranked` is best first and may be shorter than k.
RankingMetrics ranking_metrics(std::span<const std::uint32_t> ranked,
                               std::span<const std::uint32_t> truth, std::uint32_t k);

/// Mean, standard error and the half-width of the 95 % confidence interval (Student's t) of one
/// figure over seeds.
struct Estimate {
  double mean = 0;
  double standard_error = 0;
  double half_width_95 = 0;
};
Estimate estimate(std::span<const double> values);

/// A part (0 = train, 1 = validation, 2 = test) for each of a user's n interactions: shuffled by
/// `rng_state`, then cut 8:1:1 as RecBole does: validation and test get floor(n / 10) each; where
/// that is 0, one interaction is taken from train, for test first, as long as train keeps one.
void split_811(std::uint32_t n, std::uint64_t& rng_state, std::vector<std::uint8_t>& part);

}  // namespace ossicle

#endif  // OSSICLE_EVAL_H_
