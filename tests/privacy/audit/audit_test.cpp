// The audit on few trials: its statistics against known values, the mechanism as it is built within
// its claims, and every broken one caught. main.cpp has it in full.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "attacks.h"
#include "base/rng.h"
#include "ossicle/sync.h"

namespace ossicle::audit {
namespace {

// Each number's noise is independent: four of C / 2 do as well as 66,048.
constexpr TableShape kFour{.rows = 1, .factors = 3};
constexpr TableShape kThousand{.rows = 8, .factors = 124};
constexpr std::uint32_t kCanaries = 1000;

const Progress kQuiet = [](double) {};

Claim claimed(const Mechanism& mechanism) {
  const Result<Claim> claim = claim_of(mechanism);
  REQUIRE(claim.ok());
  return claim.value();
}

double one_run(const Mechanism& mechanism) {
  const Result<OneRun> run = attack_one_run(mechanism, kCanaries, 2, kQuiet);
  REQUIRE(run.ok());
  return run.value().epsilon;
}

double one_view(ShareFault fault) {
  const Result<OneRun> run = attack_one_view(fault, kCanaries, 3);
  REQUIRE(run.ok());
  return run.value().epsilon;
}

View view(ShareFault fault, Side side) {
  const ViewSizes sizes{.shape = {.rows = kBlockRows, .factors = 7}, .users = 40, .rounds = 4};
  const Result<View> result = attack_view(fault, side, sizes, 4, kQuiet);
  REQUIRE(result.ok());
  return result.value();
}

TEST_CASE("the audit's area under the curve counts pairs, and ties by half") {
  const std::vector<double> holds = {1, 2, 2, 5};
  const std::vector<double> not_so = {0, 2, 3};
  const Auc auc = area(holds, not_so);
  CHECK(auc.value == Approx((1 + 1.5 + 1.5 + 3) / 12));
  // DeLong: variances of (1, 1.5, 1.5, 3) / 3 and of (4, 2, 1) / 4, over 4 and 3.
  const double of_holds = (0.75 * 0.75 + 2 * 0.25 * 0.25 + 1.25 * 1.25) / 9 / 3 / 4;
  const double of_not_so = (25.0 + 1 + 16) / 9 / 16 / 2 / 3;
  CHECK(auc.error == Approx(std::sqrt(of_holds + of_not_so)));
}

TEST_CASE("the audit's limits of a proportion are Clopper and Pearson's") {
  CHECK(binomial_tail(2, 3, 0.25) == Approx(10.0 / 64));
  CHECK(binomial_tail(1, 3, 0.75) == Approx(63.0 / 64));
  CHECK(proportion_at_most(0, 100, 0.05) == Approx(1 - std::pow(0.05, 0.01)));
  CHECK(proportion_at_least(100, 100, 0.05) == Approx(std::pow(0.05, 0.01)));
  CHECK(proportion_at_least(0, 10, 0.05) == 0);
  // Tables of the binomial distribution: 10 of 20, 95 % two-sided.
  CHECK(proportion_at_least(10, 20, 0.025) == Approx(0.27196).margin(1e-5));
  CHECK(proportion_at_most(10, 20, 0.025) == Approx(0.72804).margin(1e-5));
}

TEST_CASE("guesses that are all right show what their number allows, less with a delta") {
  const double p = std::pow(0.05, 0.01);
  CHECK(epsilon_of_guesses(100, 100, 100, 0, 0.05) == Approx(std::log(p / (1 - p))));
  CHECK(epsilon_of_guesses(100, 100, 100, 1e-3, 0.05) < std::log(p / (1 - p)) - 0.01);
  CHECK(epsilon_of_guesses(100, 100, 55, 0, 0.05) == 0);
}

TEST_CASE("lower limits are above the true epsilon no more often than they may be") {
  // Randomised response with epsilon 1: the coin with probability e / (1 + e), else the other one.
  constexpr int kRuns = 200;
  constexpr double kEpsilon = 1;
  const double right = 1 / (1 + std::exp(-kEpsilon));
  std::uint64_t state = 5;
  int above = 0;
  double sum = 0;
  for (int run = 0; run < kRuns; ++run) {
    std::uint32_t n = 0;
    for (std::uint32_t c = 0; c < kCanaries; ++c) n += base::uniform(state) < right ? 1 : 0;
    const double epsilon = epsilon_of_guesses(kCanaries, kCanaries, n, 0, 0.05);
    above += epsilon > kEpsilon ? 1 : 0;
    sum += epsilon;
  }
  CHECK(above <= 0.05 * kRuns + 3 * std::sqrt(0.05 * 0.95 * kRuns));
  CHECK(sum / kRuns > 0.8);  // and it is no empty claim
}

TEST_CASE("the best attacker on published sums does as well as is claimed, and no better") {
  for (const std::uint32_t reports : {1U, 12U}) {
    const Mechanism mechanism{.shape = kFour, .reports = reports};
    const Result<Membership> result = attack_membership(mechanism, 3000, 1, kQuiet);
    REQUIRE(result.ok());
    const auto& [auc, epsilon] = result.value();
    const Claim claim = claimed(mechanism);
    INFO(reports << " reports: AUC " << auc.value << " ceiling " << claim.auc);
    CHECK(auc.value <= claim.auc + 3 * auc.error);
    CHECK(auc.value >= claim.auc - 3 * auc.error);
    CHECK(epsilon <= claim.epsilon);
    // An odometer that counts twelve reports as one is caught.
    const Claim forgetful = claimed({.shape = kFour, .reports = reports, .accounted = 1});
    CHECK((auc.value > forgetful.auc + 3 * auc.error) == (reports > 1));
  }
}

TEST_CASE("one run of 1,000 canaries shows no more than is claimed") {
  for (const std::uint32_t reports : {1U, 12U}) {
    const Mechanism mechanism{.shape = kThousand, .reports = reports};
    CHECK(one_run(mechanism) <= claimed(mechanism).epsilon);
  }
  CHECK(one_view(ShareFault::kNone) <= claimed({}).epsilon);
}

TEST_CASE("one run of 1,000 canaries catches what is broken") {
  const Mechanism broken[] = {{.shape = kThousand, .noises = false},
                              {.shape = kThousand, .noise_divisor = 16},
                              {.shape = kThousand, .clips = false}};
  for (const Mechanism& mechanism : broken) {
    CHECK(one_run(mechanism) > claimed(mechanism).epsilon);
  }
  CHECK(one_view(ShareFault::kReusedSeed) > claimed({}).epsilon);
  CHECK(one_view(ShareFault::kNotMasked) > claimed({}).epsilon);
}

TEST_CASE("a canary needs a number of its own") {
  const Result<OneRun> run = attack_one_run({.shape = kFour}, kCanaries, 2, kQuiet);
  REQUIRE_FALSE(run.ok());
  CHECK(run.error().code == Code::kInvalidArgument);
}

TEST_CASE("one aggregator sees neither what was touched nor whose two reports are") {
  for (const Side side : {Side::kSeed, Side::kOther}) {
    const View seen = view(ShareFault::kNone, side);
    CHECK(seen.touched.value <= 0.5 + 3 * seen.touched.error);
    CHECK(seen.touched_difference.value <= 0.5 + 3 * seen.touched_difference.error);
    // By chance 4 of the 160, and 3 standard deviations.
    CHECK(seen.links == 160);
    CHECK(seen.linked <= 4 + 3 * 2);
  }
}

TEST_CASE("a reused seed and a share that masks nothing are seen in one aggregator's view") {
  const View reused = view(ShareFault::kReusedSeed, Side::kOther);
  CHECK(reused.touched_difference.value > 0.8);
  CHECK(reused.linked > 0.9 * reused.links);
  const View open = view(ShareFault::kNotMasked, Side::kOther);
  CHECK(open.touched.value > 0.95);
  CHECK(open.linked > 0.9 * open.links);
}

TEST_CASE("a proof, and what an aggregator says of it, show neither a history nor whose it is") {
  const ViewSizes sizes{.shape = {.rows = kBlockRows, .factors = 1}, .users = 20, .rounds = 4};
  for (const Side side : {Side::kSeed, Side::kOther}) {
    const Result<ProofView> seen = attack_proof(ShareFault::kNone, side, sizes, 4, kQuiet);
    REQUIRE(seen.ok());
    CHECK(seen.value().full.value <= 0.5 + 3 * seen.value().full.error);
    // By chance 4 of the 80, and 3 standard deviations.
    CHECK(seen.value().links == 80);
    CHECK(seen.value().linked <= 4 + 3 * 2);
  }
}

TEST_CASE(
    "a proof with seeds reused, a message about it, and a proof that is not masked are seen") {
  const ViewSizes sizes{.shape = {.rows = kBlockRows, .factors = 1}, .users = 20, .rounds = 4};
  const auto attack = [&](ShareFault fault, Side side) {
    const Result<ProofView> seen = attack_proof(fault, side, sizes, 4, kQuiet);
    REQUIRE(seen.ok());
    return seen.value();
  };
  const ProofView proof = attack(ShareFault::kReusedSeed, Side::kOther);
  CHECK(proof.linked > 0.9 * proof.links);
  // Of the half without a history both messages are the same.
  const ProofView message = attack(ShareFault::kReusedSeed, Side::kSeed);
  CHECK(message.linked >= 0.5 * message.links);
  CHECK(attack(ShareFault::kNotMasked, Side::kOther).full.value > 0.95);
}

TEST_CASE("reports of an empty history and of 10,000 plays have the same size") {
  const Result<Timing> timing = attack_timing(4, 2, 6, kQuiet);
  REQUIRE(timing.ok());
  CHECK(timing.value().bytes_empty == timing.value().bytes_full);
  // Without header and seals: what a report adds to them.
  CHECK(timing.value().bytes_empty == 4 * TableShape{}.numbers() + 12816 + 96 + 32 + 96);
}

}  // namespace
}  // namespace ossicle::audit
