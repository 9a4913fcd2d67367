#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "ossicle/train.h"
#include "synthetic_interactions.h"

using namespace ossicle;
using ossicle::testing::random_interactions;

namespace {

IalsSettings small_settings(bool biases) {
  IalsSettings s;
  s.factors = 5;
  s.iterations = 8;
  s.seed = 7;
  s.biases = biases;
  return s;
}

constexpr PlainLoss kLoss{.alpha0 = 0.1, .lambda = 0.05, .nu = 1};

IalsProblem problem_of(const Interactions& x, const PlainLoss& loss = kLoss) {
  Result<IalsProblem> problem = plain_problem(x, loss);
  REQUIRE(problem.ok());
  return std::move(problem).value();
}

IalsModel trained(const IalsProblem& problem, const IalsSettings& settings,
                  const ForEach& for_each = {}) {
  Result<IalsModel> model = ials_start(problem, settings);
  REQUIRE(model.ok());
  for (std::uint32_t i = 0; i < settings.iterations; ++i) {
    REQUIRE(ials_iterate(problem, model.value(), for_each).ok());
  }
  return model.value();
}

std::size_t begin_of(const Interactions& x, std::uint32_t u) {
  return static_cast<std::size_t>(x.offset[u]);
}

double rating(const IalsModel& m, std::uint32_t u, std::uint32_t i) {
  const std::size_t d = m.settings.factors;
  double r = m.mu + static_cast<double>(m.user_bias[u]) + static_cast<double>(m.item_bias[i]);
  for (std::size_t f = 0; f < d; ++f) {
    r += static_cast<double>(m.p[u * d + f]) * static_cast<double>(m.q[i * d + f]);
  }
  return r;
}

double square_norm(const std::vector<float>& v, std::size_t at, std::size_t d, float bias) {
  double sum = static_cast<double>(bias) * static_cast<double>(bias);
  for (std::size_t f = 0; f < d; ++f) sum += std::pow(static_cast<double>(v[at * d + f]), 2);
  return sum;
}

// The loss of train.h, term by term; both steps of the problem have the same weights.
double loss(const IalsProblem& x, const IalsModel& m) {
  const Interactions& rows = x.by_user;
  double total = 0;
  for (std::uint32_t u = 0; u < rows.n_users; ++u) {
    for (std::uint32_t i = 0; i < rows.n_items; ++i) {
      total += static_cast<double>(x.user_negative[u]) * static_cast<double>(x.item_negative[i]) *
               std::pow(rating(m, u, i), 2);
    }
    for (std::size_t e = begin_of(rows, u); e < begin_of(rows, u + 1); ++e) {
      total += static_cast<double>(rows.weight[e]) * std::pow(1 - rating(m, u, rows.item[e]), 2);
    }
    total += static_cast<double>(x.user_ridge[u]) *
             square_norm(m.p, u, m.settings.factors, m.user_bias[u]);
  }
  for (std::uint32_t i = 0; i < rows.n_items; ++i) {
    total += static_cast<double>(x.item_ridge[i]) *
             square_norm(m.q, i, m.settings.factors, m.item_bias[i]);
  }
  return total;
}

// Solves user `u` by Gauss elimination in f64, without any of the solver's shortcuts.
std::vector<double> naive_user(const IalsProblem& x, const IalsModel& m, std::uint32_t u) {
  const std::size_t d = m.settings.factors;
  const std::size_t k = d + (m.settings.biases ? 1 : 0);
  std::vector<std::vector<double>> a(k, std::vector<double>(k + 1, 0));
  std::vector<double> weight(x.by_user.n_items, 0);
  for (std::size_t e = begin_of(x.by_user, u); e < begin_of(x.by_user, u + 1); ++e) {
    weight[x.by_user.item[e]] = static_cast<double>(x.by_user.weight[e]);
  }
  for (std::uint32_t i = 0; i < x.by_user.n_items; ++i) {
    std::vector<double> f(k, 1);
    for (std::size_t c = 0; c < d; ++c) f[c] = static_cast<double>(m.q[i * d + c]);
    const double offset = m.settings.biases ? m.mu + static_cast<double>(m.item_bias[i]) : 0;
    const double negative =
        static_cast<double>(x.user_negative[u]) * static_cast<double>(x.item_negative[i]);
    for (std::size_t r = 0; r < k; ++r) {
      for (std::size_t c = 0; c < k; ++c) a[r][c] += (weight[i] + negative) * f[r] * f[c];
      a[r][k] += f[r] * (weight[i] * (1 - offset) - negative * offset);
    }
  }
  for (std::size_t r = 0; r < k; ++r) a[r][r] += static_cast<double>(x.user_ridge[u]);
  for (std::size_t r = 0; r < k; ++r) {
    for (std::size_t other = 0; other < k; ++other) {
      if (other == r) continue;
      const double factor = a[other][r] / a[r][r];
      for (std::size_t c = r; c <= k; ++c) a[other][c] -= factor * a[r][c];
    }
  }
  std::vector<double> z(d + 1, 0);
  for (std::size_t r = 0; r < k; ++r) z[r] = a[r][k] / a[r][r];
  return z;
}

// How far the users that ials_solve_users finds are from the naive ones, over all entries.
double largest_error(const IalsProblem& x, const IalsModel& m) {
  const std::size_t d = m.settings.factors;
  std::vector<float> p(m.p.size());
  std::vector<float> bias(m.user_bias.size());
  REQUIRE(ials_solve_users(x, m, p, bias).ok());
  double worst = 0;
  for (std::uint32_t u = 0; u < x.by_user.n_users; ++u) {
    std::vector<double> z = naive_user(x, m, u);
    if (!m.settings.biases) z[d] = 0;
    for (std::size_t f = 0; f <= d; ++f) {
      const float got = f < d ? p[u * d + f] : bias[u];
      worst = std::max(worst, std::fabs(static_cast<double>(got) - z[f]));
    }
  }
  return worst;
}

// Plays of a long tail: counts for weighted_problem.
Interactions random_plays(std::uint64_t seed, std::uint32_t n_users, std::uint32_t n_items) {
  Interactions x = random_interactions(seed, n_users, n_items);
  for (float& weight : x.weight) weight = std::ceil(weight * weight * weight * 20);
  return x;
}

}  // namespace

TEST_CASE("the loss never rises from iteration to iteration") {
  for (const bool biases : {false, true}) {
    const IalsProblem x = problem_of(random_interactions(3, 60, 40));
    IalsModel m = ials_start(x, small_settings(biases)).value();
    double before = loss(x, m);
    for (int i = 0; i < 10; ++i) {
      REQUIRE(ials_iterate(x, m).ok());
      const double after = loss(x, m);
      CHECK(after <= before * (1 + 1e-6));
      before = after;
    }
    CHECK(m.iterations_done == 10);
  }
}

TEST_CASE("every user is the exact minimum, with fewer plays than factors and with more") {
  for (const bool biases : {false, true}) {
    for (const double nu : {1.0, 0.5}) {
      IalsSettings s = small_settings(biases);
      const IalsProblem x =
          problem_of(random_interactions(11, 80, 30), {.alpha0 = 0.1, .lambda = 0.05, .nu = nu});
      bool few = false;
      bool many = false;
      for (std::uint32_t u = 0; u < x.by_user.n_users; ++u) {
        const std::uint64_t n = x.by_user.offset[u + 1] - x.by_user.offset[u];
        few = few || (n > 0 && n < 5);
        many = many || n > 6;
      }
      REQUIRE((few && many));
      CHECK(largest_error(x, trained(x, s)) < 1e-5);
    }
  }
}

TEST_CASE("sizes around the tiles of the solver are solved as exactly") {
  for (const std::uint32_t d : {1u, 3u, 4u, 7u, 8u, 9u, 16u, 33u}) {
    IalsSettings s = small_settings(false);
    s.factors = d;
    const IalsProblem x = problem_of(random_interactions(d, 40, 60));
    CAPTURE(d);
    CHECK(largest_error(x, trained(x, s)) < 1e-5);
  }
}

TEST_CASE("a user without interactions is zero without biases") {
  const Interactions x = random_interactions(5, 40, 20);
  const IalsModel m = trained(problem_of(x), small_settings(false));
  REQUIRE(x.offset[4] == x.offset[3]);
  for (std::size_t f = 0; f < 5; ++f) CHECK(m.p[3 * 5 + f] == 0.0F);
}

TEST_CASE("without factors' help, biases find popular items and busy users") {
  // Two kinds of users and of items; the loss's own optimum has the busy and the popular above.
  Interactions x;
  x.n_users = 40;
  x.n_items = 20;
  x.offset = {0};
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    for (std::uint32_t i = 0; i < x.n_items; ++i) {
      const bool popular = i < 5;
      const bool busy = u < 10;
      if (!popular && !(busy && (u + i) % 3 == 0)) continue;
      x.item.push_back(i);
      x.weight.push_back(1);
    }
    x.offset.push_back(x.item.size());
  }
  IalsSettings s = small_settings(true);
  s.factors = 1;
  s.iterations = 20;
  const IalsModel m = trained(problem_of(x), s);
  const auto seen = static_cast<double>(x.item.size());
  CHECK(m.mu == Approx(seen / (seen + kLoss.alpha0 * 40 * 20)));
  // Ratings come near their targets' weighted means.
  double popular = 0;
  double rare = 0;
  for (std::uint32_t u = 10; u < 40; ++u) {
    for (std::uint32_t i = 0; i < 20; ++i) (i < 5 ? popular : rare) += rating(m, u, i);
  }
  CHECK(popular / (30 * 5) == Approx(1 / 1.1).margin(0.12));
  CHECK(rare / (30 * 15) == Approx(0).margin(0.15));
  CHECK(m.item_bias[0] > m.item_bias[10]);
}

TEST_CASE("a weighted problem has mean confidence and mean negative weight 1") {
  const Interactions plays = random_plays(4, 60, 40);
  PlayConfidence device;
  const Result<IalsProblem> made = weighted_problem(plays, {}, {}, &device);
  REQUIRE(made.ok());
  const IalsProblem& x = made.value();
  const auto mean = [](const std::vector<float>& values) {
    double sum = 0;
    for (const float v : values) sum += static_cast<double>(v);
    return sum / static_cast<double>(values.size());
  };
  CHECK(mean(x.by_user.weight) == Approx(1));
  CHECK(mean(x.by_item.weight) == Approx(1));
  CHECK(mean(x.item_negative) == Approx(1));
  CHECK(x.item_negative[0] > x.item_negative[30]);  // item 0 is the most played
  CHECK(device.spread == WeightedLoss().user_spread);
  CHECK(device.scale > 0);
}

TEST_CASE("what a listener plays most weighs most, more so when items are solved") {
  Interactions plays = random_plays(4, 60, 40);
  const std::size_t first = begin_of(plays, 0);
  REQUIRE(plays.offset[1] - first >= 3);
  plays.weight[first] = 1;
  plays.weight[first + 1] = 500;
  const IalsProblem x = weighted_problem(plays, {}, {.popularity = 0}).value();
  CHECK(x.by_user.weight[first + 1] > 1.5F * x.by_user.weight[first]);
  const Interactions back = transpose(x.by_item);
  CHECK(back.weight[first + 1] / back.weight[first] >
        x.by_user.weight[first + 1] / x.by_user.weight[first]);
}

TEST_CASE("users of a weighted problem are the exact minimum, and so are its tags") {
  const Interactions plays = random_plays(6, 60, 40);
  const Interactions tags = random_plays(7, 12, 40);
  const IalsProblem x = weighted_problem(plays, tags, {}).value();
  REQUIRE(x.by_user.n_users == 72);
  CHECK(x.user_negative[0] == static_cast<float>(WeightedLoss().alpha0));
  CHECK(x.user_negative[60] == static_cast<float>(WeightedLoss().tag_alpha0));
  for (const std::uint32_t d : {8u, 24u}) {
    IalsSettings s = small_settings(false);
    s.factors = d;
    CHECK(largest_error(x, trained(x, s)) < 1e-5);
  }
}

TEST_CASE("a weighted problem refuses tags of other items and constants out of range") {
  const Interactions plays = random_plays(6, 20, 40);
  CHECK(!weighted_problem(plays, random_plays(7, 12, 41), {}).ok());
  const auto refused = [&](auto change) {
    WeightedLoss loss;
    change(loss);
    const Result<IalsProblem> made = weighted_problem(plays, {}, loss);
    return !made.ok() && made.error().code == Code::kInvalidArgument;
  };
  CHECK(refused([](WeightedLoss& l) { l.alpha0 = 0; }));
  CHECK(refused([](WeightedLoss& l) { l.lambda = std::nan(""); }));
  CHECK(refused([](WeightedLoss& l) { l.item_spread = -1; }));
  CHECK(refused([](WeightedLoss& l) { l.user_spread = 11; }));
  CHECK(refused([](WeightedLoss& l) { l.user_count = -1; }));
  CHECK(refused([](WeightedLoss& l) { l.tag_alpha0 = 0; }));
  CHECK_FALSE(refused([](WeightedLoss&) {}));
}

TEST_CASE("the order in which rows are solved changes nothing") {
  const IalsProblem x =
      weighted_problem(random_plays(6, 200, 90), random_plays(7, 12, 90), {}).value();
  const ForEach backwards = [](std::uint32_t n, const std::function<void(std::uint32_t)>& task) {
    for (std::uint32_t i = n; i-- > 0;) task(i);
  };
  CHECK(trained(x, small_settings(false)).q == trained(x, small_settings(false), backwards).q);
}

// Printed by the native build; it changes with the mathematics, never with the build.
TEST_CASE("training gives the same bytes on every build") {
  const IalsProblem x =
      weighted_problem(random_plays(6, 200, 90), random_plays(7, 12, 90), {}).value();
  IalsSettings s = small_settings(false);
  s.factors = 24;
  std::uint64_t digest = 0xcbf29ce484222325U;  // FNV-1a
  for (const float value : trained(x, s).q) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) {
      digest = (digest ^ (bits >> shift & 0xffU)) * 0x100000001b3U;
    }
  }
  CHECK(digest == 0x16179a70284e2e03U);
}

TEST_CASE("one seed gives one model, another seed another") {
  const IalsProblem x = problem_of(random_interactions(9, 50, 30));
  IalsSettings s = small_settings(true);
  const IalsModel a = trained(x, s);
  const IalsModel b = trained(x, s);
  CHECK(a.q == b.q);
  CHECK(a.p == b.p);
  CHECK(a.item_bias == b.item_bias);
  s.seed = 8;
  CHECK(trained(x, s).q != a.q);
}

TEST_CASE("a run that is copied half-way and goes on ends where a straight run ends") {
  const IalsProblem x = problem_of(random_interactions(9, 50, 30));
  const IalsModel straight = trained(x, small_settings(true));
  IalsModel first = ials_start(x, small_settings(true)).value();
  for (int i = 0; i < 3; ++i) REQUIRE(ials_iterate(x, first).ok());
  IalsModel second = first;
  for (int i = 0; i < 5; ++i) REQUIRE(ials_iterate(x, second).ok());
  CHECK(second.q == straight.q);
  CHECK(second.user_bias == straight.user_bias);
}

TEST_CASE("transposing twice gives the same interactions") {
  const Interactions x = random_interactions(2, 30, 25);
  const Interactions back = transpose(transpose(x));
  CHECK(back.offset == x.offset);
  CHECK(back.item == x.item);
  CHECK(back.weight == x.weight);
}

TEST_CASE("bad interactions are refused with the user's number") {
  const Interactions good = random_interactions(2, 10, 25);
  const std::size_t second = begin_of(good, 1);
  struct Bad {
    const char* name;
    void (*spoil)(Interactions&, std::size_t);
    std::uint64_t at;
  };
  const Bad cases[] = {
      {"NaN", [](Interactions& x, std::size_t e) { x.weight[e] = std::nanf(""); }, 1},
      {"infinite",
       [](Interactions& x, std::size_t e) { x.weight[e] = std::numeric_limits<float>::infinity(); },
       1},
      {"zero", [](Interactions& x, std::size_t e) { x.weight[e] = 0; }, 1},
      {"negative", [](Interactions& x, std::size_t e) { x.weight[e] = -1; }, 1},
      {"item outside", [](Interactions& x, std::size_t e) { x.item[e] = 25; }, 1},
      {"repeated", [](Interactions& x, std::size_t e) { x.item[e + 1] = x.item[e]; }, 1},
      {"offsets fall", [](Interactions& x, std::size_t) { x.offset[2] = 0; }, 1},
      {"sizes differ", [](Interactions& x, std::size_t) { x.weight.pop_back(); }, 10},
  };
  REQUIRE(good.offset[2] - second >= 2);
  for (const Bad& bad : cases) {
    CAPTURE(bad.name);
    Interactions x = good;
    bad.spoil(x, second);
    const Result<IalsProblem> r = plain_problem(x, kLoss);
    REQUIRE(!r.ok());
    CHECK(r.error().code == Code::kInvalidArgument);
    CHECK(r.error().at == bad.at);
  }
}

TEST_CASE("settings outside their range are refused") {
  const Interactions x = random_interactions(2, 10, 25);
  const auto refused = [&](auto change) {
    IalsSettings s = small_settings(false);
    PlainLoss loss = kLoss;
    change(s, loss);
    const Result<IalsProblem> problem = plain_problem(x, loss);
    if (!problem.ok()) return problem.error().code == Code::kInvalidArgument;
    const Result<IalsModel> r = ials_start(problem.value(), s);
    return !r.ok() && r.error().code == Code::kInvalidArgument;
  };
  CHECK(refused([](IalsSettings& s, PlainLoss&) { s.factors = 0; }));
  CHECK(refused([](IalsSettings& s, PlainLoss&) { s.factors = 1025; }));
  CHECK(refused([](IalsSettings& s, PlainLoss&) { s.init_sd = 0; }));
  CHECK(refused([](IalsSettings& s, PlainLoss&) { s.iterations = 0; }));
  CHECK(refused([](IalsSettings&, PlainLoss& l) { l.alpha0 = 0; }));
  CHECK(refused([](IalsSettings&, PlainLoss& l) { l.alpha0 = std::nan(""); }));
  CHECK(refused([](IalsSettings&, PlainLoss& l) { l.lambda = -1; }));
  CHECK(refused([](IalsSettings&, PlainLoss& l) { l.nu = -0.5; }));
  CHECK_FALSE(refused([](IalsSettings&, PlainLoss&) {}));
}

TEST_CASE("a problem with a weight missing, or a ridge of 0, is refused") {
  const IalsProblem good = problem_of(random_interactions(2, 10, 25));
  const auto refused = [&](auto change) {
    IalsProblem x = good;
    change(x);
    return !ials_start(x, small_settings(false)).ok();
  };
  CHECK(refused([](IalsProblem& x) { x.user_negative.pop_back(); }));
  CHECK(refused([](IalsProblem& x) { x.item_negative[0] = -1; }));
  CHECK(refused([](IalsProblem& x) { x.item_ridge[3] = 0; }));
  CHECK(refused([](IalsProblem& x) { x.user_ridge[3] = std::nanf(""); }));
  CHECK(refused([](IalsProblem& x) { x.by_item = x.by_user; }));
  CHECK_FALSE(refused([](IalsProblem&) {}));
}

TEST_CASE("a model of another shape is refused") {
  IalsModel m =
      ials_start(problem_of(random_interactions(2, 10, 25)), small_settings(false)).value();
  const Status s = ials_iterate(problem_of(random_interactions(2, 11, 25)), m);
  REQUIRE(!s.ok());
  CHECK(s.error().code == Code::kInvalidArgument);
}
