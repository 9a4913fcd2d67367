#include <algorithm>
#include <cmath>

#include "base/sha256.h"
#include "ossicle/privacy.h"
#include "privacy/variance.h"

namespace ossicle {
namespace {

constexpr std::uint16_t kVersion = 1;
constexpr std::uint32_t kMaxPeriod = 0xffff;
constexpr std::uint32_t kMaxRho = 0xffffff;
constexpr std::uint32_t kMaxReports = 0xff;
constexpr std::size_t kHead = 4;
constexpr std::size_t kChecked = kHead + 4 * kBudgetPeriods;
constexpr std::size_t kSumBytes = kBudgetBytes - kChecked;
static_assert(kSumBytes == 8);

void put(std::uint32_t value, std::span<std::uint8_t> bytes) {
  for (std::uint8_t& byte : bytes) {
    byte = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
}

std::uint32_t get(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8) | bytes[i];
  return value;
}

base::Digest digest(std::span<const std::uint8_t> bytes) {
  return base::sha256(std::as_bytes(bytes.first(kChecked)));
}

}  // namespace

Result<std::uint32_t> rho_units(std::uint32_t max_norm, const Variance& variance) {
  if (max_norm == 0) {
    return Error{Code::kInvalidArgument, 0, "rho_units: max_norm must be above 0"};
  }
  OSL_TRY(privacy::check(variance));
  using U128 = unsigned __int128;
  constexpr std::uint64_t kUnits = std::uint64_t{1} << 20;
  static_assert(kRhoUnit * kUnits == 1);
  const U128 up = U128{max_norm} * max_norm * variance.denominator * kUnits;  // < 2^104
  const U128 down = U128{2} * variance.numerator;
  const U128 units = (up + down - 1) / down;
  if (units > 15 * kUnits) {
    return Error{Code::kCapacityExceeded, 0,
                 "rho_units: the noise hides nothing (rho above 15); use a larger sigma"};
  }
  return static_cast<std::uint32_t>(units);
}

BudgetRecord budget_at(const BudgetRecord& record, std::int64_t now_s) {
  const auto now =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(now_s / kBudgetPeriodS, 0, kMaxPeriod));
  if (now <= record.period) return record;
  BudgetRecord moved;
  moved.period = now;
  for (std::size_t i = now - record.period; i < kBudgetPeriods; ++i) {
    moved.rho[i] = record.rho[i - (now - record.period)];
    moved.reports[i] = record.reports[i - (now - record.period)];
  }
  return moved;
}

BudgetSpent budget_spent(const BudgetRecord& record) {
  BudgetSpent spent;
  for (std::size_t i = 0; i < kBudgetPeriods; ++i) {
    spent.rho += record.rho[i];
    spent.reports += record.reports[i];
  }
  return spent;
}

Result<BudgetRecord> reserve(const BudgetRecord& record, std::int64_t now_s, std::uint32_t cost,
                             const BudgetLimit& limit) {
  if (cost == 0) {
    return Error{Code::kInvalidArgument, 0, "reserve: a report costs at least one rho unit"};
  }
  BudgetRecord next = budget_at(record, now_s);
  const BudgetSpent spent = budget_spent(next);
  // 64 bits: the sums of a limit near 2^32 and a cost near it must not wrap.
  const bool fits_limit = std::uint64_t{spent.rho} + cost <= limit.rho &&
                          std::uint64_t{spent.reports} + 1 <= limit.reports;
  const bool fits_record =
      std::uint64_t{next.rho[0]} + cost <= kMaxRho && next.reports[0] < kMaxReports;
  if (!fits_limit || !fits_record) {
    std::size_t oldest = kBudgetPeriods;
    while (oldest > 1 && next.reports[oldest - 1] == 0) --oldest;
    return Error{Code::kCapacityExceeded, next.period + kBudgetPeriods + 1 - oldest,
                 "reserve: the budget of the year is spent; wait until its oldest cost is a year "
                 "old (period)"};
  }
  next.rho[0] += cost;
  next.reports[0] = static_cast<std::uint8_t>(next.reports[0] + 1);
  return next;
}

std::array<std::uint8_t, kBudgetBytes> encode(const BudgetRecord& record) {
  std::array<std::uint8_t, kBudgetBytes> bytes{};
  const std::span<std::uint8_t> all(bytes);
  put(kVersion, all.subspan(0, 2));
  put(record.period, all.subspan(2, 2));
  for (std::size_t i = 0; i < kBudgetPeriods; ++i) {
    put(record.rho[i], all.subspan(kHead + 4 * i, 3));
    bytes[kHead + 4 * i + 3] = record.reports[i];
  }
  const base::Digest sum = digest(bytes);
  std::copy_n(sum.begin(), kSumBytes, bytes.begin() + kChecked);
  return bytes;
}

Result<BudgetRecord> decode_budget(std::span<const std::uint8_t> bytes) {
  if (bytes.size() != kBudgetBytes) {
    return Error{Code::kCorrupt, bytes.size(), "budget: a record has 64 bytes (size)"};
  }
  const base::Digest sum = digest(bytes);
  if (!std::equal(sum.begin(), sum.begin() + kSumBytes, bytes.begin() + kChecked)) {
    return Error{Code::kChecksumMismatch, 0, "budget: the record is damaged; do not start anew"};
  }
  if (const std::uint32_t version = get(bytes.subspan(0, 2)); version != kVersion) {
    return Error{Code::kUnsupportedVersion, version,
                 "budget: written by another version of Ossicle; update before contributing"};
  }
  BudgetRecord record;
  record.period = get(bytes.subspan(2, 2));
  for (std::size_t i = 0; i < kBudgetPeriods; ++i) {
    record.rho[i] = get(bytes.subspan(kHead + 4 * i, 3));
    record.reports[i] = bytes[kHead + 4 * i + 3];
  }
  return record;
}

}  // namespace ossicle
