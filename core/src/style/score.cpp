#include <algorithm>
#include <array>
#include <cmath>

#include "base/math.h"
#include "kernels/dense.h"
#include "ossicle/style.h"

namespace ossicle {
namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;

/// The probability of row i.
float probability(const StyleRows& rows, std::size_t i, std::span<const double> x) {
  alignas(16) std::array<double, StyleModel::kMaxDimensions> row;
  const std::size_t d = x.size();
  kernels::dequantise_row(rows.rows.data() + i * d, static_cast<double>(rows.row_scale[i]), d,
                          row.data());
  const double logit =
      static_cast<double>(rows.scale[i]) * kernels::dot_f64(row.data(), x.data(), d) +
      static_cast<double>(rows.bias[i]);
  return static_cast<float>(1 / (1 + base::det_exp2(-logit * kLog2E)));
}

bool better(const StyleLabel& a, const StyleLabel& b) {
  return a.probability != b.probability ? a.probability > b.probability : a.label < b.label;
}

}  // namespace

Status style_probabilities(const StyleModel& model, std::span<const float> vector,
                           std::span<float> probabilities) {
  if (vector.size() != model.n_dimensions || vector.size() > StyleModel::kMaxDimensions ||
      probabilities.size() != model.n_labels) {
    return Error{Code::kInvalidArgument, vector.size(),
                 "style: vector or probabilities of another size (dimensions)"};
  }
  alignas(16) std::array<double, StyleModel::kMaxDimensions> x;
  for (std::size_t i = 0; i < vector.size(); ++i) {
    if (!std::isfinite(vector[i])) {
      return Error{Code::kNotFinite, i, "style: vector is not finite (index)"};
    }
    x[i] = static_cast<double>(vector[i]);
  }
  const std::span<const double> known = std::span(x).first(vector.size());
  std::size_t next_head = 0;
  for (std::uint32_t label = 0; label < model.n_labels; ++label) {
    const bool has_head =
        next_head < model.head_label.size() && model.head_label[next_head] == label;
    probabilities[label] = has_head ? probability(model.head, next_head++, known)
                                    : probability(model.zero_shot, label, known);
  }
  // Children come after their parents, so that this carries a probability all the way up.
  for (std::uint32_t label = model.n_labels; label-- > 0;) {
    const std::uint32_t parent = model.parent[label];
    if (parent == kNoLabel) continue;
    probabilities[parent] = std::max(probabilities[parent], probabilities[label]);
  }
  return {};
}

std::uint32_t top_labels(const StyleModel& model, std::span<const float> probabilities,
                         StyleKind kind, float least, std::span<StyleLabel> out) {
  std::size_t n = 0;
  for (std::uint32_t label = 0; label < model.n_labels && !out.empty(); ++label) {
    const StyleLabel found = {label, probabilities[label]};
    if (model.kind[label] != static_cast<std::uint8_t>(kind) || !(found.probability >= least) ||
        (n == out.size() && !better(found, out[n - 1]))) {
      continue;
    }
    // Insertion into a short sorted list.
    std::size_t at = n < out.size() ? n++ : n - 1;
    for (; at > 0 && better(found, out[at - 1]); --at) out[at] = out[at - 1];
    out[at] = found;
  }
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
