#include "ossicle/confidence.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace ossicle {
namespace {

constexpr double kLn2 = 0.693147180559945309417;
constexpr double kLog2E = 1.44269504088896340736;

}  // namespace

void play_confidence(const PlayConfidence& settings, std::span<const double> plays,
                     std::span<const std::uint32_t> listeners, std::span<double> out) {
  if (plays.empty()) return;
  const auto n = static_cast<double>(plays.size());
  double mean = 0;
  for (std::size_t j = 0; j < plays.size(); ++j) {
    out[j] = kLn2 * base::det_log2(1 + plays[j]);
    mean += out[j];
  }
  mean /= n;
  double squares = 0;
  for (const double level : out) squares += (level - mean) * (level - mean);
  const double spread = std::sqrt(squares / n) + settings.sd_floor;
  for (std::size_t j = 0; j < plays.size(); ++j) {
    const double z = std::clamp((out[j] - mean) / spread, -settings.clip, settings.clip);
    const double popularity = settings.popularity * base::det_log2(listeners[j]);
    out[j] = settings.scale * base::det_exp2(settings.spread * z * kLog2E - popularity);
  }
}

}  // namespace ossicle
