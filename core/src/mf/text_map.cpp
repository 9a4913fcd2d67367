#include "ossicle/text_map.h"

#include <cmath>

#include "kernels/dense.h"
#include "mf/checks.h"

namespace ossicle {
namespace {

constexpr std::size_t kBlockRows = 64;  // items of which features are held in f64 at a time

// Sums over the items in blocks: A = X'WX (lower triangle) and the right sides R = (X'WY)', [d, k].
class NormalEquations {
 public:
  NormalEquations(std::size_t k, std::size_t d)
      : k_(k), d_(d), a_(k * k, 0.0), right_(d * k, 0.0), block_(kBlockRows * k), w_(kBlockRows) {}

  void add(const float* text, const float* q, float weight) {
    double* x = block_.data() + n_ * k_;
    for (std::size_t i = 0; i + 1 < k_; ++i) x[i] = static_cast<double>(text[i]);
    x[k_ - 1] = 1;
    w_[n_] = static_cast<double>(weight);
    for (std::size_t c = 0; c < d_; ++c) {
      kernels::axpy(w_[n_] * static_cast<double>(q[c]), x, k_, right_.data() + c * k_);
    }
    if (++n_ == kBlockRows) flush();
  }

  /// False when the system is not positive definite. Writes [k, d].
  bool solve(double ridge, std::vector<float>& m) {
    flush();
    for (std::size_t i = 0; i + 1 < k_; ++i) a_[i * k_ + i] += ridge;
    // With no item at all the intercept has nothing to stand on.
    a_[k_ * k_ - 1] += 1e-12 * ridge;
    if (!kernels::cholesky(a_.data(), k_)) return false;
    m.resize(k_ * d_);
    for (std::size_t c = 0; c < d_; ++c) {
      double* b = right_.data() + c * k_;
      kernels::solve_lower(a_.data(), k_, b);
      kernels::solve_lower_transposed(a_.data(), k_, b);
      for (std::size_t i = 0; i < k_; ++i) m[i * d_ + c] = static_cast<float>(b[i]);
    }
    return true;
  }

 private:
  void flush() {
    kernels::syrk_accumulate(block_.data(), k_, w_.data(), n_, k_, a_.data());
    n_ = 0;
  }

  std::size_t k_, d_, n_ = 0;
  std::vector<double> a_, right_, block_, w_;
};

}  // namespace

Result<TextMap> fit_text_map(std::span<const float> text, std::span<const float> q,
                             std::span<const float> weight, std::uint32_t text_size,
                             std::uint32_t factors, double ridge) {
  const std::size_t t = text_size;
  const std::size_t d = factors;
  if (t == 0 || d == 0 || text.size() != weight.size() * t || q.size() != weight.size() * d) {
    return Error{Code::kInvalidArgument, weight.size(),
                 "text map: text, q and weight are not of the same items (at = weights)"};
  }
  OSL_TRY(mf::check_positive(ridge, "text map: ridge must be above 0"));
  NormalEquations system(t + 1, d);
  for (std::size_t i = 0; i < weight.size(); ++i) {
    if (!(std::isfinite(weight[i]) && weight[i] >= 0)) {
      return Error{Code::kInvalidArgument, i, "text map: a weight is negative or not finite"};
    }
    if (weight[i] > 0) system.add(text.data() + i * t, q.data() + i * d, weight[i]);
  }
  TextMap out{text_size, factors, {}};
  if (!system.solve(ridge, out.m)) {
    return Error{Code::kNotSolvable, 0, "text map: a text vector or factor is not finite"};
  }
  return out;
}

}  // namespace ossicle
