#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "base/rng.h"
#include "mf/checks.h"
#include "mf/half_step.h"
#include "ossicle/text_map.h"
#include "ossicle/train.h"

namespace ossicle {
namespace {

Status check(const IalsSettings& s) {
  if (s.factors < 1 || s.factors > 1024) {
    return Error{Code::kInvalidArgument, s.factors, "factors must be in 1..1024"};
  }
  if (s.iterations < 1) return Error{Code::kInvalidArgument, 0, "iterations must be at least 1"};
  return mf::check_positive(s.init_sd, "init_sd must be above 0");
}

bool are_weights(std::span<const float> values, std::size_t n) {
  return values.size() == n && std::all_of(values.begin(), values.end(),
                                           [](float x) { return std::isfinite(x) && x >= 0; });
}

bool are_ridges(std::span<const float> values, std::size_t n) {
  return are_weights(values, n) && std::find(values.begin(), values.end(), 0.0F) == values.end();
}

Status check(const IalsProblem& x) {
  OSL_TRY(mf::check(x.by_user));
  OSL_TRY(mf::check(x.by_item));
  const std::size_t users = x.by_user.n_users;
  const std::size_t items = x.by_user.n_items;
  if (x.by_item.n_users != items || x.by_item.n_items != users) {
    return Error{Code::kInvalidArgument, 0, "the two sides of the problem are of other shapes"};
  }
  if (!are_weights(x.user_negative, users) || !are_weights(x.item_negative, items) ||
      !are_ridges(x.user_ridge, users) || !are_ridges(x.item_ridge, items)) {
    return Error{Code::kInvalidArgument, 0,
                 "a weight of the problem is missing, negative or not finite, or a ridge is 0"};
  }
  if (!x.cold.empty() && x.cold.size() != items) {
    return Error{Code::kInvalidArgument, x.cold.size(), "cold is not [N] (at = its size)"};
  }
  if (x.item_text.size() != items * x.text_size) {
    return Error{Code::kInvalidArgument, x.item_text.size(),
                 "item_text is not [N, text_size] (at = its size)"};
  }
  if (!(x.text_pull >= 0 && x.text_pull <= 1)) {
    return Error{Code::kInvalidArgument, 0, "text_pull must be in 0..1"};
  }
  return mf::check_positive(x.text_ridge, "text_ridge must be above 0");
}

// The mean of the targets under the loss's weights: 1 with weight w_ui, 0 with weight a_u c_i.
double mean_target(const IalsProblem& x) {
  double seen = 0;
  for (const float w : x.by_user.weight) seen += static_cast<double>(w);
  double users = 0;
  for (const float a : x.user_negative) users += static_cast<double>(a);
  double items = 0;
  for (const float c : x.item_negative) items += static_cast<double>(c);
  return seen / (seen + users * items);
}

void one_after_the_other(std::uint32_t n, const std::function<void(std::uint32_t)>& task) {
  for (std::uint32_t i = 0; i < n; ++i) task(i);
}

bool has_shape(const IalsModel& model, std::uint32_t users, std::uint32_t items) {
  const std::size_t d = model.settings.factors;
  return model.n_users == users && model.n_items == items && model.p.size() == users * d &&
         model.q.size() == items * d && model.user_bias.size() == users &&
         model.item_bias.size() == items;
}

constexpr Error kOtherShape{Code::kInvalidArgument, 0,
                            "the model is of another shape than the interactions"};

// c_i as users see it: a cold item weighs nothing.
std::vector<float> negative_of_items(const IalsProblem& problem) {
  std::vector<float> out = problem.item_negative;
  for (std::size_t i = 0; i < problem.cold.size(); ++i) {
    if (problem.cold[i] != 0) out[i] = 0;
  }
  return out;
}

// The prior of every item, [N, d], from the warm items of `model`; empty without texts.
Result<std::vector<float>> text_priors(const IalsProblem& problem, const IalsModel& model) {
  std::vector<float> prior;
  if (problem.text_size == 0 || problem.text_pull <= 0) return prior;
  std::vector<float> weight = problem.item_ridge;
  for (std::size_t i = 0; i < problem.cold.size(); ++i) {
    if (problem.cold[i] != 0) weight[i] = 0;
  }
  const std::uint32_t d = model.settings.factors;
  const Result<TextMap> map =
      fit_text_map(problem.item_text, model.q, weight, problem.text_size, d, problem.text_ridge);
  if (!map.ok()) return map.error();
  prior.resize(model.q.size());
  const std::span<const float> text(problem.item_text);
  for (std::size_t i = 0; i < model.n_items; ++i) {
    const std::span<float> row = std::span(prior).subspan(i * d, d);
    OSL_TRY(map_text(map.value().m, text.subspan(i * problem.text_size, problem.text_size), row));
    for (float& x : row) x *= static_cast<float>(problem.text_pull);
  }
  return prior;
}

mf::FixedSide items_of(const IalsModel& model, std::span<const float> negative) {
  return {model.q,       model.item_bias,        negative,
          model.n_items, model.settings.factors, model.settings.biases,
          model.mu};
}

mf::FixedSide users_of(const IalsModel& model, const IalsProblem& problem) {
  return {model.p,       model.user_bias,        problem.user_negative,
          model.n_users, model.settings.factors, model.settings.biases,
          model.mu};
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

Result<IalsProblem> plain_problem(const Interactions& by_user, const PlainLoss& loss) {
  OSL_TRY(mf::check_positive(loss.alpha0, "alpha0 must be above 0"));
  OSL_TRY(mf::check_positive(loss.lambda, "lambda must be above 0"));
  if (!std::isfinite(loss.nu) || loss.nu < 0 || loss.nu > 4) {
    return Error{Code::kInvalidArgument, 0, "nu must be in 0..4"};
  }
  OSL_TRY(mf::check(by_user));
  IalsProblem problem;
  problem.by_user = by_user;
  problem.by_item = transpose(by_user);
  problem.user_negative.assign(by_user.n_users, static_cast<float>(loss.alpha0));
  problem.item_negative.assign(by_user.n_items, 1.0F);
  const auto ridges = [&](const Interactions& rows) {
    std::vector<float> ridge(rows.n_users);
    for (std::uint32_t r = 0; r < rows.n_users; ++r) {
      const auto count = static_cast<double>(rows.offset[r + 1] - rows.offset[r]);
      ridge[r] = static_cast<float>(loss.lambda *
                                    base::det_pow(count + loss.alpha0 * rows.n_items, loss.nu));
    }
    return ridge;
  };
  problem.user_ridge = ridges(problem.by_user);
  problem.item_ridge = ridges(problem.by_item);
  return problem;
}

Result<IalsModel> ials_start(const IalsProblem& problem, const IalsSettings& settings) {
  OSL_TRY(check(settings));
  OSL_TRY(check(problem));
  IalsModel model;
  model.settings = settings;
  model.n_users = problem.by_user.n_users;
  model.n_items = problem.by_user.n_items;
  if (settings.biases) model.mu = mean_target(problem);
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

Status ials_iterate(const IalsProblem& problem, IalsModel& model, const ForEach& for_each) {
  if (!has_shape(model, problem.by_user.n_users, problem.by_user.n_items)) return kOtherShape;
  const ForEach run = for_each ? for_each : ForEach(one_after_the_other);
  OSL_TRY(mf::solve_half({problem.by_user, problem.user_negative, problem.user_ridge, {}},
                         items_of(model, negative_of_items(problem)), run, model.p,
                         model.user_bias));
  const Result<std::vector<float>> prior = text_priors(problem, model);
  if (!prior.ok()) return prior.error();
  OSL_TRY(
      mf::solve_half({problem.by_item, problem.item_negative, problem.item_ridge, prior.value()},
                     users_of(model, problem), run, model.q, model.item_bias));
  ++model.iterations_done;
  return Status();
}

Status ials_solve_users(const IalsProblem& problem, const IalsModel& model, std::span<float> p,
                        std::span<float> user_bias) {
  OSL_TRY(mf::check(problem.by_user));
  const std::size_t users = problem.by_user.n_users;
  if (!has_shape(model, model.n_users, problem.by_user.n_items) || user_bias.size() != users ||
      p.size() != users * model.settings.factors || !are_weights(problem.user_negative, users) ||
      !are_ridges(problem.user_ridge, users) ||
      !are_weights(problem.item_negative, model.n_items)) {
    return kOtherShape;
  }
  return mf::solve_half({problem.by_user, problem.user_negative, problem.user_ridge, {}},
                        items_of(model, negative_of_items(problem)), one_after_the_other, p,
                        user_bias);
}

}  // namespace ossicle
