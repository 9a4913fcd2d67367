#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <vector>

#include "base/checked.h"
#include "ossicle/sync.h"
#include "sync/scale.h"

namespace ossicle {
namespace sync {

double norm_of(const Catalogue& catalogue, std::uint32_t row) {
  const std::int8_t* q = catalogue.q.data() + std::size_t{row} * catalogue.row_stride;
  std::int32_t squares = 0;
  for (std::uint32_t k = 0; k < catalogue.n_factors; ++k) squares += q[k] * q[k];
  return static_cast<double>(catalogue.scale[row]) * std::sqrt(static_cast<double>(squares));
}

Scale scale_of(const Catalogue& catalogue) {
  Scale scale;
  double squares = 0;
  double bias_squares = 0;
  double warm = 0;
  for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
    const double norm = norm_of(catalogue, i);
    const double bias = std::fabs(static_cast<double>(catalogue.bias[i]));
    scale.longest = std::max(scale.longest, norm);
    scale.largest_bias = std::max(scale.largest_bias, bias);
    if (catalogue.is_cold(i)) continue;
    squares += norm * norm;
    bias_squares += bias * bias;
    warm += 1;
  }
  if (warm > 0) {
    scale.rms = std::sqrt(squares / warm);
    scale.rms_bias = std::sqrt(bias_squares / warm);
  }
  return scale;
}

Status check_limits(const SnapshotLimits& limits) {
  constexpr double kMost = 1e6;
  const base::Range ranges[] = {
      {limits.max_norm, 1, kMost, "snapshot limits: max_norm must be 1 or more"},
      {limits.max_drift, 0, kMost, "snapshot limits: max_drift must be 0 or more"},
      {limits.max_gone, 0, 1, "snapshot limits: max_gone must be within 0..1"},
      {limits.max_constant, 1, kMost, "snapshot limits: max_constant must be 1 or more"},
  };
  return base::check_ranges(ranges);
}

namespace {

// Whether two constants have one sign and are within a factor of each other; never with NaN.
bool is_near(double now, double next, double factor) {
  if (now < 0 || next < 0) {
    now = -now;
    next = -next;
  }
  return now >= 0 && next >= 0 && next <= now * factor && now <= next * factor;
}

Status check_kind(const Catalogue& now, const Catalogue& next) {
  const auto other = [](std::uint64_t at, const char* what) {
    return Error{Code::kIncompatible, at, what};
  };
  if (next.n_factors != now.n_factors) {
    return other(next.n_factors, "snapshot: another number of factors than in use (factors)");
  }
  if (next.model.weighted != now.model.weighted || next.model.user_bias != now.model.user_bias) {
    return other(0, "snapshot: another kind of model than in use");
  }
  if (next.text_size != now.text_size || next.text_encoder != now.text_encoder) {
    return other(next.text_size, "snapshot: of another text encoder than in use (dimensions)");
  }
  return {};
}

// In the order of ModelConstants.
Status check_constants(const ModelConstants& now, const ModelConstants& next, double factor) {
  const auto list = [](const ModelConstants& m) {
    const PlayConfidence& c = m.confidence;
    return std::array{m.mu,
                      m.alpha0,
                      m.user_lambda,
                      c.spread,
                      c.popularity,
                      c.scale,
                      c.sd_floor,
                      c.clip,
                      m.negative_popularity,
                      static_cast<double>(m.warm_listeners)};
  };
  const auto before = list(now);
  const auto after = list(next);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (!is_near(before[i], after[i], factor)) {
      return Error{Code::kDrift, i, "snapshot: a constant of the model moved too far (number)"};
    }
  }
  return {};
}

// |next - now| of a row of each.
double distance(const Catalogue& now, std::uint32_t row, const Catalogue& next,
                std::uint32_t next_row) {
  const std::int8_t* a = now.q.data() + std::size_t{row} * now.row_stride;
  const std::int8_t* b = next.q.data() + std::size_t{next_row} * next.row_stride;
  const auto a_scale = static_cast<double>(now.scale[row]);
  const auto b_scale = static_cast<double>(next.scale[next_row]);
  double squares = 0;
  for (std::uint32_t k = 0; k < now.n_factors; ++k) {
    const double step = b_scale * b[k] - a_scale * a[k];
    squares += step * step;
  }
  return std::sqrt(squares);
}

// Comparisons are written so that a NaN fails them.
Status check_rows(const Catalogue& now, const Catalogue& next, const SnapshotLimits& limits) {
  const Scale scale = scale_of(now);
  std::uint32_t kept = 0;
  for (std::uint32_t i = 0; i < next.n_items; ++i) {
    const auto bias = static_cast<double>(next.bias[i]);
    if (!std::isfinite(next.scale[i]) || !std::isfinite(bias)) {
      return Error{Code::kNotFinite, i, "snapshot: scale or bias is not finite (row)"};
    }
    if (!(norm_of(next, i) <= limits.max_norm * scale.longest)) {
      return Error{Code::kNormExceeded, i, "snapshot: a vector is longer than allowed (row)"};
    }
    if (!(std::fabs(bias) <= limits.max_norm * scale.largest_bias)) {
      return Error{Code::kNormExceeded, i, "snapshot: a bias is larger than allowed (row)"};
    }
    const std::uint32_t row = find_item(now, next.id[i]);
    if (row == kNoItem) continue;
    ++kept;
    if (!(distance(now, row, next, i) <= limits.max_drift * scale.rms)) {
      return Error{Code::kDrift, i, "snapshot: a vector moved further than allowed (row)"};
    }
    const double step = bias - static_cast<double>(now.bias[row]);
    if (!(std::fabs(step) <= limits.max_drift * scale.rms_bias)) {
      return Error{Code::kDrift, i, "snapshot: a bias moved further than allowed (row)"};
    }
  }
  const std::uint32_t gone = now.n_items - kept;
  if (!(gone <= limits.max_gone * now.n_items)) {
    return Error{Code::kDrift, gone, "snapshot: more items are gone than allowed (items)"};
  }
  return {};
}

Status check_gram(const Catalogue& next) {
  const std::size_t d = next.n_factors;
  std::vector<double> made(d * d);
  OSL_TRY(make_gram(next, made));
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c <= r; ++c) {
      // As the reader does for the diagonal: the file has f32.
      const double room = 1e-4 * std::sqrt(made[r * d + r] * made[c * d + c]);
      if (!(std::fabs(next.gram[r * d + c] - made[r * d + c]) <= room)) {
        return Error{Code::kCorrupt, r, "snapshot: gram is not that of the rows (row of gram)"};
      }
    }
  }
  return {};
}

Status check_text_map(const Catalogue& now, const Catalogue& next, double max_drift) {
  double length = 0;
  double moved = 0;
  for (std::size_t i = 0; i < now.text_map.size(); ++i) {
    const auto before = static_cast<double>(now.text_map[i]);
    const double step = static_cast<double>(next.text_map[i]) - before;
    length += before * before;
    moved += step * step;
  }
  if (std::sqrt(moved) <= max_drift * std::sqrt(length)) return {};
  return Error{Code::kDrift, 0, "snapshot: the map of texts moved further than allowed"};
}

}  // namespace
}  // namespace sync

Status make_gram(const Catalogue& catalogue, std::span<double> gram) {
  const std::size_t d = catalogue.n_factors;
  if (gram.size() != d * d) {
    return Error{Code::kInvalidArgument, gram.size(), "gram: must be factors x factors (size)"};
  }
  std::fill(gram.begin(), gram.end(), 0.0);
  std::vector<double> f(d);
  for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
    const double negative = catalogue.negative.empty() ? 1 : catalogue.negative[i];
    if (negative == 0) continue;
    const std::int8_t* q = catalogue.q.data() + std::size_t{i} * catalogue.row_stride;
    const auto scale = static_cast<double>(catalogue.scale[i]);
    for (std::size_t k = 0; k < d; ++k) f[k] = scale * q[k];
    for (std::size_t r = 0; r < d; ++r) {
      const double weighed = negative * f[r];
      double* row = gram.data() + r * d;
      for (std::size_t c = 0; c <= r; ++c) row[c] += weighed * f[c];
    }
  }
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c < r; ++c) gram[c * d + r] = gram[r * d + c];
  }
  return {};
}

Status check_snapshot(const Catalogue& now, const Catalogue& next, const SnapshotLimits& limits) {
  OSL_TRY(sync::check_limits(limits));
  OSL_TRY(sync::check_kind(now, next));
  OSL_TRY(sync::check_constants(now.model, next.model, limits.max_constant));
  OSL_TRY(sync::check_rows(now, next, limits));
  OSL_TRY(sync::check_gram(next));
  return sync::check_text_map(now, next, limits.max_drift);
}

}  // namespace ossicle
