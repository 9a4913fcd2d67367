#ifndef OSSICLE_PIPELINE_H_
#define OSSICLE_PIPELINE_H_

// The whole of recommending, in the order in which it happens. Each stage is a free function on
// plain data; engine.cpp owns the buffers and calls the stages in this order; no stage includes
// another.
//
//   listen event --record--> History --observe--> observations --fold_in--> UserModel
//     --find_candidates--> candidates --score--> r_ui = mu + <p_u, q_i> + b_u + b_i --explain-->
//     reasons

#include <cstdint>
#include <span>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

// ---------------------------------------------------------------------------------------------- 1.
// record (core/src/feedback)

/// How events become evidence. Every knob: default, unit, effect.
struct ProfileSettings {
  double half_life_days = 365;   ///< [7, 36500]; after this long an event counts half
  double love_strength = 4;      ///< [0, 1000], in whole plays
  double skip_strength = 1;      ///< [0, 1000], in whole plays, as evidence against
  double ban_strength = 8;       ///< [0, 1000], in whole plays, as evidence against
  double min_played_ms = 10000;  ///< [0, 3600000]; a shorter play, of known length, changes nothing
  double skip_rest_days =
      30;  ///< [0, 36500]; a skipped item that was never played stays out of lists this long
};

enum class Flag : std::uint8_t { kNone = 0, kLoved = 1, kBanned = 2 };

/// All that is remembered of the events of one item. Strengths are in whole plays, scaled by 2^((at
/// - kEpoch) / half_life), so that adding an event never touches older ones and `now` is only
/// needed to read them.
struct ItemHistory {
  double positive = 0;
  double negative = 0;
  std::int64_t first_at_s = 0;    ///< of plays; 0 = never played
  std::int64_t last_at_s = 0;     ///< of plays
  std::int64_t skipped_at_s = 0;  ///< last skip, taken back or not; 0 = never
  std::int64_t flag_at_s = 0;  ///< of the love, ban or clear that `flag` came from; the latest wins
  std::uint32_t plays = 0;
  std::uint32_t skips = 0;  ///< those that were not taken back
  Flag flag = Flag::kNone;
  std::uint8_t active = 0;  ///< whether the item is in History::items
  std::uint8_t reserved[2] = {};
  std::uint32_t resting = 0;  ///< skips at skipped_at_s that were not taken back; 0 = no rest
};
static_assert(sizeof(ItemHistory) == 64);

/// A listening history folded to one state per item. The spans are the Engine's buffers, taken at
/// open.
struct History {
  std::span<ItemHistory> item;  ///< [N]
  std::span<std::uint32_t>
      items;  ///< [N], the first n_items are rows with any event, in order of first arrival
  std::uint32_t n_items = 0;
  std::span<std::uint64_t>
      seen;  ///< open-addressing set of event keys, power-of-two size, at most 3/4 full; 0 = free
  std::uint32_t n_seen = 0;            ///< events recorded, items unknown to the catalogue included
  std::uint64_t events_unknown = 0;    ///< of those, events whose artist the catalogue lacks
  std::uint64_t events_duplicate = 0;  ///< events given again and ignored
};

/// 2026-01-01 UTC, the reference time of ItemHistory's strengths.
inline constexpr std::int64_t kEpochS = 1767225600;
/// The last second of the year 9999, the latest time that an event or `now` may have.
inline constexpr std::int64_t kLatestS = 253402300799;

/// The exponent of the strength of an event at `at_s`: half-lives since kEpochS. Held within +-960,
/// so that every strength and every sum of strengths is a normal number; events farther away (18
/// years, at the shortest half-life) count as if they were that near.
inline double half_lives(const ProfileSettings& settings, std::int64_t at_s) {
  const double x = static_cast<double>(at_s - kEpochS) / (settings.half_life_days * 86400);
  return x < -960 ? -960 : x > 960 ? 960 : x;
}

enum class Recorded : std::uint32_t { kKept = 0, kUnknownItem = 1, kDuplicate = 2 };

/// Adds one event. The order of events does not matter, except between a love, a ban and a clear of
/// one second (the last given wins); giving an event twice changes nothing. Events are the same
/// when artist, second, track_hash and kind are; of two that differ in played_ms or duration_ms
/// only, the first given counts. A clear takes the love or ban before it back, and the skip of its
/// own second. A play's strength is the part that was heard: 1 when played_ms is
/// unknown, else played_ms / duration_ms, else played_ms / 30 s, at most 1. A play shorter than
/// min_played_ms is remembered as seen and has no other effect. Before it is scaled by a whole
/// power of two, a strength is rounded to a multiple of 2^-20, so that sums are exact, whatever
/// their order, while n events of an item lie within 32 - log2(n) half-lives; beyond that the order
/// may show in the last bit. Errors: invalid_argument (kind not known, or at_s before 1970 or after
/// kLatestS), capacity_exceeded (History::seen is full). `at` of an error is 0; record_all in
/// Engine replaces it by the event's index.
Result<Recorded> record(const Catalogue& catalogue, const ProfileSettings& settings,
                        const Listen& event, History& history);

// ---------------------------------------------------------------------------------------------- 2.
// observe, fold in (core/src/profile)

/// One row of the listener's least-squares problem: w (target - r_ui)^2.
struct Observation {
  std::uint32_t item = 0;
  float reserved = 0;
  double weight = 0;    ///< confidence w, see observe()
  double target = 0;    ///< positive / evidence, in [0, 1]
  double evidence = 0;  ///< positive + negative, in whole plays
};

/// Reads the history at time `now_s` into `out` [N], in row order; returns how many. Items whose
/// evidence has decayed below 1e-6 and cold items are left out. A love adds love_strength and a ban
/// ban_strength, undecayed. The weight is log2(1 + evidence), so that one whole play today weighs
/// 1; where the catalogue is weighted, that of PlayConfidence, times the evidence where it is less
/// than one play.
std::uint32_t observe(const Catalogue& catalogue, const History& history,
                      const ProfileSettings& settings, std::int64_t now_s,
                      std::span<Observation> out);

/// The listener as the model sees them, and what is needed to explain a score. Spans are the
/// Engine's buffers. k = d + 1.
struct UserModel {
  std::span<double> p;         ///< [k]: p_u, then b_u (0 when the model has no user bias)
  std::span<double> cholesky;  ///< [k, k] room; [m, m] row-major is used: L below, L' above; m = d
                               ///< + 1 with user bias, else d
  std::span<std::uint8_t>
      p_u7;           ///< [row_stride]: p_u quantised to 0..127 with zero point 64, padded with 64
  float p_scale = 0;  ///< p_u ~ p_scale * (p_u7 - 64)
  std::uint32_t n_observations = 0;
};

/// One user step of iALS, in f64 with a fixed order of operations (bit-identical on every build).
/// With f_i = [q_i; 1], o_i = mu + b_i:
///   z = [p_u; b_u] = A^-1 (sum_j w_j (t_j - o_j) f_j - a0 sum_i c_i o_i f_i),   A = a0 sum_i c_i
///   f_i f_i' + sum_j w_j f_j f_j' + user_lambda I
/// (without user bias, f_i = q_i; c_i = 1 unless the catalogue is weighted). The j run over the
/// observations, the i over all items. O(n d^2 + d^3). No observations: p = 0 when the model has no
/// biases, and the solution of the same formula otherwise. Errors: invalid_argument (at = index of
/// the first observation outside [0, N), or with a weight or target that is not finite or
/// negative), not_solvable. Source: Hu, Koren, Volinsky, ICDM 2008; Rendle et al., RecSys 2022.
Status fold_in(const Catalogue& catalogue, std::span<const Observation> observations,
               UserModel& user);

// ---------------------------------------------------------------------------------------------- 3.
// candidates (core/src/candidates)

struct Candidate {
  std::uint32_t item = 0;
  float score = 0;  ///< approximate r_ui - b_u, from int8 x 7-bit integers; popularity when the
                    ///< listener has no observations
};

/// Exact top-n of the approximate score over all items but those with excluded[i] != 0: `out` best
/// first, ties to the lower row. Scans every row once; returns how many were found (<= out.size()).
/// Without observations: the most-listened items, unless the model has a user bias, whose biases
/// then rank.
std::uint32_t find_candidates(const Catalogue& catalogue, const UserModel& user,
                              std::span<const std::uint8_t> excluded, std::span<Candidate> out);

/// Sets `excluded` [N] to 1 for what must not be recommended at `now_s` (everything played, loved
/// or banned, and what was skipped in the last skip_rest_days) and to 0 for the rest.
/// (core/src/feedback)
void exclude(const History& history, const ProfileSettings& settings, std::int64_t now_s,
             std::span<std::uint8_t> excluded);

// ---------------------------------------------------------------------------------------------- 4.
// score, rank (core/src/rank)

struct Scored {
  std::uint32_t item = 0;
  std::uint32_t reserved = 0;
  double score = 0;   ///< r_ui = mu + <p_u, q_i> + b_u + b_i
  double factor = 0;  ///< <p_u, q_i>
};

/// r_ui of one item, in f64 over the dequantised row.
Scored score(const Catalogue& catalogue, const UserModel& user, std::uint32_t item);

/// Scores the candidates and writes the best out.size() of them, best first, ties to the lower row;
/// returns how many. When there are no observations, the order of the candidates (popularity) is
/// kept.
std::uint32_t rank(const Catalogue& catalogue, const UserModel& user,
                   std::span<const Candidate> candidates, std::span<Scored> out);

// ---------------------------------------------------------------------------------------------- 5.
// explain (core/src/explain)

/// The part that one item of the history has in a score. Exact, in two senses:
///   contribution: r_ui = mu + b_i + base + sum over observations of contribution  (Hu et al. 2008,
///   section 5) if_removed:   how much r_ui falls when every event of that item is deleted and the
///   profile is solved again
///                 (closed form: w (t - r_uj) / (1 - w h) * f_i' A^-1 f_j with h = f_j' A^-1 f_j;
///                 where the catalogue is weighted, the other weights change as well, and the
///                 system is solved again, by conjugate gradients from the solution at hand)
struct Reason {
  std::uint32_t item = 0;
  std::uint32_t reserved = 0;
  double contribution = 0;
  double if_removed = 0;
};

/// Reasons for `item`, largest contribution first, ties to the lower row; returns how many were
/// written (<= out.size()). `scratch` holds at least explain_scratch() numbers. O(d^2 + n d), and
/// O(d^2) more for each reason written, or O(d^2 + n d) where the catalogue is weighted.
constexpr std::size_t explain_scratch(std::size_t n_items, std::size_t n_factors) {
  return 8 * (n_factors + 1) + n_items;
}
std::uint32_t explain(const Catalogue& catalogue, const UserModel& user,
                      std::span<const Observation> observations, std::uint32_t item,
                      std::span<double> scratch, std::span<Reason> out);

}  // namespace ossicle

#endif  // OSSICLE_PIPELINE_H_
