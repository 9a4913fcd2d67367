#include <algorithm>

#include "ossicle/ranking.h"

namespace ossicle {
namespace {

constexpr double kSecondsPerDay = 86400;

bool is_within(std::int64_t now_s, std::int64_t at_s, double days) {
  return static_cast<double>(now_s - at_s) < days * kSecondsPerDay;
}

// When an item was last played, or loved if that is what is known of it.
std::int64_t last_touched(const ItemHistory& item) {
  const std::int64_t loved = item.flag == Flag::kLoved ? item.flag_at_s : 0;
  return std::max(item.last_at_s, loved);
}

bool is_out(const ItemHistory& item, const ProfileSettings& profile, double repeat_days,
            std::int64_t now_s) {
  if (item.resting != 0 && is_within(now_s, item.skipped_at_s, profile.skip_rest_days)) return true;
  if (item.plays == 0 && item.flag == Flag::kNone) return false;
  return repeat_days == 0 || is_within(now_s, last_touched(item), repeat_days);
}

bool is_later(const History& history, std::uint32_t a, std::uint32_t b) {
  const ItemHistory& x = history.item[a];
  const ItemHistory& y = history.item[b];
  const std::int64_t x_at = last_touched(x);
  const std::int64_t y_at = last_touched(y);
  if (x_at != y_at) return x_at > y_at;
  return x.positive != y.positive ? x.positive > y.positive : a < b;
}

}  // namespace

void exclude_banned(const History& history, const CreditTable& credits,
                    std::span<std::uint8_t> excluded) {
  std::fill(excluded.begin(), excluded.end(), std::uint8_t{0});
  for (const std::uint32_t row : history.items.first(history.n_items)) {
    if (row >= excluded.size()) break;  // rows rise, and own items are last
    if (history.item[row].flag == Flag::kBanned) excluded[row] = 1;
  }
  for (const std::uint32_t item : credits.items()) {
    for (const std::uint32_t artist : credits.credits(item)) {
      if (history.item[artist].flag == Flag::kBanned) excluded[item] = 1;
    }
  }
}

void exclude_for_list(const History& history, const ProfileSettings& profile,
                      const ListSettings& settings, const CreditTable& credits, std::int64_t now_s,
                      std::span<std::uint8_t> excluded) {
  exclude_banned(history, credits, excluded);
  for (const std::uint32_t row : history.items.first(history.n_items)) {
    if (row >= excluded.size()) break;
    if (is_out(history.item[row], profile, settings.repeat_days, now_s)) excluded[row] = 1;
  }
  if (settings.shown_rest_days == 0) return;
  for (std::size_t i = 0; i < history.shown.size(); ++i) {
    const Shown& shown = history.shown[i];
    if (shown.at_s != 0 && is_within(now_s, shown.at_s, settings.shown_rest_days)) excluded[i] = 1;
  }
}

std::uint32_t recent_items(const History& history, std::uint32_t end_row,
                           std::span<std::uint32_t> out) {
  const auto later = [&](std::uint32_t a, std::uint32_t b) { return is_later(history, a, b); };
  // A heap of the latest so far, the earliest of them at the front.
  auto end = out.begin();
  for (const std::uint32_t row : history.items.first(history.n_items)) {
    if (row >= end_row) break;
    const ItemHistory& item = history.item[row];
    if (item.flag == Flag::kBanned || (item.plays == 0 && item.flag != Flag::kLoved)) continue;
    if (end == out.end()) {
      if (out.empty() || !later(row, out.front())) continue;
      std::pop_heap(out.begin(), end, later);
      --end;
    }
    *end++ = row;
    std::push_heap(out.begin(), end, later);
  }
  std::sort_heap(out.begin(), end, later);
  return static_cast<std::uint32_t>(end - out.begin());
}

}  // namespace ossicle
