#include <catch2/catch.hpp>
#include <vector>

#include "ossicle/search.h"

namespace ossicle {
namespace {

using Hits = std::vector<SearchHit>;

Hits fused(const Hits& lexical, float attainable, const Hits& dense,
           const FusionWeights& weights = {.lexical = 0.5F, .dense = 0.5F},
           std::size_t limit = 100) {
  Hits room(lexical.size() + dense.size());
  Hits out(limit);
  out.resize(fuse(lexical, attainable, dense, weights, room, out));
  return out;
}

bool same(const Hits& a, const Hits& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const SearchHit& x, const SearchHit& y) {
                      return x.row == y.row && x.score == Approx(y.score);
                    });
}

TEST_CASE("a row's share of the words and its cosine are weighed and added") {
  CHECK(same(fused({{4, 6}, {7, 3}}, 12, {{7, 0.8F}, {4, 0.4F}}), {{7, 0.525F}, {4, 0.45F}}));
  CHECK(same(fused({{4, 6}, {7, 3}}, 12, {{7, 0.8F}, {4, 0.4F}}, {.lexical = 1, .dense = 0}),
             {{4, 0.5F}, {7, 0.25F}}));
}

TEST_CASE("a row that the dense list lacks has its last cosine, one that words lack has nothing") {
  CHECK(same(fused({{1, 5}}, 10, {{2, 0.9F}, {3, 0.5F}}), {{1, 0.5F}, {2, 0.45F}, {3, 0.25F}}));
}

TEST_CASE("where few of the words are found, vectors decide") {
  const Hits out = fused({{1, 1}}, 40, {{2, 0.9F}, {1, 0.1F}}, FusionWeights());
  CHECK(out.front().row == 2);
}

TEST_CASE("either list alone keeps its order") {
  CHECK(same(fused({{9, 4}, {2, 1}}, 8, {}), {{9, 0.25F}, {2, 0.0625F}}));
  CHECK(same(fused({}, 0, {{9, 0.5F}, {2, -0.5F}}), {{9, 0.25F}, {2, -0.25F}}));
  CHECK(fused({}, 0, {}).empty());
}

TEST_CASE("ties go to the lower row, and a shorter list is the beginning") {
  const Hits words = {{5, 2}, {6, 2}, {8, 2}};
  CHECK(same(fused(words, 4, {{7, 0.5F}}), {{5, 0.5F}, {6, 0.5F}, {8, 0.5F}, {7, 0.25F}}));
  CHECK(same(fused(words, 4, {{7, 0.5F}}, {.lexical = 0.5F, .dense = 0.5F}, 2),
             {{5, 0.5F}, {6, 0.5F}}));
  CHECK(fused(words, 4, {{7, 0.5F}}, {}, 0).empty());
}

}  // namespace
}  // namespace ossicle
