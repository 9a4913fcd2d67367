#include "base/math.h"

#include <bit>
#include <cstdint>
#include <limits>

namespace ossicle::base {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// 2^n for n in -1022..1023.
double power_of_two(int n) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(n + 1023) << 52);
}

}  // namespace

double det_exp2(double x) {
  if (x != x) return x;
  if (x >= 1024.0) return kInfinity;
  if (x < -1075.0) return 0.0;
  // x = n + r with |r| <= 1/2; the conversion truncates, so round by hand.
  const int n = static_cast<int>(x + (x < 0 ? -0.5 : 0.5));
  const double r = x - static_cast<double>(n);
  // e^t = 1 + t + t^2 (1/2! + t/3! + ...), |t| <= 0.3466: the first term left out, t^14/14!, is
  // below 5e-18.
  const double t = r * 0x1.62e42fefa39efp-1;
  double p = 1.0 / 6227020800.0;
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
  const double y = 1.0 + (t + t * t * p);
  // In two steps, because 2^n itself may be out of range where y 2^n is not.
  const int half = n / 2;
  return y * power_of_two(half) * power_of_two(n - half);
}

double det_log2(double x) {
  if (x != x) return x;
  if (x < 0) return kNan;
  if (x == 0) return -kInfinity;
  if (x == kInfinity) return x;
  int exponent = 0;
  if (x < std::numeric_limits<double>::min()) {
    x *= 0x1p54;
    exponent = -54;
  }
  std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  exponent += static_cast<int>(bits >> 52) - 1023;
  // The mantissa m in [sqrt(1/2), sqrt(2)), so that the logarithm of a number near 1 is not the
  // difference of two large ones.
  bits = (bits & 0x000fffffffffffffu) | 0x3ff0000000000000u;
  if (bits >= 0x3ff6a09e667f3bcdu) {
    bits -= std::uint64_t{1} << 52;
    ++exponent;
  }
  const double f = std::bit_cast<double>(bits) - 1.0;
  // ln(1 + f) = 2 atanh(s) = f - (h - s (h + R)), s = f / (2 + f), h = f^2 / 2,
  // R = 2 s^2/3 + 2 s^4/5 + ..., s^2 <= 0.0295. The split into hi + lo keeps the rounding of the
  // large terms out of the product with 1 / ln 2 (the technique of FreeBSD's e_log2.c).
  const double s = f / (2.0 + f);
  const double z = s * s;
  double r = 2.0 / 23.0;
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
  const double h = 0.5 * f * f;
  const double hi =
      std::bit_cast<double>(std::bit_cast<std::uint64_t>(f - h) & 0xffffffff00000000u);
  const double lo = ((f - hi) - h) + s * (h + r);
  constexpr double kInvLn2Hi = 0x1.71547652p+0;      // 1 / ln 2, upper bits
  constexpr double kInvLn2Lo = 0x1.705fc2eefa2p-33;  // the rest
  const double value_hi = hi * kInvLn2Hi;
  const double value_lo = (lo + hi) * kInvLn2Lo + lo * kInvLn2Hi;
  const double e = static_cast<double>(exponent);
  const double sum = e + value_hi;
  return (value_lo + ((e - sum) + value_hi)) + sum;
}

double det_pow(double x, double exponent) {
  return exponent == 1 ? x : det_exp2(exponent * det_log2(x));
}

}  // namespace ossicle::base
