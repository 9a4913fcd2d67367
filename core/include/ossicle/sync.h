#ifndef OSSICLE_SYNC_H_
#define OSSICLE_SYNC_H_

#include <cstdint>
#include <span>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"

namespace ossicle {

// Item vectors learnt together: what a client checks of a new snapshot, how new vectors follow from
// the sums of many contributions, and how a contribution is filled. N items, d factors.

// ---- a new snapshot ----

/// How far a snapshot may lie from the one in use. Lengths are relative, so that one set of limits
/// serves every catalogue.
struct SnapshotLimits {
  double max_norm = 1.5;    ///< of a row, times the longest row now; >= 1
  double max_drift = 1;     ///< of a row, times the root mean square length of the warm rows now
  double max_gone = 0.1;    ///< share of the items of now that the next may lack, 0..1
  double max_constant = 2;  ///< factor by which a constant of the model may change; >= 1
};

/// Whether `next`, as its reader accepted it, may take the place of `now`. A snapshot that passes
/// cannot put one item on top of every list, nor change what a listener's profile means. Biases are
/// held to the same limits as rows, relative to the biases of now; the map of texts moves by at
/// most max_drift of its length. The Gram matrix is made again, since the reader checks its
/// diagonal only. O(N d + W d^2), W warm items.
/// Errors: invalid_argument (limits), incompatible (another number of factors, kind of model or
/// text encoder), not_finite, norm_exceeded, corrupt (`at` = row of gram), drift; `at` = row of
/// `next` but where `what` says otherwise.
Status check_snapshot(const Catalogue& now, const Catalogue& next, const SnapshotLimits& limits);

/// The Gram matrix that a catalogue of these rows has: sum c_i q_i q_i' into `gram`, [d, d]; the
/// same bytes on every build. Errors: invalid_argument (size of gram).
Status make_gram(const Catalogue& catalogue, std::span<double> gram);

// ---- contributions ----

/// Items in a block; the table of a contribution is [kBlockRows, d + 1], whatever is in it.
inline constexpr std::uint32_t kBlockRows = 512;
/// Most rows of a table that are not zero.
inline constexpr std::uint32_t kRowsPerContribution = 20;

/// Block b has the items b kBlockRows ... ; the last one may have fewer.
constexpr std::uint32_t block_count(std::uint32_t n_items) {
  return (n_items + kBlockRows - 1) / kBlockRows;
}

/// Fills `table`, [kBlockRows, d + 1], with one listener's contribution to `block`: for each item
/// of `listened` in the block, at most kRowsPerContribution of them, the row [p / |p|, 1]; zeros
/// elsewhere. The block must have been picked without a look at the history. Items outside the
/// block and repeated ones change nothing; neither does the order of `listened`. Of too many items
/// `seed` decides which are taken. A vector of zeros (nobody was listened to) gives zeros.
/// p [d]. Errors: invalid_argument (table size), not_finite (`at` = factor).
/// Source: Chien et al., "Private alternating least squares", ICML 2021, algorithm 1.
Status fill_block(std::span<const double> p, std::span<const std::uint32_t> listened,
                  std::uint32_t block, std::uint64_t seed, std::span<double> table);

// ---- new vectors from sums ----

/// What the solution of a block takes beside its sums; all of it public.
struct SolveSettings {
  double alpha0 = 0;       ///< weight of a pair that nobody played, a0; >= 0
  double users = 0;        ///< U, listeners who could have contributed; >= 1
  double ridge = 0;        ///< lambda; >= 0
  double user_norm = 1;    ///< typical |p_u|: sums are of unit vectors, listeners' are this long
  double prior_count = 0;  ///< contributors who weigh as much as the old vector does; >= 0
  double min_count = 0;    ///< a row with fewer contributors stays as it is; >= 0
  SnapshotLimits limits{};
};

/// Rows of a block as a catalogue has them. R rows.
struct SolvedRows {
  std::span<std::int8_t> q;        ///< [R, row_stride]
  std::span<float> scale;          ///< [R]
  std::span<std::int32_t> rowsum;  ///< [R]
  std::span<std::uint8_t> moved;   ///< [R], 1: not the old row
};

/// Solves the items first..first + R - 1 of `now` against the listeners' sums, [R, d + 1]: b_i,
/// then n_i, each with its noise.
///   q_i = ((a0 U + n_i) G + lambda I)^-1 b_i / user_norm, |b_i| <= n_i,
///   moved from the old row by n_i / (n_i + prior_count) of the way
/// and no further than check_snapshot() allows; then quantised (cold rows to 4 bits). `moment` is
/// G, [d, d], the mean of u u' over unit listeners' vectors u. f64 in a fixed order: the same bytes
/// on every build.
/// The projection |b_i| <= n_i is what an honest sum of unit vectors keeps: reports that push one
/// item must count themselves, and are then averaged.
/// Errors: invalid_argument (settings, sizes), out_of_range (rows), not_finite (`at` = row of the
/// block), not_solvable (G is not finite, or with lambda not positive definite).
/// Source: Chien et al., "Private alternating least squares", ICML 2021, with G in the place of the
/// contributors' own second moments; ADR 0008 for the eigenbasis.
Status solve_block(const Catalogue& now, std::uint32_t first, std::span<const double> sums,
                   std::span<const double> moment, const SolveSettings& settings,
                   const SolvedRows& out);

}  // namespace ossicle

#endif  // OSSICLE_SYNC_H_
