#include "base/math.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace ossicle::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// Two numbers at a time: SSE2 and WebAssembly SIMD come from one text.
using F64x2 = double __attribute__((vector_size(16)));
using U64x2 = std::uint64_t __attribute__((vector_size(16)));

// 2^n for n in -1022..1023.
double power_of_two(int n) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

// x = n + r with |r| <= 1/2; the conversion truncates, so round by hand.
int whole_part(double x) { return static_cast<int>(x + (x < 0 ? -0.5 : 0.5)); }

// In two steps, because 2^n itself may be out of range where y 2^n is not.
double scale(double y, int n) {
  const int half = n / 2;
  return y * power_of_two(half) * power_of_two(n - half);
}

// 2^r of a number or of two.
template <class D>
D exp2_of_fraction(D r) {
  // e^t = 1 + t + t^2 (1/2! + t/3! + ...), |t| <= 0.3466: the first term left out, t^14/14!, is
  // below 5e-18.
  const D t = r * 0x1.62e42fefa39efp-1;
  D p = 1.0 / 6227020800.0 + D{};
  p = p * t + 1.0 / 479001600.0;
  p = p * t + 1.0 / 39916800.0;
  p = p * t + 1.0 / 3628800.0;
  p = p * t + 1.0 / 362880.0;
  p = p * t + 1.0 / 40320.0;
  p = p * t + 1.0 / 5040.0;
  p = p * t + 1.0 / 720.0;
  p = p * t + 1.0 / 120.0;
  p = p * t + 1.0 / 24.0;
  p = p * t + 1.0 / 6.0;
  p = p * t + 0.5;
  return 1.0 + (t + t * t * p);
}

bool in_exp2_range(double x) { return x >= -1075.0 && x < 1024.0; }

// The parts of a normal positive number 2^exponent (1 + f): 1 + f in [sqrt(1/2), sqrt(2)), so that
// the logarithm of a number near 1 is not the difference of two large ones.
struct Parts {
  double f, exponent;
};

Parts parts_of(double x) {
  std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
  if (bits >= 0x3ff6a09e667f3bcdu) {
    bits -= std::uint64_t{1} << 52;
    ++exponent;
  }
  return {std::bit_cast<double>(bits) - 1.0, static_cast<double>(exponent)};
}

constexpr std::uint64_t kUpperBits = 0xffffffff00000000u;
double upper(double x) {
  return std::bit_cast<double>(std::bit_cast<std::uint64_t>(x) & kUpperBits);
}
F64x2 upper(F64x2 x) { return std::bit_cast<F64x2>(std::bit_cast<U64x2>(x) & kUpperBits); }

// log2 of 2^e (1 + f), of a number or of two.
template <class D>
D log2_of_parts(D f, D e) {
  // ln(1 + f) = 2 atanh(s) = f - (h - s (h + R)), s = f / (2 + f), h = f^2 / 2,
  // R = 2 s^2/3 + 2 s^4/5 + ..., s^2 <= 0.0295. The split into hi + lo keeps the rounding of the
  // large terms out of the product with 1 / ln 2 (the technique of FreeBSD's e_log2.c).
  const D s = f / (2.0 + f);
  const D z = s * s;
  D r = 2.0 / 23.0 + D{};
  r = r * z + 2.0 / 21.0;
  r = r * z + 2.0 / 19.0;
  r = r * z + 2.0 / 17.0;
  r = r * z + 2.0 / 15.0;
  r = r * z + 2.0 / 13.0;
  r = r * z + 2.0 / 11.0;
  r = r * z + 2.0 / 9.0;
  r = r * z + 2.0 / 7.0;
  r = r * z + 2.0 / 5.0;
  r = r * z + 2.0 / 3.0;
  r = r * z;
  const D h = 0.5 * f * f;
  const D hi = upper(f - h);
  const D lo = ((f - hi) - h) + s * (h + r);
  constexpr double kInvLn2Hi = 0x1.71547652p+0;      // 1 / ln 2, upper bits
  constexpr double kInvLn2Lo = 0x1.705fc2eefa2p-33;  // the rest
  const D value_hi = hi * kInvLn2Hi;
  const D value_lo = (lo + hi) * kInvLn2Lo + lo * kInvLn2Hi;
  const D sum = e + value_hi;
  return (value_lo + ((e - sum) + value_hi)) + sum;
}

bool is_normal_positive(double x) {
  return x >= std::numeric_limits<double>::min() && x < kInfinity;
}

}  // namespace

double det_exp2(double x) {
  if (x != x) return x;
  if (x >= 1024.0) return kInfinity;
  if (x < -1075.0) return 0.0;
  const int n = whole_part(x);
  return scale(exp2_of_fraction(x - static_cast<double>(n)), n);
}

void det_exp2(std::span<double> x) {
  std::size_t i = 0;
  for (; i + 2 <= x.size(); i += 2) {
    if (!in_exp2_range(x[i]) || !in_exp2_range(x[i + 1])) {
      x[i] = det_exp2(x[i]);
      x[i + 1] = det_exp2(x[i + 1]);
      continue;
    }
    const int n0 = whole_part(x[i]);
    const int n1 = whole_part(x[i + 1]);
    const F64x2 r = {x[i] - static_cast<double>(n0), x[i + 1] - static_cast<double>(n1)};
    const F64x2 y = exp2_of_fraction(r);
    x[i] = scale(y[0], n0);
    x[i + 1] = scale(y[1], n1);
  }
  if (i < x.size()) x[i] = det_exp2(x[i]);
}

double det_log2(double x) {
  if (x != x) return x;
  if (x < 0) return kNan;
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return x;
  if (x >= std::numeric_limits<double>::min()) {
    const Parts parts = parts_of(x);
    return log2_of_parts(parts.f, parts.exponent);
  }
  const Parts parts = parts_of(x * 0x1p54);
  return log2_of_parts(parts.f, parts.exponent - 54);
}

void det_log2(std::span<double> x) {
  std::size_t i = 0;
  for (; i + 2 <= x.size(); i += 2) {
    if (!is_normal_positive(x[i]) || !is_normal_positive(x[i + 1])) {
      x[i] = det_log2(x[i]);
      x[i + 1] = det_log2(x[i + 1]);
      continue;
    }
    const Parts first = parts_of(x[i]);
    const Parts second = parts_of(x[i + 1]);
    const F64x2 y =
        log2_of_parts<F64x2>(F64x2{first.f, second.f}, F64x2{first.exponent, second.exponent});
    x[i] = y[0];
    x[i + 1] = y[1];
  }
  if (i < x.size()) x[i] = det_log2(x[i]);
}

double det_pow(double x, double exponent) {
  return exponent == 1 ? x : det_exp2(exponent * det_log2(x));
}

}  // namespace ossicle::base
