#include <cmath>

#include "kernels/attention.h"
#include "kernels/layer/scalar.h"

namespace ossicle::kernels {
namespace {

/// x ~ scale * s8.
struct TokenScale {
  float scale = 0, inverse = 0;
  explicit TokenScale(const float* x, std::size_t n) {
    float largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const float size = std::fabs(x[i]);
      largest = largest < size ? size : largest;
    }
    *this = TokenScale(largest);
  }
  explicit TokenScale(float largest) : scale(largest * (1.0f / 127.0f)) {
    inverse = inverse_scale(scale);
    if (inverse == 0.0f) scale = 0.0f;
  }
};

/// One query's score against one key, in powers of 2.
float score_of(const float* query, const RowScale& q, float c, const float* key, std::size_t n) {
  const TokenScale k(key, n);
  std::int32_t sum = 0, key_sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t k8{round_s8(key[i] * k.inverse)};
    sum += k8 * round_u7((query[i] - q.zero) * q.inverse);
    key_sum += k8;
  }
  const float offset = k.scale * static_cast<float>(key_sum);
  return dequantise(sum, q.scale * c, q.zero * c, k.scale, offset, 0.0f);
}

}  // namespace

void attention_scalar(std::size_t head_size, const float* queries, const float* keys,
                      const float* values, std::size_t stride, std::size_t rows, Visible visible,
                      float* out, std::size_t out_stride, float* scratch) {
  const float c = attention_scale(head_size);
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t n = visible.first + r * visible.step;
    const float* query = queries + r * stride;
    const RowScale q = row_scale_scalar(query, head_size);
    float highest = score_of(query, q, c, keys, head_size);
    for (std::size_t t = 0; t < n; ++t) {
      scratch[t] = score_of(query, q, c, keys + t * stride, head_size);
      highest = highest < scratch[t] ? scratch[t] : highest;
    }
    float lanes[4] = {};
    float largest = 0;
    for (std::size_t t = 0; t < n; ++t) {
      const float e = exp2_scalar(scratch[t] - highest);
      lanes[t % 4] += e;
      scratch[t] = e * TokenScale(values + t * stride, head_size).scale;
      largest = largest < scratch[t] ? scratch[t] : largest;
    }
    const float sum = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    const TokenScale w(largest);
    for (std::size_t i = 0; i < head_size; ++i) {
      std::int32_t mixed = 0;
      for (std::size_t t = 0; t < n; ++t) {
        const float* value = values + t * stride;
        const TokenScale v(value, head_size);
        mixed += round_u7(scratch[t] * w.inverse) * round_s8(value[i] * v.inverse);
      }
      out[r * out_stride + i] = static_cast<float>(mixed) * (w.scale / sum);
    }
  }
}

}  // namespace ossicle::kernels
