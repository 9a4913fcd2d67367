#include <algorithm>
#include <cmath>

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
    double value;
    const char* what;
  } others[] = {
      {loss.user_spread, "user_spread must be in 0..100"},
      {loss.item_spread, "item_spread must be in 0..100"},
      {loss.popularity, "popularity must be in 0..100"},
      {loss.negative_popularity, "negative_popularity must be in 0..100"},
      {loss.user_count, "user_count must be in 0..1e9"},
      {loss.item_confidence, "item_confidence must be in 0..1e9"},
  };
  for (const auto& other : others) {
    const double most = other.value == loss.user_count || other.value == loss.item_confidence
                            ? 1e9
                            : 100;
    if (!(other.value >= 0 && other.value <= most)) {
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

// Confidences in the place of play counts, of mean 1; `settings.scale` becomes what makes it so.
std::vector<float> confidences(const Interactions& plays,
                               const std::vector<std::uint32_t>& listeners,
                               PlayConfidence& settings) {
  settings.scale = 1;
  std::vector<double> level(plays.weight.begin(), plays.weight.end());
  std::vector<double> w(level.size());
  std::vector<std::uint32_t> of_item(level.size());
  for (std::size_t e = 0; e < of_item.size(); ++e) of_item[e] = listeners[plays.item[e]];
  double sum = 0;
  for (std::uint32_t u = 0; u < plays.n_users; ++u) {
    const auto from = static_cast<std::size_t>(plays.offset[u]);
    const std::size_t n = static_cast<std::size_t>(plays.offset[u + 1]) - from;
    play_confidence(settings, std::span(level).subspan(from, n), std::span(of_item).subspan(from, n),
                    std::span(w).subspan(from, n));
    for (const double x : std::span(w).subspan(from, n)) sum += x;
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

std::vector<float> negatives(const std::vector<std::uint32_t>& listeners, double exponent) {
  std::vector<double> c;
  double sum = 0;
  for (const std::uint32_t n : listeners) {
    c.push_back(mf::power(n + 1.0, exponent));
    sum += c.back();
  }
  std::vector<float> out;
  out.reserve(c.size());
  for (const double x : c) out.push_back(static_cast<float>(x * static_cast<double>(c.size()) / sum));
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
  rows.weight = confidences(plays, listeners, item_step);
  std::vector<double> sum(plays.n_items, 0);
  for (std::size_t e = 0; e < rows.item.size(); ++e) {
    sum[rows.item[e]] += static_cast<double>(rows.weight[e]);
  }
  Interactions tag_rows = tags;
  tag_rows.weight = tag_confidences(tags, loss.tag_confidence);
  problem.by_item = transpose(stack(rows, tag_rows));
  rows.weight = confidences(plays, listeners, user_step);
  problem.by_user = stack(rows, tag_rows);

  const double n = plays.n_items;
  problem.user_negative.assign(users, static_cast<float>(loss.alpha0));
  problem.user_negative.resize(problem.by_user.n_users, static_cast<float>(loss.tag_alpha0));
  problem.item_negative = negatives(listeners, loss.negative_popularity);
  problem.user_ridge.assign(
      users, static_cast<float>(loss.lambda * (loss.alpha0 * n + loss.user_count)));
  problem.user_ridge.resize(
      problem.by_user.n_users,
      static_cast<float>(loss.lambda * (loss.tag_alpha0 * n + loss.user_count)));
  for (const double w : sum) {
    problem.item_ridge.push_back(
        static_cast<float>(loss.lambda * (loss.alpha0 * users + loss.item_confidence * w)));
  }
  if (device != nullptr) *device = user_step;
  return problem;
}

}  // namespace ossicle
