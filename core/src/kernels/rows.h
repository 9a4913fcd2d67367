#ifndef OSSICLE_KERNELS_ROWS_H_
#define OSSICLE_KERNELS_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/pipeline.h"

namespace ossicle::kernels {

// Rows of the listener's least-squares problem, dequantised a block at a time. m = d + 1 when the
// model has a user bias, else d.

/// o_i = mu + b_i.
inline double offset_of(const Catalogue& catalogue, std::uint32_t item) {
  return catalogue.model.mu + static_cast<double>(catalogue.bias[item]);
}

/// f_i = [q_i; 1], [m], or q_i when m = d.
void write_features(const Catalogue& catalogue, std::uint32_t item, std::size_t m, double* f);

/// Rows on the stack at a time: 32 KB, which the first-level cache and a 64 KB WASM stack both
/// hold. At d = 64 that is the 32 rows after which wider blocks gain nothing.
inline constexpr std::size_t kBlockDoubles = 4096;
inline constexpr std::size_t kBlockRows = 32;

/// Writes f_j, [m], of observations first, first + 1, ... into `block`, [kBlockDoubles], as many as
/// fit, and returns how many.
std::size_t write_block(const Catalogue& catalogue, std::span<const Observation> observations,
                        std::size_t first, std::size_t m, double* block);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_ROWS_H_
