#include <algorithm>
#include <array>
#include <cmath>

#include "base/rng.h"
#include "ossicle/sync.h"

namespace ossicle {

Status fill_block(std::span<const double> p, std::span<const std::uint32_t> listened,
                  std::uint32_t block, std::uint64_t seed, std::span<double> table) {
  const std::size_t d = p.size();
  if (table.size() != kBlockRows * (d + 1)) {
    return Error{Code::kInvalidArgument, table.size(),
                 "contribution: the table must be [kBlockRows, d + 1] (size)"};
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
  if (!(norm > 0) || !std::isfinite(norm)) return {};

  // A number for every row, heard or not, so that a choice depends on the row and the seed alone;
  // 0 for what is not heard, or is taken.
  std::array<std::uint64_t, kBlockRows> drawn{};
  for (const std::uint32_t item : listened) {
    if (item / kBlockRows == block) drawn[item % kBlockRows] = 1;
  }
  std::uint64_t state = seed;
  for (std::uint64_t& number : drawn) number *= base::next(state) | 1;
  for (std::uint32_t taken = 0; taken < kRowsPerContribution; ++taken) {
    const auto most = std::max_element(drawn.begin(), drawn.end());
    if (*most == 0) break;
    *most = 0;
    double* row = table.data() + static_cast<std::size_t>(most - drawn.begin()) * (d + 1);
    for (std::size_t k = 0; k < d; ++k) row[k] = p[k] / norm;
    row[d] = 1;
  }
  return {};
}

}  // namespace ossicle
