#include "ossicle/text_map.h"

#include <cmath>

namespace ossicle {

Status map_text(std::span<const float> m, std::span<const float> text, std::span<float> factor) {
  const std::size_t t = text.size();
  const std::size_t d = factor.size();
  if (d == 0 || m.size() != (t + 1) * d) {
    return Error{Code::kInvalidArgument, m.size(),
                 "text map: not [t + 1, d] for this text and factor (at = its size)"};
  }
  for (std::size_t i = 0; i < t; ++i) {
    if (!std::isfinite(text[i])) return Error{Code::kNotFinite, i, "text map: text (index)"};
  }
  for (std::size_t c = 0; c < d; ++c) {
    auto sum = static_cast<double>(m[t * d + c]);
    for (std::size_t i = 0; i < t; ++i) {
      sum += static_cast<double>(text[i]) * static_cast<double>(m[i * d + c]);
    }
    factor[c] = static_cast<float>(sum);
  }
  return {};
}

}  // namespace ossicle
