#include "ossicle/confidence.h"

#include <algorithm>
#include <cmath>

#include "base/math.h"

namespace ossicle {
namespace {

constexpr double kLn2 = 0.693147180559945309417;
constexpr double kLog2E = 1.44269504088896340736;

}  // namespace

double PlaySpread::level(double plays) { return kLn2 * base::det_log2(1 + plays); }

void PlaySpread::add_level(double level) {
  n_ += 1;
  sum_ += level;
  squares_ += level * level;
}

void PlaySpread::remove_level(double level) {
  n_ -= 1;
  sum_ -= level;
  squares_ -= level * level;
}

PlaySpread::Weights PlaySpread::weights() const {
  const double mean = sum_ / n_;
  const double variance = std::max(squares_ / n_ - mean * mean, 0.0);
  return {settings_, mean, std::sqrt(variance) + settings_.sd_floor};
}

double PlaySpread::Weights::exponent(double level, float love) const {
  const double z = love > 0 ? settings_.clip : (level - mean_) / deviation_;
  return settings_.spread * std::clamp(z, -settings_.clip, settings_.clip) * kLog2E;
}

double PlaySpread::Weights::of_power(double plays, double discount, float love,
                                     double power) const {
  const double times = love > 1 ? static_cast<double>(love) : 1;
  return std::min(plays, 1.0) * discount * (settings_.scale * power) * times;
}

double PlaySpread::Weights::weigh_level(double level) const {
  return settings_.scale * base::det_exp2(exponent(level, 0));
}

double PlaySpread::Weights::confidence(double plays, double level, double discount,
                                       float love) const {
  return of_power(plays, discount, love, base::det_exp2(exponent(level, love)));
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
