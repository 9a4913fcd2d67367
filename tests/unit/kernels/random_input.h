#ifndef OSSICLE_TESTS_UNIT_KERNELS_RANDOM_INPUT_H_
#define OSSICLE_TESTS_UNIT_KERNELS_RANDOM_INPUT_H_

#include <cstdint>
#include <vector>

#include "synthetic_catalogue.h"

namespace ossicle::testing {

inline std::int8_t random_s8(std::uint64_t& state) {
  return static_cast<std::int8_t>(static_cast<int>(next_below(state, 255)) - 127);
}
inline std::uint8_t random_u7(std::uint64_t& state) {
  return static_cast<std::uint8_t>(next_below(state, 128));
}
inline std::vector<double> random_f64(std::uint64_t& state, std::size_t n) {
  std::vector<double> x(n);
  for (double& v : x) v = 2 * next_uniform(state) - 1;
  return x;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_KERNELS_RANDOM_INPUT_H_
