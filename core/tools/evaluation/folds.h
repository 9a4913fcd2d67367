#ifndef OSSICLE_TOOLS_EVALUATION_FOLDS_H_
#define OSSICLE_TOOLS_EVALUATION_FOLDS_H_

// Users in folds, whose own data only meets the engine.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ossicle/train.h"
#include "ossicle/types.h"
#include "ratings.h"

namespace ossicle::tools {

/// A fold for each user: as equal as can be, in random order.
std::vector<std::uint32_t> assign_folds(std::uint32_t users, std::uint32_t folds,
                                        std::uint64_t seed);

/// The rows of the users with keep[u], numbered anew.
Interactions select_users(const Interactions& x, const std::vector<bool>& keep);

/// Rows of a catalogue, rising; items that it lacks are left out.
std::vector<std::uint32_t> rows_in(std::span<const std::uint32_t> row_of_item,
                                   std::span<const std::uint32_t> items);

/// An artist that a listener played, and how often.
struct PlayedItem {
  std::string name;
  std::uint32_t plays = 0;
};

/// What a user of `train` played, at most `most_plays` of an item; one play of each where counts do
/// not matter.
std::vector<PlayedItem> played_items(const Ratings& ratings, const Interactions& train,
                                     std::uint32_t user, bool counts_matter,
                                     std::uint32_t most_plays);

/// These plays as events, all at kEpochS.
std::vector<Listen> play_events(std::span<const PlayedItem> history);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_FOLDS_H_
