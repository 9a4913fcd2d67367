#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "ossicle/eval.h"

using namespace ossicle;

namespace {

using List = std::vector<std::uint32_t>;

// Four items; 8 users, of whom 8, 4, 1 and nobody played them.
const std::vector<std::uint32_t> kListeners = {8, 4, 1, 0};

}  // namespace

TEST_CASE("coverage, Gini and novelty of two lists, by hand") {
  const std::vector<List> lists = {{0, 1}, {0, 2}};
  const ListMetrics m = list_metrics(lists, kListeners, 8);
  CHECK(m.coverage == Approx(3.0 / 4));
  // Counts in rising order 0 1 1 2: (-3 * 0 - 1 * 1 + 1 * 1 + 3 * 2) / (4 * 4).
  CHECK(m.gini == Approx(6.0 / 16));
  // -log2(8/8), -log2(4/8), -log2(8/8), -log2(1/8) bits.
  CHECK(m.novelty == Approx((0 + 1 + 0 + 3) / 4.0));
}

TEST_CASE("lists that use every item alike have the Gini 0, lists of one item the highest") {
  CHECK(list_metrics(std::vector<List>{{0, 1}, {2, 3}}, kListeners, 8).gini == Approx(0));
  const ListMetrics one = list_metrics(std::vector<List>{{1}, {1}, {1}}, kListeners, 8);
  CHECK(one.gini == Approx(3.0 / 4));
  CHECK(one.coverage == Approx(1.0 / 4));
}

TEST_CASE("an item that nobody played is as new as one that one user played") {
  CHECK(list_metrics(std::vector<List>{{3}}, kListeners, 8).novelty == Approx(3));
  CHECK(list_metrics(std::vector<List>{{2}}, kListeners, 8).novelty == Approx(3));
}

TEST_CASE("diversity by vectors is one minus the mean cosine of the pairs of a list") {
  // a and b at 60 degrees, c opposite to a; d is zero. Lengths do not matter.
  const std::vector<float> vectors = {2, 0, 0.5F, std::sqrt(0.75F), -3, 0, 0, 0};
  const double ab = 1 - 0.5;
  const double ac = 1 + 1;
  const double bc = 1 + 0.5;
  CHECK(list_diversity(std::vector<List>{{0, 1}}, vectors, 2) == Approx(ab));
  CHECK(list_diversity(std::vector<List>{{0, 1, 2}}, vectors, 2) == Approx((ab + ac + bc) / 3));
  CHECK(list_diversity(std::vector<List>{{0, 1, 2}, {0, 1}}, vectors, 2) ==
        Approx(((ab + ac + bc) / 3 + ab) / 2));
  CHECK(list_diversity(std::vector<List>{{0, 0}}, vectors, 2) == Approx(0).margin(1e-12));
  CHECK(list_diversity(std::vector<List>{{0, 3}}, vectors, 2) == Approx(1));
}

TEST_CASE("a list without a pair has no diversity and is not averaged in") {
  const std::vector<float> vectors = {1, 0, 0, 1};
  CHECK(list_diversity(std::vector<List>{{0, 1}, {0}, {}}, vectors, 2) == Approx(1));
  CHECK(list_diversity(std::vector<List>{{0}}, vectors, 2) == 0);
}

TEST_CASE("diversity by tags is the cosine of tag sets; an item without tags says nothing") {
  // a: 1 2 3 4, b: 3 4 5 6, c: 9, d: none.
  const ItemSets tags{{0, 4, 8, 9, 9}, {1, 2, 3, 4, 3, 4, 5, 6, 9}};
  CHECK(list_diversity(std::vector<List>{{0, 1}}, tags) == Approx(1 - 2.0 / 4));
  CHECK(list_diversity(std::vector<List>{{1, 0}}, tags) == Approx(1 - 2.0 / 4));
  CHECK(list_diversity(std::vector<List>{{0, 2}}, tags) == Approx(1));
  CHECK(list_diversity(std::vector<List>{{0, 1, 3}}, tags) == Approx(1 - 2.0 / 4));
  CHECK(list_diversity(std::vector<List>{{0, 1}, {0, 3}}, tags) == Approx(1 - 2.0 / 4));
  CHECK(list_diversity(std::vector<List>{{0, 0}}, tags) == Approx(0).margin(1e-12));
}

TEST_CASE("no lists at all are all zeros") {
  const ListMetrics m = list_metrics({}, kListeners, 8);
  CHECK(m.coverage == 0);
  CHECK(m.gini == 0);
  CHECK(m.novelty == 0);
}
