#ifndef OSSICLE_TOOLS_LEARNING_EPOCH_H_
#define OSSICLE_TOOLS_LEARNING_EPOCH_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "learning/prior.h"
#include "ossicle/sync.h"
#include "problem.h"

namespace ossicle::tools {

/// What both aggregators published of a block says together.
struct BlockSums {
  std::uint32_t block = 0;
  std::uint64_t reports = 0;    ///< U
  std::vector<double> units{};  ///< [kBlockRows, d + 1]
};

/// How the sums of an epoch were made.
struct Noise {
  double deviation = 0;  ///< standard deviation of each number of the sums, in units
  double max_growth = SolveSettings{}.max_growth;  ///< see SolveSettings
};

/// SolveSettings::min_count for such noise: below five standard deviations of it, rows are noise.
double least_count(double deviation);

/// How uncertain the rows of each block still are, [R, d]; see SolvedRows::variance.
using Variances = std::array<std::vector<double>, kBlocks>;
/// Before the first epoch.
Variances first_variances(const Catalogue& now);

/// The columns of a catalogue that an epoch changes, block by block. `now` must outlive it.
class Epoch {
 public:
  /// `variances` are those of the epoch before, or first_variances().
  Epoch(const Catalogue& now, Variances variances);

  /// Solves a block. Errors: of solve_block().
  Status solve(const Prior& prior, const BlockSums& sums, const Noise& noise);

  /// Makes a row what it was before, and what was known of it.
  void put_back(std::uint32_t item);

  bool has_moved(std::uint32_t item) const { return moved_[item] != 0; }
  std::uint32_t moved() const;  ///< rows
  const Variances& variances() const { return variances_; }

  /// `now` with these rows and their Gram matrix; what a reader derives is left empty. Spans are of
  /// this object and of `now`.
  Result<Catalogue> next();

 private:
  const Catalogue& now_;
  std::vector<std::int8_t> q_;        // [N, row_stride]
  std::vector<float> scale_;          // [N]
  std::vector<std::int32_t> rowsum_;  // [N]
  std::vector<std::uint8_t> moved_;   // [N]
  std::vector<double> gram_;          // [d, d]
  Variances variances_, before_;
};

/// Of the head of a catalogue, as a safetensors file. Reading refuses those of another head, and
/// numbers that are not finite or below 0.
Problem write_variances(const std::string& path, const Catalogue& now, const Variances& variances);
Problem read_variances(const std::string& path, const Catalogue& now, Variances& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_LEARNING_EPOCH_H_
