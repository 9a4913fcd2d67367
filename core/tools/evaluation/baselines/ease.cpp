#include "evaluation/baselines/ease.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "evaluation/split.h"

namespace ossicle::tools {
namespace {

constexpr std::size_t kBlock = 48;  // rows of a panel: 48 x 2,000 doubles stay in the L2 cache

// y += alpha x
void add_scaled(double alpha, const double* x, std::size_t n, double* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}

// Gauss-Jordan without pivoting, on the rows [from, to) of a: they become what they are in the
// inverse of the block, times the rest.
bool sweep_block(std::span<double> a, std::size_t n, std::size_t from, std::size_t to) {
  for (std::size_t p = from; p < to; ++p) {
    double* pivot_row = a.data() + p * n;
    const double pivot = pivot_row[p];
    if (!(pivot > 0) || !std::isfinite(pivot)) return false;
    pivot_row[p] = 1;
    for (std::size_t c = 0; c < n; ++c) pivot_row[c] /= pivot;
    for (std::size_t r = from; r < to; ++r) {
      if (r == p) continue;
      double* row = a.data() + r * n;
      const double factor = row[p];
      row[p] = 0;
      add_scaled(-factor, pivot_row, n, row);
    }
  }
  return true;
}

// X X' + lambda I of the rows of x, [n, n].
std::vector<double> gram_of(const Interactions& x, double lambda) {
  const std::size_t n = x.n_users;
  const Interactions columns = transpose(x);
  std::vector<double> out(n * n, 0);
  for (std::uint32_t c = 0; c < columns.n_users; ++c) {
    const std::span<const std::uint32_t> rows = items_of(columns, c);
    for (const std::uint32_t r : rows) {
      for (const std::uint32_t s : rows) out[r * n + s] += 1;
    }
  }
  for (std::size_t r = 0; r < n; ++r) out[r * n + r] += lambda;
  return out;
}

}  // namespace

bool invert_symmetric(std::span<double> a, std::size_t n) {
  std::vector<double> factors(kBlock);
  for (std::size_t from = 0; from < n; from += kBlock) {
    const std::size_t to = std::min(from + kBlock, n);
    if (!sweep_block(a, n, from, to)) return false;
    for (std::size_t r = 0; r < n; ++r) {
      if (r >= from && r < to) continue;
      double* row = a.data() + r * n;
      std::copy(row + from, row + to, factors.begin());
      std::fill(row + from, row + to, 0.0);
      for (std::size_t p = from; p < to; ++p) {
        add_scaled(-factors[p - from], a.data() + p * n, n, row);
      }
    }
  }
  return true;
}

Problem Ease::train(const Interactions& plays, double lambda) {
  by_users_ = plays.n_users <= plays.n_items;
  n_ = std::min(plays.n_users, plays.n_items);
  if (n_ > kMostRows) {
    return problem("EASE inverts a matrix of min(users, items) = " + std::to_string(n_) +
                   " rows; at most " + std::to_string(kMostRows) +
                   " are worth it: leave ease out of --methods");
  }
  plays_ = &plays;
  lambda_ = lambda;
  const Interactions by_item = transpose(plays);
  inverse_ = gram_of(by_users_ ? plays : by_item, lambda);
  if (!invert_symmetric(inverse_, n_)) return problem("EASE: the matrix cannot be inverted");
  scale_.resize(plays.n_items);
  for (std::uint32_t j = 0; j < plays.n_items; ++j) {
    if (!by_users_) {
      scale_[j] = -1 / inverse_[j * n_ + j];
      continue;
    }
    double within = 0;  // x_j' K^-1 x_j
    const std::span<const std::uint32_t> users = items_of(by_item, j);
    for (const std::uint32_t u : users) {
      for (const std::uint32_t v : users) within += inverse_[u * n_ + v];
    }
    scale_[j] = -lambda / (1 - within);
  }
  sum_.resize(plays.n_items);
  scores_.resize(plays.n_items);
  return {};
}

std::span<float> Ease::scores(std::uint32_t user) {
  std::fill(sum_.begin(), sum_.end(), 0.0);
  if (by_users_) {
    for (std::uint32_t v = 0; v < plays_->n_users; ++v) {
      const double weight = inverse_[user * n_ + v];
      for (const std::uint32_t item : items_of(*plays_, v)) sum_[item] += weight;
    }
  } else {
    for (const std::uint32_t item : items_of(*plays_, user)) {
      add_scaled(1, inverse_.data() + item * n_, n_, sum_.data());
    }
  }
  for (std::size_t j = 0; j < sum_.size(); ++j) {
    scores_[j] = static_cast<float>(sum_[j] * scale_[j]);
  }
  return scores_;
}

}  // namespace ossicle::tools
