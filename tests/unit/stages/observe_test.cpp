#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "listener.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

class Observer {
 public:
  explicit Observer(const ModelConstants& model = {.alpha0 = 0.05, .user_lambda = 2})
      : data(testing::synthetic_catalogue({.n_items = 20, .n_factors = 4, .model = model})),
        buffers(data.view) {}
  void give(const Listen& event) {
    REQUIRE(record(data.view, settings, event, buffers.history).ok());
  }
  std::vector<Observation> at(std::int64_t now_s) { return buffers.observed(settings, now_s); }

  CatalogueData data;
  ProfileSettings settings;
  testing::StageBuffers buffers;
};

// Strengths are rounded to 2^-20 of a play.
const double kClose = 1e-6;

TEST_CASE("one whole play today weighs one, with target one") {
  Observer o;
  o.give(testing::play(3, kNowS));
  const auto seen = o.at(kNowS);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].item == 3);
  CHECK(seen[0].weight == Approx(1).margin(kClose));
  CHECK(seen[0].target == 1);
}

TEST_CASE("evidence halves every half-life") {
  const auto evidence = [](Observer& o, std::int64_t now_s) {
    const auto seen = o.at(now_s);
    REQUIRE(seen.size() == 1);
    return std::exp2(seen[0].weight) - 1;
  };
  for (const double half_life_days : {7.0, 30.0, 365.0, 36500.0}) {
    Observer o;
    o.settings.half_life_days = half_life_days;
    o.give(testing::play(1, kNowS));
    const auto half_life_s = static_cast<std::int64_t>(half_life_days * kDayS);
    CHECK(evidence(o, kNowS) == Approx(1).margin(kClose));
    CHECK(evidence(o, kNowS + half_life_s) == Approx(0.5).margin(kClose));
    CHECK(evidence(o, kNowS + 3 * half_life_s) == Approx(0.125).margin(kClose));
    CHECK(evidence(o, kNowS + half_life_s / 2) == Approx(std::sqrt(0.5)).margin(kClose));
  }
}

TEST_CASE("decay leaves the target of an item alone") {
  Observer o;
  o.give(testing::play(1, kNowS));
  o.give(testing::skip(1, kNowS));
  CHECK(o.at(kNowS)[0].target == 0.5);
  CHECK(o.at(kNowS + 1000 * kDayS)[0].target == 0.5);
}

TEST_CASE("skips, bans and loves weigh as the settings say") {
  Observer o;
  o.give(testing::skip(1, kNowS));
  o.give(testing::ban(2, kNowS));
  o.give(testing::love(3, kNowS));
  o.give(testing::play(4, kNowS));
  o.give(testing::ban(4, kNowS));
  const auto seen = o.at(kNowS);
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].weight == Approx(std::log2(2)).margin(kClose));
  CHECK(seen[0].target == 0);
  CHECK(seen[1].weight == Approx(std::log2(9)).margin(kClose));
  CHECK(seen[1].target == 0);
  CHECK(seen[2].weight == Approx(std::log2(5)).margin(kClose));
  CHECK(seen[2].target == 1);
  CHECK(seen[3].weight == Approx(std::log2(10)).margin(kClose));
  CHECK(seen[3].target == Approx(1.0 / 9).margin(kClose));
}

TEST_CASE("a love and a ban do not fade") {
  Observer o;
  o.give(testing::love(1, kNowS - 3650 * kDayS));
  o.give(testing::ban(2, kNowS - 3650 * kDayS));
  const auto seen = o.at(kNowS);
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].weight == Approx(std::log2(5)).margin(kClose));
  CHECK(seen[1].weight == Approx(std::log2(9)).margin(kClose));
}

TEST_CASE("a clear takes the love's evidence back and keeps that of the plays") {
  Observer o;
  o.give(testing::play(1, kNowS));
  o.give(testing::love(1, kNowS - 10));
  o.give(testing::clear(1, kNowS - 5));
  o.give(testing::love(2, kNowS - 10));
  o.give(testing::clear(2, kNowS - 5));
  const auto seen = o.at(kNowS);
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].item == 1);
  CHECK(seen[0].weight == Approx(1).margin(kClose));
}

TEST_CASE("evidence that has decayed below a millionth of a play is left out") {
  Observer o;
  o.give(testing::play(1, kNowS));
  CHECK(o.at(kNowS + 19 * 365 * kDayS).size() == 1);
  CHECK(o.at(kNowS + 20 * 365 * kDayS).empty());
}

TEST_CASE("observations come in row order, whatever the order of arrival") {
  Observer o;
  for (const std::uint32_t row : {9u, 2u, 17u, 0u}) o.give(testing::play(row, kNowS));
  const auto seen = o.at(kNowS);
  REQUIRE(seen.size() == 4);
  CHECK(seen[0].item == 0);
  CHECK(seen[1].item == 2);
  CHECK(seen[2].item == 9);
  CHECK(seen[3].item == 17);
}

TEST_CASE("numbers stay finite at the ends of time and of every half-life") {
  for (const double half_life_days : {7.0, 365.0, 36500.0}) {
    Observer o;
    o.settings.half_life_days = half_life_days;
    std::int64_t second = 0;
    for (const std::int64_t at_s : {std::int64_t{0}, kEpochS, kNowS, kLatestS - 100}) {
      for (int i = 0; i < 5; ++i) o.give(testing::play(1, at_s + second++));
      o.give(testing::skip(1, at_s + second++));
    }
    for (const std::int64_t now_s : {std::int64_t{0}, kEpochS, kNowS, kLatestS}) {
      for (const Observation& seen : o.at(now_s)) {
        CHECK(std::isfinite(seen.weight));
        CHECK(seen.weight >= 0);
        CHECK(seen.target >= 0);
        CHECK(seen.target <= 1);
      }
    }
  }
}

class WeightedObserver : public Observer {
 public:
  WeightedObserver() : Observer(testing::weighted_model()) {}
  // w of the item at kNowS.
  double weight(std::uint32_t item) {
    for (const Observation& seen : at(kNowS)) {
      if (seen.item == item) return seen.weight;
    }
    return 0;
  }
  void give_plays(std::uint32_t item, std::uint32_t plays) {
    for (std::uint32_t n = 0; n < plays; ++n) {
      Listen e = testing::play(item, kNowS);
      e.track_hash = n + 1;
      give(e);
    }
  }
};

TEST_CASE("weighted: what the listener plays most weighs most, and a hit weighs less than a find") {
  WeightedObserver o;
  o.give_plays(4, 1);
  o.give_plays(5, 10);
  o.give_plays(6, 100);
  CHECK(o.weight(4) < o.weight(5));
  CHECK(o.weight(5) < o.weight(6));
  WeightedObserver same;  // item 0 has 20 listeners, item 19 has one
  same.give_plays(0, 10);
  same.give_plays(19, 10);
  CHECK(same.weight(0) == Approx(same.weight(19) * std::pow(20, -0.1)));
  const double scale = testing::weighted_model().confidence.scale;
  CHECK(same.weight(19) == Approx(scale));  // played as much as all the others
}

TEST_CASE("weighted: weights are those of the formula") {
  WeightedObserver o;
  const std::uint32_t plays[] = {3, 40, 500};
  double mean = 0;
  double squares = 0;
  for (const std::uint32_t n : plays) mean += std::log1p(n) / 3;
  for (const std::uint32_t n : plays) squares += std::pow(std::log1p(n) - mean, 2) / 3;
  for (std::uint32_t i = 0; i < 3; ++i) o.give_plays(i, plays[i]);
  const PlayConfidence c = testing::weighted_model().confidence;
  for (std::uint32_t i = 0; i < 3; ++i) {
    const double z = (std::log1p(plays[i]) - mean) / (std::sqrt(squares) + c.sd_floor);
    const double expected = c.scale * std::exp(c.spread * z) * std::pow(20 - i, -c.popularity);
    CHECK(o.weight(i) == Approx(expected).epsilon(1e-6));
  }
}

TEST_CASE(
    "weighted: a love weighs love_strength times what stands out most, however much is played") {
  WeightedObserver o;
  for (std::uint32_t i = 0; i < 10; ++i) o.give_plays(i, 20);
  o.give(testing::love(11, kNowS));
  o.give(testing::love(3, kNowS));
  const PlayConfidence c = testing::weighted_model().confidence;
  const double top = o.settings.love_strength * c.scale * std::exp(c.spread * c.clip);
  CHECK(o.weight(11) == Approx(top * std::pow(9, -c.popularity)));
  CHECK(o.weight(3) == Approx(top * std::pow(17, -c.popularity)));
  CHECK(o.weight(4) < o.weight(3) / 4);
  o.settings.love_strength = 0.5;
  CHECK(o.weight(11) == Approx(top / 4 * std::pow(9, -c.popularity) / 2));
  o.give(testing::clear(11, kNowS + 1));
  CHECK(o.weight(11) == 0);
}

TEST_CASE("weighted: less than one whole play weighs in proportion") {
  WeightedObserver o;
  o.give(testing::play_ms(3, kNowS, 60000, 240000));
  WeightedObserver whole;
  whole.give(testing::play(3, kNowS));
  CHECK(o.weight(3) == Approx(whole.weight(3) / 4).epsilon(1e-5));
}

}  // namespace
}  // namespace ossicle
