#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "ossicle/pipeline.h"
#include "random_input.h"
#include "synthetic_catalogue.h"

namespace ossicle {
namespace {

/// A listener made by hand: only what find_candidates reads.
struct Listener {
  std::vector<std::uint8_t> u7;
  UserModel model;
  Listener(const Catalogue& catalogue, std::uint64_t seed) : u7(catalogue.row_stride, 64) {
    for (std::size_t i = 0; i < catalogue.n_factors; ++i) u7[i] = testing::random_u7(seed);
    model.p_u7 = u7;
    model.p_scale = 0.01f;
    model.n_observations = 3;
  }
};

TEST_CASE("candidates are the best rows of the whole catalogue by the approximate score") {
  for (const std::uint32_t d : {16u, 50u, 64u}) {
    const CatalogueData data = testing::synthetic_catalogue(
        {.n_items = 501, .n_factors = d, .model = {.mu = 0.3}, .bias_sd = 0.2});
    const Catalogue& catalogue = data.view;
    const Listener listener(catalogue, d);
    std::vector<std::uint8_t> excluded(catalogue.n_items, 0);
    for (std::size_t i = 0; i < excluded.size(); i += 7) excluded[i] = 1;
    std::vector<Candidate> out(20);
    REQUIRE(find_candidates(catalogue, listener.model, excluded, out) == 20);

    std::vector<double> score(catalogue.n_items);
    for (std::size_t i = 0; i < score.size(); ++i) {
      for (std::size_t k = 0; k < d; ++k) {
        score[i] += catalogue.q[i * catalogue.row_stride + k] * (listener.u7[k] - 64);
      }
      score[i] = score[i] * double{catalogue.scale[i]} * 0.01 + double{catalogue.bias[i]} + 0.3;
    }
    std::vector<std::uint32_t> order;
    for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
      if (excluded[i] == 0) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return score[a] > score[b]; });
    for (std::size_t i = 0; i < out.size(); ++i) {
      CAPTURE(d, i);
      REQUIRE(out[i].item == order[i]);
      REQUIRE(double{out[i].score} == Approx(score[order[i]]).margin(1e-5));
    }
  }
}

TEST_CASE("a listener without observations gets the most-listened items in their order") {
  const CatalogueData data = testing::synthetic_catalogue({.n_items = 30, .n_factors = 8});
  Listener listener(data.view, 1);
  std::fill(listener.u7.begin(), listener.u7.end(), std::uint8_t{64});
  listener.model.n_observations = 0;
  listener.model.p_scale = 0;
  std::vector<std::uint8_t> excluded(30, 0);
  excluded[1] = excluded[2] = 1;
  std::vector<Candidate> out(4);
  REQUIRE(find_candidates(data.view, listener.model, excluded, out) == 4);
  const std::uint32_t expected[] = {0, 3, 4, 5};
  for (std::size_t i = 0; i < 4; ++i) {
    REQUIRE(out[i].item == expected[i]);
    REQUIRE(out[i].score == static_cast<float>(data.view.listeners[expected[i]]));
  }
}

TEST_CASE("without observations a model with biases ranks by what it knows of the items") {
  const CatalogueData data = testing::synthetic_catalogue(
      {.n_items = 40, .n_factors = 8, .model = {.mu = 1, .user_bias = true}, .bias_sd = 1});
  Listener listener(data.view, 1);
  std::fill(listener.u7.begin(), listener.u7.end(), std::uint8_t{64});
  listener.model.n_observations = 0;
  std::vector<Candidate> out(40);
  REQUIRE(find_candidates(data.view, listener.model, {}, out) == 40);
  for (std::size_t i = 1; i < out.size(); ++i) {
    REQUIRE(data.view.bias[out[i - 1].item] >= data.view.bias[out[i].item]);
  }
}

TEST_CASE("with everything excluded there are no candidates") {
  const CatalogueData data = testing::synthetic_catalogue({.n_items = 12, .n_factors = 16});
  Listener listener(data.view, 2);
  const std::vector<std::uint8_t> excluded(12, 1);
  std::vector<Candidate> out(5);
  REQUIRE(find_candidates(data.view, listener.model, excluded, out) == 0);
  listener.model.n_observations = 0;
  REQUIRE(find_candidates(data.view, listener.model, excluded, out) == 0);
}

}  // namespace
}  // namespace ossicle
