#include "learning/listeners.h"

#include <algorithm>
#include <map>

#include "base/rng.h"
#include "ossicle/eval.h"
#include "ossicle/history.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kCandidates = 200;

// The row of each item of the ratings; kNoItem where it cannot be listened to.
Problem rows_of(const Ratings& ratings, const std::string& names_path, const Catalogue& catalogue,
                std::vector<std::uint32_t>& rows) {
  std::map<std::string, std::string> names;
  if (!names_path.empty()) OSL_TOOL_TRY(read_names(names_path, names));
  for (const std::string& item : ratings.items) {
    const auto named = names.find(item);
    const std::uint32_t row =
        find_item(catalogue, artist_id(named == names.end() ? item : named->second));
    rows.push_back(row != kNoItem && catalogue.is_cold(row) ? kNoItem : row);
  }
  return {};
}

Listener listener_of(const Interactions& plays, std::uint32_t user,
                     std::span<const std::uint32_t> rows) {
  // Two items of one name are one row. A map sums them in the order of rows.
  std::map<std::uint32_t, double> by_row;
  const auto end = static_cast<std::size_t>(plays.offset[user + 1]);
  for (auto e = static_cast<std::size_t>(plays.offset[user]); e < end; ++e) {
    const std::uint32_t row = rows[plays.item[e]];
    if (row != kNoItem) by_row[row] += static_cast<double>(plays.weight[e]);
  }
  Listener listener;
  for (const auto& [row, n] : by_row) {
    listener.items.push_back(row);
    listener.plays.push_back(n);
  }
  return listener;
}

// The list of a listener, most wanted first.
Result<std::vector<std::uint32_t>> list_of(const Catalogue& catalogue, const HeldOut& listener,
                                           Profile& profile, std::span<std::uint8_t> excluded) {
  OSL_TRY(profile.solve(catalogue, listener.played));
  std::vector<Candidate> candidates(kCandidates);
  std::vector<Scored> best(Lists::kLength);
  for (const std::uint32_t item : listener.played.items) excluded[item] = 1;
  const std::uint32_t found = find_candidates(catalogue, profile.user(), excluded, candidates);
  const std::uint32_t n = rank(catalogue, profile.user(), std::span(candidates).first(found), best);
  for (const std::uint32_t item : listener.played.items) excluded[item] = 0;
  std::vector<std::uint32_t> list;
  list.reserve(n);
  for (std::uint32_t j = 0; j < n; ++j) list.push_back(best[j].item);
  return list;
}

}  // namespace

Problem read_listeners(const std::string& path, const std::string& names_path,
                       const Catalogue& catalogue, Listeners& out) {
  Ratings ratings;
  OSL_TOOL_TRY(read_ratings(path, ratings));
  std::vector<std::uint32_t> rows;
  OSL_TOOL_TRY(rows_of(ratings, names_path, catalogue, rows));
  if (std::all_of(rows.begin(), rows.end(), [](std::uint32_t row) { return row == kNoItem; })) {
    return problem(path + ": has no item of the catalogue; ids that are not names need --names");
  }
  out = {.sha256 = ratings.sha256};
  for (std::uint32_t user = 0; user < ratings.by_user.n_users; ++user) {
    out.all.push_back(listener_of(ratings.by_user, user, rows));
  }
  return {};
}

Profile::Profile(const Catalogue& catalogue)
    : p_(catalogue.n_factors + 1),
      cholesky_(p_.size() * p_.size()),
      p_u7_(catalogue.row_stride),
      item_(catalogue.n_items),
      items_(catalogue.n_items),
      observations_(catalogue.n_items) {
  user_ = {.p = p_, .cholesky = cholesky_, .p_u7 = p_u7_};
}

Status Profile::solve(const Catalogue& catalogue, const Listener& listener) {
  const std::vector<std::uint32_t>& items = listener.items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    item_[items[i]].positive = listener.plays.empty() ? 1 : listener.plays[i];
    items_[i] = items[i];
  }
  History history;
  history.item = item_;
  history.items = items_;
  history.n_items = static_cast<std::uint32_t>(items.size());
  const std::uint32_t n = observe(catalogue, history, {}, kEpochS, observations_);
  for (const std::uint32_t item : items) item_[item].positive = 0;
  return fold_in(catalogue, std::span(observations_).first(n), user_);
}

std::optional<HeldOut> hold_out(const Listener& listener, std::uint64_t state) {
  HeldOut one;
  for (std::size_t i = 0; i < listener.items.size(); ++i) {
    if (base::below(state, 5) == 0) {
      one.truth.push_back(listener.items[i]);
      continue;
    }
    one.played.items.push_back(listener.items[i]);
    if (!listener.plays.empty()) one.played.plays.push_back(listener.plays[i]);
  }
  if (one.truth.empty() || one.played.items.empty()) return {};
  return one;
}

std::vector<HeldOut> hold_out(std::span<const Listener> listeners, std::uint64_t seed) {
  std::vector<HeldOut> all;
  for (std::size_t number = 0; number < listeners.size(); ++number) {
    std::uint64_t state = std::uint64_t{number} * 0x9e3779b97f4a7c15U ^ seed;
    std::optional<HeldOut> one = hold_out(listeners[number], base::next(state));
    if (one) all.push_back(std::move(*one));
  }
  return all;
}

Result<Lists> make_lists(const Catalogue& catalogue, std::span<const HeldOut> listeners,
                         const ForEach& for_each) {
  constexpr std::uint32_t kParts = 64;
  Lists out;
  out.recall.resize(listeners.size());
  std::vector<std::vector<std::uint32_t>> lists(listeners.size());
  std::vector<Status> status(kParts);
  const auto work = [&](std::uint32_t part) {
    Profile profile(catalogue);
    std::vector<std::uint8_t> excluded(catalogue.n_items);
    for (std::size_t u = part; u < listeners.size(); u += kParts) {
      Result<std::vector<std::uint32_t>> list = list_of(catalogue, listeners[u], profile, excluded);
      if (!list) {
        status[part] = Error{list.error().code, u, "lists: a listener cannot be solved (listener)"};
        return;
      }
      lists[u] = std::move(list).value();
      out.recall[u] = ranking_metrics(lists[u], listeners[u].truth, Lists::kLength).recall;
    }
  };
  if (for_each) {
    for_each(kParts, work);
  } else {
    for (std::uint32_t part = 0; part < kParts; ++part) work(part);
  }
  for (const Status& one : status) OSL_TRY(one);
  out.exposure.assign(catalogue.n_items, 0);
  const double share = 1 / static_cast<double>(listeners.size());
  for (const auto& list : lists) {
    for (const std::uint32_t item : list) out.exposure[item] += share;
  }
  return out;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

std::vector<std::uint32_t> over_exposed(std::span<const double> before,
                                        std::span<const double> after) {
  constexpr double kAlways = 0.005;
  constexpr double kMostRise = 1.5;
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < after.size(); ++row) {
    if (after[row] > std::max(kAlways, kMostRise * before[row])) rows.push_back(row);
  }
  return rows;
}

}  // namespace ossicle::tools
