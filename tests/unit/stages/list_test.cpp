// Knobs of a list: what is filtered, and what the sources, novelty, diversity and the cap do to it.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"
#include "ossicle/history.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::uint32_t kItems = 400;

Engine open_engine(CatalogueData data) {
  Result<Engine> engine = Engine::open(std::move(data), {});
  REQUIRE(engine.ok());
  return std::move(engine).value();
}
Engine open_engine(std::uint64_t seed = 1) {
  return open_engine(
      testing::synthetic_catalogue({.n_items = kItems, .n_factors = 16, .seed = seed}));
}

void record(Engine& engine, const std::vector<Listen>& events) {
  REQUIRE(engine.record_all(events, {}).ok());
}

std::vector<std::uint32_t> list_of(Engine& engine, const ListSettings& settings,
                                   std::size_t n = 20) {
  std::vector<Scored> out(n);
  RecommendRequest request;
  request.now_s = kNowS;
  request.list = settings;
  const Result<Recommended> made = engine.recommend(request, out, {}, {});
  REQUIRE(made.ok());
  std::vector<std::uint32_t> items;
  for (const Scored& s : std::span(out).first(made.value().count)) items.push_back(s.item);
  return items;
}

bool holds(const std::vector<std::uint32_t>& list, std::uint32_t item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// Artists of these names, the first most listened to.
CatalogueData named(std::vector<std::string> names, std::uint32_t n_items = kItems) {
  testing::CatalogueContents contents =
      testing::synthetic_contents({.n_items = n_items, .n_factors = 16});
  for (std::uint32_t i = static_cast<std::uint32_t>(names.size()); i < n_items; ++i) {
    names.push_back("artist " + std::to_string(i));
  }
  contents.name = names;
  for (const std::string& name : names) contents.id.push_back(artist_id(name));
  return testing::build_catalogue(std::move(contents));
}

Listen of(Listen event, const char* name) {
  event.artist = artist_id(name);
  return event;
}

TEST_CASE("a request without knobs gives the list that recommend() without one gives") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Engine engine = open_engine(seed);
    record(engine, testing::random_history(seed, kItems, 30, 120));
    std::vector<Scored> plain(50);
    const Result<std::uint32_t> n = engine.recommend(kNowS, plain, 0, {}, {});
    REQUIRE(n.ok());
    const std::vector<std::uint32_t> list = list_of(engine, {}, 50);
    REQUIRE(list.size() == n.value());
    for (std::size_t i = 0; i < list.size(); ++i) CHECK(list[i] == plain[i].item);
  }
}

TEST_CASE("a knob outside its range is an error that names it, and NaN is outside") {
  Engine engine = open_engine();
  std::vector<Scored> out(5);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::pair<ListSettings, std::string> wrong[] = {
      {{.diversity = 1.1}, "diversity is outside 0..1"},
      {{.diversity = nan}, "diversity is outside 0..1"},
      {{.blend = {.novelty = -0.1}}, "novelty is outside 0..1"},
      {{.blend = {.factors = 9}}, "factors is outside 0..8"},
      {{.blend = {.neighbours = -1}}, "neighbours is outside 0..8"},
      {{.blend = {.text = nan}}, "text is outside 0..8"},
      {{.repeat_days = -1}, "repeat_days is outside 0..36500"},
      {{.shown_rest_days = 1e9}, "shown_rest_days is outside 0..36500"},
      {{.per_artist = 1025}, "per_artist is outside 0..1024"},
  };
  for (const auto& [settings, what] : wrong) {
    const Result<Recommended> made =
        engine.recommend({.now_s = kNowS, .list = settings}, out, {}, {});
    REQUIRE(!made.ok());
    CHECK(made.error().code == Code::kInvalidArgument);
    CHECK(made.error().what == what);
  }
  const Result<Recommended> made = engine.recommend({.now_s = kNowS, .context = 3}, out, {}, {});
  REQUIRE(!made.ok());
  CHECK(made.error().at == 3);
}

TEST_CASE("an artist's ban covers the collaborations that credit them, and a clear ends it") {
  Engine engine = open_engine(named(
      {"Jay-Z", "Coldplay", "Jay-Z & Coldplay", "Nobody feat. Jay-Z", "Simon & Garfunkel", "Simon"},
      30));
  record(engine, {testing::play(0, kNowS)});  // of an id that the catalogue lacks
  record(engine, {of(testing::play(0, kNowS), "artist 20")});
  const auto all = [&] { return list_of(engine, {}, 30); };
  CHECK(holds(all(), 2));
  record(engine,
         {of(testing::ban(0, kNowS - 50), "Jay-Z"), of(testing::ban(0, kNowS - 50), "Simon")});
  CHECK(!holds(all(), 0));
  CHECK(!holds(all(), 2));
  CHECK(!holds(all(), 3));
  CHECK(!holds(all(), 5));
  CHECK(holds(all(), 1));
  CHECK(holds(all(), 4));  // one name, not Simon's
  record(engine, {of(testing::clear(0, kNowS - 40), "Jay-Z")});
  CHECK(holds(all(), 2));
}

TEST_CASE("a playlist goes on from what was played or loved last, and bans cover collaborations") {
  Engine engine = open_engine(named({"Jay-Z", "Coldplay", "Jay-Z & Coldplay"}, 30));
  record(engine, {of(testing::ban(0, kNowS), "Jay-Z")});
  for (std::uint32_t i = 3; i < 23; ++i) {
    const std::string name = "artist " + std::to_string(i);
    // In no order: artist 3 at 0, 4 at 7, 5 at 14, 6 at 1 seconds, ...
    record(engine, {of(testing::play(0, kNowS - 100 + (i - 3) * 7 % 20), name.c_str())});
  }
  record(engine,
         {of(testing::love(0, kNowS), "artist 25"), of(testing::ban(0, kNowS), "artist 5")});
  std::vector<std::uint8_t> banned(30, 7);
  std::vector<std::uint32_t> recent(5);
  REQUIRE(engine.playlist_history(recent, banned).value() == 5);
  CHECK(recent == std::vector<std::uint32_t>{25, 20, 17, 14, 11});
  for (std::uint32_t i = 0; i < 30; ++i) CHECK(banned[i] == (i == 0 || i == 2 || i == 5 ? 1 : 0));
  recent.resize(30);
  CHECK(engine.playlist_history(recent, banned).value() == 20);
  CHECK(engine.playlist_history({}, banned).value() == 0);
  banned.pop_back();
  CHECK(engine.playlist_history(recent, banned).error().code == Code::kInvalidArgument);
}

TEST_CASE("with repeat_days known items come back when they have rested, and banned ones never") {
  Engine engine = open_engine();
  record(engine, {testing::play(1, kNowS - 40 * kDayS), testing::play(2, kNowS - 20 * kDayS),
                  testing::love(3, kNowS - 40 * kDayS), testing::play(4, kNowS - 40 * kDayS),
                  testing::ban(4, kNowS - 39 * kDayS), testing::play(5, kNowS - 40 * kDayS),
                  testing::skip(5, kNowS - kDayS)});
  const std::vector<std::uint32_t> never = list_of(engine, {}, 256);
  for (std::uint32_t item = 1; item <= 4; ++item) CHECK(!holds(never, item));
  const std::vector<std::uint32_t> rested = list_of(engine, {.repeat_days = 30}, 256);
  CHECK(holds(rested, 1));
  CHECK(!holds(rested, 2));
  CHECK(holds(rested, 3));
  CHECK(!holds(rested, 4));
  CHECK(!holds(rested, 5));
  CHECK(holds(list_of(engine, {.repeat_days = 20}, 256), 2));
  // They are what the listener likes: a shelf to rediscover begins with them.
  CHECK((rested[0] == 1 || rested[0] == 3));
}

TEST_CASE("what a list showed rests as long as asked for") {
  Engine engine = open_engine();
  record(engine, {testing::play(7, kNowS - kDayS)});
  const std::vector<std::uint32_t> first = list_of(engine, {}, 5);
  std::vector<Listen> shown;
  for (const std::uint32_t item : first) {
    Listen event = testing::play(item, kNowS - 2 * kDayS);
    event.kind = ListenKind::kShown;
    shown.push_back(event);
  }
  record(engine, shown);
  CHECK(list_of(engine, {}, 5) == first);
  const std::vector<std::uint32_t> fresh = list_of(engine, {.shown_rest_days = 3}, 5);
  for (const std::uint32_t item : first) CHECK(!holds(fresh, item));
  CHECK(list_of(engine, {.shown_rest_days = 2}, 5) == first);
  CHECK(engine.counts().items == 1);
}

double mean_likeness(const Catalogue& c, const std::vector<std::uint32_t>& list) {
  const auto dot = [&](std::uint32_t a, std::uint32_t b) {
    double sum = 0;
    for (std::size_t k = 0; k < c.n_factors; ++k) {
      sum += c.q[std::size_t{a} * c.row_stride + k] * c.q[std::size_t{b} * c.row_stride + k];
    }
    return sum;
  };
  double sum = 0;
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j, ++pairs) {
      sum += dot(list[i], list[j]) / std::sqrt(dot(list[i], list[i]) * dot(list[j], list[j]));
    }
  }
  return sum / static_cast<double>(pairs);
}

TEST_CASE("the more diversity, the less alike the items of a list are on average") {
  constexpr double kSteps[] = {0, 0.25, 0.5, 0.75, 1};
  double mean[std::size(kSteps)] = {};
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    Engine engine = open_engine(seed);
    record(engine, testing::random_history(seed, kItems, 30, 120));
    for (std::size_t i = 0; i < std::size(kSteps); ++i) {
      const auto list = list_of(engine, {.diversity = kSteps[i]});
      REQUIRE(list.size() == 20);
      CHECK(list[0] == list_of(engine, {})[0]);
      mean[i] += mean_likeness(engine.catalogue(), list) / 30;
    }
  }
  for (std::size_t i = 1; i < std::size(kSteps); ++i) {
    CAPTURE(kSteps[i], mean[i - 1], mean[i]);
    CHECK(mean[i] < mean[i - 1]);
  }
}

TEST_CASE("novelty never raises how many people know the items of a list, and 0.5 is off") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    Engine engine = open_engine(seed);
    record(engine, testing::random_history(seed, kItems, 30, 120));
    double before = std::numeric_limits<double>::infinity();
    for (const double novelty : {0.0, 0.2, 0.4, 0.5, 0.6, 0.8, 1.0}) {
      const auto list = list_of(engine, {.blend = {.novelty = novelty}});
      double known = 0;
      for (const std::uint32_t item : list) {
        known += std::log2(1.0 + engine.catalogue().listeners[item]) / 20;
      }
      CHECK(known <= before + 1e-6);  // familiarity is kept in f32
      before = known;
    }
    CHECK(list_of(engine, {.blend = {.novelty = 0.5}}) == list_of(engine, {}));
    CHECK(list_of(engine, {.blend = {.novelty = 1}}) != list_of(engine, {.blend = {.novelty = 0}}));
  }
}

TEST_CASE("a list holds no more of an artist than per_artist, collaborations included") {
  Engine engine = open_engine(named({"Jay-Z", "Coldplay", "Jay-Z & Coldplay", "A feat. Jay-Z",
                                     "B feat. Jay-Z", "C feat. Coldplay"},
                                    12));
  record(engine, {of(testing::play(0, kNowS), "artist 11")});
  for (const double diversity : {0.0, 0.5}) {
    for (const std::uint32_t most : {1u, 2u}) {
      const auto list = list_of(engine, {.diversity = diversity, .per_artist = most}, 12);
      std::uint32_t jay = 0;
      std::uint32_t coldplay = 0;
      for (const std::uint32_t item : list) {
        jay += item == 0 || item == 2 || item == 3 || item == 4;
        coldplay += item == 1 || item == 2 || item == 5;
      }
      CHECK(jay <= most);
      CHECK(coldplay <= most);
      CHECK(jay == most);
      // The six others are all there.
      CHECK(list.size() >= 5 + most);
    }
  }
  CHECK(list_of(engine, {.per_artist = 0}, 12).size() == 11);
}

TEST_CASE("neighbours alone give the list of a listener of the recent plays alone") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    Engine engine = open_engine(seed);
    record(engine, {testing::play(static_cast<std::uint32_t>(seed), kNowS)});
    const ListSettings neighbours{.blend = {.factors = 0, .neighbours = 1}};
    // n_i is then r_ui: one play, solved by Sherman and Morrison instead of with the others.
    CHECK(list_of(engine, neighbours, 100) == list_of(engine, {}, 100));
    // Plays before the last kRecentPlays say nothing.
    std::vector<Listen> old;
    for (std::uint32_t i = 0; i < 20; ++i)
      old.push_back(testing::play(100 + i, kNowS - 900 * kDayS));
    std::vector<Listen> recent;
    for (std::uint32_t i = 0; i < kRecentPlays; ++i)
      recent.push_back(testing::play(200 + i, kNowS - i));
    Engine few = open_engine(seed);
    record(few, recent);
    Engine many = open_engine(seed);
    record(many, recent);
    record(many, old);
    const auto list = list_of(many, neighbours, 50);
    std::vector<std::uint32_t> expected = list_of(few, neighbours, 100);
    std::erase_if(expected, [](std::uint32_t item) { return item >= 100 && item < 120; });
    expected.resize(50);
    CHECK(list == expected);
  }
}

TEST_CASE("text finds what is near in words, and only when vectors are attached") {
  Engine engine = open_engine();
  record(engine, {testing::play(7, kNowS)});
  const ListSettings by_text{.blend = {.factors = 0, .text = 1}};
  // Items of the same tenth have the same vector.
  std::vector<std::int8_t> rows(kItems * 48);
  const std::vector<float> scale(kItems, 1.0F / 127), bias(kItems);
  const std::vector<std::int32_t> rowsum(kItems, 127);
  for (std::uint32_t i = 0; i < kItems; ++i) rows[i * 48 + i / 10] = 127;
  const TextVectors vectors{40, 48, rows, scale, bias, rowsum};
  CHECK(!engine.use_text({40, 48, std::span(rows).first(48), scale, bias, rowsum}).ok());
  REQUIRE(engine.use_text(vectors).ok());
  CHECK(list_of(engine, by_text, 9) == std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 8, 9});
  CHECK(list_of(engine, {.blend = {.text = 0}}) == list_of(engine, {}));
  // Both sources: an item near in words rises.
  const auto both = list_of(engine, {.blend = {.text = 0.5}}, 20);
  CHECK(std::count_if(both.begin(), both.end(), [](std::uint32_t i) { return i < 10; }) == 9);
}

TEST_CASE("with an empty history only filters act, whatever the knobs") {
  Engine engine = open_engine();
  const std::vector<std::uint32_t> plain = list_of(engine, {});
  CHECK(plain == list_of(engine, {.blend = {.neighbours = 2, .novelty = 1}}));
  record(engine, {testing::skip(0, kNowS)});
  CHECK(!holds(list_of(engine, {.blend = {.novelty = 0}}), 0));
}

TEST_CASE("a listener who banned everything gets an empty list from every knob") {
  Engine engine = open_engine();
  std::vector<Listen> bans;
  for (std::uint32_t i = 0; i < kItems; ++i) bans.push_back(testing::ban(i, kNowS - i));
  record(engine, bans);
  for (const ListSettings& settings :
       {ListSettings{}, ListSettings{.diversity = 1}, ListSettings{.blend = {.novelty = 0.1}},
        ListSettings{.blend = {.neighbours = 1}},
        ListSettings{.repeat_days = 1, .per_artist = 1}}) {
    CHECK(list_of(engine, settings).empty());
  }
}

TEST_CASE("a list with knobs is the same when it is asked for again, and after forgetting") {
  const ListSettings settings{.blend = {.factors = 1, .neighbours = 0.5, .novelty = 0.7},
                              .diversity = 0.4,
                              .per_artist = 1};
  Engine engine = open_engine();
  const auto events = testing::random_history(3, kItems, 30, 120);
  record(engine, events);
  const auto list = list_of(engine, settings);
  CHECK(list_of(engine, settings) == list);
  engine.forget();
  record(engine, events);
  CHECK(list_of(engine, settings) == list);
}

}  // namespace
}  // namespace ossicle
