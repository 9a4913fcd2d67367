// Artists of the person's own tracks as evidence beside the catalogue's: ADR 0016.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::uint32_t kItems = 300;
constexpr std::uint32_t kOwn = 40;

/// Own items whose rows are those of the catalogue's items from `first` on.
struct Copies {
  std::vector<std::int8_t> q;
  std::vector<float> scale;
  std::vector<ItemId> id;
  std::vector<std::uint32_t> by_id, name_offset = {0};
  std::string names;

  Copies(const Catalogue& c, std::uint32_t first, std::uint32_t n) : by_id(n) {
    const auto rows = c.q.subspan(std::size_t{first} * c.row_stride, std::size_t{n} * c.row_stride);
    q.assign(rows.begin(), rows.end());
    const auto scales = c.scale.subspan(first, n);
    scale.assign(scales.begin(), scales.end());
    for (std::uint32_t k = 0; k < n; ++k) {
      id.push_back(testing::unknown_item_id(first + k));
      names += "own " + std::to_string(k);
      name_offset.push_back(static_cast<std::uint32_t>(names.size()));
    }
    std::iota(by_id.begin(), by_id.end(), 0u);
    std::sort(by_id.begin(), by_id.end(), [&](auto a, auto b) { return id[a] < id[b]; });
  }
  OwnItems view(std::uint32_t n) {
    std::erase_if(by_id, [n](std::uint32_t k) { return k >= n; });
    return {n,
            std::span(q).first(q.size() / scale.size() * n),
            std::span(scale).first(n),
            std::span(id).first(n),
            by_id,
            std::span(name_offset).first(n + 1),
            names};
  }
  OwnItems view() { return view(static_cast<std::uint32_t>(id.size())); }
};

Engine open_engine(bool weighted, const EngineOptions& options = {}) {
  testing::SyntheticSettings settings = {.n_items = kItems, .n_factors = 16};
  if (weighted) settings.model = testing::weighted_model();
  Result<Engine> engine = Engine::open(testing::synthetic_catalogue(settings), options);
  REQUIRE(engine.ok());
  return std::move(engine).value();
}

std::vector<double> user_of(Engine& engine) {
  const auto user = engine.user_vector(kNowS);
  REQUIRE(user.ok());
  return {user.value().begin(), user.value().end()};
}

std::vector<Reason> reasons_of(Engine& engine, std::uint32_t item, double* score) {
  std::vector<Reason> reasons(kItems + kOwn);
  std::uint32_t n = 0;
  const auto scored = engine.explain_item(kNowS, item, reasons, &n);
  REQUIRE(scored.ok());
  *score = scored.value().score;
  reasons.resize(n);
  return reasons;
}

/// A history in which about half of the artists are own ones.
std::vector<Listen> mixed_history(std::uint64_t seed) {
  std::vector<Listen> events = testing::random_history(seed, kItems, 30, 150);
  std::uint64_t state = seed + 1;
  for (Listen& e : events) {
    if (testing::next_below(state, 2) == 0) {
      e.artist = testing::unknown_item_id(100 + testing::next_below(state, kOwn));
    }
  }
  return events;
}

TEST_CASE("a play of an own item counts as one of a catalogue item with the same row") {
  Engine own = open_engine(false);
  Engine of_catalogue = open_engine(false);
  Copies copies(own.catalogue(), 100, kOwn);
  REQUIRE(own.use_own(copies.view()).ok());
  std::vector<Listen> plays, same;
  for (std::uint32_t k = 0; k < 20; ++k) {
    plays.push_back(testing::play(100 + k % 7, kNowS - k * kDayS));
    same.push_back(plays.back());
    same.back().artist = testing::unknown_item_id(100 + k % 7);
  }
  REQUIRE(of_catalogue.record_all(plays, {}).ok());
  REQUIRE(own.record_all(same, {}).ok());
  CHECK(user_of(own) == user_of(of_catalogue));
  CHECK(own.counts().unknown == 0);
  CHECK(own.catalogue().name(kItems + 3) == "own 3");
  CHECK(own.catalogue().tags(kItems + 3).empty());
  CHECK(find_any_item(own.catalogue(), testing::unknown_item_id(103)) == kItems + 3);
  CHECK(find_item(own.catalogue(), testing::unknown_item_id(103)) == kNoItem);

  // Its own artists are reasons, with the same parts; lists have the catalogue's items only.
  double score = 0, other_score = 0;
  const std::vector<Reason> reasons = reasons_of(own, 5, &score);
  const std::vector<Reason> others = reasons_of(of_catalogue, 5, &other_score);
  CHECK(score == other_score);
  REQUIRE(reasons.size() == others.size());
  for (std::size_t r = 0; r < reasons.size(); ++r) {
    CHECK(reasons[r].item == others[r].item - 100 + kItems);
    CHECK(reasons[r].contribution == others[r].contribution);
    CHECK(reasons[r].shared_tags == 0);
  }
  std::vector<Scored> list(50);
  REQUIRE(own.recommend(kNowS, list, 0, {}, {}).value() == 50);
  for (const Scored& s : list) CHECK(s.item < kItems);
  for (const double neighbours : {0.0, 2.0}) {
    RecommendRequest request{.now_s = kNowS};
    request.list.blend.neighbours = neighbours;
    CHECK(own.recommend(request, list, {}, {}).value().count == 50);
  }
}

TEST_CASE("deleting the events of an own item lowers scores by what its reason says") {
  double worst = 0;
  int done = 0;
  for (std::uint64_t seed = 1; done < 300; ++seed) {
    Engine whole = open_engine(seed % 2 == 0);
    Engine without = open_engine(seed % 2 == 0);
    Copies copies(whole.catalogue(), 100, kOwn);
    REQUIRE(whole.use_own(copies.view()).ok());
    REQUIRE(without.use_own(copies.view()).ok());
    const std::vector<Listen> events = mixed_history(seed);
    REQUIRE(whole.record_all(events, {}).ok());
    std::uint64_t state = seed;
    for (int k = 0; k < 20; ++k) {
      const std::uint32_t item = testing::next_below(state, kItems + kOwn);
      double score = 0, after = 0;
      const std::vector<Reason> reasons = reasons_of(whole, item, &score);
      const Reason& reason =
          reasons[testing::next_below(state, static_cast<std::uint32_t>(reasons.size()))];
      if (reason.item < kItems) continue;
      std::vector<Listen> rest = events;
      std::erase_if(rest, [&](const Listen& e) {
        return e.artist == testing::unknown_item_id(100 + reason.item - kItems);
      });
      without.forget();
      REQUIRE(without.record_all(rest, {}).ok());
      reasons_of(without, item, &after);
      worst = std::max(worst, std::fabs(reason.if_removed - (score - after)) /
                                  std::max(std::fabs(score - after), 1e-9));
      ++done;
    }
  }
  CHECK(worst <= 1e-6);
}

TEST_CASE("following a history with own items comes to the solved profile") {
  Engine followed = open_engine(true);
  Engine solved = open_engine(true);
  Copies copies(followed.catalogue(), 100, kOwn);
  REQUIRE(followed.use_own(copies.view()).ok());
  REQUIRE(solved.use_own(copies.view()).ok());
  REQUIRE(followed.user_vector(kNowS).ok());
  for (const Listen& e : mixed_history(5)) {
    REQUIRE(followed.record_all({&e, 1}, {}).ok());
    REQUIRE(solved.record_all({&e, 1}, {}).ok());
    REQUIRE(followed.follow(kNowS).ok());
  }
  const auto near = followed.follow(kNowS);
  const std::vector<double> exact = user_of(solved);
  for (std::size_t i = 0; i < exact.size(); ++i) {
    CHECK(near.value()[i] == Approx(exact[i]).margin(1e-9));
  }
}

TEST_CASE("own items may become more, and what was theirs goes with them") {
  Engine engine = open_engine(true);
  Engine all = open_engine(true);
  Engine none = open_engine(true);
  Copies some(engine.catalogue(), 100, kOwn);
  Copies every(engine.catalogue(), 100, kOwn);
  const std::vector<Listen> events = mixed_history(8);
  REQUIRE(none.record_all(events, {}).ok());
  const std::vector<double> of_none = user_of(none);

  REQUIRE(engine.use_own(some.view(10)).ok());
  REQUIRE(engine.record_all(events, {}).ok());
  CHECK(user_of(engine) != of_none);
  REQUIRE(engine.use_own(every.view()).ok());
  engine.forget();
  REQUIRE(engine.record_all(events, {}).ok());
  REQUIRE(all.use_own(every.view()).ok());
  REQUIRE(all.record_all(events, {}).ok());
  CHECK(user_of(engine) == user_of(all));
  CHECK(engine.item_history(kItems + kOwn - 1).ok());

  REQUIRE(engine.use_own({}).ok());
  CHECK(user_of(engine) == of_none);
  CHECK(engine.item_history(kItems).error().code == Code::kOutOfRange);
  CHECK(engine.counts().items == none.counts().items);
}

TEST_CASE("own items that do not fit are refused, and those of before stay") {
  EngineOptions options;
  options.max_own_items = 20;
  Engine engine = open_engine(true, options);
  Copies copies(engine.catalogue(), 100, kOwn);
  Copies few(engine.catalogue(), 100, 10);
  CHECK(engine.use_own(copies.view()).error().code == Code::kCapacityExceeded);
  REQUIRE(engine.use_own(few.view()).ok());
  OwnItems wrong = few.view();
  wrong.scale = wrong.scale.first(9);
  CHECK(engine.use_own(wrong).error().code == Code::kInvalidArgument);
  CHECK(engine.catalogue().own.n == 10);
  options.max_own_items = 65537;
  const auto refused =
      Engine::open(testing::synthetic_catalogue({.n_items = 10, .n_factors = 16}), options);
  CHECK(refused.error().code == Code::kInvalidArgument);
}

}  // namespace
}  // namespace ossicle
