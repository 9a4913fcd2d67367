#include "kernels/layer/linear_layout.h"
#include "kernels/layer/scalar.h"
#include "kernels/linear.h"

namespace ossicle::kernels {
namespace {

// A channel's product needs only 16 activations at a time, so that the oracle needs no memory.
std::int32_t product(const PackedLinear& linear, std::size_t n, const float* x, const RowScale& s) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < linear.in; ++k) {
    sum += linear.panels[panel_index(linear.in, n, k)] * round_u7((x[k] - s.zero) * s.inverse);
  }
  return sum;
}

}  // namespace

void linear_scalar(const PackedLinear& linear, const float* x, std::size_t rows, float* y) {
  for (std::size_t r = 0; r < rows; ++r, x += linear.in, y += linear.out) {
    const RowScale s = row_scale_scalar(x, linear.in);
    for (std::size_t n = 0; n < linear.out; ++n) {
      y[n] = dequantise(product(linear, n, x, s), s.scale, s.zero, linear.scale[n],
                        linear.offset[n], linear.bias[n]);
    }
  }
}

}  // namespace ossicle::kernels
