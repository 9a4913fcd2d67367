#include "mf/half_step.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/math.h"

namespace ossicle {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Vector = Eigen::VectorXd;
using Index = Eigen::Index;

constexpr Index kGramBlock = 256;  // rows converted to f64 at a time
// Rows with at most k / 3 interactions are solved in dual form when this many of them share one
// inverse, which costs about as much as three primal solves. Most artists have one or two
// listeners.
constexpr std::uint32_t kDualRows = 4;

class HalfStep {
 public:
  HalfStep(const Interactions& rows, const FixedSide& fixed, const IalsSettings& settings,
           double mu, std::optional<double> constant_reg)
      : rows_(rows),
        fixed_(fixed),
        settings_(settings),
        mu_(mu),
        constant_reg_(constant_reg),
        d_(static_cast<Index>(settings.factors)),
        k_(d_ + (settings.biases ? 1 : 0)) {}

  Status run(std::span<float> out, std::span<float> out_bias) {
    sum_fixed_side();
    sort_by_count();
    std::size_t from = 0;
    while (from < order_.size()) {
      const Index m = count(order_[from]);
      std::size_t to = from;
      while (to < order_.size() && count(order_[to]) == m) ++to;
      const bool dual = m <= k_ / 3 && to - from >= kDualRows;
      if (dual && !prepare_dual(m)) return Error{Code::kNotSolvable, order_[from], kNotPositive};
      for (; from < to; ++from) {
        const std::uint32_t row = order_[from];
        gather(row, m);
        if (dual ? !solve_dual(m) : !solve_primal(m)) {
          return Error{Code::kNotSolvable, row, kNotPositive};
        }
        store(row, out, out_bias);
      }
    }
    return Status();
  }

 private:
  static constexpr const char* kNotPositive = "a row's system is not positive definite";

  Index count(std::uint32_t row) const {
    return static_cast<Index>(rows_.offset[row + 1] - rows_.offset[row]);
  }

  double regularisation(Index m) const {
    if (constant_reg_) return *constant_reg_;
    return settings_.lambda *
           power(static_cast<double>(m) + settings_.alpha0 * fixed_.n, settings_.nu);
  }

  // f_j and o_j of fixed row j, in f64.
  void load(std::uint32_t j, Matrix& features, Index at, double& offset) const {
    const float* q = fixed_.vectors.data() + std::size_t{j} * settings_.factors;
    for (Index f = 0; f < d_; ++f) features(at, f) = static_cast<double>(q[f]);
    offset = 0;
    if (settings_.biases) {
      features(at, d_) = 1;
      offset = mu_ + static_cast<double>(fixed_.bias[j]);
    }
  }

  // gram_ = alpha0 F'F (lower triangle) and linear_ = -alpha0 F'o.
  void sum_fixed_side() {
    gram_ = Matrix::Zero(k_, k_);
    linear_ = Vector::Zero(k_);
    Matrix block(kGramBlock, k_);
    Vector offset(kGramBlock);
    const auto end = static_cast<Index>(fixed_.n);
    for (Index from = 0; from < end; from += kGramBlock) {
      const Index n = std::min(kGramBlock, end - from);
      for (Index r = 0; r < n; ++r) {
        load(static_cast<std::uint32_t>(from + r), block, r, offset(r));
      }
      const auto rows = block.topRows(n);
      gram_.selfadjointView<Eigen::Lower>().rankUpdate(rows.transpose(), settings_.alpha0);
      linear_.noalias() -= settings_.alpha0 * (rows.transpose() * offset.head(n));
    }
  }

  void sort_by_count() {
    order_.resize(rows_.n_users);
    for (std::uint32_t r = 0; r < rows_.n_users; ++r) order_[r] = r;
    std::sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return count(a) != count(b) ? count(a) < count(b) : a < b;
    });
    if (order_.empty()) return;
    const Index most = count(order_.back());
    features_.resize(std::max<Index>(most, 1), k_);
    scaled_.resize(features_.rows(), k_);
    residual_.resize(features_.rows());
    weight_.resize(features_.rows());
    system_.resize(k_, k_);
    solution_.resize(k_);
  }

  // Features, 1 - o_j and weights of the row's interactions.
  void gather(std::uint32_t row, Index m) {
    const auto from = static_cast<std::size_t>(rows_.offset[row]);
    for (Index at = 0; at < m; ++at) {
      const std::size_t e = from + static_cast<std::size_t>(at);
      double offset = 0;
      load(rows_.item[e], features_, at, offset);
      residual_(at) = 1 - offset;
      weight_(at) = static_cast<double>(rows_.weight[e]);
    }
  }

  bool solve_primal(Index m) {
    scaled_.topRows(m) = weight_.head(m).cwiseSqrt().asDiagonal() * features_.topRows(m);
    system_ = gram_;
    system_.selfadjointView<Eigen::Lower>().rankUpdate(scaled_.topRows(m).transpose());
    system_.diagonal().array() += regularisation(m);
    solution_ = linear_;
    solution_.noalias() +=
        features_.topRows(m).transpose() * weight_.head(m).cwiseProduct(residual_.head(m));
    Eigen::LLT<Eigen::Ref<Matrix>> factor(system_);
    if (factor.info() != Eigen::Success) return false;
    factor.solveInPlace(solution_);
    return solution_.allFinite();
  }

  // inverse_ = B^-1 and base_ = B^-1 linear_ for B = alpha0 F'F + reg I of rows with m
  // interactions.
  bool prepare_dual(Index m) {
    system_ = gram_;
    system_.diagonal().array() += regularisation(m);
    Eigen::LLT<Eigen::Ref<Matrix>> factor(system_);
    if (factor.info() != Eigen::Success) return false;
    inverse_ = Matrix::Identity(k_, k_);
    factor.solveInPlace(inverse_);
    base_ = inverse_ * linear_;
    small_.resize(m, m);
    small_solution_.resize(m);
    return base_.allFinite();
  }

  // z = z0 + B^-1 F_m' (W^-1 + F_m B^-1 F_m')^-1 (1 - o - F_m z0), z0 = B^-1 linear_ (Woodbury).
  bool solve_dual(Index m) {
    solution_ = base_;
    if (m == 0) return true;
    const auto features = features_.topRows(m);
    scaled_.topRows(m).noalias() = features * inverse_;
    small_.noalias() = scaled_.topRows(m) * features.transpose();
    small_.diagonal() += weight_.head(m).cwiseInverse();
    small_solution_ = residual_.head(m);
    small_solution_.noalias() -= features * base_;
    Eigen::LLT<Eigen::Ref<Matrix>> factor(small_);
    if (factor.info() != Eigen::Success) return false;
    factor.solveInPlace(small_solution_);
    solution_.noalias() += scaled_.topRows(m).transpose() * small_solution_;
    return solution_.allFinite();
  }

  void store(std::uint32_t row, std::span<float> out, std::span<float> out_bias) const {
    float* to = out.data() + std::size_t{row} * settings_.factors;
    for (Index f = 0; f < d_; ++f) to[f] = static_cast<float>(solution_(f));
    out_bias[row] = settings_.biases ? static_cast<float>(solution_(d_)) : 0.0F;
  }

  const Interactions& rows_;
  const FixedSide& fixed_;
  const IalsSettings& settings_;
  const double mu_;
  const std::optional<double> constant_reg_;
  const Index d_, k_;

  std::vector<std::uint32_t> order_;  // rows by number of interactions
  Matrix gram_, system_, inverse_, features_, scaled_, small_;
  Vector linear_, base_, residual_, weight_, solution_, small_solution_;
};

}  // namespace

double power(double x, double exponent) {
  if (exponent == 1) return x;
  return base::det_exp2(exponent * base::det_log2(x));
}

Status solve_half(const Interactions& rows, const FixedSide& fixed, const IalsSettings& settings,
                  double mu, std::optional<double> constant_reg, std::span<float> out,
                  std::span<float> out_bias) {
  return HalfStep(rows, fixed, settings, mu, constant_reg).run(out, out_bias);
}

}  // namespace ossicle
