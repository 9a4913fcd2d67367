#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::uint32_t kItems = 600;

Engine open_engine(const ModelConstants& model, double bias_sd = 0) {
  Result<Engine> engine =
      Engine::open(testing::synthetic_catalogue(
                       {.n_items = kItems, .n_factors = 24, .model = model, .bias_sd = bias_sd}),
                   {});
  REQUIRE(engine.ok());
  return std::move(engine).value();
}

const ModelConstants kPlain{.mu = 0, .alpha0 = 0.05, .user_lambda = 2, .user_bias = false};
const ModelConstants kBiased{.mu = 0.4, .alpha0 = 0.05, .user_lambda = 2, .user_bias = true};

double length(std::span<const double> x) {
  double sum = 0;
  for (const double v : x) sum += v * v;
  return std::sqrt(sum);
}

// |a - b| / |b|
double apart(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum == 0 ? 0 : std::sqrt(sum) / length(b);
}

std::vector<double> copy(std::span<const double> x) { return {x.begin(), x.end()}; }

TEST_CASE("a followed profile is the one that the whole history gives") {
  double worst = 0;
  int compared = 0;
  for (const ModelConstants& model : {kPlain, kBiased, testing::weighted_model()}) {
    const double bias_sd = model.user_bias ? 0.2 : 0;
    Engine followed = open_engine(model, bias_sd);
    Engine solved = open_engine(model, bias_sd);
    std::vector<Listen> events = testing::random_history(5, kItems, 120, 900);
    std::reverse(events.begin(), events.end());  // oldest first
    std::uint64_t state = 8;
    std::int64_t now = kNowS;
    for (std::size_t i = 0; i < events.size();) {
      // One event mostly, now and then none or many; time goes on by seconds, hours or a year.
      const std::uint32_t what = testing::next_below(state, 20);
      const std::size_t n = std::min<std::size_t>(what == 0   ? 0
                                                  : what == 1 ? 60
                                                              : 1,
                                                  events.size() - i);
      const std::vector<Listen> some(events.begin() + static_cast<std::ptrdiff_t>(i),
                                     events.begin() + static_cast<std::ptrdiff_t>(i + n));
      i += n;
      now += what == 2 ? 400 * kDayS : what < 10 ? 3600 : 200;
      REQUIRE(followed.record_all(some, {}).ok());
      REQUIRE(solved.record_all(some, {}).ok());
      const std::vector<double> expected = copy(solved.user_vector(now).value());
      const std::span<const double> p = followed.follow(now).value();
      if (length(expected) == 0) continue;
      worst = std::max(worst, apart(p, expected));
      ++compared;
    }
  }
  WARN("followed against solved: " << compared << " profiles, farthest apart " << worst);
  CHECK(compared > 600);
  CHECK(worst <= 1e-10);
}

TEST_CASE("lists and reasons do not show that the profile was followed before") {
  for (const ModelConstants& model : {kPlain, testing::weighted_model()}) {
    Engine followed = open_engine(model);
    Engine solved = open_engine(model);
    const std::vector<Listen> events = testing::random_history(6, kItems, 60, 200);
    REQUIRE(solved.record_all(events, {}).ok());
    for (const Listen& e : events) {
      REQUIRE(followed.record_all(std::span(&e, 1), {}).ok());
      REQUIRE(followed.follow(kNowS).ok());
    }
    std::vector<Scored> list(20), expected(20);
    std::vector<Reason> reasons(60), expected_reasons(60);
    std::vector<std::uint32_t> n(20), expected_n(20);
    REQUIRE(followed.recommend(kNowS, list, 3, reasons, n).value() == 20);
    REQUIRE(solved.recommend(kNowS, expected, 3, expected_reasons, expected_n).value() == 20);
    CHECK(std::memcmp(list.data(), expected.data(), 20 * sizeof(Scored)) == 0);
    CHECK(std::memcmp(reasons.data(), expected_reasons.data(), 60 * sizeof(Reason)) == 0);
    CHECK(n == expected_n);
    // What is solved is what follow() gives when asked for the same moment.
    CHECK(copy(followed.follow(kNowS).value()) == copy(solved.user_vector(kNowS).value()));
  }
}

TEST_CASE("following has its own errors and survives them") {
  Engine engine = open_engine(kPlain);
  CHECK(engine.follow(-1).error().code == Code::kInvalidArgument);
  CHECK(length(engine.follow(kNowS).value()) == 0);
  REQUIRE(engine.record_all(std::vector{testing::play(3, kNowS)}, {}).ok());
  CHECK(engine.follow(-1).error().code == Code::kInvalidArgument);
  CHECK(length(engine.follow(kNowS).value()) > 0);
  engine.forget();
  CHECK(length(engine.follow(kNowS).value()) == 0);
}

}  // namespace
}  // namespace ossicle
