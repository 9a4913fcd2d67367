// The same workloads natively: `ossicle_bench [--quick]` prints one JSON object of the form that
// measure.mjs returns. Not a goal of its own: it shows what the machine could do.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include "engine_workload.h"
#include "kernels/dot.h"
#include "kernels/selftest/selftest.h"
#include "workload.h"

namespace {

using ossicle::bench::FoldInWorkload;
using ossicle::bench::FollowWorkload;
using ossicle::bench::ListWorkload;
using ossicle::bench::ScanWorkload;

double now_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  return (x[(x.size() - 1) / 2] + x[x.size() / 2]) / 2;
}

volatile std::uint32_t sink;

struct Plan {
  int repetitions;
  double sample_ms, warm_ms;
};

template <class F>
double mean_ms(int inner, F f) {
  const double start = now_ms();
  for (int i = 0; i < inner; ++i) f();
  return (now_ms() - start) / inner;
}

/// Repetitions of the two alternate, so that both see the same noise.
template <class Workload>
void measure(const char* name, Workload& workload, const Plan& plan, bool last) {
  const bool right = workload.check();
  const auto run = [&] { sink = static_cast<std::uint32_t>(workload.run()); };
  const auto stream = [&] { sink = workload.stream(); };
  double once = 1e9;
  for (const double start = now_ms(); now_ms() - start < plan.warm_ms;) {
    once = std::min(once, mean_ms(1, run));
    mean_ms(1, stream);
  }
  const int inner = std::clamp(static_cast<int>(plan.sample_ms / once), 1, 1000);
  std::vector<double> times, floor;
  for (int i = 0; i < plan.repetitions; ++i) {
    times.push_back(mean_ms(inner, run));
    floor.push_back(mean_ms(inner, stream));
  }
  std::printf(
      "\"%s\":{\"right\":%s,\"hash\":\"%016llx\",\"bytes\":%llu,\"medianMs\":%.6f,"
      "\"floorMs\":%.6f}%s",
      name, right ? "true" : "false", static_cast<unsigned long long>(workload.answer_hash()),
      static_cast<unsigned long long>(workload.bytes()), median(times), median(floor),
      last ? "" : ",");
}

template <class Workload>
bool measure_plays(const char* name, std::uint32_t n_items, std::uint32_t d, const Plan& plan,
                   bool last) {
  Workload workload;
  if (!workload.open(n_items, d, 500)) return false;
  measure(name, workload, plan, last);
  return true;
}

bool measure_scan(const char* name, std::uint32_t n, std::uint32_t d, std::uint32_t k,
                  const Plan& plan) {
  ScanWorkload scan;
  if (!scan.open(n, d, k)) return false;
  measure(name, scan, plan, false);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::strcmp(argv[1], "--quick") == 0;
  const Plan plan = quick ? Plan{1, 0, 0} : Plan{31, 3, 300};
  const std::uint32_t part = quick ? 20 : 1;  // of the rows
  std::printf("{\"isa\":\"%s\",\"selftest\":%s,\"workloads\":{", ossicle::kernels::kernels_isa(),
              ossicle::kernels::selftest(quick ? 3 : 2000).ok() ? "true" : "false");
  const std::uint32_t n = 20000 / part;
  if (!measure_scan("scan-100k-64", 100000 / part, 64, 50, plan) ||
      !measure_scan("scan-1m-64", 1000000 / part / part, 64, 50, plan) ||
      !measure_scan("scan-10k-384", 10000 / part, 384, 10, plan) ||
      !measure_plays<FoldInWorkload>("fold-in-500-64", n, 64, plan, false) ||
      !measure_plays<FoldInWorkload>("fold-in-500-128", n, 128, plan, false) ||
      !measure_plays<FollowWorkload>("follow-500-64", n, 64, plan, false) ||
      !measure_plays<FollowWorkload>("follow-500-128", n, 128, plan, false) ||
      !measure_plays<ListWorkload>("list-500-128", n, 128, plan, true)) {
    std::fprintf(stderr, "ossicle_bench: not enough memory\n");
    return 1;
  }
  std::printf("}}\n");
  return 0;
}
