#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "listener.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

using Number = long double;

// The user step of iALS as pipeline.h writes it: sums over every item, Gaussian elimination with
// pivoting, no Gram matrix, nothing shared with the code under test.
std::vector<Number> naive_fold_in(const Catalogue& c,
                                  const std::vector<Observation>& observations) {
  const std::size_t d = c.n_factors;
  const std::size_t m = c.model.user_bias ? d + 1 : d;
  const auto features = [&](std::size_t i) {
    std::vector<Number> f(m, 1);
    for (std::size_t k = 0; k < d; ++k) {
      f[k] = static_cast<Number>(c.scale[i]) * c.q[i * c.row_stride + k];
    }
    return f;
  };
  std::vector<std::vector<Number>> a(m, std::vector<Number>(m + 1, 0));
  const auto negative = [&](std::size_t i) { return c.negative.empty() ? 1 : c.negative[i]; };
  const auto add = [&](std::size_t i, Number weight, Number target) {
    const std::vector<Number> f = features(i);
    const Number offset = static_cast<Number>(c.model.mu) + static_cast<Number>(c.bias[i]);
    for (std::size_t r = 0; r < m; ++r) {
      for (std::size_t s = 0; s < m; ++s) a[r][s] += weight * f[r] * f[s];
      a[r][m] += weight * (target - offset) * f[r];
    }
  };
  for (std::size_t i = 0; i < c.n_items; ++i) add(i, c.model.alpha0 * negative(i), 0);
  for (const Observation& o : observations) add(o.item, o.weight, o.target);
  for (std::size_t r = 0; r < m; ++r) a[r][r] += c.model.user_lambda;

  for (std::size_t p = 0; p < m; ++p) {
    std::size_t best = p;
    for (std::size_t r = p; r < m; ++r) {
      if (std::fabs(a[r][p]) > std::fabs(a[best][p])) best = r;
    }
    std::swap(a[p], a[best]);
    for (std::size_t r = 0; r < m; ++r) {
      if (r == p) continue;
      const Number ratio = a[r][p] / a[p][p];
      for (std::size_t s = p; s <= m; ++s) a[r][s] -= ratio * a[p][s];
    }
  }
  std::vector<Number> z(d + 1, 0);
  for (std::size_t r = 0; r < m; ++r) z[r] = a[r][m] / a[r][r];
  return z;
}

std::vector<Observation> random_observations(std::uint64_t seed, std::uint32_t n_items,
                                             std::uint32_t n) {
  std::uint64_t state = seed;
  std::vector<Observation> observations;
  for (std::uint32_t j = 0; j < n; ++j) {
    observations.push_back({.item = (j * 7 + testing::next_below(state, 7)) % n_items,
                            .weight = 5 * testing::next_uniform(state),
                            .target = testing::next_uniform(state)});
  }
  return observations;
}

TEST_CASE("fold_in solves the same system as a naive solve in long double") {
  double worst = 0;
  for (const bool user_bias : {false, true}) {
    for (const double bias_sd : {0.0, 0.2}) {
      for (const std::uint32_t d : {1u, 7u, 16u, 33u}) {
        // 31, 32, 33: around the number of rows that are added at a time.
        for (const std::uint32_t n : {0u, 1u, 31u, 32u, 33u, 100u}) {
          const CatalogueData data = testing::synthetic_catalogue(
              {.n_items = 150,
               .n_factors = d,
               .seed = d + n,
               .model = {.mu = bias_sd, .alpha0 = 0.1, .user_lambda = 1.5, .user_bias = user_bias},
               .bias_sd = bias_sd});
          const auto observations = random_observations(d * 1000 + n, 150, n);
          testing::StageBuffers buffers(data.view);
          REQUIRE(fold_in(data.view, observations, buffers.user).ok());
          const std::vector<Number> expected = naive_fold_in(data.view, observations);
          for (std::size_t k = 0; k <= d; ++k) {
            worst = std::max(worst, static_cast<double>(std::fabs(
                                        static_cast<Number>(buffers.user.p[k]) - expected[k])));
          }
          CHECK(buffers.user.n_observations == n);
          if (!user_bias) CHECK(buffers.user.p[d] == 0);
        }
      }
    }
  }
  CAPTURE(worst);
  CHECK(worst < 1e-12);
}

TEST_CASE("on a weighted catalogue fold_in weighs what nobody played by popularity") {
  const CatalogueData data = testing::synthetic_catalogue(
      {.n_items = 150, .n_factors = 33, .model = testing::weighted_model()});
  const auto observations = random_observations(5, 150, 40);
  testing::StageBuffers buffers(data.view);
  REQUIRE(fold_in(data.view, observations, buffers.user).ok());
  const std::vector<Number> expected = naive_fold_in(data.view, observations);
  for (std::size_t k = 0; k < 33; ++k) {
    CHECK(buffers.user.p[k] == Approx(static_cast<double>(expected[k])).margin(1e-12));
  }
}

TEST_CASE("at the widest catalogue fold_in still agrees with the naive solve") {
  const CatalogueData data = testing::synthetic_catalogue(
      {.n_items = 40,
       .n_factors = 300,
       .model = {.mu = 0.1, .alpha0 = 0.1, .user_lambda = 1.5, .user_bias = true},
       .bias_sd = 0.1});
  const auto observations = random_observations(5, 40, 35);
  testing::StageBuffers buffers(data.view);
  REQUIRE(fold_in(data.view, observations, buffers.user).ok());
  const std::vector<Number> expected = naive_fold_in(data.view, observations);
  for (std::size_t k = 0; k <= 300; ++k) {
    CHECK(buffers.user.p[k] == Approx(static_cast<double>(expected[k])).margin(1e-12));
  }
}

TEST_CASE("without observations and biases the user vector is zero") {
  for (const std::uint32_t d : {1u, 8u}) {
    const CatalogueData data = testing::synthetic_catalogue({.n_items = 50, .n_factors = d});
    testing::StageBuffers buffers(data.view);
    REQUIRE(fold_in(data.view, {}, buffers.user).ok());
    for (const double x : buffers.user.p) {
      CHECK(x == 0);
      CHECK(!std::signbit(x));
    }
    CHECK(buffers.user.p_scale == 0);
    for (const std::uint8_t x : buffers.user.p_u7) CHECK(x == 64);
  }
}

// Two items along the axes, nothing else in A: z_k = w t q_k / (w q_k^2 + 3), exact for w = q = 1.
testing::CatalogueContents axes(std::int8_t second) {
  testing::CatalogueContents contents;
  contents.n_factors = 2;
  contents.model = {.mu = 0, .alpha0 = 0, .user_lambda = 3, .user_bias = false};
  contents.rows = {1, 0, 0, second};
  contents.scale = {1, 1};
  return contents;
}

TEST_CASE("the 7-bit query rounds halves away from zero, on both sides") {
  for (const int side : {1, -1}) {
    const CatalogueData data = testing::build_catalogue(axes(static_cast<std::int8_t>(side)));
    testing::StageBuffers buffers(data.view);
    const std::vector<Observation> observations = {{.item = 0, .weight = 1, .target = 252},
                                                   {.item = 1, .weight = 1, .target = 2}};
    REQUIRE(fold_in(data.view, observations, buffers.user).ok());
    REQUIRE(buffers.user.p[0] == 63);
    REQUIRE(buffers.user.p[1] == 0.5 * side);
    CHECK(buffers.user.p_scale == 1);
    CHECK(buffers.user.p_u7[0] == 127);
    CHECK(buffers.user.p_u7[1] == 64 + side);
  }
}

TEST_CASE("the 7-bit query stays within 7 bits when its scale is the smallest number of f32") {
  const CatalogueData data = testing::build_catalogue(axes(1));
  testing::StageBuffers buffers(data.view);
  // The scale should be 1.4 times that number and cannot be.
  const double least = static_cast<double>(std::numeric_limits<float>::denorm_min());
  const std::vector<Observation> observations = {
      {.item = 0, .weight = 1, .target = 252 * 1.4 * least}};
  REQUIRE(fold_in(data.view, observations, buffers.user).ok());
  CHECK(static_cast<double>(buffers.user.p_scale) == least);
  CHECK(buffers.user.p_u7[0] == 127);
}

TEST_CASE("the 7-bit query is symmetric and padded with its zero") {
  const CatalogueData data = testing::synthetic_catalogue({.n_items = 200, .n_factors = 20});
  testing::StageBuffers buffers(data.view);
  REQUIRE(fold_in(data.view, random_observations(3, 200, 25), buffers.user).ok());
  const UserModel& user = buffers.user;
  REQUIRE(user.p_u7.size() == 32);
  double largest = 0;
  for (std::size_t k = 0; k < 20; ++k) largest = std::max(largest, std::fabs(user.p[k]));
  CHECK(user.p_scale == static_cast<float>(largest / 63));
  bool reaches_the_end = false;
  for (std::size_t k = 0; k < 20; ++k) {
    const double steps = user.p[k] / static_cast<double>(user.p_scale);
    CHECK(user.p_u7[k] == 64 + static_cast<int>(std::round(steps)));
    CHECK(user.p_u7[k] >= 1);
    CHECK(user.p_u7[k] <= 127);
    reaches_the_end = reaches_the_end || user.p_u7[k] == 127 || user.p_u7[k] == 1;
  }
  CHECK(reaches_the_end);
  for (std::size_t k = 20; k < 32; ++k) CHECK(user.p_u7[k] == 64);
}

TEST_CASE("fold_in refuses observations outside the catalogue, and numbers that are none") {
  const CatalogueData data = testing::synthetic_catalogue({.n_items = 50, .n_factors = 8});
  testing::StageBuffers buffers(data.view);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<Observation> bad = {
      {.item = 50, .weight = 1, .target = 1},    {.item = 1, .weight = nan, .target = 1},
      {.item = 1, .weight = -1, .target = 1},    {.item = 1, .weight = infinity, .target = 1},
      {.item = 1, .weight = 1, .target = nan},   {.item = 1, .weight = 1, .target = infinity},
      {.item = 1, .weight = 1, .target = -0.25},
  };
  for (const Observation& o : bad) {
    const std::vector<Observation> observations = {{.item = 3, .weight = 1, .target = 1}, o};
    const Status status = fold_in(data.view, observations, buffers.user);
    REQUIRE(!status.ok());
    CHECK(status.error().code == Code::kInvalidArgument);
    CHECK(status.error().at == 1);
  }
}

TEST_CASE("a catalogue that regularises nothing cannot be solved") {
  const CatalogueData data = testing::synthetic_catalogue(
      {.n_items = 50,
       .n_factors = 8,
       .model = {.mu = 0, .alpha0 = 0, .user_lambda = 0, .user_bias = false}});
  testing::StageBuffers buffers(data.view);
  const std::vector<Observation> one = {{.item = 3, .weight = 1, .target = 1}};
  const Status status = fold_in(data.view, one, buffers.user);
  REQUIRE(!status.ok());
  CHECK(status.error().code == Code::kNotSolvable);
}

}  // namespace
}  // namespace ossicle
