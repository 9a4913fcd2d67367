#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "ossicle/eval.h"

using namespace ossicle;

TEST_CASE("metrics of a worked example") {
  // Ranks 1..4: miss, hit, miss, hit; three items were to be found; k = 5.
  const std::vector<std::uint32_t> ranked = {7, 3, 9, 5};
  const std::vector<std::uint32_t> truth = {3, 5, 8};
  const RankingMetrics m = ranking_metrics(ranked, truth, 5);
  CHECK(m.recall == Approx(2.0 / 3));
  CHECK(m.precision == Approx(2.0 / 5));
  CHECK(m.mrr == Approx(0.5));
  CHECK(m.hit == 1);
  const double dcg = 1 / std::log2(3) + 1 / std::log2(5);
  const double ideal = 1 + 1 / std::log2(3) + 1 / std::log2(4);
  CHECK(m.ndcg == Approx(dcg / ideal));
}

TEST_CASE("the ideal list is cut at k when there is more to be found") {
  const std::vector<std::uint32_t> truth = {1, 2, 3, 4};
  const RankingMetrics m = ranking_metrics(std::vector<std::uint32_t>{4, 2, 9}, truth, 2);
  CHECK(m.ndcg == Approx(1));
  CHECK(m.recall == Approx(0.5));
  CHECK(m.precision == Approx(1));
}

TEST_CASE("a hit below rank k does not count") {
  const RankingMetrics m =
      ranking_metrics(std::vector<std::uint32_t>{8, 9, 1}, std::vector<std::uint32_t>{1}, 2);
  CHECK(m.recall == 0);
  CHECK(m.ndcg == 0);
  CHECK(m.mrr == 0);
  CHECK(m.hit == 0);
}

TEST_CASE("an empty list scores nothing") {
  CHECK(ranking_metrics({}, std::vector<std::uint32_t>{1}, 10).ndcg == 0);
}

TEST_CASE("mean, standard error and Student's interval of five seeds") {
  const std::vector<double> values = {1, 2, 3, 4, 5};
  const Estimate e = estimate(values);
  CHECK(e.mean == Approx(3));
  CHECK(e.standard_error == Approx(std::sqrt(2.5 / 5)));
  CHECK(e.half_width_95 == Approx(2.776445 * e.standard_error));
}

TEST_CASE("one seed has no interval; many have nearly the normal one") {
  CHECK(estimate(std::vector<double>{0.5}).mean == 0.5);
  CHECK(estimate(std::vector<double>{0.5}).half_width_95 == 0);
  std::vector<double> many;
  for (int i = 0; i < 41; ++i) many.push_back(i % 2);
  const Estimate e = estimate(many);
  CHECK(e.half_width_95 / e.standard_error == Approx(2.021075).epsilon(1e-5));
}

TEST_CASE("a user's interactions are cut as RecBole cuts them") {
  struct Sizes {
    std::uint32_t n, train, validation, test;
  };
  for (const Sizes& want : {Sizes{0, 0, 0, 0},
                            {1, 1, 0, 0},
                            {2, 1, 0, 1},
                            {3, 1, 1, 1},
                            {9, 7, 1, 1},
                            {10, 8, 1, 1},
                            {19, 17, 1, 1},
                            {50, 40, 5, 5},
                            {55, 45, 5, 5}}) {
    CAPTURE(want.n);
    std::uint64_t state = want.n;
    std::vector<std::uint8_t> part;
    split_811(want.n, state, part);
    REQUIRE(part.size() == want.n);
    std::uint32_t got[3] = {};
    for (const std::uint8_t p : part) ++got[p];
    CHECK(got[0] == want.train);
    CHECK(got[1] == want.validation);
    CHECK(got[2] == want.test);
  }
}

TEST_CASE("the cut is random, evenly so, and the same for the same state") {
  std::vector<std::uint32_t> tested(50, 0);
  std::vector<std::uint8_t> part;
  std::uint64_t state = 1;
  for (int round = 0; round < 4000; ++round) {
    split_811(50, state, part);
    for (std::size_t i = 0; i < 50; ++i) tested[i] += part[i] == 2;
  }
  for (const std::uint32_t n : tested) CHECK(std::abs(static_cast<int>(n) - 400) < 100);
  std::uint64_t a = 9;
  std::uint64_t b = 9;
  std::vector<std::uint8_t> other;
  split_811(50, a, part);
  split_811(50, b, other);
  CHECK(part == other);
  CHECK(a == b);
}
