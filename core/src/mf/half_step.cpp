#include "mf/half_step.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <vector>

#include "mf/small_dense.h"
#include "mf/symmetric_eigen.h"

namespace ossicle::mf {
namespace {

constexpr std::size_t kGramRows = 256;  // summed in f32 before they go into the f64 sum
constexpr std::uint32_t kRowsPerTask = 32;
constexpr std::uint32_t kNone = 0xffffffffU;

// What all rows share: the fixed side in the basis of G's eigenvectors.
struct Basis {
  std::size_t k = 0;            // unknowns: d, or d + 1 with biases
  std::size_t ld = 0;           // k in whole tiles
  std::vector<float> vectors;   // [k, ld], row i the i-th eigenvector
  std::vector<double> values;   // [k], of G
  std::vector<double> linear;   // [k], V sum_j c_j o_j f_j
  std::vector<float> rotated;   // [n, ld], V f_j
  std::vector<float> residual;  // [n], 1 - o_j
};

std::vector<float> features_of(const FixedSide& fixed, std::size_t ld) {
  std::vector<float> f(std::size_t{fixed.n} * ld, 0.0F);
  for (std::uint32_t j = 0; j < fixed.n; ++j) {
    float* to = f.data() + std::size_t{j} * ld;
    std::copy_n(fixed.vectors.data() + std::size_t{j} * fixed.d, fixed.d, to);
    if (fixed.biases) to[fixed.d] = 1;
  }
  return f;
}

double offset_of(const FixedSide& fixed, std::uint32_t j) {
  return fixed.biases ? fixed.mu + static_cast<double>(fixed.bias[j]) : 0;
}

// G, [k, k], lower triangle: G is symmetric, and cross_product gives the upper one.
std::vector<double> gram_of(const FixedSide& fixed, const std::vector<float>& features,
                            std::size_t k, std::size_t ld) {
  std::vector<double> gram(k * k, 0.0);
  std::vector<float> block(kGramRows * ld);
  std::vector<float> sum(ld * ld);
  for (std::uint32_t from = 0; from < fixed.n; from += kGramRows) {
    const std::size_t rows = std::min<std::size_t>(kGramRows, fixed.n - from);
    for (std::size_t r = 0; r < rows; ++r) {
      const float weight = std::sqrt(fixed.negative[from + r]);
      const float* f = features.data() + (from + r) * ld;
      for (std::size_t c = 0; c < ld; ++c) block[r * ld + c] = weight * f[c];
    }
    cross_product(block.data(), rows, ld, ld, sum.data());
    for (std::size_t r = 0; r < k; ++r) {
      for (std::size_t c = 0; c <= r; ++c) {
        gram[r * k + c] += static_cast<double>(sum[c * ld + r]);
      }
    }
  }
  return gram;
}

// False when the fixed side is not finite.
bool prepare(const FixedSide& fixed, const ForEach& for_each, Basis& basis) {
  const std::size_t k = basis.k = std::size_t{fixed.d} + (fixed.biases ? 1 : 0);
  const std::size_t ld = basis.ld = whole_tiles(k);
  const std::vector<float> features = features_of(fixed, ld);
  std::vector<double> gram = gram_of(fixed, features, k, ld);
  basis.values.resize(k);
  if (!symmetric_eigen(gram, k, basis.values)) return false;
  basis.vectors.assign(ld * ld, 0.0F);
  std::vector<float> columns(ld * ld, 0.0F);  // the eigenvectors again, as columns
  for (std::size_t r = 0; r < k; ++r) {
    basis.values[r] = std::max(basis.values[r], 0.0);  // rounding only: G has none below 0
    for (std::size_t c = 0; c < k; ++c) {
      basis.vectors[r * ld + c] = static_cast<float>(gram[r * k + c]);
      columns[c * ld + r] = basis.vectors[r * ld + c];
    }
  }
  basis.rotated.resize(features.size());
  const std::uint32_t tasks = (fixed.n + kGramRows - 1) / kGramRows;
  for_each(tasks, [&](std::uint32_t task) {
    const std::size_t from = task * kGramRows;
    product(features.data() + from * ld, ld, columns.data(),
            std::min<std::size_t>(kGramRows, fixed.n - from), k, ld, ld,
            basis.rotated.data() + from * ld);
  });
  basis.linear.assign(k, 0.0);
  basis.residual.assign(fixed.n, 1.0F);
  for (std::uint32_t j = 0; j < fixed.n && fixed.biases; ++j) {
    const double offset = offset_of(fixed, j);
    basis.residual[j] = static_cast<float>(1 - offset);
    const double weight = static_cast<double>(fixed.negative[j]) * offset;
    const float* f = basis.rotated.data() + std::size_t{j} * ld;
    for (std::size_t c = 0; c < k; ++c) basis.linear[c] += weight * static_cast<double>(f[c]);
  }
  return true;
}

// Solves rows one after the other; a thread has its own. With D = a_r diag(values) + ridge_r,
// H = W^1/2 F D^-1/2 and y = D^1/2 z the system is (I + H'H) y = D^-1/2 l + H' W^1/2 (1 - o),
// whose eigenvalues are at least 1: f32 is enough. Woodbury's identity makes it one of m unknowns.
class RowSolver {
 public:
  RowSolver(const FreeSide& free, const Basis& basis, std::size_t d)
      : free_(free), basis_(basis), d_(d), root_(basis.ld), start_(basis.ld) {}

  // Writes z, in the basis of the eigenvectors, to `out` [ld].
  bool solve(std::uint32_t row, float* out) {
    const auto from = static_cast<std::size_t>(free_.rows.offset[row]);
    const std::size_t m = static_cast<std::size_t>(free_.rows.offset[row + 1]) - from;
    set_base(row);
    std::fill_n(out, basis_.ld, 0.0F);
    const bool solved = m < basis_.k ? solve_dual(from, m, out) : solve_primal(from, m, out);
    float check = 0;
    for (std::size_t c = 0; c < basis_.k; ++c) {
      out[c] *= root_[c];
      check += out[c];
    }
    return solved && std::isfinite(check);
  }

 private:
  // root_ = D^-1/2 and start_ = D^-1/2 l, l = -a_r sum_j c_j o_j f_j + ridge_r prior_r.
  void set_base(std::uint32_t row) {
    const float* prior = free_.prior.empty() ? nullptr : free_.prior.data() + row * d_;
    const auto negative = static_cast<double>(free_.negative[row]);
    const auto ridge = static_cast<double>(free_.ridge[row]);
    for (std::size_t c = 0; c < basis_.k; ++c) {
      const double root = 1 / std::sqrt(negative * basis_.values[c] + ridge);
      root_[c] = static_cast<float>(root);
      double linear = 0 - negative * basis_.linear[c];
      if (prior != nullptr) {
        linear +=
            ridge * static_cast<double>(dot(basis_.vectors.data() + c * basis_.ld, prior, d_));
      }
      start_[c] = static_cast<float>(root * linear);
    }
  }

  void reserve(std::size_t rows, std::size_t columns, std::size_t m) {
    if (h_.size() < rows * columns) h_.resize(rows * columns);
    if (system_.size() < columns * columns) system_.resize(columns * columns);
    if (right_.size() < whole_tiles(m)) right_.resize(whole_tiles(m));
  }

  // The unit matrix where cross_product wrote tiles beyond `n`, and 1 more on the diagonal.
  void add_unit(std::size_t n, std::size_t ld) {
    for (std::size_t r = 0; r < n; ++r) system_[r * ld + r] += 1;
    for (std::size_t r = n; r < (n + kTileRows - 1) / kTileRows * kTileRows; ++r) {
      std::fill_n(system_.begin() + static_cast<std::ptrdiff_t>(r * ld), ld, 0.0F);
      system_[r * ld + r] = 1;
    }
  }

  // y = y0 + H' (I + H H')^-1 (W^1/2 (1 - o) - H y0), y0 = start_. H' is kept, [k, m].
  bool solve_dual(std::size_t from, std::size_t m, float* y) {
    const std::size_t k = basis_.k;
    std::copy_n(start_.begin(), k, y);
    if (m == 0) return true;
    const std::size_t ld = whole_tiles(m);
    reserve(k, ld, m);
    for (std::size_t j = 0; j < ld; ++j) {
      const bool real = j < m;
      const std::uint32_t item = real ? free_.rows.item[from + j] : 0;
      const float weight = real ? std::sqrt(free_.rows.weight[from + j]) : 0;
      const float* f = basis_.rotated.data() + std::size_t{item} * basis_.ld;
      float* column = h_.data() + j;
      float seen = 0;
      for (std::size_t c = 0; c < k; ++c) {
        const float value = weight * root_[c] * f[c];
        column[c * ld] = value;
        seen += value * y[c];
      }
      right_[j] = real ? weight * basis_.residual[item] - seen : 0;
    }
    cross_product(h_.data(), k, m, ld, system_.data());
    add_unit(m, ld);
    if (!cholesky_upper(system_.data(), m, ld)) return false;
    solve_upper(system_.data(), m, ld, right_.data());
    for (std::size_t c = 0; c < k; ++c) y[c] += dot(h_.data() + c * ld, right_.data(), m);
    return true;
  }

  // y = (I + H'H)^-1 (y0 + H' W^1/2 (1 - o)). H is kept, [m, k].
  bool solve_primal(std::size_t from, std::size_t m, float* y) {
    const std::size_t k = basis_.k;
    const std::size_t ld = basis_.ld;
    std::copy_n(start_.begin(), k, y);
    reserve(m, ld, m);
    for (std::size_t j = 0; j < m; ++j) {
      const std::uint32_t item = free_.rows.item[from + j];
      const float weight = std::sqrt(free_.rows.weight[from + j]);
      const float* f = basis_.rotated.data() + std::size_t{item} * ld;
      float* h = h_.data() + j * ld;
      for (std::size_t c = 0; c < k; ++c) h[c] = weight * root_[c] * f[c];
      std::fill(h + k, h + ld, 0.0F);
      add_scaled(weight * basis_.residual[item], h, k, y);
    }
    cross_product(h_.data(), m, k, ld, system_.data());
    add_unit(k, ld);
    if (!cholesky_upper(system_.data(), k, ld)) return false;
    solve_upper(system_.data(), k, ld, y);
    return true;
  }

  const FreeSide& free_;
  const Basis& basis_;
  const std::size_t d_;
  std::vector<float> root_, start_;
  std::vector<float> h_, system_, right_;
};

}  // namespace

Status solve_half(const FreeSide& free, const FixedSide& fixed, const ForEach& for_each,
                  std::span<float> out, std::span<float> out_bias) {
  Basis basis;
  if (!prepare(fixed, for_each, basis)) {
    return Error{Code::kNotSolvable, 0, "the vectors of the other side are not finite"};
  }
  const std::uint32_t n = free.rows.n_users;
  std::atomic<std::uint32_t> failed{kNone};
  for_each((n + kRowsPerTask - 1) / kRowsPerTask, [&](std::uint32_t task) {
    const std::uint32_t first = task * kRowsPerTask;
    const std::uint32_t rows = std::min(kRowsPerTask, n - first);
    RowSolver solver(free, basis, fixed.d);
    std::vector<float> z(kRowsPerTask * basis.ld);
    std::vector<float> turned(z.size());
    for (std::uint32_t r = 0; r < rows; ++r) {
      if (!solver.solve(first + r, z.data() + r * basis.ld)) {
        // The lowest row is told, whatever the order of the tasks.
        std::uint32_t before = failed.load();
        while (first + r < before && !failed.compare_exchange_weak(before, first + r)) {
        }
      }
    }
    product(z.data(), basis.ld, basis.vectors.data(), rows, basis.k, basis.ld, basis.ld,
            turned.data());
    for (std::uint32_t r = 0; r < rows; ++r) {
      const float* from = turned.data() + r * basis.ld;
      std::copy_n(from, fixed.d, out.data() + std::size_t{first + r} * fixed.d);
      out_bias[first + r] = fixed.biases ? from[fixed.d] : 0.0F;
    }
  });
  if (failed.load() != kNone) {
    return Error{Code::kNotSolvable, failed.load(), "a row's system is not positive definite"};
  }
  return Status();
}

}  // namespace ossicle::mf
