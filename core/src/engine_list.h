#ifndef OSSICLE_ENGINE_LIST_H_
#define OSSICLE_ENGINE_LIST_H_

// The engine's way from a listener to a list: stages 3 and 4 of pipeline.h, and those of ranking.h.

#include <algorithm>
#include <cstdint>
#include <span>

#include "ossicle/bandit.h"
#include "ossicle/catalogue.h"
#include "ossicle/credits.h"
#include "ossicle/engine.h"
#include "ossicle/pipeline.h"
#include "ossicle/ranking.h"

namespace ossicle {

/// What a list is made from.
struct ListListener {
  const Catalogue& catalogue;
  const CreditTable& credits;
  const TextVectors* text;  ///< null: none
  const ProfileSettings& profile;
  const History& history;
  const UserModel& user;
  std::span<const Observation> observations;  ///< in row order
};

/// The buffers of making lists.
class ListMaker {
 public:
  // The scan ranks by a 7-bit query; four times as many candidates as results, re-scored in f64, so
  // that the list is the exact one (ADR 0002).
  static constexpr std::uint32_t kCandidatesPerResult = 4;
  static constexpr std::uint32_t kLeastCandidates = 200;

  /// `arena` hands out spans, or measures.
  template <class Arena>
  void take_buffers(const Catalogue& catalogue, std::uint32_t max_results, Arena& arena) {
    const std::size_t n = catalogue.n_items;
    const std::size_t d = catalogue.n_factors;
    const std::size_t most = std::min(n, wanted(max_results));
    excluded_ = arena.template take<std::uint8_t>(n);
    candidates_ = arena.template take<Candidate>(2 * most);
    valued_ = arena.template take<Valued>(2 * most);
    likeness_ = arena.template take<double>(2 * most);
    scored_ = arena.template take<Scored>(most);
    count_ = arena.template take<std::uint16_t>(n);
    familiarity_ = arena.template take<float>(n);
    bias_ = arena.template take<float>(n);
    base_system_ = arena.template take<double>(d * d);
    query_ = arena.template take<double>(d);
    scratch_ = arena.template take<double>(2 * d);
    taste_ = arena.template take<double>(TextVectors::kMaxDimensions);
  }

  /// What does not depend on the listener; after take_buffers(), and after they were wiped.
  void prepare(const Catalogue& catalogue);

  /// Whether neighbours can be found: alpha0 and user_lambda regularise the catalogue's system.
  bool has_neighbours() const { return has_neighbours_; }

  /// The list of `settings` at `now_s`, and how many it holds.
  std::uint32_t make(const ListListener& listener, const ListSettings& settings, std::int64_t now_s,
                     std::span<Scored> out);

 private:
  static std::size_t wanted(std::size_t results) {
    return std::max<std::size_t>(kCandidatesPerResult * results, kLeastCandidates);
  }
  std::size_t rank_most_listened(const ListListener& listener, std::size_t room);
  std::size_t rank_by_taste(const ListListener& listener, const Blend& blend, std::size_t room);
  ListSources sources_of(const ListListener& listener, const Blend& blend);
  double best_value(const ListListener& listener, const ListSources& sources, const Blend& blend);

  std::span<std::uint8_t> excluded_;  // [N]
  std::span<Candidate> candidates_;   // twice as many as one source gives
  std::span<Valued> valued_;          // as many as candidates
  std::span<double> likeness_;        // as many as candidates
  std::span<Scored> scored_;
  std::span<std::uint16_t> count_;     // [N]
  std::span<float> familiarity_;       // [N]
  std::span<float> bias_;              // [N]
  std::span<double> base_system_;      // [d, d]
  std::span<double> query_, scratch_;  // [d], [2 d]
  std::span<double> taste_;
  bool has_neighbours_ = false;
};

}  // namespace ossicle

#endif  // OSSICLE_ENGINE_LIST_H_
