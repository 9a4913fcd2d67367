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

/// The last time that a list showed an item.
struct Shown {
  std::int64_t at_s = 0;   ///< 0 = never
  std::uint64_t mark = 0;  ///< shown_mark() of bandit.h until it is answered; 0 = no arm's list
};
static_assert(sizeof(Shown) == 16);

/// A listening history folded to one state per item. The spans are the Engine's buffers, taken at
/// open.
struct History {
  std::span<ItemHistory> item;     ///< [N and room for own items]
  std::span<std::uint32_t> items;  ///< the same size, the first n_items are rows with any event,
                                   ///< rising: sums over them do not depend on the order of events
  std::uint32_t n_items = 0;
  std::span<Shown> shown;  ///< [N], or empty: what was shown is then forgotten
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

/// Adds one event. The order of events does not matter, except between a love, a ban and a clear,
/// or two showings, of one second (the last given wins); giving an event twice changes nothing.
/// Events are the same when artist, second, track_hash and kind are; of two that differ in
/// played_ms or duration_ms only, the first given counts. A clear takes the love or ban before it
/// back, and the skip of its own second. A play's strength is the part that was heard: 1 when
/// played_ms is unknown, else played_ms / duration_ms, else played_ms / 30 s, at most 1. A play
/// shorter than min_played_ms is remembered as seen and has no other effect. Before it is scaled by
/// a whole power of two, a strength is rounded to a multiple of 2^-20, so that sums are exact,
/// whatever their order, while n events of an item lie within 32 - log2(n) half-lives; beyond that
/// the order may show in the last bit. Errors: invalid_argument (kind not known, or at_s before
/// 1970 or after kLatestS), capacity_exceeded (History::seen is full). `at` of an error is 0;
/// record_all in Engine replaces it by the event's index.
Result<Recorded> record(const Catalogue& catalogue, const ProfileSettings& settings,
                        const Listen& event, History& history);

// ---------------------------------------------------------------------------------------------- 2.
// observe, fold in, follow (core/src/profile)

/// One row of the listener's least-squares problem: w (target - r_ui)^2.
struct Observation {
  std::uint32_t item = 0;
  float love = 0;       ///< love_strength when the listener loves it, else 0
  double weight = 0;    ///< confidence w, see observe()
  double target = 0;    ///< positive / evidence, in [0, 1]
  double evidence = 0;  ///< positive + negative, in whole plays
  double level = 0;     ///< log(1 + evidence), which PlaySpread reads
};

/// Reads the history at time `now_s` into `out` [N + own items], in row order; returns how many.
/// Items whose evidence has decayed below 1e-6 and cold items are left out. A love adds
/// love_strength and a ban ban_strength, undecayed. The weight is log2(1 + evidence), so that one
/// whole play today weighs 1; where the catalogue is weighted, that of PlayConfidence, times the
/// evidence where it is less than one play. There a loved item weighs love_strength times what
/// plays could make it weigh (once at least), since plays weigh by how they stand out in the
/// history, and love_strength beside thousands of plays would not.
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

/// Rows f_j of the history, dequantised, that follow() and explain() go over many times: 512 KB.
/// Both may use the same; what it holds says itself which item it belongs to.
struct KeptRows {
  std::span<double> numbers;      ///< [kept_rows(N, d), d + 1]
  std::span<std::uint32_t> item;  ///< [kept_rows(N, d)]: 1 + the item of each row, 0 = none
};
constexpr std::size_t kept_rows(std::size_t n_items, std::size_t n_factors) {
  const std::size_t most = 65536 / (n_factors + 1);
  return n_items < most ? n_items : most;
}

/// What follow() keeps between calls. Spans are the Engine's buffers.
struct FollowMemory {
  std::span<double> weight;   ///< [N + own items], of each item's observation in the factor at hand
  std::span<double> numbers;  ///< [follow_numbers(d)]
  KeptRows rows;
  bool ready = false;  ///< whether user.cholesky is the factor of `weight`
};
constexpr std::size_t follow_numbers(std::size_t n_factors) { return 6 * (n_factors + 1); }

/// Notes the observations that fold_in has just solved, so that follow() may go on from them.
void note_weights(std::span<const Observation> observations, FollowMemory& memory);

/// fold_in's z, within 1e-10 of its length, from the profile of a moment ago: conjugate gradients,
/// preconditioned with its factor, which is moved where single weights moved much. Every weight and
/// target may have changed, as they do when an event comes or time passes. O(s (n d + d^2)) with s
/// about 5; where it would need more, it solves as fold_in does. Afterwards user.cholesky is the
/// factor of a system nearby, which is no use to explain(). Not independent of the way that led
/// here (ADR 0010). Errors: those of fold_in.
Status follow(const Catalogue& catalogue, std::span<const Observation> observations,
              UserModel& user, FollowMemory& memory);

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
///   shared_tags: bit t: the item's t-th tag (in the order of Catalogue::tags) is a tag of the
///   reason's item as well; of the first 32
struct Reason {
  std::uint32_t item = 0;
  std::uint32_t shared_tags = 0;
  double contribution = 0;
  double if_removed = 0;
};

/// Removals that explain() remembers, so that the reasons of a whole list cost little more than
/// those of one item: a removal does not depend on the item that is explained.
inline constexpr std::size_t kRemembered = 64;

/// What explain() works in, and remembers of one profile.
struct ExplainMemory {
  std::span<double> numbers;  ///< [explain_numbers(N, d)]
  KeptRows rows;
  std::span<std::uint32_t> removed;  ///< [kRemembered]
  bool ready = false;                ///< the caller sets false when the profile is another one
  std::uint32_t n_removed = 0;       ///< removals so far, which only weighted catalogues need
  std::size_t n_rows = 0;            ///< numbers of `rows` in use
};
constexpr std::size_t explain_numbers(std::size_t n_items, std::size_t n_factors) {
  // Room for the changed weights of one removal, and of four at a time for histories of up to
  // 2,048.
  const std::size_t four = 4 * (n_items < 2048 ? n_items : 2048);
  const std::size_t changes = n_items < four ? four : n_items;
  return (3 + kRemembered + 28) * (n_factors + 1) + changes;
}

/// Reasons for `item`, largest contribution first, ties to the lower row; returns how many were
/// written (<= out.size()). O(d^2 + n d), and for each reason written O(d^2) more, or where the
/// catalogue is weighted O(d) when it is remembered and O(d^2 + n d) when not. What is remembered
/// changes no bit of the answer.
std::uint32_t explain(const Catalogue& catalogue, const UserModel& user,
                      std::span<const Observation> observations, std::uint32_t item,
                      ExplainMemory& memory, std::span<Reason> out);

}  // namespace ossicle

#endif  // OSSICLE_PIPELINE_H_
