#include "ossicle/text_map.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "ossicle/train.h"
#include "synthetic_interactions.h"

using namespace ossicle;
using ossicle::testing::random_interactions;

namespace {

// Texts of 3 numbers and factors of 2 that follow from them: q = [text; 1] m.
struct Example {
  std::vector<float> text, q, weight;
  std::vector<float> m = {1, 2, -3, 4, 0.5F, -1, 0.25F, 7};  // [4, 2]
};

Example example(std::size_t n) {
  Example out;
  for (std::size_t i = 0; i < n; ++i) {
    const float t[] = {std::sin(static_cast<float>(i)), std::cos(2.5F * static_cast<float>(i)),
                       static_cast<float>(i % 5) - 2};
    for (const float x : t) out.text.push_back(x);
    for (std::size_t c = 0; c < 2; ++c) {
      out.q.push_back(t[0] * out.m[c] + t[1] * out.m[2 + c] + t[2] * out.m[4 + c] + out.m[6 + c]);
    }
    out.weight.push_back(1 + static_cast<float>(i % 3));
  }
  return out;
}

}  // namespace

TEST_CASE("a map that made the factors is found again, across blocks of items") {
  const Example x = example(150);
  const Result<TextMap> map = fit_text_map(x.text, x.q, x.weight, 3, 2, 1e-9);
  REQUIRE(map.ok());
  for (std::size_t at = 0; at < x.m.size(); ++at) CHECK(map.value().m[at] == Approx(x.m[at]));
  std::vector<float> factor(2);
  REQUIRE(map_text(map.value().m, std::span(x.text).subspan(3 * 7, 3), factor).ok());
  CHECK(factor[0] == Approx(x.q[14]).margin(1e-4));
  CHECK(factor[1] == Approx(x.q[15]).margin(1e-4));
}

TEST_CASE("items of weight 0 do not count, and a large ridge leaves the mean") {
  Example x = example(60);
  for (std::size_t i = 40; i < 60; ++i) {
    x.weight[i] = 0;
    x.q[2 * i] = 1e6F;
  }
  const Result<TextMap> map = fit_text_map(x.text, x.q, x.weight, 3, 2, 1e-9);
  REQUIRE(map.ok());
  for (std::size_t at = 0; at < x.m.size(); ++at) CHECK(map.value().m[at] == Approx(x.m[at]));
  const Result<TextMap> flat = fit_text_map(x.text, x.q, x.weight, 3, 2, 1e12);
  REQUIRE(flat.ok());
  double sum = 0;
  double weight = 0;
  for (std::size_t i = 0; i < 40; ++i) {
    sum += static_cast<double>(x.weight[i]) * static_cast<double>(x.q[2 * i]);
    weight += static_cast<double>(x.weight[i]);
  }
  CHECK(flat.value().m[0] == Approx(0).margin(1e-6));
  CHECK(flat.value().m[6] == Approx(sum / weight));
}

TEST_CASE("of no items the map is 0") {
  const Result<TextMap> map = fit_text_map({}, {}, {}, 3, 2, 1);
  REQUIRE(map.ok());
  CHECK(map.value().m == std::vector<float>(8, 0.0F));
}

TEST_CASE("what a text map cannot be made of is refused") {
  const Example x = example(20);
  const auto code = [&](std::span<const float> text, std::span<const float> weight, double ridge) {
    return fit_text_map(text, x.q, weight, 3, 2, ridge).error().code;
  };
  CHECK(code(std::span(x.text).first(59), x.weight, 1) == Code::kInvalidArgument);
  CHECK(code(x.text, x.weight, 0) == Code::kInvalidArgument);
  std::vector<float> wrong = x.weight;
  wrong[4] = -1;
  CHECK(fit_text_map(x.text, x.q, wrong, 3, 2, 1).error().at == 4);
  std::vector<float> text = x.text;
  text[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK(code(text, x.weight, 1) == Code::kNotSolvable);

  std::vector<float> factor(2);
  CHECK(map_text(x.m, std::span(x.text).first(2), factor).error().code == Code::kInvalidArgument);
  CHECK(map_text(x.m, std::span(text).subspan(3, 3), factor).error().at == 2);
}

TEST_CASE("cold items are solved from the users and change nothing for anybody else") {
  Interactions plays = random_interactions(11, 40, 30);
  std::vector<std::uint32_t> listeners(30, 0);
  for (const std::uint32_t item : plays.item) ++listeners[item];
  std::uint32_t warm_listeners = 0;
  for (const std::uint32_t n : listeners) warm_listeners = std::max(warm_listeners, n);
  WeightedLoss loss;
  loss.warm_listeners = warm_listeners / 2 + 1;
  IalsSettings settings;
  settings.factors = 4;
  const auto train = [&](const Interactions& x) {
    const Result<IalsProblem> problem = weighted_problem(x, {}, loss);
    REQUIRE(problem.ok());
    Result<IalsModel> model = ials_start(problem.value(), settings);
    REQUIRE(model.ok());
    for (int i = 0; i < 5; ++i) REQUIRE(ials_iterate(problem.value(), model.value()).ok());
    return std::pair(problem.value(), model.value());
  };
  const auto [problem, model] = train(plays);
  std::uint32_t n_cold = 0;
  for (std::uint32_t i = 0; i < 30; ++i) {
    CHECK((problem.cold[i] != 0) == (listeners[i] < loss.warm_listeners));
    if (problem.cold[i] == 0) continue;
    ++n_cold;
    double norm = 0;
    for (std::size_t f = 0; f < 4; ++f) norm += std::fabs(static_cast<double>(model.q[4 * i + f]));
    CHECK((norm > 0) == (listeners[i] > 0));
  }
  REQUIRE(n_cold > 0);
  REQUIRE(n_cold < 30);
  for (const std::uint32_t item : problem.by_user.item) CHECK(problem.cold[item] == 0);

  // A cold item's plays are taken away from all: the users and the warm items stay where they were,
  // up to the constant that makes the mean weight 1.
  Interactions without;
  without.n_users = plays.n_users;
  without.n_items = plays.n_items;
  without.offset = {0};
  const auto gone = static_cast<std::uint32_t>(
      std::find(problem.cold.begin(), problem.cold.end(), 1) - problem.cold.begin());
  for (std::uint32_t u = 0; u < plays.n_users; ++u) {
    for (auto e = static_cast<std::size_t>(plays.offset[u]); e < plays.offset[u + 1]; ++e) {
      if (plays.item[e] == gone) continue;
      without.item.push_back(plays.item[e]);
      without.weight.push_back(plays.weight[e]);
    }
    without.offset.push_back(without.item.size());
  }
  const auto [other, other_model] = train(without);
  double scale = 0;
  for (std::size_t e = 0; e < problem.by_user.weight.size(); ++e) {
    const double ratio = static_cast<double>(other.by_user.weight[e]) /
                         static_cast<double>(problem.by_user.weight[e]);
    if (e == 0) scale = ratio;
    CHECK(ratio == Approx(scale));
  }
}

TEST_CASE("with texts an item without plays lies where its text says") {
  Interactions plays = random_interactions(3, 60, 20);
  // Nobody plays item 19; its text is that of item 0.
  Interactions played;
  played.n_users = 60;
  played.n_items = 20;
  played.offset = {0};
  for (std::uint32_t u = 0; u < 60; ++u) {
    for (auto e = static_cast<std::size_t>(plays.offset[u]); e < plays.offset[u + 1]; ++e) {
      if (plays.item[e] == 19) continue;
      played.item.push_back(plays.item[e]);
      played.weight.push_back(plays.weight[e]);
    }
    played.offset.push_back(played.item.size());
  }
  WeightedLoss loss;
  loss.warm_listeners = 1;
  Result<IalsProblem> problem = weighted_problem(played, {}, loss);
  REQUIRE(problem.ok());
  problem.value().text_size = 20;
  problem.value().text_ridge = 1e-6;
  problem.value().item_text.assign(20 * 20, 0.0F);
  for (std::size_t i = 0; i < 20; ++i) problem.value().item_text[i * 20 + i % 19] = 1;
  IalsSettings settings;
  settings.factors = 4;
  Result<IalsModel> model = ials_start(problem.value(), settings);
  REQUIRE(model.ok());
  for (int i = 0; i < 6; ++i) REQUIRE(ials_iterate(problem.value(), model.value()).ok());
  double along = 0;
  double first = 0;
  double last = 0;
  for (std::size_t f = 0; f < 4; ++f) {
    const auto a = static_cast<double>(model.value().q[f]);
    const auto b = static_cast<double>(model.value().q[19 * 4 + f]);
    along += a * b;
    first += a * a;
    last += b * b;
  }
  // Not along it alone: that nobody played the item says something as well.
  CHECK(along / std::sqrt(first * last) > 0.7);

  problem.value().text_pull = 2;
  CHECK(ials_start(problem.value(), settings).error().code == Code::kInvalidArgument);
  problem.value().text_pull = 0;
  model = ials_start(problem.value(), settings);
  REQUIRE(model.ok());
  REQUIRE(ials_iterate(problem.value(), model.value()).ok());
  for (std::size_t f = 0; f < 4; ++f) CHECK(model.value().q[19 * 4 + f] == 0);
}
