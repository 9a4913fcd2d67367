#include <algorithm>
#include <cmath>

#include "ossicle/train.h"

namespace ossicle {

void quantise_rows(std::span<const float> q, std::uint32_t n, std::uint32_t d,
                   std::uint32_t row_stride, std::span<std::int8_t> rows, std::span<float> scale,
                   std::span<std::int32_t> rowsum, std::int8_t levels) {
  const auto most = static_cast<float>(levels);
  for (std::uint32_t i = 0; i < n; ++i) {
    const float* from = q.data() + std::size_t{i} * d;
    std::int8_t* to = rows.data() + std::size_t{i} * row_stride;
    float largest = 0;
    for (std::uint32_t f = 0; f < d; ++f) largest = std::max(largest, std::fabs(from[f]));
    std::fill_n(to, row_stride, std::int8_t{0});
    scale[i] = largest / most;
    std::int32_t sum = 0;
    // A row so small that its scale underflows to 0 is a zero row.
    for (std::uint32_t f = 0; f < d && scale[i] > 0; ++f) {
      const float level = std::clamp(std::round(from[f] / scale[i]), -most, most);
      to[f] = static_cast<std::int8_t>(level);
      sum += to[f];
    }
    rowsum[i] = sum;
  }
}

}  // namespace ossicle
