#include "kernels/elementwise.h"

#include <cmath>

#include "kernels/layer/vector.h"

namespace ossicle::kernels {
namespace {

using isa::F32x4;

/// The lanes of two vectors in the order of the oracle.
float sum_lanes(F32x4 low, F32x4 high) {
  const F32x4 v = low + high;
  return (v[0] + v[1]) + (v[2] + v[3]);
}

void add_layer_norm_row(float* x, const float* y, std::size_t channels, const float* weight,
                        const float* bias, float epsilon) {
  const float n = static_cast<float>(channels);
  F32x4 low = isa::splat(0), high = low;
  for (std::size_t i = 0; i < channels; i += 8) {
    const F32x4 a = isa::load<F32x4>(x + i) + isa::load<F32x4>(y + i);
    const F32x4 b = isa::load<F32x4>(x + i + 4) + isa::load<F32x4>(y + i + 4);
    isa::store(x + i, a);
    isa::store(x + i + 4, b);
    low += a;
    high += b;
  }
  const F32x4 mean = isa::splat(sum_lanes(low, high) / n);
  low = high = isa::splat(0);
  for (std::size_t i = 0; i < channels; i += 8) {
    const F32x4 a = isa::load<F32x4>(x + i) - mean, b = isa::load<F32x4>(x + i + 4) - mean;
    low += a * a;
    high += b * b;
  }
  const F32x4 scale = isa::splat(1.0f / std::sqrt(sum_lanes(low, high) / n + epsilon));
  for (std::size_t i = 0; i < channels; i += 4) {
    const F32x4 unit = (isa::load<F32x4>(x + i) - mean) * scale;
    isa::store(x + i, unit * isa::load<F32x4>(weight + i) + isa::load<F32x4>(bias + i));
  }
}

}  // namespace

void gelu(float* x, std::size_t n) {
  const isa::Gelu gelu_of;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) isa::store(x + i, gelu_of(isa::load<F32x4>(x + i)));
  for (; i < n; ++i) x[i] = gelu_scalar(x[i]);
}

void add_layer_norm(float* x, const float* y, std::size_t rows, std::size_t channels,
                    const float* weight, const float* bias, float epsilon) {
  if (channels % 8 != 0) {
    return add_layer_norm_scalar(x, y, rows, channels, weight, bias, epsilon);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    add_layer_norm_row(x + r * channels, y + r * channels, channels, weight, bias, epsilon);
  }
}

}  // namespace ossicle::kernels
