#include "kernels/rows.h"

#include <algorithm>

#include "kernels/dense.h"

namespace ossicle::kernels {

void write_features(const Catalogue& catalogue, std::uint32_t item, std::size_t m, double* f) {
  const std::size_t d = catalogue.n_factors;
  const bool own = item >= catalogue.n_items;
  const std::uint32_t row = own ? item - catalogue.n_items : item;
  const std::int8_t* q = own ? catalogue.own.q.data() : catalogue.q.data();
  const float scale = own ? catalogue.own.scale[row] : catalogue.scale[row];
  dequantise_row(q + std::size_t{row} * catalogue.row_stride, static_cast<double>(scale), d, f);
  if (m > d) f[d] = 1;
}

Rows::Block Rows::at(std::size_t first, double* room) const {
  const std::size_t kept = kept_.size() / m_;
  if (first < kept) {
    // Half as many as `room` would hold, so that they stay in the first-level cache with the
    // vectors that they are multiplied by; whole eights, which axpy_rows takes together.
    const std::size_t most =
        std::clamp<std::size_t>(kBlockDoubles / 2 / m_ & ~std::size_t{7}, 1, kBlockRows);
    return {kept_.data() + first * m_, std::min(most, kept - first)};
  }
  const std::size_t n = std::min({kBlockRows, kBlockDoubles / m_, observations_.size() - first});
  for (std::size_t j = 0; j < n; ++j) {
    write_features(catalogue_, observations_[first + j].item, m_, room + j * m_);
  }
  return {room, n};
}

std::span<const double> keep_rows(const Catalogue& catalogue,
                                  std::span<const Observation> observations, std::size_t m,
                                  const KeptRows& kept) {
  const std::size_t n = std::min(observations.size(), kept.item.size());
  for (std::size_t j = 0; j < n; ++j) {
    const std::uint32_t item = observations[j].item;
    if (kept.item[j] == item + 1) continue;
    kept.item[j] = item + 1;
    write_features(catalogue, item, m, kept.numbers.data() + j * m);
  }
  return kept.numbers.first(n * m);
}

}  // namespace ossicle::kernels
