#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"
#include "evaluation/baselines/bpr.h"
#include "evaluation/baselines/ease.h"
#include "evaluation/split.h"

using namespace ossicle;

namespace {

Interactions random_plays(std::uint32_t users, std::uint32_t items, std::uint64_t seed) {
  Interactions out;
  out.n_users = users;
  out.n_items = items;
  out.offset = {0};
  for (std::uint32_t u = 0; u < users; ++u) {
    for (std::uint32_t i = 0; i < items; ++i) {
      if (base::below(seed, 4) != 0) continue;
      out.item.push_back(i);
      out.weight.push_back(1);
    }
    out.offset.push_back(out.item.size());
  }
  return out;
}

double entry(const Interactions& x, std::uint32_t user, std::uint32_t item) {
  const auto own = tools::items_of(x, user);
  return std::binary_search(own.begin(), own.end(), item) ? 1 : 0;
}

}  // namespace

TEST_CASE("the inverse of a symmetric matrix times it is one, for sizes around a block") {
  for (const std::size_t n : {1U, 2U, 47U, 48U, 49U, 97U, 130U}) {
    CAPTURE(n);
    std::uint64_t state = n;
    std::vector<double> half(n * n);
    for (double& x : half) x = base::normal(state);
    std::vector<double> a(n * n, 0);
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = 0; c < n; ++c) {
        for (std::size_t s = 0; s < n; ++s) a[r * n + c] += half[r * n + s] * half[c * n + s];
      }
      a[r * n + r] += 1;
    }
    std::vector<double> inverse = a;
    REQUIRE(tools::invert_symmetric(inverse, n));
    double worst = 0;
    for (std::size_t r = 0; r < n; ++r) {
      for (std::size_t c = 0; c < n; ++c) {
        double sum = r == c ? -1 : 0;
        for (std::size_t s = 0; s < n; ++s) sum += a[r * n + s] * inverse[s * n + c];
        worst = std::max(worst, std::fabs(sum));
      }
    }
    CHECK(worst < 1e-9);
  }
  std::vector<double> indefinite = {1, 2, 2, 1};
  CHECK_FALSE(tools::invert_symmetric(indefinite, 2));
}

TEST_CASE("EASE gives what its definition gives, through users and through items") {
  for (const auto& [users, items] : {std::pair{9U, 14U}, {14U, 9U}, {12U, 12U}}) {
    CAPTURE(users, items);
    const Interactions x = random_plays(users, items, 3);
    const double lambda = 2.5;
    // B_ij = -P_ij / P_jj off the diagonal, P = (X'X + lambda I)^-1.
    std::vector<double> p(std::size_t{items} * items, 0);
    for (std::uint32_t i = 0; i < items; ++i) {
      for (std::uint32_t j = 0; j < items; ++j) {
        for (std::uint32_t u = 0; u < users; ++u) {
          p[i * items + j] += entry(x, u, i) * entry(x, u, j);
        }
      }
      p[i * items + i] += lambda;
    }
    REQUIRE(tools::invert_symmetric(p, items));
    tools::Ease ease;
    REQUIRE_FALSE(ease.train(x, lambda));
    for (std::uint32_t u = 0; u < users; ++u) {
      const std::span<float> scores = ease.scores(u);
      for (std::uint32_t j = 0; j < items; ++j) {
        if (entry(x, u, j) > 0) continue;
        double want = 0;
        for (std::uint32_t i = 0; i < items; ++i) {
          if (i != j) want -= entry(x, u, i) * p[i * items + j] / p[j * items + j];
        }
        CHECK(scores[j] == Approx(want).epsilon(1e-5).margin(1e-7));
      }
    }
  }
}

TEST_CASE("EASE refuses a matrix that is too large, and says which method to leave out") {
  Interactions x;
  x.n_users = x.n_items = tools::Ease::kMostRows + 1;
  x.offset.assign(std::size_t{x.n_users} + 1, 0);
  tools::Ease ease;
  CHECK_THAT(ease.train(x, 100).text, Catch::Matchers::Contains("leave ease out of --methods"));
}

TEST_CASE("BPR ranks what the same taste plays above what the other taste plays") {
  // Two tastes of 20 items; user u leaves out item u % 20 of the own taste.
  Interactions x;
  x.n_users = 60;
  x.n_items = 40;
  x.offset = {0};
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    for (std::uint32_t i = 0; i < 20; ++i) {
      if (i != u % 20) x.item.push_back((u % 2) * 20 + i);
    }
    x.weight.resize(x.item.size(), 1);
    x.offset.push_back(x.item.size());
  }
  tools::BprSettings settings;
  settings.factors = 8;
  settings.epochs = 40;
  const tools::BprModel model = tools::train_bpr(x, settings);
  const auto score = [&](std::uint32_t u, std::uint32_t i) {
    float sum = model.bias[i];
    for (std::size_t f = 0; f < 8; ++f) sum += model.p[u * 8 + f] * model.q[i * 8 + f];
    return sum;
  };
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    const std::uint32_t own = (u % 2) * 20 + u % 20;
    for (std::uint32_t i = 0; i < 20; ++i) CHECK(score(u, own) > score(u, (1 - u % 2) * 20 + i));
  }
  CHECK(tools::train_bpr(x, settings).q == model.q);
  settings.seed = 2;
  CHECK(tools::train_bpr(x, settings).q != model.q);
}

TEST_CASE("BPR ends for a user who played every item") {
  Interactions x;
  x.n_users = 1;
  x.n_items = 3;
  x.offset = {0, 3};
  x.item = {0, 1, 2};
  x.weight = {1, 1, 1};
  CHECK(tools::train_bpr(x, {}).bias == std::vector<float>(3, 0.0F));
}
