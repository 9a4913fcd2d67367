#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

using testing::kNowS;

struct Case {
  bool user_bias;
  double mu;
  double bias_sd;
  bool weighted = false;
};
// Offsets mu + b_i are positive throughout: fold_in takes them as targets below.
constexpr Case kCases[] = {{false, 0, 0}, {true, 1, 0.3}, {false, 1, 0.3}, {false, 0, 0, true}};

CatalogueData catalogue_for(const Case& c) {
  if (c.weighted) {
    return testing::synthetic_catalogue(
        {.n_items = 300, .n_factors = 16, .model = testing::weighted_model()});
  }
  return testing::synthetic_catalogue(
      {.n_items = 300,
       .n_factors = 16,
       .model = {.mu = c.mu, .alpha0 = 0.05, .user_lambda = 2, .user_bias = c.user_bias},
       .bias_sd = c.bias_sd});
}

Engine open_engine(const Case& c) {
  Result<Engine> engine = Engine::open(catalogue_for(c), {});
  REQUIRE(engine.ok());
  return std::move(engine).value();
}

struct Explained {
  double score = 0;
  std::vector<Reason> reasons;
};

Explained explain_all(Engine& engine, std::uint32_t item) {
  Explained explained;
  explained.reasons.resize(engine.catalogue().n_items);
  std::uint32_t n = 0;
  const Result<Scored> scored = engine.explain_item(kNowS, item, explained.reasons, &n);
  REQUIRE(scored.ok());
  explained.reasons.resize(n);
  explained.score = scored.value().score;
  return explained;
}

// mu + b_i + base: with every target at its offset, the observations add nothing to the right-hand
// side and only shape A.
void solve_base(const Catalogue& catalogue, const std::vector<Listen>& events,
                testing::StageBuffers& buffers) {
  for (const Listen& e : events) {
    REQUIRE(record(catalogue, {}, e, buffers.history).ok());
  }
  auto observations = buffers.observed({}, kNowS);
  for (Observation& o : observations) {
    o.target = catalogue.model.mu + static_cast<double>(catalogue.bias[o.item]);
  }
  REQUIRE(fold_in(catalogue, observations, buffers.user).ok());
}

TEST_CASE("contributions, base, mu and the item's bias sum up to the score") {
  double worst = 0;
  for (const Case& c : kCases) {
    Engine engine = open_engine(c);
    const std::vector<Listen> events = testing::random_history(4, 300, 40, 200);
    REQUIRE(engine.record_all(events, {}).ok());
    testing::StageBuffers buffers(engine.catalogue());
    solve_base(engine.catalogue(), events, buffers);
    for (std::uint32_t item = 0; item < 300; ++item) {
      const Explained explained = explain_all(engine, item);
      CHECK(explained.reasons.size() > 20);
      double sum = score(engine.catalogue(), buffers.user, item).score;
      for (const Reason& reason : explained.reasons) sum += reason.contribution;
      worst = std::max(worst, std::fabs(sum - explained.score));
    }
  }
  CAPTURE(worst);
  CHECK(worst < 1e-12);
}

TEST_CASE("deleting the events of an item lowers scores by exactly what its reason says") {
  constexpr int kTriples = 1000;
  double worst = 0;
  int done = 0;
  for (std::uint64_t seed = 1; done < kTriples; ++seed) {
    const Case& c = kCases[seed % 4];
    Engine whole = open_engine(c);
    Engine without = open_engine(c);
    std::uint64_t state = seed;
    const std::uint32_t n_artists = 2 + testing::next_below(state, 60);
    const std::vector<Listen> events =
        testing::random_history(seed, 300, n_artists, 10 + testing::next_below(state, 200));
    REQUIRE(whole.record_all(events, {}).ok());
    const Explained some = explain_all(whole, 0);
    if (some.reasons.empty()) continue;
    for (int k = 0; k < 20 && done < kTriples; ++k) {
      const std::uint32_t item = testing::next_below(state, 300);
      const Explained before = explain_all(whole, item);
      const auto n = static_cast<std::uint32_t>(before.reasons.size());
      const Reason& reason = before.reasons[testing::next_below(state, n)];

      std::vector<Listen> rest;
      for (const Listen& e : events) {
        if (e.artist != testing::item_id(reason.item)) rest.push_back(e);
      }
      without.forget();
      REQUIRE(without.record_all(rest, {}).ok());
      const double fell = before.score - explain_all(without, item).score;
      worst = std::max(worst, std::fabs(reason.if_removed - fell) / std::fabs(fell));
      ++done;
    }
  }
  WARN("deletion test: " << done << " triples, largest relative error " << worst);
  CHECK(done == kTriples);
  CHECK(worst <= 1e-4);  // what is promised
  CHECK(worst <= 1e-8);  // what f64 gives
}

TEST_CASE("reasons come strongest first, and the strongest are kept when not all fit") {
  Engine engine = open_engine(kCases[1]);
  REQUIRE(engine.record_all(testing::random_history(9, 300, 60, 300), {}).ok());
  const Explained all = explain_all(engine, 11);
  REQUIRE(all.reasons.size() > 30);
  for (std::size_t r = 1; r < all.reasons.size(); ++r) {
    CHECK(all.reasons[r - 1].contribution >= all.reasons[r].contribution);
  }
  for (const std::size_t room : {0u, 1u, 3u, 16u}) {
    std::vector<Reason> few(room);
    std::uint32_t n = 99;
    REQUIRE(engine.explain_item(kNowS, 11, few, &n).ok());
    REQUIRE(n == room);
    for (std::size_t r = 0; r < room; ++r) {
      CHECK(few[r].item == all.reasons[r].item);
      CHECK(few[r].contribution == all.reasons[r].contribution);
      CHECK(few[r].if_removed == all.reasons[r].if_removed);
    }
  }
}

TEST_CASE("of equal reasons the lower row comes first") {
  testing::CatalogueContents contents;
  contents.n_factors = 2;
  contents.model = {.mu = 0, .alpha0 = 0.05, .user_lambda = 1, .user_bias = false};
  for (int i = 0; i < 10; ++i) {
    contents.rows.push_back(50);
    contents.rows.push_back(20);
    contents.scale.push_back(0.01f);
  }
  Result<Engine> opened = Engine::open(testing::build_catalogue(std::move(contents)), {});
  REQUIRE(opened.ok());
  Engine engine = std::move(opened).value();
  const std::vector<Listen> events = {testing::play(8, kNowS), testing::play(2, kNowS),
                                      testing::play(5, kNowS)};
  REQUIRE(engine.record_all(events, {}).ok());
  const Explained explained = explain_all(engine, 0);
  REQUIRE(explained.reasons.size() == 3);
  CHECK(explained.reasons[0].item == 2);
  CHECK(explained.reasons[1].item == 5);
  CHECK(explained.reasons[2].item == 8);
}

TEST_CASE("reasons name the tags that the item shares with them, and no others") {
  for (const Case& c : {kCases[0], kCases[3]}) {
    CatalogueData data = catalogue_for(c);
    // None, a few or more than a mask can name, of 60.
    std::vector<std::uint32_t> offset = {0};
    std::vector<std::uint16_t> tags;
    std::uint64_t state = 5;
    for (std::uint32_t i = 0; i < data.view.n_items; ++i) {
      const std::uint32_t n = i % 10 == 0 ? 45 : testing::next_below(state, 8);
      std::vector<std::uint16_t> all(60);
      for (std::uint16_t t = 0; t < 60; ++t) all[t] = t;
      for (std::uint32_t t = 0; t < n; ++t) {
        std::swap(all[t], all[t + testing::next_below(state, 60 - t)]);
        tags.push_back(all[t]);
      }
      offset.push_back(static_cast<std::uint32_t>(tags.size()));
    }
    data.view.tag_offset = offset;
    data.view.item_tag = tags;
    Result<Engine> opened = Engine::open(std::move(data), {});
    REQUIRE(opened.ok());
    Engine engine = std::move(opened).value();
    REQUIRE(engine.record_all(testing::random_history(9, 300, 60, 300), {}).ok());
    int shared = 0;
    for (std::uint32_t item = 0; item < 60; ++item) {
      const auto of_item = engine.catalogue().tags(item);
      for (const Reason& reason : explain_all(engine, item).reasons) {
        const auto of_reason = engine.catalogue().tags(reason.item);
        for (std::size_t t = 0; t < 32; ++t) {
          const bool expected =
              t < of_item.size() && std::count(of_reason.begin(), of_reason.end(), of_item[t]) != 0;
          REQUIRE(((reason.shared_tags >> t & 1) != 0) == expected);
          shared += expected;
        }
      }
    }
    CHECK(shared > 500);
  }
}

TEST_CASE("an item of the history is explained by itself first") {
  Engine engine = open_engine(kCases[0]);
  std::vector<Listen> events;
  for (std::uint32_t i = 0; i < 20; ++i) events.push_back(testing::play(i * 3, kNowS - i));
  REQUIRE(engine.record_all(events, {}).ok());
  CHECK(explain_all(engine, 6).reasons[0].item == 6);
}

}  // namespace
}  // namespace ossicle
