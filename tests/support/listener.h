#ifndef OSSICLE_TESTS_SUPPORT_LISTENER_H_
#define OSSICLE_TESTS_SUPPORT_LISTENER_H_

// Listeners made in memory: single events, random histories, and the buffers that the stages of
// pipeline.h work on.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "ossicle/engine.h"
#include "ossicle/pipeline.h"
#include "synthetic_catalogue.h"

namespace ossicle::testing {

inline constexpr std::int64_t kDayS = 86400;
/// A "now" for tests: 2026-07-01 UTC.
inline constexpr std::int64_t kNowS = 1782864000;

/// An event of row `item` of a synthetic catalogue.
inline Listen event(ListenKind kind, std::uint32_t item, std::int64_t at_s) {
  Listen e;
  e.artist = item_id(item);
  e.at_s = at_s;
  e.kind = kind;
  return e;
}
/// A play of unknown length, which counts whole.
inline Listen play(std::uint32_t item, std::int64_t at_s) {
  return event(ListenKind::kPlay, item, at_s);
}
inline Listen play_ms(std::uint32_t item, std::int64_t at_s, std::uint32_t played_ms,
                      std::uint32_t duration_ms) {
  Listen e = play(item, at_s);
  e.played_ms = played_ms;
  e.duration_ms = duration_ms;
  return e;
}
inline Listen skip(std::uint32_t item, std::int64_t at_s) {
  return event(ListenKind::kSkip, item, at_s);
}
inline Listen love(std::uint32_t item, std::int64_t at_s) {
  return event(ListenKind::kLove, item, at_s);
}
inline Listen ban(std::uint32_t item, std::int64_t at_s) {
  return event(ListenKind::kBan, item, at_s);
}
inline Listen clear(std::uint32_t item, std::int64_t at_s) {
  return event(ListenKind::kClear, item, at_s);
}

/// `n_events` events on about `n_artists` rows of a catalogue of `n_items`, over the five years
/// before kNowS: mostly plays, some skips, loves, bans and clears, some artists that the catalogue
/// lacks. No two events are of one second.
inline std::vector<Listen> random_history(std::uint64_t seed, std::uint32_t n_items,
                                          std::uint32_t n_artists, std::uint32_t n_events) {
  std::uint64_t state = seed;
  std::vector<std::uint32_t> artists;
  for (std::uint32_t a = 0; a < n_artists; ++a) artists.push_back(next_below(state, n_items));
  std::vector<Listen> events;
  const std::int64_t step_s = 5 * 365 * kDayS / n_events;
  for (std::uint32_t i = 0; i < n_events; ++i) {
    const std::uint32_t artist = artists[next_below(state, n_artists)];
    Listen e = play(artist, kNowS - (i + 1) * step_s);
    const std::uint32_t what = next_below(state, 100);
    if (what < 10) e.kind = ListenKind::kSkip;
    if (what == 10) e.kind = ListenKind::kLove;
    if (what == 11) e.kind = ListenKind::kBan;
    if (what == 12) e.kind = ListenKind::kClear;
    if (what > 90) e.artist = unknown_item_id(artist);
    e.track_hash = next_random(state);
    if (next_below(state, 2) == 1) e.played_ms = next_below(state, 400000);
    if (next_below(state, 2) == 1) e.duration_ms = 1 + next_below(state, 400000);
    events.push_back(e);
  }
  return events;
}

/// Puts `events` into another order.
inline void shuffle(std::vector<Listen>& events, std::uint64_t seed) {
  std::uint64_t state = seed;
  for (std::size_t i = events.size(); i > 1; --i) {
    std::swap(events[i - 1], events[next_below(state, static_cast<std::uint32_t>(i))]);
  }
}

/// What Engine owns, for calling the stages one by one. Stays where it is made: the spans point
/// into it.
class StageBuffers {
 public:
  explicit StageBuffers(const Catalogue& catalogue, std::size_t seen = 1024)
      : catalogue_(catalogue),
        item_(catalogue.n_items),
        items_(catalogue.n_items),
        seen_(seen),
        p_(catalogue.n_factors + 1),
        cholesky_(p_.size() * p_.size()),
        p_u7_(catalogue.row_stride),
        observations_(catalogue.n_items),
        numbers_(explain_numbers(catalogue.n_items, catalogue.n_factors)),
        row_item_(kept_rows(catalogue.n_items, catalogue.n_factors)),
        rows_(row_item_.size() * p_.size()),
        removed_(kRemembered) {
    history.item = item_;
    history.items = items_;
    history.seen = seen_;
    user.p = p_;
    user.cholesky = cholesky_;
    user.p_u7 = p_u7_;
    explaining.numbers = numbers_;
    explaining.rows = {rows_, row_item_};
    explaining.removed = removed_;
  }
  StageBuffers(const StageBuffers&) = delete;
  StageBuffers& operator=(const StageBuffers&) = delete;

  /// Observations of the history at `now_s`.
  std::vector<Observation> observed(const ProfileSettings& settings, std::int64_t now_s) {
    const std::span<Observation> seen =
        std::span(observations_)
            .first(observe(catalogue_, history, settings, now_s, observations_));
    return {seen.begin(), seen.end()};
  }

  History history;
  UserModel user;
  ExplainMemory explaining;

 private:
  const Catalogue& catalogue_;
  std::vector<ItemHistory> item_;
  std::vector<std::uint32_t> items_;
  std::vector<std::uint64_t> seen_;
  std::vector<double> p_, cholesky_;
  std::vector<std::uint8_t> p_u7_;
  std::vector<Observation> observations_;
  std::vector<double> numbers_;
  std::vector<std::uint32_t> row_item_;
  std::vector<double> rows_;
  std::vector<std::uint32_t> removed_;
};

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_SUPPORT_LISTENER_H_
