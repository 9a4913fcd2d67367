#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>

#include "base/sha256.h"
#include "budget_schedule.h"
#include "ossicle/privacy.h"

namespace ossicle {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr BudgetLimit kLimit{.rho = 12 * 8192, .reports = 12};

BudgetRecord after(const BudgetRecord& record, std::int64_t now_s, std::uint32_t cost = 8192) {
  const Result<BudgetRecord> next = reserve(record, now_s, cost, kLimit);
  REQUIRE(next.ok());
  return next.value();
}

bool refused(const BudgetRecord& record, std::int64_t now_s, std::uint32_t cost = 8192) {
  const Result<BudgetRecord> next = reserve(record, now_s, cost, kLimit);
  return !next.ok() && next.error().code == Code::kCapacityExceeded;
}

BudgetRecord full() {
  BudgetRecord record;
  for (int i = 0; i < 12; ++i) record = after(record, kNow);
  return record;
}

TEST_CASE("a report costs its rho, rounded up") {
  const auto units = [](std::uint32_t norm, const Variance& variance) {
    const Result<std::uint32_t> result = rho_units(norm, variance);
    return result.ok() ? result.value() : 0;
  };
  constexpr std::uint64_t kNorm = 6477;
  CHECK(units(kNorm, {64 * kNorm * kNorm, 1}) == 8192);  // 1 / 128 of 2^20
  CHECK(units(kNorm, {64 * kNorm * kNorm - 1, 1}) == 8193);
  CHECK(units(kNorm, {256 * kNorm * kNorm, 4}) == 8192);
  CHECK(units(1, {kMaxSigma * kMaxSigma, 1}) == 1);
  CHECK(rho_units(kNorm, {kNorm * kNorm / 100, 1}).error().code == Code::kCapacityExceeded);
  CHECK(rho_units(0, {1, 1}).error().code == Code::kInvalidArgument);
  CHECK(rho_units(1, {0, 1}).error().code == Code::kInvalidArgument);
}

TEST_CASE("the year's budget is spent once") {
  const BudgetRecord record = full();
  CHECK(budget_spent(record).rho == kLimit.rho);
  CHECK(budget_spent(record).reports == 12);
  CHECK(refused(record, kNow));
  CHECK(refused(record, kNow, 1));
  CHECK(refused({}, kNow, kLimit.rho + 1));
  CHECK(refused({}, kNow, std::numeric_limits<std::uint32_t>::max()));
  CHECK_FALSE(refused({}, kNow, kLimit.rho));
  CHECK(reserve({}, kNow, 0, kLimit).error().code == Code::kInvalidArgument);
}

TEST_CASE("a cost is forgotten when it is a year old, and the error says when") {
  const BudgetRecord record = full();
  const std::int64_t period = kNow / kBudgetPeriodS;
  CHECK(refused(record, kNow + 12 * kBudgetPeriodS));
  const Result<BudgetRecord> late = reserve(record, kNow, 8192, kLimit);
  REQUIRE_FALSE(late.ok());
  CHECK(static_cast<std::int64_t>(late.error().at) == period + 13);
  CHECK(refused(record, (period + 13) * kBudgetPeriodS - 1));
  CHECK_FALSE(refused(record, (period + 13) * kBudgetPeriodS));
  CHECK_FALSE(refused(record, kNow + 100 * kBudgetPeriodS));
}

TEST_CASE("a clock set back gives nothing back") {
  const BudgetRecord record = full();
  for (const std::int64_t now : {kNow - 1, kNow - 13 * kBudgetPeriodS, std::int64_t{0},
                                 std::int64_t{-1}, std::numeric_limits<std::int64_t>::min()}) {
    CHECK(refused(record, now));
    CHECK(budget_at(record, now).period == record.period);
  }
  // What is spent with a clock set back counts as spent at the newest time seen.
  BudgetRecord moved = after(BudgetRecord{}, kNow);
  moved = after(moved, kNow - 50 * kBudgetPeriodS);
  CHECK(moved.rho[0] == 2 * 8192);
  CHECK(budget_at(moved, std::numeric_limits<std::int64_t>::max()).period == 0xffff);
}

TEST_CASE("a record is read back as it was written") {
  BudgetRecord record = after(BudgetRecord{}, kNow, 77);
  record = after(record, kNow + 3 * kBudgetPeriodS, 5000);
  const auto bytes = encode(record);
  CHECK(bytes.size() == 64);
  const Result<BudgetRecord> back = decode_budget(bytes);
  REQUIRE(back.ok());
  CHECK(back.value().period == record.period);
  CHECK(back.value().rho == record.rho);
  CHECK(back.value().reports == record.reports);
}

TEST_CASE("a damaged record is refused, never taken for a new one") {
  const auto bytes = encode(full());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto damaged = bytes;
    damaged[i] ^= 1;
    REQUIRE(decode_budget(damaged).error().code == Code::kChecksumMismatch);
  }
  CHECK(decode_budget(std::span(bytes).first(63)).error().code == Code::kCorrupt);
  CHECK(decode_budget({}).error().code == Code::kCorrupt);
  CHECK(decode_budget(std::array<std::uint8_t, kBudgetBytes>{}).error().code ==
        Code::kChecksumMismatch);
}

TEST_CASE("a record of another version is refused as such") {
  auto bytes = encode(full());
  bytes[0] = 2;
  const base::Digest sum = base::sha256(std::as_bytes(std::span(bytes).first(56)));
  std::copy_n(sum.begin(), 8, bytes.begin() + 56);
  CHECK(decode_budget(bytes).error().code == Code::kUnsupportedVersion);
}

TEST_CASE("crashes and jumping clocks never lead beyond the budget") {
  std::uint32_t sent = 0;
  std::uint32_t refusals = 0;
  std::uint32_t set_back = 0;
  std::array<std::uint32_t, 3> crashes{};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    const testing::ScheduleResult result = testing::run_schedule(seed, 60);
    INFO("schedule " << seed);
    REQUIRE_FALSE(result.broken);
    REQUIRE_FALSE(result.over_budget);
    sent += result.sent;
    refusals += result.refused;
    set_back += result.set_back;
    for (std::size_t i = 0; i < crashes.size(); ++i) crashes[i] += result.crashes[i];
  }
  CHECK(sent > 1000);
  CHECK(refusals > 1000);
  CHECK(set_back > 1000);
  for (const std::uint32_t n : crashes) CHECK(n > 1000);
}

}  // namespace
}  // namespace ossicle
