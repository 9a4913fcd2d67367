#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kNowS;

CatalogueData small_catalogue() {
  return testing::synthetic_catalogue({.n_items = 20, .n_factors = 4});
}

Engine open_engine(const EngineOptions& options = {}) {
  Result<Engine> engine = Engine::open(small_catalogue(), options);
  REQUIRE(engine.ok());
  return std::move(engine).value();
}

TEST_CASE("an option outside its range is refused by name") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  struct Knob {
    std::string name;
    std::function<void(EngineOptions&, double)> set;
    std::vector<double> bad, good;
  };
  const std::vector<Knob> knobs = {
      {"half_life_days",
       [](EngineOptions& o, double x) { o.profile.half_life_days = x; },
       {6.9, 36501, nan, 0, -1},
       {7, 36500}},
      {"love_strength",
       [](EngineOptions& o, double x) { o.profile.love_strength = x; },
       {-0.1, 1001, nan},
       {0, 1000}},
      {"skip_strength",
       [](EngineOptions& o, double x) { o.profile.skip_strength = x; },
       {-0.1, 1001, nan},
       {0, 1000}},
      {"ban_strength",
       [](EngineOptions& o, double x) { o.profile.ban_strength = x; },
       {-0.1, 1001, nan},
       {0, 1000}},
      {"min_played_ms",
       [](EngineOptions& o, double x) { o.profile.min_played_ms = x; },
       {-1, 3600001, nan},
       {0, 3600000}},
      {"skip_rest_days",
       [](EngineOptions& o, double x) { o.profile.skip_rest_days = x; },
       {-1, 36501, nan},
       {0, 36500}},
      {"max_events",
       [](EngineOptions& o, double x) { o.max_events = static_cast<std::uint32_t>(x); },
       {0, 16777217},
       {1, 65536}},
      {"max_results",
       [](EngineOptions& o, double x) { o.max_results = static_cast<std::uint32_t>(x); },
       {0, 1025},
       {1, 1024}},
      {"max_reasons",
       [](EngineOptions& o, double x) { o.max_reasons = static_cast<std::uint32_t>(x); },
       {257},
       {0, 256}},
  };
  for (const Knob& knob : knobs) {
    for (const double x : knob.bad) {
      CAPTURE(knob.name, x);
      EngineOptions options;
      knob.set(options, x);
      const Result<Engine> engine = Engine::open(small_catalogue(), options);
      REQUIRE(!engine.ok());
      CHECK(engine.error().code == Code::kInvalidArgument);
      CHECK(std::string(engine.error().what).find(knob.name) == 0);
    }
    for (const double x : knob.good) {
      CAPTURE(knob.name, x);
      EngineOptions options;
      knob.set(options, x);
      CHECK(Engine::open(small_catalogue(), options).ok());
    }
  }
}

TEST_CASE("a catalogue whose columns do not fit its shape is refused by the column's name") {
  struct Fault {
    std::string name;
    std::function<void(Catalogue&)> make;
  };
  const std::vector<Fault> faults = {
      {"the catalogue", [](Catalogue& c) { c.n_items = 0; }},
      {"n_factors", [](Catalogue& c) { c.n_factors = 0; }},
      {"n_factors", [](Catalogue& c) { c.n_factors = 1025; }},
      {"row_stride", [](Catalogue& c) { c.row_stride = 32; }},
      {"q ", [](Catalogue& c) { c.q = c.q.first(c.q.size() - 1); }},
      {"scale", [](Catalogue& c) { c.scale = c.scale.first(19); }},
      {"bias", [](Catalogue& c) { c.bias = {}; }},
      {"rowsum", [](Catalogue& c) { c.rowsum = c.rowsum.first(1); }},
      {"listeners", [](Catalogue& c) { c.listeners = {}; }},
      {"id", [](Catalogue& c) { c.id = c.id.first(2); }},
      {"by_id", [](Catalogue& c) { c.by_id = {}; }},
      {"gram", [](Catalogue& c) { c.gram = c.gram.first(15); }},
      {"factor_sum", [](Catalogue& c) { c.factor_sum = {}; }},
      {"offset_sum", [](Catalogue& c) { c.offset_sum = c.offset_sum.first(4); }},
  };
  for (const Fault& fault : faults) {
    CAPTURE(fault.name);
    CatalogueData data = small_catalogue();
    fault.make(data.view);
    const Result<Engine> engine = Engine::open(std::move(data), {});
    REQUIRE(!engine.ok());
    CHECK(engine.error().code == Code::kInvalidArgument);
    CHECK(std::string(engine.error().what).find(fault.name) == 0);
  }
}

TEST_CASE("a bad event stops record_all at its index and keeps what came before") {
  Engine engine = open_engine();
  const std::vector<Listen> events = {testing::play(1, kNowS), testing::play(2, kNowS),
                                      testing::play(3, -1), testing::play(4, kNowS)};
  std::vector<Recorded> recorded(4, Recorded::kDuplicate);
  const Status status = engine.record_all(events, recorded);
  REQUIRE(!status.ok());
  CHECK(status.error().code == Code::kInvalidArgument);
  CHECK(status.error().at == 2);
  CHECK(engine.counts().events == 2);
  CHECK(engine.counts().items == 2);
  CHECK(recorded[1] == Recorded::kKept);
  CHECK(recorded[3] == Recorded::kDuplicate);
}

TEST_CASE("a full history stops record_all at the event that has no room") {
  Engine engine = open_engine({.profile = {}, .max_events = 6});
  std::vector<Listen> events;
  for (std::uint32_t i = 0; i < 10; ++i) events.push_back(testing::play(1, kNowS + i));
  const Status status = engine.record_all(events, {});
  REQUIRE(!status.ok());
  CHECK(status.error().code == Code::kCapacityExceeded);
  CHECK(status.error().at == 6);
  CHECK(engine.item_history(1).value().plays == 6);
}

TEST_CASE("a history has room for max_events at least") {
  for (const std::uint32_t max_events : {1u, 2u, 3u, 4u, 100u, 768u, 1000u}) {
    Engine engine = open_engine({.profile = {}, .max_events = max_events});
    std::vector<Listen> events;
    for (std::uint32_t i = 0; i < max_events; ++i) events.push_back(testing::play(1, kNowS + i));
    CHECK(engine.record_all(events, {}).ok());
  }
}

TEST_CASE("spans that do not fit together are refused") {
  Engine engine = open_engine({.profile = {}, .max_results = 10, .max_reasons = 4});
  std::vector<Scored> out(11);
  std::vector<Reason> reasons(100);
  std::vector<std::uint32_t> n_reasons(11);
  const auto refused = [](const Result<std::uint32_t>& result, std::uint64_t at) {
    REQUIRE(!result.ok());
    CHECK(result.error().code == Code::kInvalidArgument);
    CHECK(result.error().at == at);
  };
  const std::span<Scored> ten(out.data(), 10);
  const std::span<Reason> all(reasons);
  const std::span<std::uint32_t> counts(n_reasons);
  refused(engine.recommend(kNowS, out, 0, {}, {}), 11);
  refused(engine.recommend(kNowS, ten, 5, all.first(50), counts.first(10)), 5);
  refused(engine.recommend(kNowS, ten, 4, all.first(39), counts.first(10)), 39);
  refused(engine.recommend(kNowS, ten, 4, all.first(40), counts.first(9)), 9);
  refused(engine.recommend(kNowS, ten, 4, all.first(40), {}), 0);
  refused(engine.recommend(kNowS, ten, 4, {}, counts.first(10)), 0);
  CHECK(engine.recommend(kNowS, ten, 4, all.first(40), counts.first(10)).ok());
  CHECK(engine.recommend(kNowS, ten, 4, {}, {}).ok());
  CHECK(engine.recommend(kNowS, {}, 0, {}, {}).value() == 0);

  std::vector<Recorded> recorded(2);
  const Status status = engine.record_all(std::vector{testing::play(1, kNowS)}, recorded);
  REQUIRE(!status.ok());
  CHECK(status.error().code == Code::kInvalidArgument);
  CHECK(status.error().at == 2);
}

TEST_CASE("a moment out of range is refused by every call that needs one") {
  Engine engine = open_engine();
  std::vector<Scored> out(3);
  for (const std::int64_t now_s : {std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
                                   kLatestS + 1, std::numeric_limits<std::int64_t>::max()}) {
    CHECK(engine.recommend(now_s, out, 0, {}, {}).error().code == Code::kInvalidArgument);
    CHECK(engine.explain_item(now_s, 0, {}, nullptr).error().code == Code::kInvalidArgument);
    CHECK(engine.user_vector(now_s).error().code == Code::kInvalidArgument);
  }
}

TEST_CASE("an item outside the catalogue is refused") {
  Engine engine = open_engine();
  for (const std::uint32_t item : {20u, kNoItem}) {
    CHECK(engine.explain_item(kNowS, item, {}, nullptr).error().code == Code::kOutOfRange);
    CHECK(engine.item_history(item).error().code == Code::kOutOfRange);
    CHECK(engine.item_history(item).error().at == item);
  }
  CHECK(engine.explain_item(kNowS, 19, {}, nullptr).ok());
}

TEST_CASE("a catalogue that cannot be solved is reported, and the engine goes on") {
  CatalogueData data = testing::synthetic_catalogue(
      {.n_items = 20,
       .n_factors = 4,
       .model = {.mu = 0, .alpha0 = 0, .user_lambda = 0, .user_bias = false}});
  Result<Engine> opened = Engine::open(std::move(data), {});
  REQUIRE(opened.ok());
  Engine engine = std::move(opened).value();
  std::vector<Scored> out(3);
  CHECK(engine.recommend(kNowS, out, 0, {}, {}).error().code == Code::kNotSolvable);
  // Five plays make the 4 x 4 system solvable.
  std::vector<Listen> events;
  for (std::uint32_t i = 0; i < 5; ++i) events.push_back(testing::play(i, kNowS));
  REQUIRE(engine.record_all(events, {}).ok());
  CHECK(engine.recommend(kNowS, out, 0, {}, {}).ok());
}

}  // namespace
}  // namespace ossicle
