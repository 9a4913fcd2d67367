#include <algorithm>
#include <array>
#include <cmath>

#include "base/math.h"
#include "kernels/dense.h"
#include "kernels/query.h"
#include "kernels/rows.h"
#include "kernels/scan.h"
#include "ossicle/ranking.h"

namespace ossicle {
namespace {

constexpr std::size_t kMostFactors = 1024;

const Observation* find_observation(std::span<const Observation> observations, std::uint32_t item) {
  const auto found =
      std::lower_bound(observations.begin(), observations.end(), item,
                       [](const Observation& o, std::uint32_t row) { return o.item < row; });
  return found == observations.end() || found->item != item ? nullptr : &*found;
}

std::size_t scan(const kernels::ScanRows& rows, std::span<const double> query,
                 std::span<Candidate> out) {
  if (out.empty()) return 0;
  alignas(16) std::array<std::uint8_t, kMostFactors> u7;
  const float scale = kernels::quantise_query(query, std::span(u7).first(rows.stride));
  return kernels::scan_top(rows, {u7.data(), scale, 0}, out);
}

void mark(std::span<const Candidate> found, std::span<std::uint8_t> excluded) {
  for (const Candidate& candidate : found) excluded[candidate.item] = 1;
}

}  // namespace

Status factor_base_system(const Catalogue& catalogue, std::span<double> out) {
  const std::size_t d = catalogue.n_factors;
  for (std::size_t i = 0; i < d * d; ++i) out[i] = catalogue.model.alpha0 * catalogue.gram[i];
  for (std::size_t r = 0; r < d; ++r) out[r * d + r] += catalogue.model.user_lambda;
  if (!kernels::cholesky(out.data(), d)) {
    return Error{Code::kNotSolvable, 0,
                 "the catalogue's alpha0 and user_lambda do not regularise its system"};
  }
  return {};
}

void neighbour_query(const Catalogue& catalogue, std::span<const double> base_system,
                     std::span<const Observation> observations,
                     std::span<const std::uint32_t> recent, std::span<double> scratch,
                     std::span<double> v) {
  const std::size_t d = catalogue.n_factors;
  double* l = scratch.data();  // L^-1 q_j
  std::fill(v.begin(), v.end(), 0.0);
  std::size_t m = 0;
  for (const std::uint32_t item : recent) {
    const Observation* o = find_observation(observations, item);
    if (o == nullptr) continue;
    ++m;
    kernels::write_features(catalogue, item, d, l);
    kernels::solve_lower(base_system.data(), d, l);
    const double likeness = kernels::dot_f64(l, l, d);
    kernels::axpy(o->weight * o->target / (1 + o->weight * likeness), l, d, v.data());
  }
  if (m == 0) return;
  kernels::solve_lower_transposed(base_system.data(), d, v.data());
  for (double& x : v) x /= static_cast<double>(m);
}

bool text_taste(const TextVectors& vectors, std::span<const Observation> observations,
                std::span<double> out) {
  const std::size_t d = vectors.dimensions;
  alignas(16) std::array<double, TextVectors::kMaxDimensions> row;
  std::fill(out.begin(), out.end(), 0.0);
  for (const Observation& o : observations) {
    if (o.item >= vectors.scale.size()) break;  // own items are last, and have no text here
    kernels::dequantise_row(vectors.rows.data() + std::size_t{o.item} * vectors.row_stride,
                            static_cast<double>(vectors.scale[o.item]), d, row.data());
    kernels::axpy(o.weight * o.target, row.data(), d, out.data());
  }
  const double length = std::sqrt(kernels::dot_f64(out.data(), out.data(), d));
  if (!(length > 0)) return false;
  for (double& x : out) x /= length;
  return true;
}

void familiarity_of_items(const Catalogue& catalogue, std::span<float> out) {
  const double most = base::det_log2(1.0 + catalogue.listeners[0]);
  for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
    const double share = most > 0 ? base::det_log2(1.0 + catalogue.listeners[i]) / most : 0;
    out[i] = static_cast<float>(share);
  }
}

std::uint32_t find_in_blend(const Catalogue& catalogue, const ListSources& sources,
                            std::span<std::uint8_t> excluded, std::span<float> room,
                            std::span<Candidate> out) {
  std::span<const float> bias = catalogue.bias;
  if (sources.tilt != 0 || sources.factors != 1) {
    for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
      const double value = sources.factors * static_cast<double>(catalogue.bias[i]) +
                           sources.tilt * familiarity(sources, i);
      room[i] = static_cast<float>(value);
    }
    bias = room;
  }
  const kernels::ScanRows rows = {
      catalogue.q.data(), catalogue.row_stride, catalogue.scale, bias, catalogue.rowsum, excluded};
  const bool by_text = sources.text != nullptr && !sources.taste.empty();
  const std::size_t share = by_text ? out.size() / 2 : out.size();
  std::size_t n = scan(rows, sources.query, out.first(share));
  if (!by_text) return static_cast<std::uint32_t>(n);
  mark(out.first(n), excluded);
  const TextVectors& text = *sources.text;
  const kernels::ScanRows texts = {text.rows.data(), text.row_stride, text.scale,
                                   text.bias,        text.rowsum,     excluded};
  n += scan(texts, sources.taste, out.subspan(n, share));
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
