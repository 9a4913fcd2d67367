#ifndef OSSICLE_NN_ELEMENTWISE_H_
#define OSSICLE_NN_ELEMENTWISE_H_

// The parts of a block that are not matrix products. Only IEEE + - * / and square root, in a fixed
// order: the same bytes on every build, and no libm.

#include <cstddef>
#include <span>

namespace ossicle::nn {

/// erf(x) as x P(x^2) / Q(x^2) on [-4, 4], constant outside; absolute error <= 4.5e-7
/// (tests/unit/nn measures it). Coefficients: the minimax fit of Eigen's and XLA's float erf.
inline float erf_rational(float x) {
  const float t = x < -4.0f ? -4.0f : (x > 4.0f ? 4.0f : x);
  const float z = t * t;
  float p = -2.72614225801306e-10f;
  p = p * z + 2.77068142495902e-08f;
  p = p * z + -2.10102402082508e-06f;
  p = p * z + -5.69250639462346e-05f;
  p = p * z + -7.34990630326855e-04f;
  p = p * z + -2.95459980854025e-03f;
  p = p * z + -1.60960333262415e-02f;
  float q = -1.45660718464996e-05f;
  q = q * z + -2.13374055278905e-04f;
  q = q * z + -1.68282697438203e-03f;
  q = q * z + -7.37332916720468e-03f;
  q = q * z + -1.42647390514189e-02f;
  return t * p / q;
}

/// x = x (1 + erf(x / sqrt 2)) / 2, in place. Source: Hendrycks and Gimpel 2016.
void gelu(std::span<float> x);

/// x += y. The same size.
void add(std::span<float> x, std::span<const float> y);

/// Each row of x [rows, channels]: (x - mean) / sqrt(variance + epsilon) * weight + bias, in place.
/// Source: Ba, Kiros, Hinton 2016.
void layer_norm(std::span<float> x, std::size_t channels, std::span<const float> weight,
                std::span<const float> bias, float epsilon);

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_ELEMENTWISE_H_
