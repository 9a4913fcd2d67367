#include <algorithm>
#include <cmath>

#include "ossicle/privacy.h"

namespace ossicle {
namespace {

using U128 = unsigned __int128;

// ceil(sqrt(s)) for s < 2^96, one bit of the root after the other and without a branch.
std::uint64_t root_above(U128 s) {
  std::uint64_t root = 0;
  for (unsigned bit = 48; bit-- > 0;) {
    const std::uint64_t tried = root | (std::uint64_t{1} << bit);
    const auto fits = static_cast<std::uint64_t>(U128{tried} * tried <= s);
    root |= fits << bit;
  }
  return root + static_cast<std::uint64_t>(U128{root} * root < s);
}

}  // namespace

Status quantise(std::span<const double> units, std::span<std::int32_t> steps) {
  if (units.size() != steps.size()) {
    return Error{Code::kInvalidArgument, units.size(),
                 "quantise: give as many steps as there are units"};
  }
  for (std::size_t i = 0; i < units.size(); ++i) {
    const double x = units[i] * kStepsPerUnit;
    if (!std::isfinite(units[i])) {
      return Error{Code::kNotFinite, i, "quantise: a number of the table is not finite (index)"};
    }
    if (!(std::fabs(x) <= 0x1p31 - 1)) {
      return Error{Code::kOutOfRange, i, "quantise: a number is beyond 2^21 units (index)"};
    }
    // Halves away from zero. x - whole is exact, where x + 0.5 is not.
    const auto whole = static_cast<std::int32_t>(x);
    const double rest = x - whole;
    steps[i] = whole + static_cast<int>(rest >= 0.5) - static_cast<int>(rest <= -0.5);
  }
  return {};
}

Status clip(std::span<std::int32_t> table, std::uint32_t max_norm) {
  if (max_norm == 0) return Error{Code::kInvalidArgument, 0, "clip: max_norm must be above 0"};
  U128 squares = 0;
  for (const std::int32_t x : table) {
    const std::int64_t wide = x;
    squares += static_cast<std::uint64_t>(wide * wide);
  }
  // 2^32 when the table is short enough, which leaves each number as it is.
  const std::uint64_t norm = std::max<std::uint64_t>(root_above(squares), max_norm);
  const std::uint64_t factor = (std::uint64_t{max_norm} << 32) / norm;
  for (std::int32_t& x : table) {
    const std::int64_t wide = x;
    const std::int64_t sign = wide >> 63;  // 0 or -1
    const auto magnitude = static_cast<std::uint64_t>((wide ^ sign) - sign);
    const auto scaled = static_cast<std::int64_t>((magnitude * factor) >> 32);
    x = static_cast<std::int32_t>((scaled ^ sign) - sign);
  }
  return {};
}

}  // namespace ossicle
