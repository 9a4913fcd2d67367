#ifndef OSSICLE_TESTS_UNIT_LEARNING_SMALL_WORLD_H_
#define OSSICLE_TESTS_UNIT_LEARNING_SMALL_WORLD_H_

// A catalogue of a few items, and listeners of it.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/rng.h"
#include "learning/epoch.h"
#include "learning/listeners.h"
#include "learning/prior.h"
#include "model/catalogue_build.h"
#include "synthetic_catalogue.h"

namespace ossicle::testing {

inline constexpr std::uint32_t kFactors = 8;
inline constexpr std::uint32_t kItems = 90;

/// As a bundle has it.
inline CatalogueData catalogue(std::uint32_t items = kItems) {
  const CatalogueData made =
      synthetic_catalogue({.n_items = items, .n_factors = kFactors, .norm = 0.5});
  const BundleBytes bytes = write_catalogue(made.view, {"small", "none", "a test", "none"}).value();
  CatalogueData read;
  if (tools::open_bundle(bytes, read)) std::abort();
  return read;
}

inline std::vector<tools::Listener> listeners(std::uint32_t n, std::uint64_t seed = 1) {
  std::vector<tools::Listener> all(n);
  for (std::uint32_t u = 0; u < n; ++u) {
    std::uint64_t state = seed * 1000 + u;
    for (std::uint32_t item = 0; item < kItems; ++item) {
      if (base::below(state, 5) != 0) continue;
      all[u].items.push_back(item);
      all[u].plays.push_back(1 + base::below(state, 9));
    }
  }
  return all;
}

/// Sums of a block in which every row has the contributors that are expected, all of them along
/// G q: what leaves the rows about where they are, `factor` of it.
inline tools::BlockSums expected_sums(const Catalogue& now, const tools::Prior& prior,
                                      std::uint32_t block, std::uint64_t reports, double factor) {
  tools::BlockSums sums = {.block = block, .reports = reports};
  sums.units.resize(kBlockRows * (kFactors + 1));
  for (std::uint32_t r = 0; r < block_size(now.n_items, block); ++r) {
    const std::uint32_t item = block_item(block, r);
    const double count = static_cast<double>(reports) * prior.share[block][r];
    double* row = sums.units.data() + std::size_t{r} * (kFactors + 1);
    double squares = 0;
    for (std::uint32_t i = 0; i < kFactors; ++i) {
      for (std::uint32_t k = 0; k < kFactors; ++k) {
        row[i] += prior.moment[i * kFactors + k] * now.q[std::size_t{item} * now.row_stride + k];
      }
      squares += row[i] * row[i];
    }
    for (std::uint32_t i = 0; i < kFactors; ++i) row[i] *= factor * count / std::sqrt(squares);
    row[kFactors] = kCountStep * count;
  }
  return sums;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_LEARNING_SMALL_WORLD_H_
