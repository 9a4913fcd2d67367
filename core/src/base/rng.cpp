#include "base/rng.h"

#include <cmath>

#include "base/math.h"

namespace ossicle::base {

std::uint64_t next(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

double uniform(std::uint64_t& state) { return static_cast<double>(next(state) >> 11) * 0x1p-53; }

double normal(std::uint64_t& state) {
  for (;;) {
    const double x = 2.0 * uniform(state) - 1.0;
    const double y = 2.0 * uniform(state) - 1.0;
    const double s = x * x + y * y;
    if (s >= 1.0 || s == 0.0) continue;
    constexpr double kLn2 = 0x1.62e42fefa39efp-1;
    return x * std::sqrt(-2.0 * (det_log2(s) * kLn2) / s);
  }
}

std::uint32_t below(std::uint64_t& state, std::uint32_t n) {
  for (;;) {
    const std::uint64_t product = (next(state) >> 32) * n;
    // 2^32 mod n of the 2^32 low words would favour some results.
    if (static_cast<std::uint32_t>(product) >= (0u - n) % n) {
      return static_cast<std::uint32_t>(product >> 32);
    }
  }
}

}  // namespace ossicle::base
