#include "nn/elementwise.h"

#include <cmath>

namespace ossicle::nn {
namespace {

// Sums run in this many lanes, so that a compiler may use vectors without changing the order.
constexpr std::size_t kLanes = 8;

float sum_lanes(const float (&lane)[kLanes]) {
  return ((lane[0] + lane[4]) + (lane[1] + lane[5])) + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

template <class Term>
float sum(std::size_t n, Term term) {
  float lane[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t j = 0; j < kLanes; ++j) lane[j] += term(i + j);
  }
  for (std::size_t j = 0; i < n; ++i, ++j) lane[j] += term(i);
  return sum_lanes(lane);
}

}  // namespace

void gelu(std::span<float> x) {
  constexpr float kInvSqrt2 = 0.707106781186547524f;
  for (float& v : x) v = 0.5f * v * (1.0f + erf_rational(v * kInvSqrt2));
}

void add(std::span<float> x, std::span<const float> y) {
  const float* other = y.data();
  for (float& v : x) v += *other++;
}

void layer_norm(std::span<float> x, std::size_t channels, std::span<const float> weight,
                std::span<const float> bias, float epsilon) {
  const float n = static_cast<float>(channels);
  for (float* row = x.data(); row != x.data() + x.size(); row += channels) {
    const float mean = sum(channels, [row](std::size_t i) { return row[i]; }) / n;
    const float variance =
        sum(channels, [row, mean](std::size_t i) { return (row[i] - mean) * (row[i] - mean); }) / n;
    const float scale = 1.0f / std::sqrt(variance + epsilon);
    for (std::size_t i = 0; i < channels; ++i) {
      row[i] = (row[i] - mean) * scale * weight[i] + bias[i];
    }
  }
}

}  // namespace ossicle::nn
