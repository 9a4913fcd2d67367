#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <span>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

// Histories that nobody means to have, with every kind of model: each has a defined result.

namespace ossicle {
namespace {

using testing::kNowS;

const ModelConstants kPlain{.mu = 0, .alpha0 = 0.05, .user_lambda = 2, .user_bias = false};
const ModelConstants kBiased{.mu = 0.4, .alpha0 = 0.05, .user_lambda = 2, .user_bias = true};

std::vector<ModelConstants> models() { return {kPlain, kBiased, testing::weighted_model()}; }

Engine open_engine(const ModelConstants& model, std::uint32_t n_items = 300) {
  const testing::SyntheticSettings settings{
      .n_items = n_items, .n_factors = 24, .model = model, .bias_sd = model.user_bias ? 0.1 : 0};
  Result<Engine> engine = Engine::open(testing::synthetic_catalogue(settings), {});
  REQUIRE(engine.ok());
  return std::move(engine).value();
}

struct List {
  std::vector<Scored> items;
  std::vector<Reason> reasons;  // [items, 3]
  std::vector<std::uint32_t> n_reasons;
};

// Checks what holds for every list.
List list_of(Engine& engine) {
  List list{std::vector<Scored>(20), std::vector<Reason>(60), std::vector<std::uint32_t>(20)};
  const Result<std::uint32_t> n =
      engine.recommend(kNowS, list.items, 3, list.reasons, list.n_reasons);
  REQUIRE(n.ok());
  list.items.resize(n.value());
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    CHECK(std::isfinite(list.items[i].score));
    REQUIRE(list.n_reasons[i] <= 3);
    for (std::size_t r = 0; r < list.n_reasons[i]; ++r) {
      CHECK(list.reasons[3 * i + r].contribution > 0);
      CHECK(std::isfinite(list.reasons[3 * i + r].if_removed));
    }
  }
  const std::span<const double> p = engine.user_vector(kNowS).value();
  CHECK(std::all_of(p.begin(), p.end(), [](double x) { return std::isfinite(x); }));
  return list;
}

std::vector<Listen> of_every_item(ListenKind kind, std::uint32_t n_items, std::uint32_t times = 1) {
  std::vector<Listen> events;
  for (std::uint32_t i = 0; i < n_items; ++i) {
    for (std::uint32_t t = 0; t < 1 + i % times; ++t) {
      events.push_back(testing::event(kind, i, kNowS - 1000 * t - i));
    }
  }
  return events;
}

// The score of `item` falls by what each of the `n` reasons in the middle says.
void check_deletions(const ModelConstants& model, const std::vector<Listen>& events,
                     std::uint32_t n_items, std::uint32_t item, std::size_t n) {
  Engine whole = open_engine(model, n_items);
  REQUIRE(whole.record_all(events, {}).ok());
  std::vector<Reason> reasons(n_items);
  std::uint32_t found = 0;
  const double before = whole.explain_item(kNowS, item, reasons, &found).value().score;
  REQUIRE(found >= n);
  for (std::size_t k = 0; k < n; ++k) {
    const Reason& reason = reasons[k * (found - 1) / n];
    Engine without = open_engine(model, n_items);
    std::vector<Listen> rest;
    for (const Listen& e : events) {
      if (e.artist != testing::item_id(reason.item)) rest.push_back(e);
    }
    REQUIRE(without.record_all(rest, {}).ok());
    const double fell = before - without.explain_item(kNowS, item, {}, nullptr).value().score;
    CHECK(std::fabs(reason.if_removed - fell) <= 1e-7 * std::fabs(fell));
  }
}

TEST_CASE("an empty history: a whole list, no reasons") {
  for (const ModelConstants& model : models()) {
    Engine engine = open_engine(model);
    const List list = list_of(engine);
    CHECK(list.items.size() == 20);
    CHECK(list.n_reasons == std::vector<std::uint32_t>(20, 0));
    std::uint32_t n = 9;
    std::vector<Reason> reasons(5);
    REQUIRE(engine.explain_item(kNowS, 3, reasons, &n).ok());
    CHECK(n == 0);
  }
}

TEST_CASE("one play: without it a score is what it was before") {
  for (const ModelConstants& model : models()) {
    Engine empty = open_engine(model);
    Engine engine = open_engine(model);
    REQUIRE(engine.record_all(std::vector{testing::play(7, kNowS)}, {}).ok());
    CHECK(list_of(engine).items.size() == 20);
    std::vector<Reason> reasons(5);
    std::uint32_t n = 0;
    const double with = engine.explain_item(kNowS, 12, reasons, &n).value().score;
    REQUIRE(n == 1);
    const double fell = with - empty.explain_item(kNowS, 12, {}, nullptr).value().score;
    CHECK(reasons[0].if_removed == Approx(fell).epsilon(1e-9));
  }
}

TEST_CASE("nothing but skips: no play is a reason, and the skipped rest") {
  for (const ModelConstants& model : models()) {
    Engine engine = open_engine(model);
    std::vector<Listen> events;
    for (std::uint32_t i = 0; i < 40; ++i) events.push_back(testing::skip(5 * i, kNowS - i));
    REQUIRE(engine.record_all(events, {}).ok());
    const List list = list_of(engine);
    CHECK(list.items.size() == 20);
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      CHECK((list.items[i].item % 5 != 0 || list.items[i].item >= 200));
      if (!model.user_bias) CHECK(list.n_reasons[i] == 0);
    }
  }
}

TEST_CASE("every item banned, skipped or played: no list, and reasons all the same") {
  for (const ModelConstants& model : models()) {
    for (const ListenKind kind : {ListenKind::kBan, ListenKind::kSkip, ListenKind::kPlay}) {
      Engine engine = open_engine(model);
      REQUIRE(engine.record_all(of_every_item(kind, 300, 5), {}).ok());
      CHECK(list_of(engine).items.empty());
      std::vector<Reason> reasons(300);
      std::uint32_t n = 0;
      REQUIRE(engine.explain_item(kNowS, 12, reasons, &n).ok());
      CHECK(n == 300);
    }
  }
}

TEST_CASE("only items that the catalogue lacks: as an empty history") {
  for (const ModelConstants& model : models()) {
    Engine empty = open_engine(model);
    Engine engine = open_engine(model);
    std::vector<Listen> events;
    for (std::uint32_t i = 0; i < 50; ++i) {
      events.push_back(testing::play(0, kNowS - i));
      events.back().artist = testing::unknown_item_id(i);
    }
    REQUIRE(engine.record_all(events, {}).ok());
    CHECK(engine.counts().unknown == 50);
    const List list = list_of(engine);
    const List expected = list_of(empty);
    REQUIRE(list.items.size() == expected.items.size());
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      CHECK(list.items[i].item == expected.items[i].item);
      CHECK(list.items[i].score == expected.items[i].score);
    }
  }
}

TEST_CASE("a listener with every item of a large catalogue is explained exactly") {
  // More rows than are kept dequantised (2,621 at d = 24), and than four removals at a time take.
  constexpr std::uint32_t kMany = 3000;
  for (const ModelConstants& model : models()) {
    check_deletions(model, of_every_item(ListenKind::kPlay, kMany, 9), kMany, 1234, 5);
  }
}

TEST_CASE("two items alike, played alike: each is missed as if the other were not") {
  for (const ModelConstants& model : models()) {
    check_deletions(model, {testing::play(3, kNowS), testing::play(4, kNowS)}, 300, 9, 2);
  }
}

TEST_CASE("reasons do not depend on what was explained before, however much it was") {
  for (const ModelConstants& model : models()) {
    Engine engine = open_engine(model);
    Engine fresh = open_engine(model);
    const std::vector<Listen> events = testing::random_history(3, 300, 150, 600);
    REQUIRE(engine.record_all(events, {}).ok());
    REQUIRE(fresh.record_all(events, {}).ok());
    std::vector<Reason> all(300), few(3), expected(3);
    std::uint32_t n = 0;
    // More removals than are remembered, then some of the remembered and some of the forgotten.
    REQUIRE(engine.explain_item(kNowS, 11, all, &n).ok());
    REQUIRE(n > kRemembered);
    for (std::uint32_t item = 20; item < 60; ++item) {
      REQUIRE(engine.explain_item(kNowS, item, few, &n).ok());
      fresh.forget();
      REQUIRE(fresh.record_all(events, {}).ok());
      REQUIRE(fresh.explain_item(kNowS, item, expected, &n).ok());
      for (std::size_t r = 0; r < n; ++r) {
        CHECK(few[r].item == expected[r].item);
        CHECK(few[r].if_removed == expected[r].if_removed);
      }
    }
  }
}

}  // namespace
}  // namespace ossicle
