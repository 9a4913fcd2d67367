#ifndef OSSICLE_TOOLS_EVALUATION_LISTS_BANDIT_REPLAY_H_
#define OSSICLE_TOOLS_EVALUATION_LISTS_BANDIT_REPLAY_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evaluation/lists/held_out.h"
#include "ossicle/bandit.h"

namespace ossicle::tools {

/// A simulated listener: a real history, and a taste that follows one source of recommendations up
/// to half-way and another from there on. An item is taken with the probability `taken_right` when
/// it is among the `taste_size` best unknown items of the source of the day, as that source ranked
/// them for the history at the start, and `taken_wrong` otherwise.
struct ReplaySettings {
  std::uint32_t listeners = 10;  ///< of each seed
  std::uint32_t rounds = 80;     ///< lists shown, one a day
  std::uint32_t list_size = 3;
  std::uint32_t taste_size = 150;
  double taken_right = 0.5;
  double taken_wrong = 0.05;
  double skipped = 0.5;  ///< of the items that are not taken; the others have no answer
  bool drift = true;     ///< false: the first source all the time
  BanditSettings bandit = {};
};

/// Items taken on average in one list, by way of making it. Regret is measured against `right`.
struct ReplayMeans {
  double right = 0;   ///< the arm of the source of the day
  double fixed = 0;   ///< the best fixed blend
  double plain = 0;   ///< the default list
  double random = 0;  ///< a random arm for each list
  double bandit = 0;
};

struct ReplayResult {
  Blend fixed;
  std::vector<ReplayMeans> per_seed;
};

/// Listeners of one fold against an engine trained without them. The fixed blend is the best of a
/// grid (model alone, with neighbours, text and novelty in several weights, and each arm) over
/// seeds of their own; all ways see the same draws. Everything goes through Engine: showings, plays
/// and skips are recorded, so that the profile adapts under every way of making lists.
Problem replay_bandit(const ListRequest& request, const ReplaySettings& settings,
                      std::span<const std::uint64_t> seeds, ReplayResult& out);

std::string table(const ReplayResult& result, std::span<const std::uint64_t> seeds);
std::string to_json(const ReplayResult& result, std::span<const std::uint64_t> seeds);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_LISTS_BANDIT_REPLAY_H_
