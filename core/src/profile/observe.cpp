#include <algorithm>
#include <array>
#include <cmath>

#include "base/math.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

constexpr double kLn2 = 0.693147180559945309417;
constexpr double kLeastEvidence = 1e-6;  // in whole plays
// Keeps weights finite when `now` is far before the events; no real history comes near.
constexpr double kMostEvidence = 0x1p60;

// Reads strengths on the scale of ItemHistory as whole plays at one moment.
class Decay {
 public:
  Decay(const ProfileSettings& settings, std::int64_t now_s) {
    const double x = half_lives(settings, now_s);
    const double whole = std::floor(x);
    rest_ = base::det_exp2(x - whole);
    // 2^-whole in two exact factors, because it may be out of range by itself.
    const auto exponent = static_cast<int>(whole);
    half_ = std::ldexp(1.0, -(exponent / 2));
    other_half_ = std::ldexp(1.0, -(exponent - exponent / 2));
  }
  double plays(double strength) const {
    return std::min(strength * half_ * other_half_ / rest_, kMostEvidence);
  }

 private:
  double half_, other_half_;
  double rest_;  // in [1, 2)
};

// value(o) of every observation, through `function` of many numbers, to take(o, result).
template <class Value, class Take>
void for_all(std::span<Observation> observations, void (*function)(std::span<double>), Value value,
             Take take) {
  constexpr std::size_t kBlock = 64;
  std::array<double, kBlock> x;
  for (std::size_t done = 0; done < observations.size(); done += kBlock) {
    const std::span<Observation> block =
        observations.subspan(done, std::min(kBlock, observations.size() - done));
    for (std::size_t i = 0; i < block.size(); ++i) x[i] = value(block[i]);
    function(std::span(x).first(block.size()));
    for (std::size_t i = 0; i < block.size(); ++i) take(block[i], x[i]);
  }
}

void weigh(const Catalogue& catalogue, std::span<Observation> observations) {
  PlaySpread spread(catalogue.model.confidence);
  for (const Observation& o : observations) spread.add_level(o.level);
  const PlaySpread::Weights weights = spread.weights();
  for_all(
      observations, base::det_exp2,
      [&](const Observation& o) { return weights.exponent(o.level, o.love); },
      [&](Observation& o, double power) {
        o.weight = weights.of_power(o.evidence, catalogue.discount_of(o.item), o.love, power);
      });
}

}  // namespace

std::uint32_t observe(const Catalogue& catalogue, const History& history,
                      const ProfileSettings& settings, std::int64_t now_s,
                      std::span<Observation> out) {
  const Decay decay(settings, now_s);
  std::uint32_t n = 0;
  for (const std::uint32_t row : history.items.first(history.n_items)) {
    if (row >= catalogue.n_all()) break;  // rows rise
    if (catalogue.is_cold(row)) continue;
    const ItemHistory& item = history.item[row];
    const double love = item.flag == Flag::kLoved ? settings.love_strength : 0;
    const double ban = item.flag == Flag::kBanned ? settings.ban_strength : 0;
    const double positive = decay.plays(item.positive) + love;
    const double negative = decay.plays(item.negative) + ban;
    const double evidence = positive + negative;
    if (evidence < kLeastEvidence) continue;
    out[n++] = {.item = row,
                .love = static_cast<float>(love),
                .target = positive / evidence,
                .evidence = evidence};
  }
  const std::span<Observation> used = out.first(n);
  for_all(
      used, base::det_log2, [](const Observation& o) { return 1 + o.evidence; },
      [](Observation& o, double doublings) {
        o.weight = doublings;
        o.level = kLn2 * doublings;
      });
  if (catalogue.model.weighted) weigh(catalogue, used);
  return n;
}

}  // namespace ossicle
