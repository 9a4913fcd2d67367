#include "sequence/rules.h"

#include <algorithm>
#include <array>
#include <limits>

namespace ossicle::sequence {

// How many more items of an artist the list may have after `before`; none where the artist rests.
std::size_t ListRules::left_for(std::span<const std::uint32_t> before, std::uint32_t artist) const {
  const auto is_theirs = [&](std::uint32_t item) { return items_.artist[item] == artist; };
  const std::span<const std::uint32_t> near =
      before.last(std::min<std::size_t>(before.size(), request_.spacing));
  if (std::ranges::any_of(near, is_theirs)) return 0;
  const bool ends_it = request_.to != kNoItem && is_theirs(request_.to);
  if (ends_it && length_ - 1 - before.size() <= request_.spacing) return 0;
  if (request_.per_artist == 0) return std::numeric_limits<std::size_t>::max();
  const std::size_t there =
      static_cast<std::size_t>(std::ranges::count_if(before, is_theirs)) + (ends_it ? 1 : 0);
  return request_.per_artist > there ? request_.per_artist - there : 0;
}

bool ListRules::artist_may_follow(std::span<const std::uint32_t> before, std::uint32_t item) const {
  return items_.artist.empty() || left_for(before, items_.artist[item]) > 0;
}

void ListRules::close_artists(std::span<const std::uint32_t> before, std::uint8_t mark,
                              std::span<std::uint8_t> closed) const {
  // Only artists of the list and of its end can be closed.
  std::array<std::uint32_t, SequenceModel::kMaxLength + 1> artists;
  std::size_t n = 0;
  const auto look_at = [&](std::uint32_t item) {
    const std::uint32_t artist = items_.artist[item];
    const std::span<const std::uint32_t> known(artists.data(), n);
    if (std::ranges::find(known, artist) == known.end() && left_for(before, artist) == 0) {
      artists[n++] = artist;
    }
  };
  for (const std::uint32_t item : before) look_at(item);
  if (request_.to != kNoItem) look_at(request_.to);
  const std::span<const std::uint32_t> resting(artists.data(), n);
  for (std::size_t i = 0; i < items_.n_items; ++i) {
    if (std::ranges::find(resting, items_.artist[i]) != resting.end()) closed[i] |= mark;
  }
}

bool ListRules::ends_agree() const {
  if (request_.from == kNoItem || request_.to == kNoItem || items_.artist.empty() ||
      items_.artist[request_.from] != items_.artist[request_.to]) {
    return true;
  }
  return length_ - 1 > request_.spacing && request_.per_artist != 1;
}

std::size_t ListRules::fill_plenty_first(std::span<const std::uint8_t> closed,
                                         std::span<std::uint32_t> order,
                                         std::span<std::uint32_t> taken,
                                         std::span<std::uint32_t> list) const {
  std::size_t n = 0;
  for (std::uint32_t i = 0; i < items_.n_items; ++i) {
    if (closed[i] == 0) order[n++] = i;
  }
  const std::span<const std::uint32_t> artist = items_.artist;
  const std::span<std::uint32_t> open = order.first(n);
  const auto before_it = [artist](std::uint32_t a, std::uint32_t b) {
    return artist[a] != artist[b] ? artist[a] < artist[b] : a < b;
  };
  std::make_heap(open.begin(), open.end(), before_it);  // a third of std::sort's code
  std::sort_heap(open.begin(), open.end(), before_it);
  std::ranges::fill(taken.first(n), 0U);

  for (std::size_t position = 0; position < list.size(); ++position) {
    const std::span<const std::uint32_t> before(list.data(), position);
    if (position == 0 && request_.from != kNoItem) {
      list[position] = request_.from;
      continue;
    }
    if (position + 1 == length_ && request_.to != kNoItem) {
      list[position] = request_.to;
      continue;
    }
    std::size_t best = n, best_left = 0;
    for (std::size_t first = 0, end = 0; first < n; first = end) {
      while (end < n && artist[open[end]] == artist[open[first]]) ++end;
      const std::size_t left = end - first - taken[first];
      // Taken by number of items; whoever has fewer than the best so far needs no look at the list.
      if (left <= best_left) continue;
      const std::size_t allowed = std::min(left, left_for(before, artist[open[first]]));
      if (allowed > best_left) {
        best = first;
        best_left = allowed;
      }
    }
    if (best == n) return position;
    list[position] = open[best + taken[best]++];
  }
  return list.size();
}

}  // namespace ossicle::sequence
