#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "listener.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

// Rows (1, 2), (3, 4), (5, 6) at scale 0.1: the items (0.1, 0.2), (0.3, 0.4), (0.5, 0.6).
testing::CatalogueContents worked_example() {
  testing::CatalogueContents contents;
  contents.n_factors = 2;
  contents.model = {.mu = 0, .alpha0 = 0.05, .user_lambda = 1, .user_bias = false};
  contents.rows = {1, 2, 3, 4, 5, 6};
  contents.scale = {0.1f, 0.1f, 0.1f};
  return contents;
}

TEST_CASE("the worked example: a listener (0.7, 0.8) scores three items 0.23, 0.53 and 0.83") {
  const CatalogueData data = testing::build_catalogue(worked_example());
  testing::StageBuffers buffers(data.view);
  buffers.user.p[0] = 0.7;
  buffers.user.p[1] = 0.8;
  const double expected[] = {0.23, 0.53, 0.83};
  for (std::uint32_t i = 0; i < 3; ++i) {
    const Scored scored = score(data.view, buffers.user, i);
    CHECK(scored.item == i);
    CHECK(scored.factor == Approx(expected[i]).margin(1e-6));
    CHECK(scored.score == Approx(expected[i]).margin(1e-6));
  }
}

TEST_CASE("the worked example with biases: mu, b_u and b_i are added to the product") {
  testing::CatalogueContents contents = worked_example();
  contents.model.mu = 0.05;
  contents.model.user_bias = true;
  contents.bias = {0.5f, -0.25f, -1.0f};
  const CatalogueData data = testing::build_catalogue(std::move(contents));
  testing::StageBuffers buffers(data.view);
  buffers.user.p[0] = 0.7;
  buffers.user.p[1] = 0.8;
  buffers.user.p[2] = 0.01;
  buffers.user.n_observations = 1;
  const double expected[] = {0.23 + 0.56, 0.53 - 0.19, 0.83 - 0.94};
  for (std::uint32_t i = 0; i < 3; ++i) {
    CHECK(score(data.view, buffers.user, i).score == Approx(expected[i]).margin(1e-6));
  }
  // The biases turn the order round.
  const std::vector<Candidate> candidates = {{2, 0}, {0, 0}, {1, 0}};
  std::vector<Scored> out(3);
  REQUIRE(rank(data.view, buffers.user, candidates, out) == 3);
  CHECK(out[0].item == 0);
  CHECK(out[1].item == 1);
  CHECK(out[2].item == 2);
}

TEST_CASE("rank keeps the best when there is less room than there are candidates") {
  const CatalogueData data = testing::synthetic_catalogue({.n_items = 300, .n_factors = 8});
  testing::StageBuffers buffers(data.view);
  const std::vector<Observation> one = {{.item = 3, .weight = 1, .target = 1}};
  REQUIRE(fold_in(data.view, one, buffers.user).ok());
  std::vector<Candidate> candidates;
  std::vector<Scored> all;
  for (std::uint32_t i = 0; i < 300; ++i) {
    candidates.push_back({(i * 101) % 300, 0});
    all.push_back(score(data.view, buffers.user, i));
  }
  std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
    return std::pair(-a.score, a.item) < std::pair(-b.score, b.item);
  });
  for (const std::size_t room : {0u, 1u, 7u, 299u, 300u, 400u}) {
    std::vector<Scored> out(room);
    const std::uint32_t n = rank(data.view, buffers.user, candidates, out);
    REQUIRE(n == std::min<std::size_t>(room, 300));
    for (std::size_t i = 0; i < n; ++i) {
      CHECK(out[i].item == all[i].item);
      CHECK(out[i].score == all[i].score);
    }
  }
}

TEST_CASE("of equal scores the lower row comes first") {
  testing::CatalogueContents contents;
  contents.n_factors = 2;
  contents.model = {.mu = 0, .alpha0 = 0.05, .user_lambda = 1, .user_bias = false};
  for (int i = 0; i < 10; ++i) {
    contents.rows.push_back(50);
    contents.rows.push_back(20);
    contents.scale.push_back(0.01f);
  }
  const CatalogueData data = testing::build_catalogue(std::move(contents));
  testing::StageBuffers buffers(data.view);
  const std::vector<Observation> one = {{.item = 9, .weight = 1, .target = 1}};
  REQUIRE(fold_in(data.view, one, buffers.user).ok());
  const std::vector<Candidate> candidates = {{7, 0}, {1, 0}, {4, 0}, {8, 0}, {0, 0}};
  std::vector<Scored> out(3);
  REQUIRE(rank(data.view, buffers.user, candidates, out) == 3);
  CHECK(out[0].item == 0);
  CHECK(out[1].item == 1);
  CHECK(out[2].item == 4);
}

TEST_CASE("without observations the order of the candidates is kept") {
  const CatalogueData data = testing::synthetic_catalogue(
      {.n_items = 30,
       .n_factors = 8,
       .model = {.mu = 0, .alpha0 = 0.1, .user_lambda = 1, .user_bias = true},
       .bias_sd = 0.3});
  testing::StageBuffers buffers(data.view);
  REQUIRE(fold_in(data.view, {}, buffers.user).ok());
  const std::vector<Candidate> candidates = {{0, 30}, {1, 29}, {5, 25}, {8, 22}};
  std::vector<Scored> out(3);
  REQUIRE(rank(data.view, buffers.user, candidates, out) == 3);
  CHECK(out[0].item == 0);
  CHECK(out[1].item == 1);
  CHECK(out[2].item == 5);
  CHECK(out[1].score == score(data.view, buffers.user, 1).score);
}

}  // namespace
}  // namespace ossicle
