#ifndef OSSICLE_RANKING_H_
#define OSSICLE_RANKING_H_

// From scores to a list: what may be in it, which sources are asked, one score of all of them, and
// a list that is neither one sound nor one artist. Continues pipeline.h, in this order:
//
//   exclude_for_list -> recent_items -> neighbour_query, text_taste -> find_in_blend -> rank_blend
//     -> diversify
//
// Which knob pays, with figures: core/docs/ranking.md.

#include <cstdint>
#include <span>

#include "ossicle/catalogue.h"
#include "ossicle/credits.h"
#include "ossicle/pipeline.h"
#include "ossicle/search.h"
#include "ossicle/status.h"

namespace ossicle {

/// How much each source counts in the one score that orders a list:
///   value_i = factors r_ui + neighbours n_i + text t_i + (1 - 2 novelty) S f_i
/// n_i: the mean of the scores that item i would have for a listener of each recent play alone
/// (neighbour_query). t_i: cosine of the item's text vector and the listener's text taste. f_i:
/// familiarity, log2(1 + listeners_i) / log2(1 + most listeners of any item), or 1 where the
/// listener knows the item; S: the value of the listener's best item without that term, so that the
/// dial turns as far for every listener.
struct Blend {
  double factors = 1;     ///< [0, 8]; 1 and nothing else: the order of r_ui
  double neighbours = 0;  ///< [0, 8]; more: nearer to what was played last
  double text = 0;        ///< [0, 8]; more: nearer in words; no effect without text vectors
  double novelty = 0.5;  ///< [0, 1]; 0 = familiar, what many know; 0.5 = off; 1 = adventurous, what
                         ///< few know. The listeners of a list never grow with it. Cold items
                         ///< (ModelConstants::warm_listeners) are in lists above 0.5 only
};

/// Every knob: default, range, unit, effect. The defaults give the order of r_ui over what the
/// listener does not know.
struct ListSettings {
  Blend blend = {};
  double diversity = 0;    ///< [0, 1]; 0 = by value alone, 1 = as unlike each other as can be: the
                           ///< weight of likeness in diversify()
  double repeat_days = 0;  ///< [0, 36500]; 0 = what the listener knows never comes back; else what
                           ///< was not played or loved for so many days may
  double shown_rest_days = 0;  ///< [0, 36500]; an item that a list showed rests as long (kShown)
  std::uint32_t per_artist =
      0;  ///< [0, 1024]; most items of a list that credit one artist; 0 = any
};

/// Errors: invalid_argument (`what` names the knob and its range; NaN is outside every range).
Status check_list_settings(const ListSettings& settings);

// ---------------------------------------------------------------------------------------------- 1.
// what may be in a list (core/src/feedback)

/// Sets `excluded` [N] to 1 for what is banned and to 0 for the rest. A banned artist's
/// collaborations are banned as well: items whose name credits them.
void exclude_banned(const History& history, const CreditTable& credits,
                    std::span<std::uint8_t> excluded);

/// Sets `excluded` [N] to 1 for what must not be in a list at `now_s`: what exclude_banned() says,
/// everything played or loved, what was skipped in the last skip_rest_days. As the settings say,
/// with repeat_days known items that have rested are allowed, and with shown_rest_days what was
/// shown is not.
void exclude_for_list(const History& history, const ProfileSettings& profile,
                      const ListSettings& settings, const CreditTable& credits, std::int64_t now_s,
                      std::span<std::uint8_t> excluded);

/// The items below `end_row` that the listener played or loved last, latest first, none banned;
/// ties to the more played, then to the lower row. Returns how many (<= out.size()). O(n log
/// out.size()).
std::uint32_t recent_items(const History& history, std::uint32_t end_row,
                           std::span<std::uint32_t> out);

// ---------------------------------------------------------------------------------------------- 2.
// sources (core/src/candidates)

/// How many recent plays neighbours are sought of.
inline constexpr std::size_t kRecentPlays = 8;

/// The factor of W^-1 = a0 G + lambda I, the system of a listener without plays: `out` [d, d] as
/// kernels::cholesky leaves it. Made once, when a catalogue is opened. O(d^3). Errors:
/// not_solvable.
Status factor_base_system(const Catalogue& catalogue, std::span<double> out);

/// Neighbours of the recent plays: with v, [d], n_i = <q_i, v>.
///   v = 1 / m sum_j a_j W q_j,   a_j = w_j t_j / (1 + w_j q_j' W q_j)
/// over the m of `recent` that are observed: q_i' W q_j is the likeness of two items in the model,
/// and a_j scales it to the score that i has for a listener of j alone. v = 0 when m is 0.
/// `observations` are in row order; `scratch` is [2 d]. O(m d^2). Source: Hu, Koren, Volinsky, ICDM
/// 2008, section 5, with the listener's own plays left out of W.
void neighbour_query(const Catalogue& catalogue, std::span<const double> base_system,
                     std::span<const Observation> observations,
                     std::span<const std::uint32_t> recent, std::span<double> scratch,
                     std::span<double> v);

/// The listener's taste in words, [D], of unit length: the mean of the text vectors of the items
/// observed, each with weight * target. False, and zeros, when there is none.
bool text_taste(const TextVectors& vectors, std::span<const Observation> observations,
                std::span<double> out);

/// What a list is drawn from; spans are the Engine's buffers.
struct ListSources {
  std::span<const double> query;       ///< [d], factors p_u + neighbours v
  const TextVectors* text = nullptr;   ///< with rows of the catalogue's items, or null
  std::span<const double> taste;       ///< [D], of unit length; empty = none
  std::span<const float> familiarity;  ///< [N], f_i of an item that the listener does not know
  const History* history = nullptr;    ///< of the listener
  double factors = 1;                  ///< weight of b_i, as of p_u in `query`
  double tilt = 0;                     ///< (1 - 2 novelty) S
};

/// f_i of one item.
inline double familiarity(const ListSources& sources, std::uint32_t item) {
  const ItemHistory& history = sources.history->item[item];
  const bool is_known = history.plays != 0 || history.flag == Flag::kLoved;
  return is_known ? 1.0 : static_cast<double>(sources.familiarity[item]);
}

/// f_i of every item, [N], for a listener who knows none of them.
void familiarity_of_items(const Catalogue& catalogue, std::span<float> out);

/// The union of two exact top-n: by the factors' and neighbours' share of the value with the
/// novelty term (both are inner products with q_i, so that one scan ranks their sum), and by text
/// among what that did not find. Marks what it finds in `excluded`. `room` is [N]. Returns how many
/// were written to `out`, at most out.size(), half of them by text.
std::uint32_t find_in_blend(const Catalogue& catalogue, const ListSources& sources,
                            std::span<std::uint8_t> excluded, std::span<float> room,
                            std::span<Candidate> out);

// ---------------------------------------------------------------------------------------------- 3.
// one score, and a list (core/src/rank)

/// An item with the value that orders the list.
struct Valued {
  Scored scored;
  double value = 0;
};

/// The value of every candidate, in f64, best first, ties to the lower row. With the default blend
/// the value is r_ui.
void rank_blend(const Catalogue& catalogue, const UserModel& user, const Blend& blend,
                const ListSources& sources, std::span<const Candidate> candidates,
                std::span<Valued> out);

/// Picks out.size() of `pool` (best first), one after the other, each the best by
///   (1 - diversity) value_i / value_best - diversity max over those picked of cos(q_i, q_j)
/// whose credited artists (its own and those its name credits) are not yet in per_artist of those
/// picked; ties to the earlier in the pool. Returns how many were picked. `likeness` and `count`
/// are [pool.size()] and [N], zero before and after. O(out.size() pool.size() d), without diversity
/// O(pool.size()). Source: Carbonell and Goldstein, SIGIR 1998 (maximal marginal relevance).
std::uint32_t diversify(const Catalogue& catalogue, const CreditTable& credits,
                        const ListSettings& settings, std::span<Valued> pool,
                        std::span<double> likeness, std::span<std::uint16_t> count,
                        std::span<Scored> out);

}  // namespace ossicle

#endif  // OSSICLE_RANKING_H_
