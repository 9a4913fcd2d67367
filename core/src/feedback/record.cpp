#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/math.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

// A play of unknown duration counts whole from here on: what streaming services call a play.
constexpr double kWholePlayMs = 30000;
// Strengths are multiples of 2^-20 before scaling; see record() in pipeline.h for why.
constexpr int kStrengthBits = 20;

std::uint64_t mix(std::uint64_t x) {
  // The finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection in which every input
  // bit reaches every output bit.
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// What tells an event from all others, in 64 bits; never 0. Among 2^24 events the chance that any
// two different ones agree is about 1 in 130,000 (n^2 / 2^65).
std::uint64_t event_key(const Listen& event) {
  std::uint64_t id[2];
  std::memcpy(id, event.artist.data(), sizeof id);
  std::uint64_t key = 0x9e3779b97f4a7c15u;
  for (const std::uint64_t part : {id[0], id[1], static_cast<std::uint64_t>(event.at_s),
                                   event.track_hash, static_cast<std::uint64_t>(event.kind)}) {
    key = mix(key + part) + 0x9e3779b97f4a7c15u;
  }
  return key == 0 ? 1 : key;
}

// The slot that holds `key`, or the free slot where it belongs. There always is a free slot.
std::size_t find_slot(std::span<const std::uint64_t> seen, std::uint64_t key) {
  const std::size_t mask = seen.size() - 1;
  std::size_t slot = static_cast<std::size_t>(key) & mask;
  while (seen[slot] != 0 && seen[slot] != key) slot = (slot + 1) & mask;
  return slot;
}

double played_fraction(const Listen& event) {
  if (event.played_ms == 0) return 1;
  const double whole = event.duration_ms != 0 ? event.duration_ms : kWholePlayMs;
  return std::min(1.0, event.played_ms / whole);
}

// `strength` whole plays at `at_s`, on the scale of ItemHistory.
double scaled_strength(const ProfileSettings& settings, double strength, std::int64_t at_s) {
  const double x = half_lives(settings, at_s);
  const double whole = std::floor(x);
  const double steps =
      std::floor(std::ldexp(strength * base::det_exp2(x - whole), kStrengthBits) + 0.5);
  return std::ldexp(steps, static_cast<int>(whole) - kStrengthBits);
}

void add_play(const ProfileSettings& settings, const Listen& event, ItemHistory& item) {
  item.positive += scaled_strength(settings, played_fraction(event), event.at_s);
  const bool first = item.plays == 0;
  item.first_at_s = first ? event.at_s : std::min(item.first_at_s, event.at_s);
  item.last_at_s = first ? event.at_s : std::max(item.last_at_s, event.at_s);
  ++item.plays;
}

// `taken_back`: the clear of this skip came first. The skip then only ends the rest of earlier
// ones, as it would have done before its clear: had they still rested, the item could not have been
// skipped again.
void add_skip(const ProfileSettings& settings, const Listen& event, bool taken_back,
              ItemHistory& item) {
  if (event.at_s > item.skipped_at_s) {
    item.skipped_at_s = event.at_s;
    item.resting = 0;
  }
  if (taken_back) return;
  if (event.at_s == item.skipped_at_s) ++item.resting;
  item.negative += scaled_strength(settings, settings.skip_strength, event.at_s);
  ++item.skips;
}

void take_back_skip(const ProfileSettings& settings, const Listen& event, ItemHistory& item) {
  if (event.at_s == item.skipped_at_s) --item.resting;
  item.negative -= scaled_strength(settings, settings.skip_strength, event.at_s);
  --item.skips;
}

void set_flag(const Listen& event, Flag flag, ItemHistory& item) {
  if (event.at_s < item.flag_at_s) return;
  item.flag = flag;
  item.flag_at_s = event.at_s;
}

// Whether the event of this kind for the same artist, second and track was recorded.
bool was_recorded(const History& history, Listen event, ListenKind kind) {
  event.kind = kind;
  const std::uint64_t key = event_key(event);
  return history.seen[find_slot(history.seen, key)] == key;
}

void apply(const ProfileSettings& settings, const Listen& event, const History& history,
           ItemHistory& item) {
  // Whichever of the two arrives first, a skip and the clear of its second cancel out.
  switch (event.kind) {
    case ListenKind::kPlay:
      return add_play(settings, event, item);
    case ListenKind::kSkip:
      return add_skip(settings, event, was_recorded(history, event, ListenKind::kClear), item);
    case ListenKind::kLove:
      return set_flag(event, Flag::kLoved, item);
    case ListenKind::kBan:
      return set_flag(event, Flag::kBanned, item);
    case ListenKind::kClear:
      if (was_recorded(history, event, ListenKind::kSkip)) take_back_skip(settings, event, item);
      return set_flag(event, Flag::kNone, item);
    case ListenKind::kShown:
      return;  // no part of the item's history
  }
}

void remember_showing(const Listen& event, std::uint32_t row, History& history) {
  if (row >= history.shown.size() || event.at_s < history.shown[row].at_s) return;
  history.shown[row] = {.at_s = event.at_s, .mark = event.track_hash};
}

bool is_known_kind(ListenKind kind) {
  return kind >= ListenKind::kPlay && kind <= ListenKind::kShown;
}

bool is_too_short(const ProfileSettings& settings, const Listen& event) {
  return event.kind == ListenKind::kPlay && event.played_ms != 0 &&
         event.played_ms < settings.min_played_ms;
}

}  // namespace

Result<Recorded> record(const Catalogue& catalogue, const ProfileSettings& settings,
                        const Listen& event, History& history) {
  if (!is_known_kind(event.kind)) {
    return Error{Code::kInvalidArgument, 0, "the kind of an event is none of 1..6 (at = event)"};
  }
  if (event.at_s < 0 || event.at_s > kLatestS) {
    return Error{Code::kInvalidArgument, 0,
                 "the time of an event is before 1970 or after 9999 (at = event)"};
  }
  const std::uint64_t key = event_key(event);
  const std::size_t slot = find_slot(history.seen, key);
  if (history.seen[slot] == key) {
    ++history.events_duplicate;
    return Recorded::kDuplicate;
  }
  // A quarter of the table stays free, so that probing stays short and always ends.
  if (history.n_seen >= history.seen.size() / 4 * 3) {
    return Error{Code::kCapacityExceeded, 0,
                 "the history holds as many events as EngineOptions::max_events allows"};
  }
  history.seen[slot] = key;
  ++history.n_seen;

  const std::uint32_t row = find_any_item(catalogue, event.artist);
  if (row == kNoItem) {
    ++history.events_unknown;
    return Recorded::kUnknownItem;
  }
  if (event.kind == ListenKind::kShown) {
    remember_showing(event, row, history);
    return Recorded::kKept;
  }
  if (is_too_short(settings, event)) return Recorded::kKept;
  ItemHistory& item = history.item[row];
  if (item.active == 0) {
    item.active = 1;
    const std::span<std::uint32_t> items = history.items.first(++history.n_items);
    const auto last = items.end() - 1;
    const auto at = std::upper_bound(items.begin(), last, row);
    std::copy_backward(at, last, items.end());
    *at = row;
  }
  apply(settings, event, history, item);
  return Recorded::kKept;
}

}  // namespace ossicle
