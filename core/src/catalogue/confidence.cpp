#include "ossicle/confidence.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace ossicle {
namespace {

constexpr double kLn2 = 0.693147180559945309417;
constexpr double kLog2E = 1.44269504088896340736;

double level(double plays) { return kLn2 * base::det_log2(1 + plays); }

}  // namespace

void PlaySpread::add(double plays) {
  const double x = level(plays);
  n_ += 1;
  sum_ += x;
  squares_ += x * x;
}

void PlaySpread::remove(double plays) {
  const double x = level(plays);
  n_ -= 1;
  sum_ -= x;
  squares_ -= x * x;
}

double PlaySpread::weigh(double plays) const {
  const double mean = sum_ / n_;
  const double variance = std::max(squares_ / n_ - mean * mean, 0.0);
  const double z = (level(plays) - mean) / (std::sqrt(variance) + settings_.sd_floor);
  const double held = std::clamp(z, -settings_.clip, settings_.clip);
  return settings_.scale * base::det_exp2(settings_.spread * held * kLog2E);
}

double PlaySpread::confidence(double plays, double discount) const {
  return std::min(plays, 1.0) * discount * weigh(plays);
}

double popularity_discount(const PlayConfidence& settings, std::uint32_t listeners) {
  return base::det_exp2(-settings.popularity * base::det_log2(std::max(listeners, 1U)));
}

void negative_weights(std::span<const std::uint32_t> listeners, double exponent,
                      std::uint32_t warm_listeners, std::span<double> out) {
  double sum = 0;
  double warm = 0;
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    out[i] = base::det_exp2(exponent * base::det_log2(listeners[i] + 1.0));
    if (listeners[i] < warm_listeners) continue;
    sum += out[i];
    ++warm;
  }
  const double scale = warm > 0 ? warm / sum : 1;
  for (double& weight : out) weight *= scale;
}

}  // namespace ossicle
