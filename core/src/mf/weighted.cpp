#include "base/math.h"
#include "mf/checks.h"
#include "ossicle/train.h"

namespace ossicle {
namespace {

constexpr double kLn2 = 0.693147180559945309417;

Status check(const WeightedLoss& loss) {
  OSL_TRY(mf::check_positive(loss.alpha0, "alpha0 must be above 0"));
  OSL_TRY(mf::check_positive(loss.lambda, "lambda must be above 0"));
  OSL_TRY(mf::check_positive(loss.tag_confidence, "tag_confidence must be above 0"));
  OSL_TRY(mf::check_positive(loss.tag_alpha0, "tag_alpha0 must be above 0"));
  const struct {
    double value, most;
    const char* what;
  } others[] = {
      {loss.user_spread, 10, "user_spread must be in 0..10"},
      {loss.item_spread, 10, "item_spread must be in 0..10"},
      {loss.popularity, 10, "popularity must be in 0..10"},
      {loss.negative_popularity, 10, "negative_popularity must be in 0..10"},
      {loss.user_count, 1e9, "user_count must be in 0..1e9"},
      {loss.item_confidence, 1e9, "item_confidence must be in 0..1e9"},
  };
  for (const auto& other : others) {
    if (!(other.value >= 0 && other.value <= other.most)) {
      return Error{Code::kInvalidArgument, 0, other.what};
    }
  }
  return {};
}

std::vector<std::uint32_t> count_listeners(const Interactions& plays) {
  std::vector<std::uint32_t> count(plays.n_items, 0);
  for (const std::uint32_t item : plays.item) ++count[item];
  return count;
}

// Confidences in the place of play counts, of mean 1; `settings.scale` becomes what makes it so. A
// listener's mean and spread are those of their warm items, which is what the device has of them.
std::vector<float> confidences(const Interactions& plays,
                               const std::vector<std::uint32_t>& listeners,
                               std::uint32_t warm_listeners, PlayConfidence& settings) {
  settings.scale = 1;
  std::vector<double> w;
  w.reserve(plays.weight.size());
  double sum = 0;
  for (std::uint32_t u = 0; u < plays.n_users; ++u) {
    const auto from = static_cast<std::size_t>(plays.offset[u]);
    const auto to = static_cast<std::size_t>(plays.offset[u + 1]);
    PlaySpread spread(settings);
    std::size_t warm = 0;
    for (std::size_t e = from; e < to; ++e) {
      if (listeners[plays.item[e]] < warm_listeners) continue;
      spread.add(static_cast<double>(plays.weight[e]));
      ++warm;
    }
    // Of somebody who plays nothing that others play, every play is like the mean.
    if (warm == 0) spread.add(static_cast<double>(plays.weight[from]));
    for (std::size_t e = from; e < to; ++e) {
      w.push_back(popularity_discount(settings, listeners[plays.item[e]]) *
                  spread.weigh(static_cast<double>(plays.weight[e])));
      sum += w.back();
    }
  }
  if (sum > 0) settings.scale = static_cast<double>(w.size()) / sum;
  std::vector<float> out;
  out.reserve(w.size());
  for (const double x : w) out.push_back(static_cast<float>(settings.scale * x));
  return out;
}

std::vector<float> tag_confidences(const Interactions& tags, double mean_wanted) {
  std::vector<double> w;
  double sum = 0;
  for (const float count : tags.weight) {
    w.push_back(kLn2 * base::det_log2(1 + static_cast<double>(count)));
    sum += w.back();
  }
  std::vector<float> out;
  out.reserve(w.size());
  for (const double x : w) {
    out.push_back(static_cast<float>(mean_wanted * static_cast<double>(w.size()) * x / sum));
  }
  return out;
}

// `below` has the rows of `above` first.
Interactions stack(const Interactions& above, const Interactions& below) {
  Interactions out = above;
  out.n_users += below.n_users;
  out.item.insert(out.item.end(), below.item.begin(), below.item.end());
  out.weight.insert(out.weight.end(), below.weight.begin(), below.weight.end());
  for (std::uint32_t r = 0; r < below.n_users; ++r) {
    out.offset.push_back(above.item.size() + below.offset[r + 1]);
  }
  return out;
}

// The rows without the items that are cold.
Interactions without_cold(const Interactions& x, const std::vector<std::uint8_t>& cold) {
  Interactions out;
  out.n_users = x.n_users;
  out.n_items = x.n_items;
  out.offset = {0};
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    for (auto e = static_cast<std::size_t>(x.offset[u]); e < x.offset[u + 1]; ++e) {
      if (cold[x.item[e]] != 0) continue;
      out.item.push_back(x.item[e]);
      out.weight.push_back(x.weight[e]);
    }
    out.offset.push_back(out.item.size());
  }
  return out;
}

}  // namespace

Result<IalsProblem> weighted_problem(const Interactions& plays, const Interactions& tags,
                                     const WeightedLoss& loss, PlayConfidence* device) {
  OSL_TRY(check(loss));
  OSL_TRY(mf::check(plays));
  if (tags.n_users > 0) {
    OSL_TRY(mf::check(tags));
    if (tags.n_items != plays.n_items) {
      return Error{Code::kInvalidArgument, tags.n_items, "tags and plays are of other items"};
    }
  }
  const std::uint32_t users = plays.n_users;
  const std::vector<std::uint32_t> listeners = count_listeners(plays);
  PlayConfidence user_step{.spread = loss.user_spread, .popularity = loss.popularity};
  PlayConfidence item_step{.spread = loss.item_spread, .popularity = loss.popularity};

  IalsProblem problem;
  Interactions rows = plays;
  rows.weight = confidences(plays, listeners, loss.warm_listeners, item_step);
  std::vector<double> sum(plays.n_items, 0);
  for (std::size_t e = 0; e < rows.item.size(); ++e) {
    sum[rows.item[e]] += static_cast<double>(rows.weight[e]);
  }
  Interactions tag_rows = tags;
  tag_rows.weight = tag_confidences(tags, loss.tag_confidence);
  problem.by_item = transpose(stack(rows, tag_rows));
  rows.weight = confidences(plays, listeners, loss.warm_listeners, user_step);
  problem.by_user = stack(rows, tag_rows);
  if (loss.warm_listeners > 0) {
    for (const std::uint32_t n : listeners) problem.cold.push_back(n < loss.warm_listeners);
    problem.by_user = without_cold(problem.by_user, problem.cold);
  }

  const double n = static_cast<double>(plays.n_items) + loss.items_left_out;
  problem.user_negative.assign(users, static_cast<float>(loss.alpha0));
  problem.user_negative.resize(problem.by_user.n_users, static_cast<float>(loss.tag_alpha0));
  std::vector<double> negative(plays.n_items);
  negative_weights(listeners, loss.negative_popularity, loss.warm_listeners, negative);
  problem.item_negative.assign(negative.begin(), negative.end());
  problem.user_ridge.assign(problem.by_user.n_users,
                            static_cast<float>(loss.lambda * (loss.alpha0 * n + loss.user_count)));
  for (const double w : sum) {
    problem.item_ridge.push_back(
        static_cast<float>(loss.lambda * (loss.alpha0 * users + loss.item_confidence * w)));
  }
  if (device != nullptr) *device = user_step;
  return problem;
}

}  // namespace ossicle
