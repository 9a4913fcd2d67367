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
  constexpr double kMost = 1e15;
  const base::Range ranges[] = {
      {settings.alpha0, 0, kMost, "solving: alpha0 must be 0 or more"},
      {settings.users, 1, kMost, "solving: users must be 1 or more"},
      {settings.ridge, 0, kMost, "solving: ridge must be 0 or more"},
      {settings.user_norm, 1e-9, kMost, "solving: user_norm must be above 0"},
      {settings.prior_count, 0, kMost, "solving: prior_count must be 0 or more"},
      {settings.min_count, 0, kMost, "solving: min_count must be 0 or more"},
  };
  OSL_TRY(base::check_ranges(ranges));
  return sync::check_limits(settings.limits);
}

class BlockSolver {
 public:
  BlockSolver(const Catalogue& now, const SolveSettings& settings)
      : now_(now),
        settings_(settings),
        d_(now.n_factors),
        basis_(d_ * d_),
        values_(d_),
        turned_(d_),
        step_(d_),
        old_(d_),
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

  // Leaves the way from the old row to the new one in step_. False when the system has no solution.
  bool solve(std::uint32_t item, std::span<const double> sums) {
    const double count = std::min(sums[d_], settings_.users);
    double squares = 0;
    for (std::size_t k = 0; k < d_; ++k) squares += sums[k] * sums[k];
    const double norm = std::sqrt(squares);
    const double shrink = norm > count ? count / norm : 1;

    const double weight = settings_.alpha0 * settings_.users + count;
    for (std::size_t r = 0; r < d_; ++r) {
      const double pivot = weight * values_[r] + settings_.ridge;
      if (!(pivot > 0)) return false;
      double dot = 0;
      for (std::size_t k = 0; k < d_; ++k) dot += basis_[r * d_ + k] * sums[k];
      turned_[r] = dot * shrink / pivot / settings_.user_norm;
    }
    std::fill(step_.begin(), step_.end(), 0.0);
    for (std::size_t r = 0; r < d_; ++r) {
      for (std::size_t k = 0; k < d_; ++k) step_[k] += turned_[r] * basis_[r * d_ + k];
    }
    const std::int8_t* q = now_.q.data() + std::size_t{item} * now_.row_stride;
    const auto scale = static_cast<double>(now_.scale[item]);
    const double way = count / (count + settings_.prior_count);
    for (std::size_t k = 0; k < d_; ++k) {
      old_[k] = scale * q[k];
      step_[k] = way * (step_[k] - old_[k]);
    }
    return true;
  }

  // Writes old + step, cut to the limits and rounded. False when rounding does not keep the limits.
  bool write(std::uint32_t item, std::span<std::int8_t> q, float& scale, std::int32_t& rowsum) {
    double squares = 0;
    for (const double x : step_) squares += x * x;
    const double length = std::sqrt(squares);
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

 private:
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
  std::vector<double> basis_, values_, turned_, step_, old_;
  std::vector<float> rounded_;
};

}  // namespace

Status solve_block(const Catalogue& now, std::uint32_t first, std::span<const double> sums,
                   std::span<const double> moment, const SolveSettings& settings,
                   const SolvedRows& out) {
  OSL_TRY(check_settings(settings));
  const std::size_t d = now.n_factors;
  const std::size_t rows = out.scale.size();
  if (sums.size() != rows * (d + 1) || moment.size() != d * d ||
      out.q.size() != rows * now.row_stride || out.rowsum.size() != rows ||
      out.moved.size() != rows) {
    return Error{Code::kInvalidArgument, rows, "solving: array sizes do not fit (rows)"};
  }
  if (first > now.n_items || rows > now.n_items - first) {
    return Error{Code::kOutOfRange, first, "solving: rows past the last item (row)"};
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (!std::isfinite(sums[i])) {
      return Error{Code::kNotFinite, i / (d + 1), "solving: a sum is not finite (row of block)"};
    }
  }
  BlockSolver solver(now, settings);
  OSL_TRY(solver.begin(moment));
  for (std::size_t r = 0; r < rows; ++r) {
    const std::uint32_t item = first + static_cast<std::uint32_t>(r);
    const std::span<const double> sum = sums.subspan(r * (d + 1), d + 1);
    const std::span<std::int8_t> q = out.q.subspan(r * now.row_stride, now.row_stride);
    // A count of 0 or less, all noise, says nothing, whatever min_count is.
    const bool known = sum[d] > 0 && sum[d] >= settings.min_count;
    if (known && !solver.solve(item, sum)) {
      return Error{Code::kNotSolvable, r, "solving: not positive definite (row of block)"};
    }
    out.moved[r] = known && solver.write(item, q, out.scale[r], out.rowsum[r]) ? 1 : 0;
    if (out.moved[r] != 0) continue;
    const auto old = now.q.subspan(std::size_t{item} * now.row_stride, now.row_stride);
    std::copy(old.begin(), old.end(), q.begin());
    out.scale[r] = now.scale[item];
    out.rowsum[r] = now.rowsum[item];
  }
  return {};
}

}  // namespace ossicle
