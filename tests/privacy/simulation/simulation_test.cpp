// The simulation of epochs in small: a toy world of six scenes.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "base/rng.h"
#include "ossicle/sync.h"
#include "round.h"
#include "world.h"

using namespace ossicle;
using namespace ossicle::simulation;

namespace {

constexpr std::uint32_t kItems = 300;
constexpr std::uint32_t kSeeds = 60;
constexpr std::uint32_t kClients = 1200;
constexpr std::uint32_t kLoose = 8 * 1024;  // a norm that clips no table
constexpr std::uint64_t kFirstClient = 10'000;
constexpr WorldSettings kWorld = {
    .taste_factors = 8, .factors = 16, .iterations = 6, .affinity = 8};

// Most of what a user plays is of one scene.
Interactions plays() {
  Interactions x;
  x.n_users = 200;
  x.n_items = kItems;
  x.offset = {0};
  std::uint64_t state = 3;
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    std::set<std::uint32_t> items;
    while (items.size() < 25) {
      const std::uint32_t item = base::below(state, kItems);
      if (item % 6 == u % 6 || base::below(state, 10) == 0) items.insert(item);
    }
    x.item.insert(x.item.end(), items.begin(), items.end());
    x.offset.push_back(x.item.size());
  }
  x.weight.assign(x.item.size(), 1.0F);
  return x;
}

struct Toy {
  World world;
  testing::CatalogueContents start;
  CatalogueData now;
};
Toy toy() {
  World world = World::make(plays(), kWorld, {}).value();
  testing::CatalogueContents start = train_start(world, kWorld, kSeeds, {}).value();
  CatalogueData now = testing::build_catalogue(start);
  return {std::move(world), std::move(start), std::move(now)};
}

double mean(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v / static_cast<double>(x.size());
  return sum;
}

// What both aggregators have together, in steps.
std::vector<std::int32_t> joined(const BlockSums& sums) {
  std::vector<std::int32_t> steps(sums.first.size());
  REQUIRE(join(sums.first, sums.second, steps).ok());
  return steps;
}

}  // namespace

TEST_CASE("what many listeners say without noise makes lists better, and is a valid snapshot") {
  const Toy t = toy();
  const auto listeners = held_out(t.world, 200, 1'000'000);
  const Setup setup = make_setup(t.world, t.now.view, kSeeds, kLoose).value();
  Sums sums(kWorld.factors);
  REQUIRE(add_clients(t.world, t.now.view, kFirstClient, kFirstClient + kClients, kLoose, {}, sums)
              .ok());
  CHECK(sums[0].reports + sums[1].reports == kClients);
  const double before = mean(make_lists(t.now.view, listeners, {}).value().recall);
  for (const bool plain : {true, false}) {
    const Next next =
        end_epoch(t.start, t.now.view, sums, setup, {.plain = plain, .max_norm = kLoose}).value();
    CHECK(next.moved > kItems / 2);
    const CatalogueData then = testing::build_catalogue(next.contents);
    CHECK(check_snapshot(t.now.view, then.view, {}).ok());
    CHECK(mean(make_lists(then.view, listeners, {}).value().recall) > before + 0.01);
  }
}

TEST_CASE("with noise, too few listeners change nothing at all") {
  const Toy t = toy();
  const Setup setup = make_setup(t.world, t.now.view, kSeeds, 1024).value();
  Sums sums(kWorld.factors);
  REQUIRE(add_clients(t.world, t.now.view, kFirstClient, kFirstClient + 40, 1024, {}, sums).ok());
  const Next next =
      end_epoch(t.start, t.now.view, sums, setup, {.sigma = 8, .max_norm = 1024}).value();
  CHECK(next.moved == 0);
  CHECK(next.contents.rows == t.start.rows);
  CHECK(next.contents.scale == t.start.scale);
}

TEST_CASE("the joined shares are the clients' clipped tables") {
  const Toy t = toy();
  Sums sums(kWorld.factors);
  REQUIRE(add_clients(t.world, t.now.view, kFirstClient, kFirstClient + 50, kLoose, {}, sums).ok());
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    const BlockSums& of = sums[block];
    const std::vector<std::int32_t> steps = joined(of);
    double furthest = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      furthest = std::max(furthest, std::fabs(steps[i] - kStepsPerUnit * of.plain[i]));
    }
    // Half a step for each of them.
    CHECK(furthest <= 25);
  }
  Sums twice(kWorld.factors);
  twice.add(sums, 2);
  CHECK(twice[0].reports == 2 * sums[0].reports);
  CHECK(twice[1].plain[0] == 2 * sums[1].plain[0]);
  std::vector<std::int32_t> doubled = joined(sums[1]);
  for (std::int32_t& x : doubled) x *= 2;
  CHECK(joined(twice[1]) == doubled);
}

TEST_CASE("an item that would be in everybody's list is put back") {
  const Toy t = toy();
  const ExposureGate gate(t.now.view, held_out(t.world, kSeeds, 0), {});
  testing::CatalogueContents next = t.start;
  CHECK(gate.hold(t.start, next) == 0);
  // The last row becomes twice the first.
  const auto d = static_cast<std::ptrdiff_t>(kWorld.factors);
  std::copy(next.rows.begin(), next.rows.begin() + d, next.rows.end() - d);
  next.scale.back() = 2 * next.scale.front();
  CHECK(gate.hold(t.start, next) == 1);
  CHECK(next.rows == t.start.rows);
  CHECK(next.scale == t.start.scale);
}

TEST_CASE("items that take the places of those that were put back are put back, too") {
  const Toy t = toy();
  const ExposureGate gate(t.now.view, held_out(t.world, kSeeds, 0), {});
  testing::CatalogueContents next = t.start;
  // More of them than a list has places.
  constexpr std::uint32_t kPushed = 2 * tools::Lists::kLength;
  for (std::uint32_t i = 0; i < kPushed; ++i) {
    const std::uint32_t row = kItems - 1 - i;
    std::copy_n(next.rows.begin(), kWorld.factors,
                next.rows.begin() + std::ptrdiff_t{row} * kWorld.factors);
    next.scale[row] = (2 + 0.01F * static_cast<float>(i)) * next.scale.front();
  }
  const auto exposure = [&](const CatalogueData& of) {
    return make_lists(of.view, held_out(t.world, kSeeds, 0), {}).value().exposure;
  };
  const auto first = tools::over_exposed(exposure(t.now), exposure(testing::build_catalogue(next)));
  CHECK(first.size() < kPushed);
  CHECK(gate.hold(t.start, next) == kPushed);
  CHECK(next.rows == t.start.rows);
  CHECK(next.scale == t.start.scale);
}
