#ifndef OSSICLE_SYNC_H_
#define OSSICLE_SYNC_H_

#include <array>
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

/// Rows of a block; the table of a contribution is [kBlockRows, d + 1], whatever is in it.
inline constexpr std::uint32_t kBlockRows = 512;
/// Blocks of a catalogue. Only its head, the kBlocks kBlockRows most listened items, is learnt:
/// each block more takes from what a listener can say about the others (core/docs/block-sums.md).
inline constexpr std::uint32_t kBlocks = 2;
/// Most rows of a table that are not zero.
inline constexpr std::uint32_t kRowsPerContribution = 20;
/// What one listener adds to the count of an item, s: less than 1, since a table is clipped as a
/// whole, and the count takes its part of that.
inline constexpr double kCountStep = 0.25;

/// The item in a row of a block. Rows of a catalogue are ordered most-listened first, and blocks
/// take turns: by rank, one block would hold nearly all that a listener plays.
constexpr std::uint32_t block_item(std::uint32_t block, std::uint32_t row) {
  return row * kBlocks + block;
}
/// Rows of a block that are items of a catalogue of n_items; those behind them stay zero.
constexpr std::uint32_t block_size(std::uint32_t n_items, std::uint32_t block) {
  if (n_items <= block) return 0;
  const std::uint32_t rows = (n_items - block + kBlocks - 1) / kBlocks;
  return rows < kBlockRows ? rows : kBlockRows;
}

/// The items that can be learnt: those in any block.
inline constexpr std::uint32_t kHeadItems = kBlocks * kBlockRows;

/// For each item of the head, whether a listener heard it: 1 or 0.
using Heard = std::array<std::uint8_t, kHeadItems>;

/// Of a list of items, in any order. Takes time by its length: keep what it gives in step with the
/// history instead of making it when a report is due.
Heard heard_of(std::span<const std::uint32_t> items);

/// Fills `table`, [kBlockRows, d + 1], with one listener's contribution to `block`: for each item
/// of the block that was heard, at most kRowsPerContribution of them, the row [p / |p|, s]; zeros
/// elsewhere. The block must have been picked without a look at the history. Of too many items
/// `seed` decides which are taken: the least listened, say, would make the others look unloved.
/// A vector of zeros (nobody was listened to) gives zeros. As much is read, computed and written
/// for an empty history as for a full one.
/// p [d]. Errors: invalid_argument (table size), out_of_range (block), not_finite (`at` = factor).
/// Source: Chien et al., "Private alternating least squares", ICML 2021, algorithm 1.
Status fill_block(std::span<const double> p, const Heard& heard, std::uint32_t block,
                  std::uint64_t seed, std::span<double> table);

// ---- new vectors from sums ----

/// What the solution of a block takes beside its sums; all of it public. Units are those of
/// fill_block(): a listener's vector has length 1 before it is clipped.
struct SolveSettings {
  double alpha0 = 0.05;   ///< weight of a pair that nobody played, a0; >= 0
  double users = 0;       ///< U, contributions to the block; >= 1
  double ridge = 0.003;   ///< lambda, beside the second moment's eigenvalues; >= 0
  double scale = 1;       ///< t, of fit_scale(); > 0, the same in every epoch
  double noise = 0;       ///< standard deviation of each number of the sums; >= 0
  double trust = 1;       ///< psi, how far items are thought to move, in lengths of a row; > 0
  double min_count = 0;   ///< a row of which fewer contributors are expected stays as it is; >= 0
  double max_growth = 2;  ///< how far counts are believed to differ from expected ones; >= 1
  SnapshotLimits limits{};
};

/// What is public of a block before its first epoch, from listeners who hide nothing.
struct BlockPrior {
  std::span<const double> moment;  ///< G, [d, d], the mean of u u' over their unit vectors u
  /// [kBlockRows], h_i, the count of a row in the sum of their tables, clipped as contributions
  /// are, over their number: U h_i contributors are expected.
  std::span<const double> share;
};

/// Rows of a block as a catalogue has them. R = block_size(N, block).
struct SolvedRows {
  std::span<std::int8_t> q;        ///< [R, row_stride]
  std::span<float> scale;          ///< [R]
  std::span<std::int32_t> rowsum;  ///< [R]
  std::span<std::uint8_t> moved;   ///< [R], 1: not the old row
  /// [R, d], or empty. How uncertain each row still is in each eigendirection of the second moment,
  /// read and replaced: start with prior_variance() in every number and pass on what comes out, or
  /// every epoch adds its noise as if it were the first.
  std::span<double> variance{};
};

/// v, the variance of a number of a row before its first epoch: trust^2 times the mean square of
/// the numbers of the block's rows.
double prior_variance(const Catalogue& now, std::uint32_t block, double trust);

/// Solves the items of a block of `now` against the listeners' sums, [kBlockRows, d + 1]: b_i, then
/// s n_i, each with its noise. With |b_i| <= n_i, in the eigenbasis of G (values g_j):
///   a_ij = (a0 U + n_i) (g_j + lambda)                         A_i
///   q_ij = t b_ij / a_ij / (1 + e_i / n_i)                     the listeners' vector
///   e_i  = sum_j (b_ij^2 - noise^2) / a_ij, >= 0               how much b_i b_i' adds to n_i G
///   w_ij = v_ij a_ij^2 / (v_ij a_ij^2 + t^2 (noise^2 + n_i g_j))
/// the row moves from old_ij to old_ij + w_ij (q_ij - old_ij), no further than check_snapshot()
/// allows, and is quantised (cold rows to 4 bits); v_ij becomes v_ij (1 - w_ij). Below e_i, n_i is
/// at least 3 noise / s + 1. f64 in a fixed order: the same bytes on every build.
/// Against lies: |b_i| <= n_i is what an honest sum of unit vectors keeps, so reports that push an
/// item must count themselves, and are then averaged. And what is expected decides which rows are
/// learnt, and how much they can weigh: a count above max_growth times the expected one is cut to
/// that, b_i with it; of one below the expected over max_growth the row stays as it is.
/// Errors: invalid_argument (settings, sizes, share, variance), out_of_range (block), not_finite
/// (`at` = row of the block), not_solvable (G is not finite, or with lambda not positive definite).
/// Source: Chien et al., "Private alternating least squares", ICML 2021, with G in the place of the
/// contributors' own second moments; the rank-one correction is Sherman and Morrison's, the weights
/// w are Wiener's filter; core/docs/block-sums.md; ADR 0008 for the eigenbasis.
Status solve_block(const Catalogue& now, std::uint32_t block, std::span<const double> sums,
                   const BlockPrior& prior, const SolveSettings& settings, const SolvedRows& out);

/// t: the number that brings the solutions of the sums of public listeners' tables, clipped as
/// contributions are and without noise, nearest to the rows of `now`: sum <q_i, old_i> /
/// sum <q_i, q_i>, q_i with t = 1. Fitted once and for good: fitted to noised sums, or again in
/// each epoch, it shrinks the head against the rest of the catalogue. Reads alpha0, users and ridge
/// of `settings`; all counts above 0 are believed. Errors: as of solve_block(); not_solvable where
/// no row has one, or all point away from the old rows.
Result<double> fit_scale(const Catalogue& now, std::uint32_t block, std::span<const double> sums,
                         std::span<const double> moment, const SolveSettings& settings);

}  // namespace ossicle

#endif  // OSSICLE_SYNC_H_
