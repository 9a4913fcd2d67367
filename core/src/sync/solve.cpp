#include <algorithm>
#include <cmath>
#include <vector>

#include "base/checked.h"
#include "mf/symmetric_eigen.h"
#include "ossicle/sync.h"
#include "ossicle/train.h"
#include "sync/scale.h"

namespace ossicle {
namespace {

// A step that rounding carries past a limit is tried again shorter; after this many the old row
// stays.
constexpr int kTries = 8;
constexpr double kShorter = 0.875;

Status check_settings(const SolveSettings& settings) {
  constexpr double kLeast = 1e-9;
  constexpr double kMost = 1e15;
  const base::Range ranges[] = {
      {settings.alpha0, 0, kMost, "solving: alpha0 must be 0 or more"},
      {settings.users, 1, kMost, "solving: users must be 1 or more"},
      {settings.ridge, 0, kMost, "solving: ridge must be 0 or more"},
      {settings.scale, kLeast, kMost, "solving: scale must be above 0"},
      {settings.noise, 0, kMost, "solving: noise must be 0 or more"},
      {settings.trust, kLeast, kMost, "solving: trust must be above 0"},
      {settings.min_count, 0, kMost, "solving: min_count must be 0 or more"},
      {settings.max_growth, 1, kMost, "solving: max_growth must be 1 or more"},
  };
  OSL_TRY(base::check_ranges(ranges));
  return sync::check_limits(settings.limits);
}

Status check_sums(const Catalogue& now, std::uint32_t block, std::span<const double> sums,
                  std::span<const double> moment) {
  const std::size_t d = now.n_factors;
  if (block >= kBlocks) return Error{Code::kOutOfRange, block, "solving: no such block (block)"};
  if (sums.size() != kBlockRows * (d + 1) || moment.size() != d * d) {
    return Error{Code::kInvalidArgument, sums.size(),
                 "solving: sums must be [kBlockRows, d + 1], the second moment [d, d] (size)"};
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!std::isfinite(sums[i])) {
      return Error{Code::kNotFinite, i / (d + 1), "solving: a sum is not finite (row of block)"};
    }
  }
  return {};
}

Error not_solvable(std::size_t row) {
  return {Code::kNotSolvable, row, "solving: not positive definite (row of block)"};
}

// Rows in the eigenbasis of the second moment. One row at a time.
class BlockSolver {
 public:
  BlockSolver(const Catalogue& now, const SolveSettings& settings)
      : now_(now),
        settings_(settings),
        d_(now.n_factors),
        basis_(d_ * d_),
        values_(d_),
        old_(d_),
        turned_old_(d_),
        listeners_(d_),
        pivot_(d_),
        step_(d_),
        rounded_(d_) {
    const sync::Scale scale = sync::scale_of(now);
    most_drift_ = settings.limits.max_drift * scale.rms;
    most_norm_ = settings.limits.max_norm * scale.longest;
  }

  Status begin(std::span<const double> moment) {
    std::copy(moment.begin(), moment.end(), basis_.begin());
    if (mf::symmetric_eigen(basis_, d_, values_)) return {};
    return Error{Code::kNotSolvable, 0, "solving: the second moment is not finite"};
  }

  // Takes the old row and, with t = 1, the vector of those who listened: `count` of them. False
  // when there is no solution.
  bool read(std::uint32_t item, std::span<const double> sums, double count) {
    const std::int8_t* q = now_.q.data() + std::size_t{item} * now_.row_stride;
    const auto scale = static_cast<double>(now_.scale[item]);
    for (std::size_t k = 0; k < d_; ++k) old_[k] = scale * q[k];
    count_ = count;
    double shrink = std::min(count / count_of(sums), 1.0);
    const double norm = std::sqrt(dot(sums.first(d_), sums.first(d_)));
    if (norm * shrink > count) shrink = count / norm;

    const double weight = settings_.alpha0 * settings_.users + count_;
    const double noise = settings_.noise * settings_.noise;
    double energy = 0;
    for (std::size_t r = 0; r < d_; ++r) {
      pivot_[r] = weight * (values_[r] + settings_.ridge);
      if (!(pivot_[r] > 0)) return false;
      double sum = 0;
      double old = 0;
      for (std::size_t k = 0; k < d_; ++k) {
        sum += basis_[r * d_ + k] * sums[k];
        old += basis_[r * d_ + k] * old_[k];
      }
      sum *= shrink;
      energy += (sum * sum - noise) / pivot_[r];
      listeners_[r] = sum / pivot_[r];
      turned_old_[r] = old;
    }
    const double least_count = 3 * settings_.noise / kCountStep + 1;
    const double saturation = 1 + std::max(energy, 0.0) / std::max(count_, least_count);
    for (double& x : listeners_) x /= saturation;
    return true;
  }

  // <listeners, old> and <listeners, listeners> of the row that was read.
  double dot_old() const { return dot(listeners_, turned_old_); }
  double dot_self() const { return dot(listeners_, listeners_); }

  // Leaves the way from the old row to the new one in step_, and what stays unknown in `variance`,
  // [d].
  void filter(std::span<double> variance) {
    const double t = settings_.scale;
    std::fill(step_.begin(), step_.end(), 0.0);
    for (std::size_t r = 0; r < d_; ++r) {
      const double known = variance[r] * pivot_[r] * pivot_[r];
      const double unknown =
          t * t * (settings_.noise * settings_.noise + count_ * std::max(values_[r], 0.0));
      const double way = known > 0 ? known / (known + unknown) : 0;
      const double move = way * (t * listeners_[r] - turned_old_[r]);
      variance[r] *= 1 - way;
      for (std::size_t k = 0; k < d_; ++k) step_[k] += move * basis_[r * d_ + k];
    }
  }

  // Writes old + step, cut to the limits and rounded. False when rounding does not keep the limits.
  bool write(std::uint32_t item, std::span<std::int8_t> q, float& scale, std::int32_t& rowsum) {
    const double length = std::sqrt(dot(step_, step_));
    if (!std::isfinite(length)) return false;
    double part = length > most_drift_ ? most_drift_ / length : 1;
    for (int attempt = 0; attempt < kTries; ++attempt, part *= kShorter) {
      for (std::size_t k = 0; k < d_; ++k) {
        rounded_[k] = static_cast<float>(old_[k] + part * step_[k]);
      }
      const std::int8_t levels = now_.is_cold(item) ? 7 : 127;
      quantise_rows(rounded_, 1, now_.n_factors, now_.row_stride, q, {&scale, 1}, {&rowsum, 1},
                    levels);
      if (keeps_limits(q, static_cast<double>(scale))) return true;
    }
    return false;
  }

  double count_of(std::span<const double> sums) const { return sums[d_] / kCountStep; }

 private:
  static double dot(std::span<const double> x, std::span<const double> y) {
    double sum = 0;
    for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
    return sum;
  }

  bool keeps_limits(std::span<const std::int8_t> q, double scale) const {
    double drift = 0;
    double norm = 0;
    for (std::size_t k = 0; k < d_; ++k) {
      const double x = scale * q[k];
      drift += (x - old_[k]) * (x - old_[k]);
      norm += x * x;
    }
    // The check takes its roots in another order: a hair is left for that.
    constexpr double kHair = 1 - 1e-9;
    return std::sqrt(drift) <= kHair * most_drift_ && std::sqrt(norm) <= kHair * most_norm_;
  }

  const Catalogue& now_;
  const SolveSettings& settings_;
  const std::size_t d_;
  double most_drift_ = 0;
  double most_norm_ = 0;
  std::vector<double> basis_, values_;
  // Of the row that was read; all but old_ in the eigenbasis.
  double count_ = 0;
  std::vector<double> old_, turned_old_, listeners_, pivot_, step_;
  std::vector<float> rounded_;
};

// How many contributors a row is solved with; 0: it stays as it is.
double believed(double count, double expected, const SolveSettings& settings) {
  const bool known = expected >= settings.min_count && count > 0;
  if (!known || count < expected / settings.max_growth) return 0;
  return std::min({count, expected * settings.max_growth, settings.users});
}

bool are_amounts(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double v) { return v >= 0 && std::isfinite(v); });
}

bool fits(const SolvedRows& out, std::size_t rows, const Catalogue& now) {
  return out.q.size() == rows * now.row_stride && out.scale.size() == rows &&
         out.rowsum.size() == rows && out.moved.size() == rows &&
         (out.variance.empty() || out.variance.size() == rows * now.n_factors) &&
         are_amounts(out.variance);
}

}  // namespace

double prior_variance(const Catalogue& now, std::uint32_t block, double trust) {
  const std::uint32_t rows = block_size(now.n_items, block);
  if (rows == 0) return 0;
  double squares = 0;
  for (std::uint32_t r = 0; r < rows; ++r) {
    const double norm = sync::norm_of(now, block_item(block, r));
    squares += norm * norm;
  }
  return trust * trust * squares / rows / now.n_factors;
}

Status solve_block(const Catalogue& now, std::uint32_t block, std::span<const double> sums,
                   const BlockPrior& prior, const SolveSettings& settings, const SolvedRows& out) {
  OSL_TRY(check_settings(settings));
  OSL_TRY(check_sums(now, block, sums, prior.moment));
  const std::size_t d = now.n_factors;
  const std::uint32_t rows = block_size(now.n_items, block);
  if (!fits(out, rows, now)) {
    return Error{Code::kInvalidArgument, rows,
                 "solving: the room for the rows does not fit, or a variance is no number of 0 or "
                 "more (rows)"};
  }
  if (prior.share.size() != kBlockRows || !are_amounts(prior.share)) {
    return Error{Code::kInvalidArgument, prior.share.size(),
                 "solving: share must be [kBlockRows] numbers of 0 or more (size)"};
  }
  BlockSolver solver(now, settings);
  OSL_TRY(solver.begin(prior.moment));
  const std::vector<double> uncertain(d, prior_variance(now, block, settings.trust));
  std::vector<double> variance(d);
  for (std::uint32_t r = 0; r < rows; ++r) {
    const std::uint32_t item = block_item(block, r);
    const std::span<const double> sum = sums.subspan(r * (d + 1), d + 1);
    const std::span<std::int8_t> q = out.q.subspan(r * now.row_stride, now.row_stride);
    const std::span<double> kept =
        out.variance.empty() ? out.variance : out.variance.subspan(r * d, d);
    out.moved[r] = 0;
    const double count = believed(solver.count_of(sum), settings.users * prior.share[r], settings);
    if (count > 0) {
      if (!solver.read(item, sum, count)) return not_solvable(r);
      const std::span<const double> before =
          kept.empty() ? std::span<const double>(uncertain) : kept;
      std::copy(before.begin(), before.end(), variance.begin());
      solver.filter(variance);
      out.moved[r] = solver.write(item, q, out.scale[r], out.rowsum[r]) ? 1 : 0;
    }
    if (out.moved[r] != 0) {
      if (!kept.empty()) std::copy(variance.begin(), variance.end(), kept.begin());
      continue;
    }
    const auto old = now.q.subspan(std::size_t{item} * now.row_stride, now.row_stride);
    std::copy(old.begin(), old.end(), q.begin());
    out.scale[r] = now.scale[item];
    out.rowsum[r] = now.rowsum[item];
  }
  return {};
}

Result<double> fit_scale(const Catalogue& now, std::uint32_t block, std::span<const double> sums,
                         std::span<const double> moment, const SolveSettings& settings) {
  OSL_TRY(check_settings(settings));
  OSL_TRY(check_sums(now, block, sums, moment));
  BlockSolver solver(now, settings);
  OSL_TRY(solver.begin(moment));
  double with_old = 0;
  double with_self = 0;
  for (std::uint32_t r = 0; r < block_size(now.n_items, block); ++r) {
    const std::span<const double> sum = sums.subspan(r * (now.n_factors + 1), now.n_factors + 1);
    const double count = solver.count_of(sum);
    if (!(count > 0)) continue;
    if (!solver.read(block_item(block, r), sum, count)) return not_solvable(r);
    with_old += solver.dot_old();
    with_self += solver.dot_self();
  }
  const double scale = with_old / with_self;
  if (scale > 0 && std::isfinite(scale)) return scale;
  return Error{Code::kNotSolvable, 0, "solving: no row tells the scale of the listeners' vectors"};
}

}  // namespace ossicle
