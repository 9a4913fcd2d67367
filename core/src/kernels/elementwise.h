#ifndef OSSICLE_KERNELS_ELEMENTWISE_H_
#define OSSICLE_KERNELS_ELEMENTWISE_H_

#include <cstddef>

namespace ossicle::kernels {

// What stands between the products of a Transformer layer. IEEE f32 + - * / and square root in a
// fixed order: the same bytes on every build.

/// x Phi(x) (GELU, Hendrycks and Gimpel 2016) as max(x, 0) - t p(t)^8 with t = min(|x|, 4.925) and
/// p of degree 5, within 2e-6 everywhere: no division, half the time of a rational erf.
float gelu_scalar(float x);
/// gelu_scalar() of each x [n], in place.
void gelu(float* x, std::size_t n);

/// x_i = (v_i - mean(v)) / sqrt(variance(v) + epsilon) * weight_i + bias_i for v = x + y, row by
/// row; x and y are [rows, channels]. Sums run in 8 lanes (i mod 8), added as
/// ((0+4)+(1+5))+((2+6)+(3+7)). Source: Ba, Kiros, Hinton 2016.
void add_layer_norm(float* x, const float* y, std::size_t rows, std::size_t channels,
                    const float* weight, const float* bias, float epsilon);
void add_layer_norm_scalar(float* x, const float* y, std::size_t rows, std::size_t channels,
                           const float* weight, const float* bias, float epsilon);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_ELEMENTWISE_H_
