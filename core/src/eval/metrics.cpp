#include <algorithm>
#include <array>
#include <cmath>

#include "base/math.h"
#include "ossicle/eval.h"

namespace ossicle {
namespace {

// 97.5 % quantiles of Student's t for 1..30 degrees of freedom.
constexpr std::array<double, 30> kStudent975 = {
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
    2.262157,  2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.131450, 2.119905,
    2.109816,  2.100922, 2.093024, 2.085963, 2.079614, 2.073873, 2.068658, 2.063899,
    2.059539,  2.055529, 2.051831, 2.048407, 2.045230, 2.042272};

double student_975(std::size_t freedom) {
  if (freedom <= kStudent975.size()) return kStudent975[freedom - 1];
  // Cornish-Fisher from the normal quantile; within 1e-5 from 31 on.
  const double z = 1.959963985;
  const double z2 = z * z;
  const double v = static_cast<double>(freedom);
  return z + z * (z2 + 1) / (4 * v) + z * ((5 * z2 + 16) * z2 + 3) / (96 * v * v) +
         z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * v * v * v);
}

double discount(std::uint32_t rank) { return 1 / base::det_log2(static_cast<double>(rank) + 1); }

}  // namespace

RankingMetrics ranking_metrics(std::span<const std::uint32_t> ranked,
                               std::span<const std::uint32_t> truth, std::uint32_t k) {
  RankingMetrics m;
  if (truth.empty() || k == 0) return m;
  double dcg = 0;
  std::uint32_t hits = 0;
  const auto n = static_cast<std::uint32_t>(std::min<std::size_t>(ranked.size(), k));
  for (std::uint32_t r = 0; r < n; ++r) {
    if (!std::binary_search(truth.begin(), truth.end(), ranked[r])) continue;
    ++hits;
    dcg += discount(r + 1);
    if (m.mrr == 0) m.mrr = 1 / static_cast<double>(r + 1);
  }
  double ideal = 0;
  const auto best = static_cast<std::uint32_t>(std::min<std::size_t>(truth.size(), k));
  for (std::uint32_t r = 0; r < best; ++r) ideal += discount(r + 1);
  m.recall = hits / static_cast<double>(truth.size());
  m.ndcg = dcg / ideal;
  m.hit = hits > 0 ? 1 : 0;
  m.precision = hits / static_cast<double>(k);
  return m;
}

Estimate estimate(std::span<const double> values) {
  Estimate e;
  if (values.empty()) return e;
  const double n = static_cast<double>(values.size());
  for (const double v : values) e.mean += v;
  e.mean /= n;
  if (values.size() < 2) return e;
  double squares = 0;
  for (const double v : values) squares += (v - e.mean) * (v - e.mean);
  e.standard_error = std::sqrt(squares / (n - 1) / n);
  e.half_width_95 = student_975(values.size() - 1) * e.standard_error;
  return e;
}

}  // namespace ossicle
