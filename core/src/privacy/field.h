#ifndef OSSICLE_PRIVACY_FIELD_H_
#define OSSICLE_PRIVACY_FIELD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/privacy.h"

// The integers modulo q = 2^32 - 2^20 + 1, and the extension from which challenges are drawn. No
// branch and no memory access depends on a number.
namespace ossicle::privacy::field {

inline constexpr std::uint32_t kQ = kFieldModulus;

/// Generates the q - 1 = 2^20 3^2 5 7 13 numbers other than 0.
inline constexpr std::uint32_t kGenerator = 19;

/// A number congruent to x, below 2^53: 2^32 = 2^20 - 1 modulo q.
constexpr std::uint64_t fold(std::uint64_t x) { return (x >> 32) * 0xfffff + (x & 0xffffffff); }

/// x modulo q, for x < 2 q.
constexpr std::uint32_t reduce_once(std::uint64_t x) {
  const std::uint64_t less = x - kQ;  // its high half is all ones when x < q
  return static_cast<std::uint32_t>(less) + (kQ & static_cast<std::uint32_t>(less >> 32));
}

/// x modulo q, for any x: three folds leave less than 2^32 + 2^30.
constexpr std::uint32_t reduce(std::uint64_t x) { return reduce_once(fold(fold(fold(x)))); }

constexpr std::uint32_t add(std::uint32_t a, std::uint32_t b) {
  return reduce_once(std::uint64_t{a} + b);
}
constexpr std::uint32_t subtract(std::uint32_t a, std::uint32_t b) {
  return reduce_once(std::uint64_t{a} + kQ - b);
}
constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  return reduce(std::uint64_t{a} * b);
}

constexpr std::uint32_t power(std::uint32_t base, std::uint32_t exponent) {
  std::uint32_t result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

/// 1 / a, and 0 for 0.
constexpr std::uint32_t inverse(std::uint32_t a) { return power(a, kQ - 2); }

/// The number that stands for a signed one.
constexpr std::uint32_t from_signed(std::int32_t x) {
  // Above -q: only the 2^20 lowest int32 numbers lie below -q / 2, none below -q.
  return reduce_once(static_cast<std::uint64_t>(std::int64_t{x} + kQ));
}

/// The signed number nearest to 0 that x stands for.
constexpr std::int32_t to_signed(std::uint32_t x) {
  const auto wide = static_cast<std::int64_t>(x);
  const std::int64_t high = (std::int64_t{kQ / 2} - wide) >> 63;  // -1 when above q / 2
  return static_cast<std::int32_t>(wide - (high & std::int64_t{kQ}));
}

/// a[0] + a[1] X + a[2] X^2 + a[3] X^3 modulo X^4 - 17: the field of q^4 = 2^127.998 elements. 17
/// is no square modulo q, and 4 divides q - 1, so X^4 - 17 has no factor.
struct Element {
  std::array<std::uint32_t, 4> at{};
  friend constexpr bool operator==(const Element&, const Element&) = default;
};
inline constexpr std::uint32_t kNonResidue = 17;

constexpr Element constant(std::uint32_t a) { return {{a, 0, 0, 0}}; }

constexpr Element add(const Element& a, const Element& b) {
  Element sum;
  for (std::size_t i = 0; i < 4; ++i) sum.at[i] = add(a.at[i], b.at[i]);
  return sum;
}
constexpr Element subtract(const Element& a, const Element& b) {
  Element difference;
  for (std::size_t i = 0; i < 4; ++i) difference.at[i] = subtract(a.at[i], b.at[i]);
  return difference;
}
constexpr Element scale(const Element& a, std::uint32_t by) {
  Element product;
  for (std::size_t i = 0; i < 4; ++i) product.at[i] = multiply(a.at[i], by);
  return product;
}
constexpr Element multiply(const Element& a, const Element& b) {
  std::array<std::uint64_t, 7> sums{};  // each at most 4 products, folded: below 2^55
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t j = 0; j < 4; ++j) sums[i + j] += fold(std::uint64_t{a.at[i]} * b.at[j]);
  }
  Element product;
  for (std::size_t i = 0; i < 3; ++i) product.at[i] = reduce(sums[i] + kNonResidue * sums[i + 4]);
  product.at[3] = reduce(sums[3]);
  return product;
}

constexpr Element power(Element base, std::uint32_t exponent) {
  Element result = constant(1);
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

/// 1 / a, and 0 for 0: the product of a's three other conjugates, over its norm, which is a number
/// modulo q. X^q = 17^((q - 1) / 4) X.
constexpr Element inverse(const Element& a) {
  constexpr std::uint32_t kI = power(kNonResidue, (kQ - 1) / 4);  // a root of -1
  const auto conjugate = [](const Element& e) {
    return Element{
        {e.at[0], multiply(e.at[1], kI), subtract(0, e.at[2]), multiply(e.at[3], subtract(0, kI))}};
  };
  const Element first = conjugate(a);
  const Element second = conjugate(first);
  const Element others = multiply(first, multiply(second, conjugate(second)));
  return scale(others, inverse(multiply(a, others).at[0]));
}

/// Errors: corrupt (a number is not below q; `at` = its index).
Status check_numbers(std::span<const std::uint32_t> share);

}  // namespace ossicle::privacy::field

#endif  // OSSICLE_PRIVACY_FIELD_H_
