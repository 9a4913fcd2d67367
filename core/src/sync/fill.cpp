#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "ossicle/sync.h"

namespace ossicle {

Heard heard_of(std::span<const std::uint32_t> items) {
  Heard heard{};
  for (const std::uint32_t item : items) {
    if (item < kHeadItems) heard[item] = 1;
  }
  return heard;
}

Status fill_block(std::span<const double> p, const Heard& heard, std::uint32_t block,
                  std::uint64_t seed, std::span<double> table) {
  const std::size_t d = p.size();
  if (table.size() != kBlockRows * (d + 1)) {
    return Error{Code::kInvalidArgument, table.size(),
                 "contribution: the table must be [kBlockRows, d + 1] (size)"};
  }
  if (block >= kBlocks) {
    return Error{Code::kOutOfRange, block, "contribution: no such block (block)"};
  }
  double squares = 0;
  for (std::size_t k = 0; k < d; ++k) {
    if (!std::isfinite(p[k])) {
      return Error{Code::kNotFinite, k, "contribution: the vector is not finite (factor)"};
    }
    squares += p[k] * p[k];
  }
  std::fill(table.begin(), table.end(), 0.0);
  const double norm = std::sqrt(squares);
  const bool known = norm > 0 && std::isfinite(norm);

  // A number for every row, heard or not, so that a choice depends on the row and the seed alone;
  // 0 for what is not heard, or is taken.
  std::array<std::uint64_t, kBlockRows> drawn{};
  std::uint64_t state = seed;
  for (std::uint32_t r = 0; r < kBlockRows; ++r) {
    const std::uint64_t taken = known & (heard[block_item(block, r)] != 0);
    drawn[r] = taken * (base::next(state) | 1);
  }
  // Where nothing is left to take, a row is written all the same, to where nobody reads it.
  std::vector<double> nowhere(d + 1);
  for (std::uint32_t taken = 0; taken < kRowsPerContribution; ++taken) {
    std::size_t most = 0;
    for (std::size_t r = 1; r < kBlockRows; ++r) most = drawn[r] > drawn[most] ? r : most;
    double* row = drawn[most] == 0 ? nowhere.data() : table.data() + most * (d + 1);
    drawn[most] = 0;
    for (std::size_t k = 0; k < d; ++k) row[k] = p[k] / norm;
    row[d] = kCountStep;
  }
  return {};
}

}  // namespace ossicle
