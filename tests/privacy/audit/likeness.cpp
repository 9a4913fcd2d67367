#include "likeness.h"

#include <algorithm>
#include <cmath>

#include "mechanism.h"
#include "privacy/field.h"

namespace ossicle::audit {
namespace {

constexpr std::size_t kProbe = 256;
constexpr double kRidge = 1e-3;

// Two tables under one mask differ by at most 2 C; under two, hardly ever by so little.
double likeness(const Print& a, const Print& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.direction.size(); ++i) sum += a.direction[i] * b.direction[i];
  for (std::size_t i = 0; i < a.probe.size(); ++i) {
    const auto difference =
        privacy::field::to_signed(privacy::field::subtract(a.probe[i], b.probe[i]));
    sum += std::abs(std::int64_t{difference}) <= 2 * std::int64_t{kMaxNorm} ? 1 : 0;
  }
  return sum;
}

}  // namespace

Features features_of(std::span<const std::uint32_t> numbers) {
  std::array<std::uint32_t, kBits> bits{};
  double magnitude = 0;
  for (const std::uint32_t x : numbers) {
    for (std::size_t bit = 0; bit < kBits; ++bit) bits[bit] += (x >> bit) & 1U;
    magnitude += std::fabs(static_cast<double>(privacy::field::to_signed(x)));
  }
  const auto n = static_cast<double>(numbers.size());
  Features features;
  for (std::size_t bit = 0; bit < kBits; ++bit) features[bit] = bits[bit] / n - 0.5;
  features[kBits] = magnitude / n / 0x1p30 - 1;
  features[kBits + 1] = 1;
  return features;
}

void Classifier::learn(const Features& x, bool is_so) {
  for (std::size_t i = 0; i < kFeatures; ++i) {
    for (std::size_t j = 0; j < kFeatures; ++j) gram_[i][j] += x[i] * x[j];
    weights_[i] += is_so ? x[i] : 0;
  }
}

// Gauss; the matrix is positive definite because of the ridge.
void Classifier::solve() {
  for (std::size_t i = 0; i < kFeatures; ++i) gram_[i][i] += kRidge;
  for (std::size_t i = 0; i < kFeatures; ++i) {
    for (std::size_t j = 0; j < kFeatures; ++j) {
      if (i == j) continue;
      const double factor = gram_[j][i] / gram_[i][i];
      for (std::size_t k = i; k < kFeatures; ++k) gram_[j][k] -= factor * gram_[i][k];
      weights_[j] -= factor * weights_[i];
    }
  }
  for (std::size_t i = 0; i < kFeatures; ++i) weights_[i] /= gram_[i][i];
}

double Classifier::score(const Features& x) const {
  double sum = 0;
  for (std::size_t i = 0; i < kFeatures; ++i) sum += weights_[i] * x[i];
  return sum;
}

void normalise(std::span<double> direction) {
  double squares = 0;
  for (const double x : direction) squares += x * x;
  for (double& x : direction) x /= std::sqrt(std::max(squares, 1e-300));
}

std::vector<std::uint32_t> probe_of(std::span<const std::uint32_t> numbers) {
  const auto probe = numbers.first(std::min(kProbe, numbers.size()));
  return {probe.begin(), probe.end()};
}

std::uint32_t link(const std::vector<Print>& first, const std::vector<Print>& second) {
  std::uint32_t linked = 0;
  for (std::size_t user = 0; user < first.size(); ++user) {
    std::size_t best = 0;
    double most = -1e300;
    // Not from user 0 on, so that a tie does not favour anyone.
    for (std::size_t k = 0; k < second.size(); ++k) {
      const std::size_t other = (user + 1 + k) % second.size();
      const double like = likeness(first[user], second[other]);
      if (like > most) {
        most = like;
        best = other;
      }
    }
    linked += static_cast<std::uint32_t>(best == user);
  }
  return linked;
}

}  // namespace ossicle::audit
