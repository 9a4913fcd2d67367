#include <algorithm>
#include <array>
#include <cmath>

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

  // A number for every row, so that a choice depends on the row and the seed alone; those of rows
  // that were heard are the larger ones.
  std::array<std::uint64_t, kBlockRows> drawn;
  std::uint64_t state = seed;
  for (std::uint32_t r = 0; r < kBlockRows; ++r) {
    const std::uint64_t heard_here = known & (heard[block_item(block, r)] != 0);
    drawn[r] = base::next(state) >> 1 | heard_here << 63;
  }
  // Where none is left that was heard, zeros are written to one that was not: as many rows are
  // written whatever was heard, and as far apart.
  const double divisor = known ? norm : 1;
  for (std::uint32_t taken = 0; taken < kRowsPerContribution; ++taken) {
    std::size_t most = 0;
    for (std::size_t r = 1; r < kBlockRows; ++r) most = drawn[r] > drawn[most] ? r : most;
    const auto keep = static_cast<double>(drawn[most] >> 63);
    drawn[most] = 0;
    double* row = table.data() + most * (d + 1);
    for (std::size_t k = 0; k < d; ++k) row[k] = keep * (p[k] / divisor) + 0.0;  // never -0
    row[d] = keep * kCountStep;
  }
  return {};
}

}  // namespace ossicle
