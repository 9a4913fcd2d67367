#include <cmath>
#include <limits>

#include "base/rng.h"
#include "mf/half_step.h"
#include "ossicle/train.h"

namespace ossicle {
namespace {

bool positive(double x) { return std::isfinite(x) && x > 0; }

Status check(const IalsSettings& s) {
  if (s.factors < 1 || s.factors > 1024) {
    return Error{Code::kInvalidArgument, s.factors, "factors must be in 1..1024"};
  }
  if (s.iterations < 1) return Error{Code::kInvalidArgument, 0, "iterations must be at least 1"};
  if (!positive(s.alpha0)) return Error{Code::kInvalidArgument, 0, "alpha0 must be above 0"};
  if (!positive(s.lambda)) return Error{Code::kInvalidArgument, 0, "lambda must be above 0"};
  if (!std::isfinite(s.nu) || s.nu < 0 || s.nu > 4) {
    return Error{Code::kInvalidArgument, 0, "nu must be in 0..4"};
  }
  if (!positive(s.init_sd)) return Error{Code::kInvalidArgument, 0, "init_sd must be above 0"};
  return Status();
}

Status check(const Interactions& x) {
  const Error shape{Code::kInvalidArgument, x.n_users, "interactions: array sizes do not fit"};
  if (x.n_users < 1 || x.n_items < 1 || x.offset.size() != std::size_t{x.n_users} + 1) return shape;
  if (x.offset[0] != 0 || x.offset[x.n_users] != x.item.size()) return shape;
  if (x.item.size() != x.weight.size()) return shape;
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    if (x.offset[u + 1] < x.offset[u] || x.offset[u + 1] > x.item.size()) {
      return Error{Code::kInvalidArgument, u, "interactions: offsets of a user do not rise"};
    }
    const auto from = static_cast<std::size_t>(x.offset[u]);
    const auto to = static_cast<std::size_t>(x.offset[u + 1]);
    for (std::size_t e = from; e < to; ++e) {
      if (x.item[e] >= x.n_items || (e > from && x.item[e] <= x.item[e - 1])) {
        return Error{Code::kInvalidArgument, u, "interactions: a user's items must rise, below N"};
      }
      if (!positive(static_cast<double>(x.weight[e]))) {
        return Error{Code::kInvalidArgument, u, "interactions: a weight is not a number above 0"};
      }
    }
  }
  return Status();
}

// The mean of the targets under the loss's weights: 1 with weight w_ui, 0 with weight alpha0.
double mean_target(const Interactions& x, double alpha0) {
  double seen = 0;
  for (const float w : x.weight) seen += static_cast<double>(w);
  return seen / (seen + alpha0 * static_cast<double>(x.n_users) * static_cast<double>(x.n_items));
}

}  // namespace

Interactions transpose(const Interactions& by_user) {
  Interactions out;
  out.n_users = by_user.n_items;
  out.n_items = by_user.n_users;
  out.offset.assign(std::size_t{by_user.n_items} + 1, 0);
  out.item.resize(by_user.item.size());
  out.weight.resize(by_user.item.size());
  for (const std::uint32_t i : by_user.item) ++out.offset[i + 1];
  for (std::uint32_t i = 0; i < by_user.n_items; ++i) out.offset[i + 1] += out.offset[i];
  std::vector<std::uint64_t> next(out.offset.begin(), out.offset.end() - 1);
  for (std::uint32_t u = 0; u < by_user.n_users; ++u) {
    const auto end = static_cast<std::size_t>(by_user.offset[u + 1]);
    for (auto e = static_cast<std::size_t>(by_user.offset[u]); e < end; ++e) {
      const auto to = static_cast<std::size_t>(next[by_user.item[e]]++);
      out.item[to] = u;
      out.weight[to] = by_user.weight[e];
    }
  }
  return out;
}

Result<IalsModel> ials_start(const Interactions& by_user, const IalsSettings& settings) {
  OSL_TRY(check(settings));
  OSL_TRY(check(by_user));
  IalsModel model;
  model.settings = settings;
  model.n_users = by_user.n_users;
  model.n_items = by_user.n_items;
  if (settings.biases) model.mu = mean_target(by_user, settings.alpha0);
  model.p.resize(std::size_t{model.n_users} * settings.factors);
  model.q.resize(std::size_t{model.n_items} * settings.factors);
  model.user_bias.assign(model.n_users, 0.0F);
  model.item_bias.assign(model.n_items, 0.0F);
  const double sd = settings.init_sd / std::sqrt(static_cast<double>(settings.factors));
  std::uint64_t state = settings.seed;
  for (float& x : model.p) x = static_cast<float>(sd * base::normal(state));
  for (float& x : model.q) x = static_cast<float>(sd * base::normal(state));
  return model;
}

Status ials_iterate(const Interactions& by_user, const Interactions& by_item, IalsModel& model) {
  const std::size_t d = model.settings.factors;
  if (by_user.n_users != model.n_users || by_user.n_items != model.n_items ||
      by_item.n_users != model.n_items || by_item.n_items != model.n_users ||
      model.p.size() != model.n_users * d || model.q.size() != model.n_items * d ||
      model.user_bias.size() != model.n_users || model.item_bias.size() != model.n_items) {
    return Error{Code::kInvalidArgument, 0, "the model is of another shape than the interactions"};
  }
  const FixedSide items{model.q, model.item_bias, model.n_items};
  OSL_TRY(
      solve_half(by_user, items, model.settings, model.mu, std::nullopt, model.p, model.user_bias));
  const FixedSide users{model.p, model.user_bias, model.n_users};
  OSL_TRY(
      solve_half(by_item, users, model.settings, model.mu, std::nullopt, model.q, model.item_bias));
  ++model.iterations_done;
  return Status();
}

Status ials_solve_users(const Interactions& by_user, const IalsModel& items, std::span<float> p,
                        std::span<float> user_bias, std::optional<double> user_lambda) {
  OSL_TRY(check(by_user));
  if (by_user.n_items != items.n_items || user_bias.size() != by_user.n_users ||
      p.size() != std::size_t{by_user.n_users} * items.settings.factors) {
    return Error{Code::kInvalidArgument, 0, "the model is of another shape than the interactions"};
  }
  const FixedSide fixed{items.q, items.item_bias, items.n_items};
  return solve_half(by_user, fixed, items.settings, items.mu, user_lambda, p, user_bias);
}

}  // namespace ossicle
