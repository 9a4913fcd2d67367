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
  s.alpha0 = 0.1;
  s.lambda = 0.05;
  s.iterations = 8;
  s.seed = 7;
  s.biases = biases;
  return s;
}

IalsModel trained(const Interactions& x, const IalsSettings& settings) {
  Result<IalsModel> model = ials_start(x, settings);
  REQUIRE(model.ok());
  const Interactions by_item = transpose(x);
  for (std::uint32_t i = 0; i < settings.iterations; ++i) {
    REQUIRE(ials_iterate(x, by_item, model.value()).ok());
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

// The loss of train.h, term by term.
double loss(const Interactions& x, const IalsModel& m) {
  const IalsSettings& s = m.settings;
  std::vector<double> item_count(x.n_items, 0);
  double total = 0;
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    for (std::uint32_t i = 0; i < x.n_items; ++i) {
      total += s.alpha0 * std::pow(rating(m, u, i), 2);
    }
    for (std::size_t e = begin_of(x, u); e < begin_of(x, u + 1); ++e) {
      total += static_cast<double>(x.weight[e]) * std::pow(1 - rating(m, u, x.item[e]), 2);
      item_count[x.item[e]] += 1;
    }
    const auto n = static_cast<double>(x.offset[u + 1] - x.offset[u]);
    total += s.lambda * std::pow(n + s.alpha0 * x.n_items, s.nu) *
             square_norm(m.p, u, s.factors, m.user_bias[u]);
  }
  for (std::uint32_t i = 0; i < x.n_items; ++i) {
    total += s.lambda * std::pow(item_count[i] + s.alpha0 * x.n_users, s.nu) *
             square_norm(m.q, i, s.factors, m.item_bias[i]);
  }
  return total;
}

// Solves user `u` of the loss by Gauss elimination in f64, without any of the solver's shortcuts.
std::vector<double> naive_user(const Interactions& x, const IalsModel& m, std::uint32_t u) {
  const std::size_t d = m.settings.factors;
  const std::size_t k = d + (m.settings.biases ? 1 : 0);
  std::vector<std::vector<double>> a(k, std::vector<double>(k + 1, 0));
  std::vector<double> weight(x.n_items, 0);
  for (std::size_t e = begin_of(x, u); e < begin_of(x, u + 1); ++e) {
    weight[x.item[e]] = static_cast<double>(x.weight[e]);
  }
  for (std::uint32_t i = 0; i < x.n_items; ++i) {
    std::vector<double> f(k, 1);
    for (std::size_t c = 0; c < d; ++c) f[c] = static_cast<double>(m.q[i * d + c]);
    const double offset = m.mu + static_cast<double>(m.item_bias[i]);
    for (std::size_t r = 0; r < k; ++r) {
      for (std::size_t c = 0; c < k; ++c) a[r][c] += (weight[i] + m.settings.alpha0) * f[r] * f[c];
      a[r][k] += f[r] * (weight[i] * (1 - offset) - m.settings.alpha0 * offset);
    }
  }
  const auto n = static_cast<double>(x.offset[u + 1] - x.offset[u]);
  const double reg = m.settings.lambda * std::pow(n + m.settings.alpha0 * x.n_items, m.settings.nu);
  for (std::size_t r = 0; r < k; ++r) a[r][r] += reg;
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

}  // namespace

TEST_CASE("the loss never rises from iteration to iteration") {
  for (const bool biases : {false, true}) {
    const Interactions x = random_interactions(3, 60, 40);
    const Interactions by_item = transpose(x);
    IalsModel m = ials_start(x, small_settings(biases)).value();
    double before = loss(x, m);
    for (int i = 0; i < 10; ++i) {
      REQUIRE(ials_iterate(x, by_item, m).ok());
      const double after = loss(x, m);
      CHECK(after <= before * (1 + 1e-7));
      before = after;
    }
    CHECK(m.iterations_done == 10);
  }
}

TEST_CASE(
    "every user is the exact minimum, in primal and in dual form, with exponents other than 1") {
  for (const bool biases : {false, true}) {
    for (const double nu : {1.0, 0.5}) {
      IalsSettings s = small_settings(biases);
      s.factors = 12;  // rows with up to 4 interactions go the dual way
      s.nu = nu;
      const Interactions x = random_interactions(11, 80, 30);
      const IalsModel m = trained(x, s);
      std::vector<float> p(m.p.size());
      std::vector<float> bias(m.user_bias.size());
      REQUIRE(ials_solve_users(x, m, p, bias).ok());
      bool few = false;
      bool many = false;
      for (std::uint32_t u = 0; u < x.n_users; ++u) {
        const std::uint64_t n = x.offset[u + 1] - x.offset[u];
        few = few || n <= 4;
        many = many || n > 4;
        const std::vector<double> z = naive_user(x, m, u);
        for (std::size_t f = 0; f < s.factors; ++f) {
          CHECK(static_cast<double>(p[u * s.factors + f]) == Approx(z[f]).margin(1e-5));
        }
        CHECK(static_cast<double>(bias[u]) == Approx(biases ? z[s.factors] : 0).margin(1e-5));
      }
      CHECK((few && many));
    }
  }
}

TEST_CASE("a user without interactions is zero without biases") {
  const Interactions x = random_interactions(5, 40, 20);
  const IalsModel m = trained(x, small_settings(false));
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
  const IalsModel m = trained(x, s);
  const auto seen = static_cast<double>(x.item.size());
  CHECK(m.mu == Approx(seen / (seen + s.alpha0 * 40 * 20)));
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

TEST_CASE("a constant regularisation replaces the one that grows with the count") {
  const Interactions x = random_interactions(5, 40, 20);
  const IalsModel m = trained(x, small_settings(false));
  std::vector<float> p(m.p.size());
  std::vector<float> bias(m.user_bias.size());
  REQUIRE(ials_solve_users(x, m, p, bias, 1e9).ok());
  for (const float v : p) CHECK(std::fabs(v) < 1e-6F);
}

TEST_CASE("one seed gives one model, another seed another") {
  const Interactions x = random_interactions(9, 50, 30);
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
  const Interactions x = random_interactions(9, 50, 30);
  const Interactions by_item = transpose(x);
  const IalsModel straight = trained(x, small_settings(true));
  IalsModel first = ials_start(x, small_settings(true)).value();
  for (int i = 0; i < 3; ++i) REQUIRE(ials_iterate(x, by_item, first).ok());
  IalsModel second = first;
  for (int i = 0; i < 5; ++i) REQUIRE(ials_iterate(x, by_item, second).ok());
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
    const Result<IalsModel> r = ials_start(x, small_settings(false));
    REQUIRE(!r.ok());
    CHECK(r.error().code == Code::kInvalidArgument);
    CHECK(r.error().at == bad.at);
  }
}

TEST_CASE("settings outside their range are refused") {
  const Interactions x = random_interactions(2, 10, 25);
  const auto refused = [&](auto change) {
    IalsSettings s = small_settings(false);
    change(s);
    const Result<IalsModel> r = ials_start(x, s);
    return !r.ok() && r.error().code == Code::kInvalidArgument;
  };
  CHECK(refused([](IalsSettings& s) { s.factors = 0; }));
  CHECK(refused([](IalsSettings& s) { s.factors = 1025; }));
  CHECK(refused([](IalsSettings& s) { s.alpha0 = 0; }));
  CHECK(refused([](IalsSettings& s) { s.alpha0 = std::nan(""); }));
  CHECK(refused([](IalsSettings& s) { s.lambda = -1; }));
  CHECK(refused([](IalsSettings& s) { s.nu = -0.5; }));
  CHECK(refused([](IalsSettings& s) { s.init_sd = 0; }));
  CHECK(refused([](IalsSettings& s) { s.iterations = 0; }));
  CHECK_FALSE(refused([](IalsSettings&) {}));
}

TEST_CASE("a model of another shape is refused") {
  const Interactions x = random_interactions(2, 10, 25);
  const Interactions other = random_interactions(2, 11, 25);
  IalsModel m = ials_start(x, small_settings(false)).value();
  const Status s = ials_iterate(other, transpose(other), m);
  REQUIRE(!s.ok());
  CHECK(s.error().code == Code::kInvalidArgument);
}
