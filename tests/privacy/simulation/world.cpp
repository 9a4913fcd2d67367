#include "world.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/rng.h"

namespace ossicle::simulation {
namespace {

Result<IalsModel> train(const IalsProblem& problem, const IalsSettings& settings,
                        const ForEach& for_each) {
  Result<IalsModel> model = ials_start(problem, settings);
  if (!model) return model;
  for (std::uint32_t i = 0; i < settings.iterations; ++i) {
    OSL_TRY(ials_iterate(problem, model.value(), for_each));
  }
  return model;
}

void run(const ForEach& for_each, std::uint32_t n, const std::function<void(std::uint32_t)>& task) {
  if (for_each) return for_each(n, task);
  for (std::uint32_t i = 0; i < n; ++i) task(i);
}

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t state = a * 0x9e3779b97f4a7c15U ^ b;
  return base::next(state);
}

}  // namespace

Result<World> World::make(const Interactions& plays, const WorldSettings& settings,
                          const ForEach& for_each) {
  Interactions alike = plays;
  alike.weight.assign(alike.item.size(), 1.0F);
  const Result<IalsProblem> problem = plain_problem(alike, {});
  if (!problem) return problem.error();
  const Result<IalsModel> model = train(
      problem.value(),
      {.factors = settings.taste_factors, .iterations = settings.iterations, .seed = settings.seed},
      for_each);
  if (!model) return model.error();

  World world;
  world.settings_ = settings;
  world.users_ = plays.n_users;
  world.taste_ = model.value().p;
  world.item_ = model.value().q;
  std::vector<double> listeners(plays.n_items);
  for (const std::uint32_t item : plays.item) ++listeners[item];
  for (std::uint32_t u = 0; u < plays.n_users; ++u) {
    world.plays_.push_back(static_cast<std::uint32_t>(plays.offset[u + 1] - plays.offset[u]));
  }
  world.row_.resize(plays.n_items);
  std::iota(world.row_.begin(), world.row_.end(), 0U);
  world.fit_popularity(listeners, for_each);
  return world;
}

std::vector<float> World::affinities(std::span<const float> taste) const {
  const std::size_t d = settings_.taste_factors;
  std::vector<float> affinity(n_items());
  const auto strength = static_cast<float>(settings_.affinity);
  for (std::size_t i = 0; i < affinity.size(); ++i) {
    float sum[8] = {};
    const float* q = item_.data() + i * d;
    for (std::size_t k = 0; k < d; ++k) sum[k % 8] += taste[k] * q[k];
    affinity[i] = strength * std::accumulate(sum, sum + 8, 0.0F);
  }
  return affinity;
}

// Popular items are to many tastes as well: without this they would be counted twice.
void World::fit_popularity(std::span<const double> wanted, const ForEach& for_each) {
  constexpr int kRounds = 6;
  constexpr std::uint32_t kParts = 8;
  for (const double n : wanted) popularity_.push_back(std::log(n + 0.1));
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::vector<double>> expected(kParts, std::vector<double>(wanted.size()));
    run(for_each, kParts, [&](std::uint32_t part) {
      std::vector<double> weight(wanted.size());
      for (std::uint32_t u = part; u < users_; u += kParts) {
        const std::vector<float> affinity = affinities(
            std::span(taste_).subspan(u * settings_.taste_factors, settings_.taste_factors));
        double sum = 0;
        for (std::size_t i = 0; i < weight.size(); ++i) {
          weight[i] = std::exp(popularity_[i] + static_cast<double>(affinity[i]));
          sum += weight[i];
        }
        // Of so many draws an item is among them with about this probability.
        for (std::size_t i = 0; i < weight.size(); ++i) {
          expected[part][i] += 1 - std::exp(-(plays_[u] * weight[i] / sum));
        }
      }
    });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      double all = 0;
      for (const std::vector<double>& part : expected) all += part[i];
      popularity_[i] += std::log((wanted[i] + 0.1) / (all + 0.1));
    }
  }
}

std::vector<std::uint32_t> World::history(std::uint64_t listener) const {
  const std::size_t d = settings_.taste_factors;
  std::uint64_t state = mix(settings_.seed + 17, listener);
  const float* first = taste_.data() + base::below(state, users_) * d;
  const float* second = taste_.data() + base::below(state, users_) * d;
  const std::size_t wanted = plays_[base::below(state, users_)];
  const auto share = static_cast<float>(0.5 + 0.5 * base::uniform(state));
  std::vector<float> taste(d);
  for (std::size_t k = 0; k < d; ++k) taste[k] = share * first[k] + (1 - share) * second[k];

  // The first to ring of many clocks: a draw without replacement.
  const std::vector<float> affinity = affinities(taste);
  std::vector<std::pair<float, std::uint32_t>> rings(n_items());
  for (std::uint32_t i = 0; i < rings.size(); ++i) {
    const auto waits = static_cast<float>(1 - base::uniform(state));
    const float late = std::log(-std::log(waits) + 1e-20F);
    rings[i] = {late - affinity[i] - static_cast<float>(popularity_[i]), i};
  }
  const std::size_t n = std::min(wanted, rings.size());
  std::nth_element(rings.begin(), rings.begin() + static_cast<std::ptrdiff_t>(n), rings.end());
  std::vector<std::uint32_t> items;
  for (std::size_t j = 0; j < n; ++j) items.push_back(row_[rings[j].second]);
  std::sort(items.begin(), items.end());
  return items;
}

Result<testing::CatalogueContents> train_start(World& world, const WorldSettings& settings,
                                               std::uint32_t seeds, const ForEach& for_each) {
  const std::uint32_t n = world.n_items();
  std::vector<std::vector<std::uint32_t>> histories(seeds);
  run(for_each, seeds, [&](std::uint32_t u) { histories[u] = world.history(u); });
  std::vector<std::uint32_t> listeners(n);
  for (const auto& history : histories) {
    for (const std::uint32_t item : history) ++listeners[item];
  }
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](auto a, auto b) {
    return listeners[a] != listeners[b] ? listeners[a] > listeners[b] : a < b;
  });
  std::vector<std::uint32_t> row(n);
  for (std::uint32_t i = 0; i < n; ++i) row[order[i]] = i;
  world.number(row);

  Interactions plays;
  plays.n_users = seeds;
  plays.n_items = n;
  plays.offset = {0};
  for (auto& history : histories) {
    for (std::uint32_t& item : history) item = row[item];
    std::sort(history.begin(), history.end());
    plays.item.insert(plays.item.end(), history.begin(), history.end());
    plays.offset.push_back(plays.item.size());
  }
  plays.weight.assign(plays.item.size(), 1.0F);
  const PlainLoss loss;
  const Result<IalsProblem> problem = plain_problem(plays, loss);
  if (!problem) return problem.error();
  const Result<IalsModel> model = train(
      problem.value(),
      {.factors = settings.factors, .iterations = settings.iterations, .seed = settings.seed + 1},
      for_each);
  if (!model) return model.error();

  testing::CatalogueContents contents;
  contents.n_factors = settings.factors;
  contents.rows.resize(std::size_t{n} * settings.factors);
  contents.scale.resize(n);
  std::vector<std::int32_t> rowsum(n);
  quantise_rows(model.value().q, n, settings.factors, settings.factors, contents.rows,
                contents.scale, rowsum);
  for (const std::uint32_t item : order) contents.listeners.push_back(listeners[item]);
  contents.model.alpha0 = loss.alpha0;
  // ADR 0003: one ridge, at the mean count.
  contents.model.user_lambda =
      loss.lambda * (loss.alpha0 * n + static_cast<double>(plays.item.size()) / seeds);
  return contents;
}

std::vector<HeldOut> held_out(const World& world, std::uint32_t n, std::uint64_t first_listener) {
  std::vector<HeldOut> all;
  for (std::uint64_t listener = first_listener; all.size() < n; ++listener) {
    std::optional<HeldOut> one =
        tools::hold_out({.items = world.history(listener)}, mix(listener, 5));
    if (one) all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace ossicle::simulation
