#include <cmath>

#include "kernels/elementwise.h"
#include "kernels/layer/scalar.h"

namespace ossicle::kernels {
namespace {

constexpr std::size_t kLanes = 8;

float sum_lanes(const float (&lane)[kLanes]) {
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

}  // namespace

float gelu_scalar(float x) {
  const float size = std::fabs(x);
  const float t = size < kGeluLimit ? size : kGeluLimit;
  float p = kGelu[0];
  for (std::size_t i = 1; i < std::size(kGelu); ++i) p = p * t + kGelu[i];
  p *= p;
  p *= p;
  p *= p;
  return (0.0f < x ? x : 0.0f) - t * p;
}

void add_layer_norm_scalar(float* x, const float* y, std::size_t rows, std::size_t channels,
                           const float* weight, const float* bias, float epsilon) {
  const float n = static_cast<float>(channels);
  for (std::size_t r = 0; r < rows; ++r, x += channels, y += channels) {
    float lane[kLanes] = {};
    for (std::size_t i = 0; i < channels; ++i) lane[i % kLanes] += x[i] += y[i];
    const float mean = sum_lanes(lane) / n;
    float square[kLanes] = {};
    for (std::size_t i = 0; i < channels; ++i) square[i % kLanes] += (x[i] - mean) * (x[i] - mean);
    const float scale = 1.0f / std::sqrt(sum_lanes(square) / n + epsilon);
    for (std::size_t i = 0; i < channels; ++i) {
      x[i] = (x[i] - mean) * scale * weight[i] + bias[i];
    }
  }
}

}  // namespace ossicle::kernels
