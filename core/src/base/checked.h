#ifndef OSSICLE_BASE_CHECKED_H_
#define OSSICLE_BASE_CHECKED_H_

#include <cstdint>

namespace ossicle::base {

/// a + b into `out`; false when it does not fit.
[[nodiscard]] inline bool checked_add(std::uint64_t a, std::uint64_t b, std::uint64_t& out) {
  return !__builtin_add_overflow(a, b, &out);
}

/// a * b into `out`; false when it does not fit.
[[nodiscard]] inline bool checked_mul(std::uint64_t a, std::uint64_t b, std::uint64_t& out) {
  return !__builtin_mul_overflow(a, b, &out);
}

/// `value` rounded up to a multiple of `alignment` (a power of two) into `out`; false when it does
/// not fit.
[[nodiscard]] inline bool checked_align(std::uint64_t value, std::uint64_t alignment,
                                        std::uint64_t& out) {
  if (!checked_add(value, alignment - 1, out)) return false;
  out &= ~(alignment - 1);
  return true;
}

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_CHECKED_H_
