#ifndef OSSICLE_BASE_CHECKED_H_
#define OSSICLE_BASE_CHECKED_H_

#include <cstdint>
#include <span>

#include "ossicle/status.h"

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

/// A setting and the range it must lie in, both ends included.
struct Range {
  double value, least, most;
  const char* what;
};

/// Errors: invalid_argument (`what` of the first that lies outside; NaN always does).
inline Status check_ranges(std::span<const Range> ranges) {
  for (const Range& range : ranges) {
    if (!(range.value >= range.least && range.value <= range.most)) {
      return Error{Code::kInvalidArgument, 0, range.what};
    }
  }
  return {};
}

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_CHECKED_H_
