#include <catch2/catch.hpp>
#include <vector>

#include "counted_new.h"
#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

TEST_CASE("the counter sees every form of allocation") {
  // Called as functions: a compiler may leave a new-expression out, but not these.
  constexpr std::align_val_t kWide{64};
  const std::size_t before = g_allocations;
  ::operator delete(::operator new(8));
  ::operator delete[](::operator new[](8));
  ::operator delete(::operator new(8, std::nothrow));
  ::operator delete[](::operator new[](8, std::nothrow));
  ::operator delete(::operator new(8, kWide), kWide);
  ::operator delete[](::operator new[](8, kWide), kWide);
  ::operator delete(::operator new(8, kWide, std::nothrow), kWide);
  ::operator delete[](::operator new[](8, kWide, std::nothrow), kWide);
  CHECK(g_allocations == before + 8);
  OwnedBytes::allocate(100);
  CHECK(g_allocations > before + 8);
}

void check_nothing_allocates(const ModelConstants& model) {
  Result<Engine> opened =
      Engine::open(testing::synthetic_catalogue(
                       {.n_items = 500, .n_factors = 16, .model = model, .bias_sd = 0.1}),
                   {.profile = {}, .max_events = 20000});
  REQUIRE(opened.ok());
  Engine engine = std::move(opened).value();
  const std::vector<Listen> events = testing::random_history(1, 500, 40, 10000);
  std::vector<Recorded> recorded(10);
  std::vector<Scored> out(20);
  std::vector<Reason> reasons(20 * 3);
  std::vector<std::uint32_t> n_reasons(20);
  std::vector<Reason> all_reasons(500);

  std::uint32_t failures = 0;
  const std::size_t before = g_allocations;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    // Another moment each time, so that the profile is solved again.
    const std::int64_t now_s = kNowS + i;
    if (i % 10 == 0) {
      const std::span<const Listen> some = std::span(events).subspan(i, 10);
      failures += !engine.record_all(some, recorded).ok();
      failures += !engine.explain_item(now_s, i % 500, all_reasons, nullptr).ok();
      failures += !engine.user_vector(now_s).ok();
      failures += engine.counts().events == 0;
    }
    failures += !engine.recommend(now_s, out, 3, reasons, n_reasons).ok();
    if (i % 100 == 0) {
      RecommendRequest request;
      request.now_s = now_s;
      request.list = {.blend = {.neighbours = 1, .novelty = 0.8},
                      .diversity = 0.5,
                      .repeat_days = 30,
                      .shown_rest_days = 7,
                      .per_artist = 1};
      failures += !engine.recommend(request, out, {}, {}).ok();
      request.follow = true;
      request.seed = i;
      failures += !engine.recommend(request, out, {}, {}).ok();
    }
  }
  engine.forget();
  const std::size_t allocations = g_allocations - before;
  CHECK(failures == 0);
  CHECK(allocations == 0);
}

TEST_CASE("after open nothing allocates: 10,000 recommendations, with events in between") {
  check_nothing_allocates({.mu = 0.1, .alpha0 = 0.05, .user_lambda = 2, .user_bias = true});
}

TEST_CASE("nor does it with a weighted model") {
  check_nothing_allocates(testing::weighted_model());
}

}  // namespace
}  // namespace ossicle
