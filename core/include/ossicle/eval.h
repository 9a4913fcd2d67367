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

/// What the lists of all users look like together, whatever was held out.
struct ListMetrics {
  /// Part of the N items that is in any list. Source: Ge, Delgado-Battenfeld, Jannach, RecSys 2010.
  double coverage = 0;
  /// Inequality of how often the N items are listed: sum over items in rising order of their counts
  /// of (2 j - N - 1) c_j / (N sum c), j = 1..N; 0 = all alike, (N - 1) / N = one item in every
  /// place. Source: Shani, Gunawardana, Recommender Systems Handbook 2011; 1 / N as in RecBole.
  double gini = 0;
  /// Mean over listed items of -log2(listeners / U), in bits; an item that nobody played counts as
  /// played by one. Source: Zhou et al., PNAS 107 (2010), "surprisal".
  double novelty = 0;
};

/// `lists` are item rows below N, best first. `listeners` is [N], of U users. `lists` may be empty.
ListMetrics list_metrics(std::span<const std::vector<std::uint32_t>> lists,
                         std::span<const std::uint32_t> listeners, std::uint32_t n_users);

/// Intra-list diversity: the mean over lists of the mean of 1 - cosine over the list's pairs, by
/// item vectors [N, d]. A zero vector has the cosine 0 with everything; lists of fewer than two
/// items are left out. Source: Smyth, McClave, ICCBR 2001.
double list_diversity(std::span<const std::vector<std::uint32_t>> lists,
                      std::span<const float> vectors, std::uint32_t d);

/// Members of N items (tags of artists), compressed by row.
struct ItemSets {
  std::vector<std::uint64_t> offset;  ///< [N + 1]
  std::vector<std::uint32_t> member;  ///< rising within an item, no repeats
};

/// The same by sets: the cosine of two items is |A and B| / sqrt(|A| |B|) of their members. Pairs
/// of which an item has none are left out (nothing is known of them), and so are lists without a
/// pair.
double list_diversity(std::span<const std::vector<std::uint32_t>> lists, const ItemSets& sets);

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
