#ifndef OSSICLE_TESTS_PRIVACY_SIMULATION_ROUND_H_
#define OSSICLE_TESTS_PRIVACY_SIMULATION_ROUND_H_

// One epoch of contributions, with the core's own code at every step of it.

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "learning/epoch.h"
#include "learning/prior.h"
#include "ossicle/privacy.h"
#include "ossicle/sync.h"
#include "world.h"

namespace ossicle::simulation {

using tools::table_seed;

/// What two aggregators hold of a block, and beside it what nobody has: the sum of the same tables
/// before they were quantised and clipped.
struct BlockSums {
  std::vector<std::uint32_t> first, second;  ///< [kBlockRows (d + 1)], sums of shares
  std::vector<double> plain;                 ///< [kBlockRows (d + 1)]
  std::uint64_t reports = 0;
};

/// Of every block.
class Sums {
 public:
  explicit Sums(std::uint32_t factors);
  /// Adds `times` times what the other has: as if each of its clients had `times` twins.
  void add(const Sums& other, std::uint32_t times);
  BlockSums& operator[](std::size_t block) { return blocks_[block]; }
  const BlockSums& operator[](std::size_t block) const { return blocks_[block]; }

 private:
  std::array<BlockSums, kBlocks> blocks_;
};

/// One device after the other.
class Client {
 public:
  explicit Client(const Catalogue& catalogue);

  /// fold_in.
  Status open(std::span<const std::uint32_t> played);
  std::span<const double> p() const { return profile_.p(); }
  /// fill_block, quantise, clip to `max_norm` steps, split; both aggregators add their share.
  Status send(std::uint32_t block, std::uint64_t seed, std::uint32_t max_norm, BlockSums& to);
  /// The same with a table of the client's own making, [kBlockRows (d + 1)], in steps: what a
  /// client that lies can do.
  static Status send_steps(std::span<const std::int32_t> steps, std::uint64_t seed, BlockSums& to);

 private:
  const Catalogue& catalogue_;
  Profile profile_;
  Heard heard_{};
  std::vector<double> table_;
  std::vector<std::int32_t> steps_;
};

/// The block that a client picks, by its number; table_seed() is the seed of its report.
std::uint32_t block_of(std::uint64_t client);

/// Adds the reports of clients first..last - 1 of the world, each to the block it picks. The order
/// of additions does not depend on `for_each`. Errors: of the steps.
Status add_clients(const World& world, const Catalogue& catalogue, std::uint64_t first,
                   std::uint64_t last, std::uint32_t max_norm, const ForEach& for_each, Sums& to);

/// What is public before the first epoch, of tables that are clipped, or not.
struct Setup {
  tools::Prior clipped, plain;
};

/// From the seed listeners 0..seeds - 1, who hide nothing: all of them fill every block.
Result<Setup> make_setup(const World& world, const Catalogue& catalogue, std::uint32_t seeds,
                         std::uint32_t max_norm);

/// How an epoch ends.
struct Ending {
  bool plain = false;  ///< without clip and noise
  double sigma = 0;    ///< of each aggregator, in norms
  std::uint32_t max_norm = 0;
  std::uint64_t seed = 1;  ///< of the noise
  double max_growth = SolveSettings{}.max_growth;
};

/// Noise to each aggregator's sum, join, solve_block, and the new catalogue.
struct Next {
  testing::CatalogueContents contents;
  std::uint32_t moved = 0;  ///< rows
};
Result<Next> end_epoch(const testing::CatalogueContents& start, const Catalogue& now,
                       const Sums& sums, const Setup& setup, const Ending& ending);

/// The gate before publishing, tools::over_exposed(), on contents.
class ExposureGate {
 public:
  ExposureGate(const Catalogue& now, std::vector<HeldOut> listeners, ForEach for_each);
  /// Puts rows back until none that moved is over-exposed; returns how many.
  std::uint32_t hold(const testing::CatalogueContents& start,
                     testing::CatalogueContents& next) const;

 private:
  std::vector<HeldOut> listeners_;
  ForEach for_each_;
  std::vector<double> before_;
};

}  // namespace ossicle::simulation

#endif  // OSSICLE_TESTS_PRIVACY_SIMULATION_ROUND_H_
