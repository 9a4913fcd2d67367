#include "ossicle/text_map.h"

#include <cmath>

namespace ossicle {

void map_text_f64(std::span<const float> m, std::span<const double> text, double intercept,
                  std::span<double> out) {
  const std::size_t d = out.size();
  const float* row = m.data() + text.size() * d;
  for (std::size_t c = 0; c < d; ++c) out[c] = intercept * static_cast<double>(row[c]);
  for (std::size_t i = 0; i < text.size(); ++i) {
    row = m.data() + i * d;
    for (std::size_t c = 0; c < d; ++c) out[c] += text[i] * static_cast<double>(row[c]);
  }
}

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
  const std::vector<double> exact(text.begin(), text.end());
  std::vector<double> sum(d);
  map_text_f64(m, exact, 1, sum);
  for (std::size_t c = 0; c < d; ++c) factor[c] = static_cast<float>(sum[c]);
  return {};
}

}  // namespace ossicle
