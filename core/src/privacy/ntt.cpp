#include "privacy/ntt.h"

#include <bit>

namespace ossicle::privacy::field {
namespace {

// Values in order to N times the coefficients in bit-reversed order (Gentleman and Sande). The
// inverse of w^k is w^(2 N - k).
void to_coefficients(std::span<Element> v, std::span<const std::uint32_t> roots) {
  const std::size_t n = v.size();
  for (std::size_t half = n / 2; half > 0; half /= 2) {
    const std::size_t step = n / half;  // the root of this level is w^step
    for (std::size_t i = 0; i < half; ++i) {
      const std::uint32_t root = roots[(2 * n - i * step) % (2 * n)];
      for (std::size_t at = i; at < n; at += 2 * half) {
        const Element difference = subtract(v[at], v[at + half]);
        v[at] = add(v[at], v[at + half]);
        v[at + half] = scale(difference, root);
      }
    }
  }
}

// Coefficients in bit-reversed order to values in order (Cooley and Tukey).
void to_values(std::span<Element> v, std::span<const std::uint32_t> roots) {
  const std::size_t n = v.size();
  for (std::size_t half = 1; half < n; half *= 2) {
    const std::size_t step = n / half;
    for (std::size_t i = 0; i < half; ++i) {
      const std::uint32_t root = roots[i * step];
      for (std::size_t at = i; at < n; at += 2 * half) {
        const Element turned = scale(v[at + half], root);
        v[at + half] = subtract(v[at], turned);
        v[at] = add(v[at], turned);
      }
    }
  }
}

}  // namespace

std::vector<std::uint32_t> roots_of_unity(std::size_t n) {
  std::vector<std::uint32_t> roots(2 * n);
  const std::uint32_t w = power(kGenerator, (kQ - 1) / static_cast<std::uint32_t>(2 * n));
  std::uint32_t x = 1;
  for (std::uint32_t& root : roots) {
    root = x;
    x = multiply(x, w);
  }
  return roots;
}

void to_odd_powers(std::span<Element> values, std::span<const std::uint32_t> roots) {
  const std::size_t n = values.size();
  to_coefficients(values, roots);
  const std::uint32_t over_n = inverse(static_cast<std::uint32_t>(n));
  const int bits = std::countr_zero(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t reversed = 0;
    for (int bit = 0; bit < bits; ++bit) reversed |= ((i >> bit) & 1) << (bits - 1 - bit);
    values[i] = scale(values[i], multiply(roots[reversed], over_n));
  }
  to_values(values, roots);
}

}  // namespace ossicle::privacy::field
