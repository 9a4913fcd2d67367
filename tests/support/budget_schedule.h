#ifndef OSSICLE_TESTS_BUDGET_SCHEDULE_H_
#define OSSICLE_TESTS_BUDGET_SCHEDULE_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/rng.h"
#include "ossicle/privacy.h"

namespace ossicle::testing {

/// What a random schedule did; every fault must be seen in a run of many schedules.
struct ScheduleResult {
  bool over_budget = false;  ///< more was sent in some year than the limit
  bool broken = false;       ///< a stored record could not be read
  std::uint32_t sent = 0;
  std::uint32_t refused = 0;
  std::array<std::uint32_t, 3> crashes{};  ///< before the store, before the send, after it
  std::uint32_t set_back = 0;              ///< attempts with a clock behind the newest seen
};

/// One device from its first report: `attempts` times, some time passes (or the clock is set back,
/// or forward), a report is reserved, stored and sent, with a crash at a random place in one of two
/// attempts. Only what is stored outlives a crash. The year is judged by the newest time that a
/// store has seen, to the second.
inline ScheduleResult run_schedule(std::uint64_t seed, int attempts) {
  constexpr std::int64_t kYearS = 12 * kBudgetPeriodS;
  struct Sent {
    std::int64_t at_s;
    std::uint32_t cost;
  };
  std::array<Sent, 256> sent{};
  ScheduleResult result;
  const BudgetLimit limit{.rho = 1000 + base::below(seed, 100000),
                          .reports = 1 + base::below(seed, 20)};
  std::array<std::uint8_t, kBudgetBytes> disk = encode(BudgetRecord{});
  std::int64_t clock_s = 1'700'000'000 + base::below(seed, 400'000'000);
  std::int64_t newest_s = 0;
  for (int attempt = 0; attempt < attempts; ++attempt) {
    const std::uint32_t kind = base::below(seed, 10);
    const std::int64_t some = base::below(seed, 3'000'000);
    if (kind == 0) clock_s -= some * 50;
    if (kind == 1) clock_s += some * 20;
    if (kind > 1) clock_s += some;
    const std::uint32_t cost = 1 + base::below(seed, 12000);
    const std::uint32_t crash = base::below(seed, 6);  // 3..5: none

    const Result<BudgetRecord> stored = decode_budget(disk);
    if (!stored.ok()) {
      result.broken = true;
      return result;
    }
    result.set_back += static_cast<std::uint32_t>(clock_s < newest_s);
    const Result<BudgetRecord> next = reserve(stored.value(), clock_s, cost, limit);
    if (!next.ok()) {
      ++result.refused;
      continue;
    }
    if (crash < 3) ++result.crashes[crash];
    if (crash == 0) continue;
    disk = encode(next.value());
    if (clock_s > newest_s) newest_s = clock_s;
    if (crash == 1) continue;
    sent[result.sent++] = {newest_s, cost};

    std::uint64_t rho = 0;
    std::uint64_t reports = 0;
    for (std::size_t i = result.sent; i-- > 0 && sent[i].at_s > newest_s - kYearS;) {
      rho += sent[i].cost;
      ++reports;
    }
    result.over_budget |= rho > limit.rho || reports > limit.reports;
  }
  return result;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_BUDGET_SCHEDULE_H_
