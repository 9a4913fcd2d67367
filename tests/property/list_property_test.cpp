#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>
#include <span>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::uint32_t kItems = 250;
constexpr std::uint64_t kSeeds = 60;

class Lists {
 public:
  explicit Lists(std::uint64_t seed) : engine(open(seed)) {
    std::uint64_t state = seed * 17;
    const std::uint32_t artists = 1 + testing::next_below(state, 200);
    const std::uint32_t n = 1 + testing::next_below(state, 800);
    REQUIRE(engine.record_all(testing::random_history(seed, kItems, artists, n), {}).ok());
    const Result<std::uint32_t> found = engine.recommend(kNowS, list, 4, reasons, n_reasons);
    REQUIRE(found.ok());
    list.resize(found.value());
  }

  Engine engine;
  std::vector<Scored> list = std::vector<Scored>(100);
  std::vector<Reason> reasons = std::vector<Reason>(400);
  std::vector<std::uint32_t> n_reasons = std::vector<std::uint32_t>(100);

 private:
  static Engine open(std::uint64_t seed) {
    const bool user_bias = seed % 3 == 0;
    const double bias_sd = seed % 2 == 0 ? 0 : 0.1;
    Result<Engine> engine = Engine::open(
        testing::synthetic_catalogue(
            {.n_items = kItems,
             .n_factors = 12,
             .seed = seed,
             .model = {.mu = bias_sd, .alpha0 = 0.05, .user_lambda = 2, .user_bias = user_bias},
             .bias_sd = bias_sd}),
        {});
    REQUIRE(engine.ok());
    return std::move(engine).value();
  }
};

TEST_CASE("a list has no known item, no item twice, and is sorted with ties to the lower row") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Lists lists(seed);
    std::set<std::uint32_t> items;
    for (std::size_t i = 0; i < lists.list.size(); ++i) {
      const Scored& s = lists.list[i];
      const ItemHistory h = lists.engine.item_history(s.item).value();
      CHECK(h.plays == 0);
      CHECK(h.flag == Flag::kNone);
      CHECK((h.skips == 0 || kNowS - h.skipped_at_s >= 30 * kDayS));
      CHECK(items.insert(s.item).second);
      CHECK(std::isfinite(s.score));
      if (i == 0) continue;
      const Scored& above = lists.list[i - 1];
      CHECK((above.score > s.score || (above.score == s.score && above.item < s.item)));
    }
  }
}

TEST_CASE("a list is as long as asked for, or holds every item that may be recommended") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    const Lists lists(seed);
    std::size_t allowed = 0;
    for (std::uint32_t i = 0; i < kItems; ++i) {
      const ItemHistory h = lists.engine.item_history(i).value();
      const bool rests = h.skips > 0 && kNowS - h.skipped_at_s < 30 * kDayS;
      allowed += h.plays == 0 && h.flag == Flag::kNone && !rests;
    }
    CHECK(lists.list.size() == std::min<std::size_t>(100, allowed));
  }
}

TEST_CASE(
    "a list's reasons are items of the history that raise the score, as explain_item has them") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Lists lists(seed);
    std::vector<Reason> all(kItems);
    for (std::size_t i = 0; i < lists.list.size(); i += 9) {
      std::uint32_t n = 0;
      const Result<Scored> scored = lists.engine.explain_item(kNowS, lists.list[i].item, all, &n);
      REQUIRE(scored.ok());
      CHECK(scored.value().score == lists.list[i].score);
      std::uint32_t raising = 0;
      for (const Reason& reason : std::span(all).first(n)) raising += reason.contribution > 0;
      REQUIRE(lists.n_reasons[i] == std::min(4u, raising));
      for (std::uint32_t r = 0; r < lists.n_reasons[i]; ++r) {
        const Reason& reason = lists.reasons[i * 4 + r];
        CHECK(reason.item == all[r].item);
        CHECK(reason.contribution == all[r].contribution);
        CHECK(reason.if_removed == all[r].if_removed);
        CHECK(lists.engine.item_history(reason.item).value().active == 1);
      }
    }
  }
}

TEST_CASE("a longer list begins with the shorter one") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    Lists lists(seed);
    for (const std::size_t n : {1u, 2u, 10u, 50u}) {
      std::vector<Scored> shorter(n);
      REQUIRE(lists.engine.recommend(kNowS, shorter, 0, {}, {}).ok());
      for (std::size_t i = 0; i < std::min(n, lists.list.size()); ++i) {
        CHECK(shorter[i].item == lists.list[i].item);
      }
    }
  }
}

}  // namespace
}  // namespace ossicle
