#ifndef OSSICLE_TESTS_PRIVACY_AUDIT_MECHANISM_H_
#define OSSICLE_TESTS_PRIVACY_AUDIT_MECHANISM_H_

#include <cstdint>
#include <span>
#include <vector>

#include "ossicle/privacy.h"
#include "ossicle/status.h"
#include "ossicle/sync.h"

namespace ossicle::audit {

/// What is claimed is claimed at this delta.
inline constexpr double kDelta = 1e-8;
/// C in steps: 1 unit (core/docs/block-sums.md). The claims depend on sigma / C alone.
inline constexpr std::uint32_t kMaxNorm = 1024;

/// The way of a contribution as it is built, or broken in one place. `sigma` and `reports` are also
/// what is claimed for it, whatever is broken.
struct Mechanism {
  TableShape shape{};
  std::uint32_t sigma = 8;          ///< of each aggregator, in norms
  std::uint32_t reports = 1;        ///< of every client, each in a sum of its own
  bool clips = true;                ///< broken when false: tables of any norm are added
  bool noises = true;               ///< broken when false: sums are published as they are
  std::uint32_t noise_divisor = 1;  ///< broken when above 1: sigma is that much smaller
  std::uint32_t accounted = 0;      ///< broken when above 0: reports that the odometer remembers
};

/// rho, epsilon (proven, at kDelta) and the best AUC that are claimed for it.
struct Claim {
  double rho = 0;
  double epsilon = 0;
  double auc = 0;
};
Result<Claim> claim_of(const Mechanism& mechanism);

/// 32 bytes that differ for every pair of numbers: an audit repeats, so they are not secret.
SecretSeed seed_of(std::uint64_t purpose, std::uint64_t number);

/// The table of one listener, [kBlockRows, d + 1]: the core's own fill_block() for a block that
/// `pick` decides. p [d].
Status fill(std::span<const double> p, const Heard& heard, std::uint64_t pick,
            std::span<double> units);

/// Quantised and, unless that is broken, clipped. `units` is as long as `steps`.
Status prepare(const Mechanism& mechanism, std::span<const double> units,
               std::span<std::int32_t> steps);

/// A listener of items at random, the same for ever, and its tables.
class Listener {
 public:
  /// So many items of the head (of which some may be the same); of these a table takes some 20.
  Listener(const TableShape& shape, std::uint32_t items, std::uint64_t seed);

  /// Another table, as it is split; `units` is what it was made of. Both [shape.numbers()].
  Status table(std::span<double> units, std::span<std::int32_t> steps);

  std::uint64_t random();
  SecretSeed seed();

 private:
  TableShape shape_;
  std::uint64_t state_;
  std::vector<double> p_;
  Heard heard_{};
};

/// Items of the head that a listener with a history has heard.
inline constexpr std::uint32_t kListened = 60;

/// One sum at two aggregators. The second is the attacker's ally: it adds no noise.
class Round {
 public:
  explicit Round(const Mechanism& mechanism);

  /// One client's report: prepared, split with the seed, each share added to its sum.
  Status add(std::span<const double> units, const SecretSeed& seed);

  /// What is published, put together: [numbers], from the first aggregator with its noise.
  Status publish(const SecretSeed& noise, std::span<std::int32_t> sum);

 private:
  Mechanism mechanism_;
  std::vector<std::int32_t> table_;
  std::vector<std::uint32_t> share_;
  std::vector<std::uint32_t> first_;
  std::vector<std::uint32_t> second_;
};

}  // namespace ossicle::audit

#endif  // OSSICLE_TESTS_PRIVACY_AUDIT_MECHANISM_H_
