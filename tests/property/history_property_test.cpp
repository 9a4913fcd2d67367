#include <catch2/catch.hpp>
#include <cstring>
#include <span>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kNowS;

constexpr std::uint32_t kItems = 250;
constexpr std::uint64_t kSeeds = 60;

Engine open_engine(std::uint64_t seed) {
  const bool user_bias = seed % 2 == 0;
  Result<Engine> engine = Engine::open(
      testing::synthetic_catalogue(
          {.n_items = kItems,
           .n_factors = 12,
           .seed = seed,
           .model = {.mu = 0.1, .alpha0 = 0.05, .user_lambda = 2, .user_bias = user_bias},
           .bias_sd = 0.1}),
      {.profile = {.half_life_days = 180.0 + 50.0 * static_cast<double>(seed % 7)}});
  REQUIRE(engine.ok());
  return std::move(engine).value();
}

std::vector<Listen> history_of(std::uint64_t seed) {
  std::uint64_t state = seed * 31;
  return testing::random_history(seed, kItems, 1 + testing::next_below(state, 80),
                                 1 + testing::next_below(state, 600));
}

bool same_bytes(const void* a, const void* b, std::size_t n) { return std::memcmp(a, b, n) == 0; }

// Everything an engine knows and says, down to the last bit.
void check_same(Engine& a, Engine& b) {
  bool same = true;
  for (std::uint32_t i = 0; i < kItems; ++i) {
    const ItemHistory x = a.item_history(i).value();
    const ItemHistory y = b.item_history(i).value();
    same = same && same_bytes(&x, &y, sizeof x);
  }
  CHECK(same);
  const auto p = a.user_vector(kNowS).value();
  const auto q = b.user_vector(kNowS).value();
  CHECK(same_bytes(p.data(), q.data(), p.size_bytes()));

  std::vector<Scored> x(30), y(30);
  std::vector<Reason> r(90), s(90);
  std::vector<std::uint32_t> m(30), n(30);
  REQUIRE(a.recommend(kNowS, x, 3, r, m).value() == b.recommend(kNowS, y, 3, s, n).value());
  CHECK(same_bytes(x.data(), y.data(), x.size() * sizeof(Scored)));
  CHECK(same_bytes(r.data(), s.data(), r.size() * sizeof(Reason)));
  CHECK(m == n);
}

TEST_CASE("the order of events does not matter, to the last bit") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    std::vector<Listen> events = history_of(seed);
    Engine a = open_engine(seed);
    REQUIRE(a.record_all(events, {}).ok());
    for (std::uint64_t turn = 1; turn <= 2; ++turn) {
      testing::shuffle(events, seed * 100 + turn);
      Engine b = open_engine(seed);
      REQUIRE(b.record_all(events, {}).ok());
      check_same(a, b);
    }
  }
}

TEST_CASE("skips that are taken back leave the order without effect, too") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    std::uint64_t state = seed;
    std::vector<Listen> events = history_of(seed);
    // Few seconds and few artists, so that skips and clears meet.
    for (int i = 0; i < 60; ++i) {
      const std::uint32_t item = testing::next_below(state, 5);
      const std::int64_t at_s = kNowS - testing::next_below(state, 6);
      Listen e = testing::next_below(state, 2) == 0 ? testing::skip(item, at_s)
                                                    : testing::clear(item, at_s);
      e.track_hash = testing::next_below(state, 2);
      events.push_back(e);
    }
    Engine a = open_engine(seed);
    REQUIRE(a.record_all(events, {}).ok());
    for (std::uint64_t turn = 1; turn <= 3; ++turn) {
      testing::shuffle(events, seed * 100 + turn);
      Engine b = open_engine(seed);
      REQUIRE(b.record_all(events, {}).ok());
      check_same(a, b);
    }
  }
}

TEST_CASE("giving events again changes nothing") {
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    CAPTURE(seed);
    std::vector<Listen> events = history_of(seed);
    Engine once = open_engine(seed);
    REQUIRE(once.record_all(events, {}).ok());
    Engine twice = open_engine(seed);
    REQUIRE(twice.record_all(events, {}).ok());
    testing::shuffle(events, seed);
    std::vector<Recorded> recorded(events.size());
    REQUIRE(twice.record_all(events, recorded).ok());
    for (const Recorded r : recorded) CHECK(r == Recorded::kDuplicate);
    CHECK(twice.counts().events == once.counts().events);
    CHECK(twice.counts().duplicate == events.size());
    check_same(once, twice);
  }
}

TEST_CASE("events given one by one, with lists asked for in between, end as if given at once") {
  for (std::uint64_t seed = 1; seed <= kSeeds / 3; ++seed) {
    CAPTURE(seed);
    const std::vector<Listen> events = history_of(seed);
    Engine at_once = open_engine(seed);
    REQUIRE(at_once.record_all(events, {}).ok());
    Engine one_by_one = open_engine(seed);
    std::vector<Scored> out(5);
    for (std::size_t i = 0; i < events.size(); ++i) {
      REQUIRE(one_by_one.record_all(std::span(events).subspan(i, 1), {}).ok());
      if (i % 40 == 0) REQUIRE(one_by_one.recommend(kNowS, out, 0, {}, {}).ok());
    }
    check_same(at_once, one_by_one);
  }
}

TEST_CASE("after forget, a history gives what it gives in a new engine") {
  for (std::uint64_t seed = 1; seed <= kSeeds / 3; ++seed) {
    CAPTURE(seed);
    Engine fresh = open_engine(seed);
    REQUIRE(fresh.record_all(history_of(seed), {}).ok());
    Engine used = open_engine(seed);
    REQUIRE(used.record_all(history_of(seed + 1000), {}).ok());
    REQUIRE(used.user_vector(kNowS).ok());
    used.forget();
    REQUIRE(used.record_all(history_of(seed), {}).ok());
    check_same(fresh, used);
  }
}

}  // namespace
}  // namespace ossicle
