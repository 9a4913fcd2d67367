#include "ossicle/engine.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "listener.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::uint32_t kItems = 400;

Engine open_engine(const testing::SyntheticSettings& settings, const EngineOptions& options = {}) {
  Result<Engine> engine = Engine::open(testing::synthetic_catalogue(settings), options);
  REQUIRE(engine.ok());
  return std::move(engine).value();
}
Engine open_engine() { return open_engine({.n_items = kItems, .n_factors = 16}); }

std::vector<Scored> list_of(Engine& engine, std::size_t n = 20, std::int64_t now_s = kNowS) {
  std::vector<Scored> out(n);
  const Result<std::uint32_t> count = engine.recommend(now_s, out, 0, {}, {});
  REQUIRE(count.ok());
  out.resize(count.value());
  return out;
}

bool holds(const std::vector<Scored>& list, std::uint32_t item) {
  return std::any_of(list.begin(), list.end(), [&](const Scored& s) { return s.item == item; });
}

TEST_CASE("with an empty history the most-listened items are recommended, without reasons") {
  Engine engine = open_engine({.n_items = kItems, .n_factors = 16, .bias_sd = 0.2});
  std::vector<Scored> out(20);
  std::vector<Reason> reasons(20 * 3);
  std::vector<std::uint32_t> n_reasons(20, 9);
  const Result<std::uint32_t> n = engine.recommend(kNowS, out, 3, reasons, n_reasons);
  REQUIRE(n.ok());
  REQUIRE(n.value() == 20);
  for (std::uint32_t i = 0; i < 20; ++i) {
    CHECK(out[i].item == i);
    CHECK(n_reasons[i] == 0);
  }
}

TEST_CASE("one play is enough for a list of the listener's own, with that play as the reason") {
  Engine engine = open_engine();
  REQUIRE(engine.record_all(std::vector{testing::play(7, kNowS)}, {}).ok());
  std::vector<Scored> out(5);
  std::vector<Reason> reasons(5 * 3);
  std::vector<std::uint32_t> n_reasons(5);
  const Result<std::uint32_t> n = engine.recommend(kNowS, out, 3, reasons, n_reasons);
  REQUIRE(n.ok());
  REQUIRE(n.value() == 5);
  CHECK(!holds(out, 7));
  for (std::size_t i = 0; i < 5; ++i) {
    REQUIRE(n_reasons[i] == 1);
    CHECK(reasons[i * 3].item == 7);
    CHECK(reasons[i * 3].contribution == Approx(out[i].score).epsilon(1e-12));
    CHECK(reasons[i * 3].if_removed == Approx(out[i].score).epsilon(1e-12));
  }
}

TEST_CASE("the list is the exact one: every item scored in f64 and sorted") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Engine engine =
        open_engine({.n_items = 2000,
                     .n_factors = 32,
                     .seed = seed,
                     .model = {.mu = 0.1, .alpha0 = 0.05, .user_lambda = 2, .user_bias = true},
                     .bias_sd = 0.05});
    const auto events = testing::random_history(seed, 2000, 30, 120);
    REQUIRE(engine.record_all(events, {}).ok());
    std::vector<Scored> all;
    for (std::uint32_t i = 0; i < 2000; ++i) {
      const ItemHistory h = engine.item_history(i).value();
      const bool rests = h.skips > 0 && kNowS - h.skipped_at_s < 30 * kDayS;
      if (h.plays > 0 || h.flag != Flag::kNone || rests) continue;
      all.push_back(engine.explain_item(kNowS, i, {}, nullptr).value());
    }
    std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
      return std::pair(-a.score, a.item) < std::pair(-b.score, b.item);
    });
    const std::vector<Scored> list = list_of(engine, 20);
    REQUIRE(list.size() == 20);
    for (std::size_t i = 0; i < 20; ++i) {
      CHECK(list[i].item == all[i].item);
      CHECK(list[i].score == all[i].score);
    }
  }
}

TEST_CASE("nothing already known is recommended") {
  Engine engine = open_engine();
  const auto events = testing::random_history(2, kItems, 150, 900);
  REQUIRE(engine.record_all(events, {}).ok());
  for (const Scored& s : list_of(engine, 256)) {
    const ItemHistory h = engine.item_history(s.item).value();
    CHECK(h.plays == 0);
    CHECK(h.flag == Flag::kNone);
  }
}

TEST_CASE("love, skip and ban change the list at once, and clear takes a love back") {
  Engine engine = open_engine();
  REQUIRE(engine.record_all(std::vector{testing::play(7, kNowS - 100)}, {}).ok());
  const std::vector<Scored> before = list_of(engine);
  const std::uint32_t first = before[0].item;
  const std::uint32_t second = before[1].item;
  const std::uint32_t third = before[2].item;

  REQUIRE(engine.record_all(std::vector{testing::skip(first, kNowS)}, {}).ok());
  std::vector<Scored> list = list_of(engine);
  CHECK(!holds(list, first));
  CHECK(list[0].score != before[1].score);

  REQUIRE(engine.record_all(std::vector{testing::ban(second, kNowS)}, {}).ok());
  list = list_of(engine);
  CHECK(!holds(list, second));

  const double unloved = engine.explain_item(kNowS, third, {}, nullptr).value().score;
  REQUIRE(engine.record_all(std::vector{testing::love(third, kNowS)}, {}).ok());
  CHECK(!holds(list_of(engine), third));
  CHECK(engine.explain_item(kNowS, third, {}, nullptr).value().score > unloved);
  CHECK(engine.counts().loved == 1);
  CHECK(engine.counts().banned == 1);

  REQUIRE(engine.record_all(std::vector{testing::clear(third, kNowS + 1)}, {}).ok());
  CHECK(engine.explain_item(kNowS, third, {}, nullptr).value().score == unloved);
  CHECK(holds(list_of(engine), third));
  CHECK(engine.counts().loved == 0);
}

TEST_CASE("a ban lowers the scores of items alike") {
  Engine engine = open_engine();
  REQUIRE(engine.record_all(std::vector{testing::play(7, kNowS)}, {}).ok());
  const std::uint32_t alike = list_of(engine)[0].item;
  const std::uint32_t next = list_of(engine)[1].item;
  const double before = engine.explain_item(kNowS, next, {}, nullptr).value().score;
  REQUIRE(engine.record_all(std::vector{testing::ban(alike, kNowS)}, {}).ok());
  CHECK(engine.explain_item(kNowS, alike, {}, nullptr).value().score < before);
}

TEST_CASE("a skipped item comes back after its rest, a banned one never") {
  Engine engine = open_engine({.n_items = 30, .n_factors = 16});
  const std::vector<Listen> events = {testing::play(1, kNowS), testing::skip(2, kNowS),
                                      testing::ban(3, kNowS)};
  REQUIRE(engine.record_all(events, {}).ok());
  const std::vector<Scored> now = list_of(engine, 30);
  CHECK(now.size() == 27);
  CHECK(!holds(now, 2));
  CHECK(!holds(now, 3));
  const std::vector<Scored> later = list_of(engine, 30, kNowS + 31 * kDayS);
  CHECK(later.size() == 28);
  CHECK(holds(later, 2));
  CHECK(!holds(later, 3));
}

TEST_CASE("with nothing but skips the list is by popularity and has no reasons") {
  Engine engine = open_engine();
  std::vector<Listen> events;
  for (std::uint32_t i = 0; i < 10; ++i) events.push_back(testing::skip(2 * i, kNowS - i));
  REQUIRE(engine.record_all(events, {}).ok());
  std::vector<Scored> out(10);
  std::vector<Reason> reasons(10 * 3);
  std::vector<std::uint32_t> n_reasons(10, 9);
  REQUIRE(engine.recommend(kNowS, out, 3, reasons, n_reasons).ok());
  for (std::uint32_t i = 0; i < 10; ++i) {
    CHECK(out[i].item == 2 * i + 1);
    CHECK(n_reasons[i] == 0);
  }
}

TEST_CASE("with everything banned, or everything played, the list is empty") {
  for (const ListenKind kind : {ListenKind::kBan, ListenKind::kPlay}) {
    Engine engine = open_engine();
    std::vector<Listen> events;
    for (std::uint32_t i = 0; i < kItems; ++i) events.push_back(testing::event(kind, i, kNowS));
    REQUIRE(engine.record_all(events, {}).ok());
    CHECK(list_of(engine).empty());
    CHECK(engine.counts().items == kItems);
    const std::span<const double> p = engine.user_vector(kNowS).value();
    for (const double x : p) CHECK(std::isfinite(x));
  }
}

TEST_CASE("a history that has faded away gives the most-listened items that are not known") {
  Engine engine = open_engine();
  REQUIRE(engine.record_all(std::vector{testing::play(0, kNowS)}, {}).ok());
  const std::vector<Scored> list = list_of(engine, 3, kNowS + 40 * 365 * kDayS);
  REQUIRE(list.size() == 3);
  CHECK(list[0].item == 1);
  CHECK(list[2].item == 3);
}

TEST_CASE("another moment gives another profile, and the first one again its own") {
  Engine engine = open_engine();
  REQUIRE(engine.record_all(std::vector{testing::play(7, kNowS)}, {}).ok());
  const double now = engine.explain_item(kNowS, 7, {}, nullptr).value().score;
  const double later = engine.explain_item(kNowS + 365 * kDayS, 7, {}, nullptr).value().score;
  CHECK(later < 0.8 * now);
  CHECK(engine.explain_item(kNowS, 7, {}, nullptr).value().score == now);
}

TEST_CASE("the best item is found among a hundred that the 7-bit query cannot tell apart") {
  // p_u = (0.25, 0.0013): the second entry is less than half a step of the first and vanishes from
  // the query, which then gives every item (1, k / 100) the same score.
  testing::CatalogueContents contents;
  contents.n_factors = 2;
  contents.model = {.mu = 0, .alpha0 = 0, .user_lambda = 3, .user_bias = false};
  contents.rows = {100, 0, 0, 100};
  contents.scale = {0.01f, 0.00004f};
  for (std::int8_t k = 0; k < 100; ++k) {
    contents.rows.push_back(100);
    contents.rows.push_back(k);
    contents.scale.push_back(0.01f);
  }
  Result<Engine> opened = Engine::open(testing::build_catalogue(std::move(contents)), {});
  REQUIRE(opened.ok());
  Engine engine = std::move(opened).value();
  REQUIRE(
      engine.record_all(std::vector{testing::play(0, kNowS), testing::play(1, kNowS)}, {}).ok());
  const std::vector<Scored> list = list_of(engine, 1);
  REQUIRE(list.size() == 1);
  CHECK(list[0].item == 101);
}

TEST_CASE("recent plays count more than old ones") {
  Engine engine = open_engine();
  REQUIRE(engine
              .record_all(
                  std::vector{testing::play(7, kNowS), testing::play(8, kNowS - 2000 * kDayS)}, {})
              .ok());
  std::vector<Reason> reasons(2);
  std::uint32_t n = 0;
  const double recent = engine.explain_item(kNowS, 7, reasons, &n).value().score;
  const double old = engine.explain_item(kNowS, 8, reasons, &n).value().score;
  CHECK(recent > 2 * old);
}

TEST_CASE("a million events fold into one profile") {
  Engine engine =
      open_engine({.n_items = 2000, .n_factors = 16}, {.profile = {}, .max_events = 1u << 20});
  std::vector<Listen> events;
  events.reserve(1000000);
  for (std::uint32_t i = 0; i < 1000000; ++i) {
    Listen e = testing::play((i * 37) % 1900, kNowS - i);
    e.track_hash = i;
    events.push_back(e);
  }
  REQUIRE(engine.record_all(events, {}).ok());
  CHECK(engine.counts().events == 1000000);
  CHECK(engine.counts().items == 1900);
  CHECK(engine.item_history(0).value().plays == 527);
  CHECK(list_of(engine, 50).size() == 50);
  // All of them again: nothing changes.
  const ItemHistory before = engine.item_history(5).value();
  REQUIRE(engine.record_all(events, {}).ok());
  CHECK(engine.counts().duplicate == 1000000);
  CHECK(engine.item_history(5).value().positive == before.positive);
}

TEST_CASE("counts tell recorded, unknown and repeated events apart") {
  Engine engine = open_engine();
  Listen unknown = testing::play(0, kNowS);
  unknown.artist = testing::unknown_item_id(4);
  const std::vector<Listen> events = {testing::play(1, kNowS), testing::play(1, kNowS), unknown,
                                      testing::love(2, kNowS), testing::ban(3, kNowS)};
  std::vector<Recorded> recorded(5);
  REQUIRE(engine.record_all(events, recorded).ok());
  CHECK(recorded == std::vector{Recorded::kKept, Recorded::kDuplicate, Recorded::kUnknownItem,
                                Recorded::kKept, Recorded::kKept});
  const HistoryCounts counts = engine.counts();
  CHECK(counts.events == 4);
  CHECK(counts.unknown == 1);
  CHECK(counts.duplicate == 1);
  CHECK(counts.items == 3);
  CHECK(counts.loved == 1);
  CHECK(counts.banned == 1);
}

TEST_CASE("forget leaves an engine as it was when it was opened") {
  Engine engine = open_engine();
  Engine fresh = open_engine();
  REQUIRE(engine.record_all(testing::random_history(3, kItems, 50, 300), {}).ok());
  REQUIRE(!list_of(engine).empty());
  engine.forget();
  CHECK(engine.counts().events == 0);
  CHECK(engine.counts().unknown == 0);
  CHECK(engine.counts().items == 0);
  for (std::uint32_t i = 0; i < kItems; ++i) CHECK(engine.item_history(i).value().plays == 0);
  const std::vector<Scored> list = list_of(engine);
  const std::vector<Scored> expected = list_of(fresh);
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(list[i].item == expected[i].item);
  const std::span<const double> p = engine.user_vector(kNowS).value();
  for (const double x : p) CHECK(x == 0);
  // The same events are new again.
  REQUIRE(engine.record_all(std::vector{testing::play(1, kNowS)}, {}).ok());
  CHECK(engine.counts().duplicate == 0);
}

TEST_CASE("an engine can be moved and goes on with its history") {
  Engine engine = open_engine();
  REQUIRE(engine.record_all(std::vector{testing::play(7, kNowS)}, {}).ok());
  const std::vector<Scored> before = list_of(engine);
  Engine moved = std::move(engine);
  const std::vector<Scored> after = list_of(moved);
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i].item == after[i].item);
}

}  // namespace
}  // namespace ossicle
