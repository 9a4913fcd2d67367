#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>

#include "attacks.h"
#include "base/rng.h"
#include "ossicle/norm_proof.h"

namespace ossicle::audit {
namespace {

constexpr std::uint32_t kItems = 17632;
constexpr std::uint32_t kPlays = 10000;

// Microseconds that this thread has run: what else a busy machine does would hide a difference, and
// an attacker may find it idle.
double now_us() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) * 1e-3;
}

// One listener on one device: what a report is made of, and the buffers it is made in.
struct Device {
  std::vector<double> p;
  Heard heard{};
  std::size_t items = 0;
};

struct Times {
  double fill = 0;
  double protect = 0;
  double prove = 0;
};

struct Report {
  NormShape shape;
  std::vector<double> units;
  std::vector<std::int32_t> table;
  std::vector<std::uint32_t> share;
  std::vector<std::uint8_t> proof;
  NormParts parts{};

  Report(const NormShape& wanted, const NormSizes& sizes)
      : shape(wanted),
        units(wanted.numbers),
        table(wanted.numbers),
        share(wanted.numbers),
        proof(sizes.proof) {}

  Result<Times> make(const Device& device, std::uint64_t pick, bool proves) {
    const NormSeeds seeds{seed_of(0, pick), seed_of(1, pick)};
    const double start = now_us();
    OSL_TRY(fill(device.p, device.heard, pick, units));
    const double filled = now_us();
    OSL_TRY(quantise(units, table));
    OSL_TRY(clip(table, kMaxNorm));
    const double clipped = now_us();
    if (proves) OSL_TRY(prove_norm(shape, {}, table, seeds, share, proof, parts));
    return Times{filled - start, clipped - filled, now_us() - clipped};
  }

  // To the first aggregator: share, proof, parts. To the second: a seed and the parts.
  std::size_t bytes() const {
    const std::size_t first = share.size() * sizeof(share[0]) + proof.size() + sizeof(parts);
    return first + sizeof(SecretSeed) + sizeof(parts);
  }
};

// The items of 10,000 plays, once each, as History::observe() has them; the more listened an item
// is, the lower its number.
Device full_device(const TableShape& shape, std::uint64_t& state) {
  Device device{std::vector<double>(shape.factors)};
  for (double& x : device.p) x = base::normal(state);
  std::vector<bool> played(kItems);
  std::vector<std::uint32_t> items;
  for (std::uint32_t play = 0; play < kPlays; ++play) {
    const auto item = static_cast<std::uint32_t>(std::pow(kItems, base::uniform(state))) - 1;
    if (!played[item]) items.push_back(item);
    played[item] = true;
  }
  device.heard = heard_of(items);
  device.items = items.size();
  return device;
}

struct Durations {
  std::vector<double> fill;
  std::vector<double> protect;
  std::vector<double> make;
  std::vector<double> prove;
  std::vector<double> whole;

  void add(const Times& times, bool proves) {
    const double made = times.fill + times.protect;
    fill.push_back(times.fill);
    protect.push_back(times.protect);
    make.push_back(made);
    if (!proves) return;
    prove.push_back(times.prove);
    whole.push_back(made + times.prove);
  }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

Result<Timing> attack_timing(std::uint32_t repeats, std::uint32_t prove_each, std::uint64_t seed,
                             const Progress& progress) {
  constexpr std::size_t kKinds = 3;  // none, none once more, 10,000 plays
  const TableShape shape;
  std::uint64_t state = seed;
  const Device empty{std::vector<double>(shape.factors)};
  const Device full = full_device(shape, state);
  const std::array<const Device*, kKinds> devices = {&empty, &empty, &full};
  const NormShape norm{static_cast<std::uint32_t>(shape.numbers()), kMaxNorm};
  const Result<NormSizes> sizes = norm_sizes(norm);
  if (!sizes.ok()) return sizes.error();
  Report report(norm, sizes.value());
  std::array<Durations, kKinds> durations;
  std::array<std::size_t, kKinds> bytes{};
  std::array<std::size_t, kKinds> order = {0, 1, 2};
  for (std::uint32_t repeat = 0; repeat < repeats; ++repeat) {
    // A new order each time, so that what comes before tells nothing.
    for (std::uint32_t k = kKinds; k-- > 1;) std::swap(order[k], order[base::below(state, k + 1)]);
    const std::uint64_t pick = base::next(state);
    const bool proves = repeat % prove_each == 0;
    for (const std::size_t kind : order) {
      const Result<Times> times = report.make(*devices[kind], pick, proves);
      if (!times.ok()) return times.error();
      durations[kind].add(times.value(), proves);
      bytes[kind] = report.bytes();
    }
    if (repeat % 64 == 0) progress(static_cast<double>(repeat) / repeats);
  }
  const Durations& none = durations[0];
  const Durations& plays = durations[2];
  return Timing{.items = full.items,
                .bytes_empty = bytes[0],
                .bytes_full = bytes[2],
                .fill = area(plays.fill, none.fill),
                .protect = area(plays.protect, none.protect),
                .make = area(plays.make, none.make),
                .baseline = area(durations[1].make, none.make),
                .prove = area(plays.prove, none.prove),
                .whole = area(plays.whole, none.whole),
                .empty_us = median(none.whole),
                .full_us = median(plays.whole),
                .fill_empty_us = median(none.fill),
                .fill_full_us = median(plays.fill)};
}

}  // namespace ossicle::audit
