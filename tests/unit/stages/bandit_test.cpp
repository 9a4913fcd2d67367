#include "ossicle/bandit.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::array<bool, kArms> kAll = {true, true, true, true};

// How often each arm is chosen over 1,000 seeds.
std::array<int, kArms> choices(const Bandit& bandit, std::uint32_t context = 0,
                               const std::array<bool, kArms>& available = kAll) {
  std::array<int, kArms> n{};
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    ++n[choose_arm(bandit, {}, context, seed, available)];
  }
  return n;
}

TEST_CASE("without answers every available arm is chosen about as often") {
  const auto n = choices({});
  for (const int times : n) CHECK(std::abs(times - 250) < 60);
  const auto some = choices({}, 0, {true, false, false, true});
  CHECK(some[1] + some[2] == 0);
  CHECK(std::abs(some[0] - 500) < 80);
  CHECK(choices({}, 0, {false, false, false, false})[0] == 1000);
}

TEST_CASE("an arm whose items are taken is chosen more often, in its own context most") {
  Bandit bandit;
  for (int i = 0; i < 40; ++i) {
    learn_answer({}, 1, 2, 1, bandit);
    learn_answer({}, 1, 0, 0, bandit);
  }
  CHECK(choices(bandit, 1)[2] > 900);
  CHECK(choices(bandit, 1)[0] < 10);
  CHECK(choices(bandit, 0)[2] > 300);
  CHECK(choices(bandit, 0)[2] < choices(bandit, 1)[2]);
}

TEST_CASE("a listener who changes is followed: old answers fade") {
  Bandit bandit;
  for (int i = 0; i < 500; ++i) learn_answer({}, 0, 0, 1, bandit);
  for (int i = 0; i < 150; ++i) learn_answer({}, 0, 0, 0, bandit);
  CHECK(choices(bandit)[0] < 100);
  BanditSettings long_memory;
  long_memory.memory = 10000;
  Bandit stubborn;
  for (int i = 0; i < 500; ++i) learn_answer(long_memory, 0, 0, 1, stubborn);
  for (int i = 0; i < 150; ++i) learn_answer(long_memory, 0, 0, 0, stubborn);
  CHECK(choices(stubborn)[0] > 400);
}

TEST_CASE("settings outside their range are errors that name them") {
  CHECK(check_bandit_settings({}).ok());
  CHECK(!check_bandit_settings({.memory = 1}).ok());
  CHECK(!check_bandit_settings({.prior = std::nan("")}).ok());
  CHECK(!check_bandit_settings({.answer_days = -1}).ok());
  EngineOptions options;
  options.bandit.memory = 0;
  const auto engine =
      Engine::open(testing::synthetic_catalogue({.n_items = 10, .n_factors = 4}), options);
  REQUIRE(!engine.ok());
  CHECK(std::string(engine.error().what) == "memory is outside 2..10000");
}

TEST_CASE("the state goes through bytes, and damaged bytes are refused") {
  Bandit bandit;
  for (std::uint32_t i = 0; i < 9; ++i) learn_answer({}, i % 3, i % 4, i % 2, bandit);
  std::array<std::byte, kBanditBytes> bytes;
  write_bandit(bandit, bytes);
  const Result<Bandit> back = read_bandit(bytes);
  REQUIRE(back.ok());
  CHECK(back.value().answers == bandit.answers);
  CHECK(back.value().taken == bandit.taken);
  CHECK(!read_bandit(std::span(bytes).first(kBanditBytes - 1)).ok());
  for (std::size_t at = 0; at < 8; ++at) {
    auto wrong = bytes;
    wrong[at] ^= std::byte{1};
    CHECK(!read_bandit(wrong).ok());
  }
  auto negative = bytes;
  negative[15] |= std::byte{0x80};
  CHECK(!read_bandit(negative).ok());
  auto infinite = bytes;
  infinite[14] = std::byte{0xf0};
  infinite[15] = std::byte{0x7f};
  const Result<Bandit> refused = read_bandit(infinite);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == Code::kNotFinite);
}

TEST_CASE("marks say which arm and context made a list") {
  for (std::uint32_t arm = 0; arm < kArms; ++arm) {
    for (std::uint32_t context = 0; context < kContexts; ++context) {
      std::uint32_t a = 9;
      std::uint32_t c = 9;
      REQUIRE(read_shown_mark(shown_mark(arm, context), a, c));
      CHECK(a == arm);
      CHECK(c == context);
    }
  }
  std::uint32_t a = 0;
  std::uint32_t c = 0;
  CHECK(!read_shown_mark(0, a, c));
  CHECK(!read_shown_mark(5, a, c));
  CHECK(!read_shown_mark(~std::uint64_t{0}, a, c));
}

// A listener who takes half of what one arm gives and a tenth of the rest, and changes half-way to
// another: `ossicle replay --what bandit` has the same with real histories and lists.
double regret_of_bandit(std::uint64_t seed) {
  constexpr int kAnswers = 400;
  std::uint64_t state = seed;
  const std::uint32_t first = testing::next_below(state, kArms);
  const std::uint32_t second = (first + 1 + testing::next_below(state, kArms - 1)) % kArms;
  Bandit bandit;
  double regret = 0;
  for (int i = 0; i < kAnswers; ++i) {
    const std::uint32_t right = i < kAnswers / 2 ? first : second;
    const std::uint32_t arm = choose_arm(bandit, {}, 0, testing::next_random(state), kAll);
    const double chance = arm == right ? 0.5 : 0.1;
    regret += 0.5 - chance;
    learn_answer({}, 0, arm, testing::next_uniform(state) < chance ? 1 : 0, bandit);
  }
  return regret;
}

TEST_CASE(
    "over a listener who changes, regret is below that of the best fixed arm in 20 of 20 seeds") {
  // The right one of one half is wrong in the other.
  constexpr double kFixed = 200 * 0.4;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    CHECK(regret_of_bandit(seed) < kFixed);
  }
}

class Followed {
 public:
  Followed() : engine(open()) { record(testing::play(7, kNowS - 90 * kDayS)); }

  void record(const Listen& event) { REQUIRE(engine.record_all({&event, 1}, {}).ok()); }
  void show(std::uint32_t item, std::int64_t at_s, std::uint64_t mark) {
    Listen event = testing::play(item, at_s);
    event.kind = ListenKind::kShown;
    event.track_hash = mark;
    record(event);
  }
  double answers(std::uint32_t arm) const { return engine.bandit().answers[0][arm]; }
  double taken(std::uint32_t arm) const { return engine.bandit().taken[0][arm]; }

  Engine engine;

 private:
  static Engine open() {
    Result<Engine> opened =
        Engine::open(testing::synthetic_catalogue({.n_items = 100, .n_factors = 8}), {});
    REQUIRE(opened.ok());
    return std::move(opened).value();
  }
};

TEST_CASE("an event answers the showing of its item, once and in time") {
  Followed f;
  const std::int64_t t = kNowS - 10 * kDayS;
  f.record(testing::play(20, t));
  CHECK(f.answers(1) == 0);  // not shown
  f.show(21, t, shown_mark(1, 0));
  CHECK(f.answers(1) == 0);  // to be shown is no answer
  f.record(testing::play(21, t + 60));
  CHECK(f.answers(1) == 1);
  CHECK(f.taken(1) == 1);
  f.record(testing::play(21, t + 600));
  CHECK(f.answers(1) == 1);
  f.show(22, t, shown_mark(1, 0));
  f.record(testing::skip(22, t + 60));
  CHECK(f.answers(1) > 1.9);
  CHECK(f.taken(1) < 1);
  f.show(23, t, shown_mark(3, 0));
  f.record(testing::play(23, t + 8 * kDayS));
  CHECK(f.answers(3) == 0);  // too late
  f.show(24, t, 0);
  f.record(testing::love(24, t + 1));
  f.show(25, t, shown_mark(0, 0));
  f.record(testing::clear(25, t + 1));
  CHECK(f.answers(0) == 0);
  Listen half = testing::play(25, t + 2);
  half.duration_ms = 200000;
  half.played_ms = 90000;
  f.record(half);
  CHECK(f.answers(0) == 1);
  CHECK(f.taken(0) == 0);
  f.engine.forget();
  CHECK(f.answers(0) == 0);
}

TEST_CASE("a list that follows the bandit says which arm made it, the same for the same seed") {
  Followed f;
  std::vector<Scored> out(5);
  std::vector<Scored> again(5);
  std::array<int, kArms> made{};
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RecommendRequest request;
    request.now_s = kNowS;
    request.follow = true;
    request.seed = seed;
    request.context = 2;
    const Result<Recommended> list = f.engine.recommend(request, out, {}, {});
    REQUIRE(list.ok());
    CHECK(list.value().mark == shown_mark(list.value().arm, 2));
    ++made[list.value().arm];
    REQUIRE(f.engine.recommend(request, again, {}, {}).ok());
    RecommendRequest blend;
    blend.now_s = kNowS;
    blend.list.blend = kArmBlends[list.value().arm];
    std::vector<Scored> by_hand(5);
    REQUIRE(f.engine.recommend(blend, by_hand, {}, {}).ok());
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(out[i].item == again[i].item);
      CHECK(out[i].item == by_hand[i].item);
    }
  }
  CHECK(made[2] == 0);  // no text vectors
  CHECK(made[0] > 5);
  CHECK(made[1] > 5);
  CHECK(made[3] > 5);
}

}  // namespace
}  // namespace ossicle
