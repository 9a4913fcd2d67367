#include "evaluation/folds.h"

#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "evaluation/split.h"
#include "ossicle/engine.h"
#include "ossicle/history.h"

namespace ossicle::tools {

std::vector<std::uint32_t> assign_folds(std::uint32_t users, std::uint32_t folds,
                                        std::uint64_t seed) {
  std::vector<std::uint32_t> fold(users);
  for (std::uint32_t u = 0; u < users; ++u) fold[u] = u % folds;
  std::uint64_t state = ~seed;  // not the numbers that the split was drawn from
  for (std::uint32_t u = users; u > 1; --u) std::swap(fold[u - 1], fold[base::below(state, u)]);
  return fold;
}

Interactions select_users(const Interactions& x, const std::vector<bool>& keep) {
  Interactions out;
  out.n_items = x.n_items;
  out.offset = {0};
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    if (!keep[u]) continue;
    const std::span<const std::uint32_t> items = items_of(x, u);
    out.item.insert(out.item.end(), items.begin(), items.end());
    const float* weight = x.weight.data() + x.offset[u];
    out.weight.insert(out.weight.end(), weight, weight + items.size());
    out.offset.push_back(out.item.size());
    ++out.n_users;
  }
  return out;
}

std::vector<std::uint32_t> rows_in(std::span<const std::uint32_t> row_of_item,
                                   std::span<const std::uint32_t> items) {
  std::vector<std::uint32_t> rows;
  for (const std::uint32_t item : items) {
    if (row_of_item[item] != kNoItem) rows.push_back(row_of_item[item]);
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

std::vector<PlayedItem> played_items(const Ratings& ratings, const Interactions& train,
                                     std::uint32_t user, bool counts_matter,
                                     std::uint32_t most_plays) {
  std::vector<PlayedItem> out;
  const std::span<const std::uint32_t> items = items_of(train, user);
  const float* weight = train.weight.data() + train.offset[user];
  for (std::size_t e = 0; e < items.size(); ++e) {
    const double plays = counts_matter ? std::round(weight[e]) : 1;
    const double held = std::clamp(plays, 1.0, static_cast<double>(most_plays));
    out.push_back({ratings.items[items[e]], static_cast<std::uint32_t>(held)});
  }
  return out;
}

std::vector<Listen> play_events(std::span<const PlayedItem> history) {
  std::vector<Listen> events;
  for (const PlayedItem& item : history) {
    Listen listen;
    listen.artist = artist_id(item.name);
    listen.at_s = kEpochS;
    // As many tracks, each played once: a play given twice would be the same play.
    for (std::uint32_t play = 0; play < item.plays; ++play) {
      listen.track_hash = play + 1;
      events.push_back(listen);
    }
  }
  return events;
}

}  // namespace ossicle::tools
