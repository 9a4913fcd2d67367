#ifndef OSSICLE_KERNELS_ROWS_H_
#define OSSICLE_KERNELS_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/pipeline.h"

namespace ossicle::kernels {

// Rows of the listener's least-squares problem, dequantised a block at a time. m = d + 1 when the
// model has a user bias, else d.

/// o_i = mu + b_i; of any item, own ones included, as below.
inline double offset_of(const Catalogue& catalogue, std::uint32_t item) {
  if (item >= catalogue.n_items) return catalogue.model.mu;
  return catalogue.model.mu + static_cast<double>(catalogue.bias[item]);
}

/// f_i = [q_i; 1], [m], or q_i when m = d.
void write_features(const Catalogue& catalogue, std::uint32_t item, std::size_t m, double* f);

/// Rows on the stack at a time: 32 KB, which the first-level cache and a 64 KB WASM stack both
/// hold. At d = 64 that is the 32 rows after which wider blocks gain nothing.
inline constexpr std::size_t kBlockDoubles = 4096;
inline constexpr std::size_t kBlockRows = 32;

/// The f_j of a history, block by block: those of the first observations from memory, where a
/// caller that walks over them several times has had them written, the others dequantised on the
/// way.
class Rows {
 public:
  /// `kept` holds the rows of the first kept.size() / m observations, or nothing.
  Rows(const Catalogue& catalogue, std::span<const Observation> observations, std::size_t m,
       std::span<const double> kept)
      : catalogue_(catalogue), observations_(observations), m_(m), kept_(kept) {}

  struct Block {
    const double* rows = nullptr;  ///< [n, m]
    std::size_t n = 0;
  };
  /// The rows from observation `first` on, at most kBlockRows; valid until the next call. `room` is
  /// [kBlockDoubles].
  Block at(std::size_t first, double* room) const;

 private:
  const Catalogue& catalogue_;
  std::span<const Observation> observations_;
  std::size_t m_;
  std::span<const double> kept_;
};

/// Sees to it that `kept` holds the rows of as many observations as there is room for, and returns
/// that part of it; those of the same items as before are there already.
std::span<const double> keep_rows(const Catalogue& catalogue,
                                  std::span<const Observation> observations, std::size_t m,
                                  const KeptRows& kept);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_ROWS_H_
