#include "kernels/dot.h"

#include "kernels/isa.h"

namespace ossicle::kernels {

std::int32_t dot_s8u7_scalar(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

std::int32_t dot_s8u7(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
#if OSL_KERNELS_WASM
  v128_t acc = wasm_i32x4_splat(0);
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) acc = isa::add_products(acc, a + i, isa::load_query(b + i));
  return isa::lane_sum(acc) + dot_s8u7_scalar(a + i, b + i, n - i);
#else
  return dot_s8u7_scalar(a, b, n);
#endif
}

const char* kernels_isa() { return isa::kName; }

}  // namespace ossicle::kernels
