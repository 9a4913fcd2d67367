#ifndef OSSICLE_BASE_MATH_H_
#define OSSICLE_BASE_MATH_H_

#include <span>

namespace ossicle::base {

// The exponential and the logarithm of <cmath> differ in the last bit between C libraries (glibc
// and musl do). These use only IEEE additions, multiplications and divisions in a fixed order and
// bit operations, so that every build gives the same bits. Within 1.01 ulp of the true value on a
// million random arguments (tests/unit/base).

/// 2^x. Overflow gives infinity, underflow 0 (through the subnormals), NaN gives NaN.
double det_exp2(double x);

/// The binary logarithm. 0 gives minus infinity, a negative number or NaN gives NaN.
double det_log2(double x);

/// The same for each of many numbers, in place: the same bits, two at a time.
void det_exp2(std::span<double> x);
void det_log2(std::span<double> x);

/// x^exponent for x > 0, as 2^(exponent log2 x); x itself when the exponent is 1.
double det_pow(double x, double exponent);

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_MATH_H_
