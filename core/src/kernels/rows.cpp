#include "kernels/rows.h"

#include <algorithm>

#include "kernels/dense.h"

namespace ossicle::kernels {

void write_features(const Catalogue& catalogue, std::uint32_t item, std::size_t m, double* f) {
  const std::size_t d = catalogue.n_factors;
  dequantise_row(catalogue.q.data() + std::size_t{item} * catalogue.row_stride,
                 static_cast<double>(catalogue.scale[item]), d, f);
  if (m > d) f[d] = 1;
}

std::size_t write_block(const Catalogue& catalogue, std::span<const Observation> observations,
                        std::size_t first, std::size_t m, double* block) {
  const std::size_t n = std::min({kBlockRows, kBlockDoubles / m, observations.size() - first});
  for (std::size_t j = 0; j < n; ++j) {
    write_features(catalogue, observations[first + j].item, m, block + j * m);
  }
  return n;
}

}  // namespace ossicle::kernels
