#include "kernels/query.h"

#include <algorithm>
#include <cmath>

namespace ossicle::kernels {
namespace {

constexpr double kRange = 63;  // u7 runs over 64 - 63 .. 64 + 63
constexpr double kZero = 64;

// Round half away from zero by floor(), which is exact on every build; std::lround is not inlined.
double round_half_away(double x) { return x < 0 ? -std::floor(0.5 - x) : std::floor(x + 0.5); }

}  // namespace

float quantise_query(std::span<const double> x, std::span<std::uint8_t> u7) {
  double largest = 0;
  for (const double value : x) largest = std::max(largest, std::fabs(value));
  const auto scale = static_cast<float>(largest / kRange);
  std::fill(u7.begin(), u7.end(), static_cast<std::uint8_t>(kZero));
  if (!(scale > 0)) return 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    // The scale was rounded to f32, so that the largest entry may land just outside.
    const double level = round_half_away(x[i] / static_cast<double>(scale));
    u7[i] = static_cast<std::uint8_t>(kZero + std::clamp(level, -kRange, kRange));
  }
  return scale;
}

float quantise_query(std::span<const float> x, std::span<std::uint8_t> u7) {
  constexpr auto kRangeF = static_cast<float>(kRange), kZeroF = static_cast<float>(kZero);
  float largest = 0;
  for (const float value : x) largest = std::max(largest, std::fabs(value));
  const float scale = largest / kRangeF;
  std::fill(u7.begin(), u7.end(), static_cast<std::uint8_t>(kZero));
  if (!(scale > 0)) return 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float level = x[i] / scale + kZeroF;  // positive: truncation rounds half up
    u7[i] = static_cast<std::uint8_t>(std::clamp(level + 0.5F, 1.0F, 127.0F));
  }
  return scale;
}

}  // namespace ossicle::kernels
