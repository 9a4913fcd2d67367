#include <algorithm>

#include "kernels/dense.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

bool is_stronger(const Reason& a, const Reason& b) {
  return a.contribution != b.contribution ? a.contribution > b.contribution : a.item < b.item;
}

// Writes f_i = [q_i; 1], [m], or q_i when the model has no user bias.
void write_features(const Catalogue& catalogue, std::uint32_t item, std::size_t m, double* f) {
  const std::size_t d = catalogue.n_factors;
  kernels::dequantise_row(catalogue.q.data() + std::size_t{item} * catalogue.row_stride,
                          static_cast<double>(catalogue.scale[item]), d, f);
  if (m > d) f[d] = 1;
}

double offset_of(const Catalogue& catalogue, std::uint32_t item) {
  return catalogue.model.mu + static_cast<double>(catalogue.bias[item]);
}

// The listener's system without one observation, where its absence changes the weights of the
// others: A' = A + E with E = sum_k e_k f_k f_k', e_j = -w_j for the one that is gone. Few of the
// eigenvalues of A^-1 A' are far from 1, so conjugate gradients with A's factor settle fast.
class Removal {
 public:
  Removal(const Catalogue& catalogue, const UserModel& user,
          std::span<const Observation> observations, std::size_t m, std::span<double> scratch)
      : catalogue_(catalogue), user_(user), observations_(observations), m_(m) {
    double* at = scratch.data();
    for (double** vector : {&feature_, &change_, &residual_, &solved_, &step_, &step_image_}) {
      *vector = at;
      at += m;
    }
    e_ = at;
  }

  // How much f_i'z falls without observation `gone`; `wanted` is f_i, [m].
  double fall(std::size_t gone, std::span<const double> wanted) {
    set_changes(gone);
    // A'(z + change) = b' for residual = b' - A'z = sum_k e_k (t_k - o_k - f_k'z) f_k.
    std::fill(residual_, residual_ + m_, 0.0);
    add_products(residual_, [&](const Observation& o) {
      return o.target - offset_of(catalogue_, o.item) -
             kernels::dot_f64(feature_, user_.p.data(), m_);
    });
    std::fill(change_, change_ + m_, 0.0);
    std::fill(step_, step_ + m_, 0.0);
    std::fill(step_image_, step_image_ + m_, 0.0);
    solve();
    return -kernels::dot_f64(change_, wanted.data(), m_);
  }

 private:
  static constexpr int kMostSteps = 100;
  static constexpr double kSettled = 1e-24;  // of the squared residual, in A's norm

  void set_changes(std::size_t gone) {
    PlaySpread spread(catalogue_.model.confidence);
    for (const Observation& o : observations_) spread.add(o.evidence);
    spread.remove(observations_[gone].evidence);
    for (std::size_t k = 0; k < observations_.size(); ++k) {
      const Observation& o = observations_[k];
      const double weight =
          k == gone ? 0 : spread.confidence(o.evidence, catalogue_.discount[o.item]);
      e_[k] = weight - o.weight;
    }
  }

  // out += sum_k e_k factor(k) f_k; `factor` may read feature_.
  template <class Factor>
  void add_products(double* out, Factor factor) {
    for (std::size_t k = 0; k < observations_.size(); ++k) {
      write_features(catalogue_, observations_[k].item, m_, feature_);
      kernels::axpy(e_[k] * factor(observations_[k]), feature_, m_, out);
    }
  }

  // Preconditioned conjugate gradients. A step is built from A^-1 residual, so A step is known
  // without the Gram matrix.
  void solve() {
    double first = 0;
    double before = 0;
    for (int i = 0; i < kMostSteps; ++i) {
      std::copy(residual_, residual_ + m_, solved_);
      kernels::solve_lower(user_.cholesky.data(), m_, solved_);
      kernels::solve_lower_transposed(user_.cholesky.data(), m_, solved_);
      const double now = kernels::dot_f64(residual_, solved_, m_);
      if (i == 0) first = now;
      if (!(now > kSettled * first)) return;
      const double beta = i == 0 ? 0 : now / before;
      for (std::size_t c = 0; c < m_; ++c) {
        step_[c] = solved_[c] + beta * step_[c];
        step_image_[c] = residual_[c] + beta * step_image_[c];
      }
      double* image = solved_;  // A' step takes its room
      std::copy(step_image_, step_image_ + m_, image);
      add_products(image,
                   [&](const Observation&) { return kernels::dot_f64(feature_, step_, m_); });
      const double alpha = now / kernels::dot_f64(step_, image, m_);
      kernels::axpy(alpha, step_, m_, change_);
      kernels::axpy(-alpha, image, m_, residual_);
      before = now;
    }
  }

  const Catalogue& catalogue_;
  const UserModel& user_;
  std::span<const Observation> observations_;
  const std::size_t m_;
  double *feature_, *change_, *residual_, *solved_, *step_, *step_image_, *e_;
};

}  // namespace

std::uint32_t explain(const Catalogue& catalogue, const UserModel& user,
                      std::span<const Observation> observations, std::uint32_t item,
                      std::span<double> scratch, std::span<Reason> out) {
  if (out.empty()) return 0;
  const std::size_t d = catalogue.n_factors;
  const std::size_t m = catalogue.model.user_bias ? d + 1 : d;
  const double* a = user.cholesky.data();
  double* y = scratch.data();  // A^-1 f_i
  double* f = y + m;           // f_j of the observation at hand
  double* l = f + m;           // L^-1 f_j

  write_features(catalogue, item, m, y);
  kernels::solve_lower(a, m, y);
  kernels::solve_lower_transposed(a, m, y);

  // z is linear in the right-hand side, which is a sum over the observations and a part that does
  // not depend on them; so is f_i'z. `reserved` holds the observation's number until the second
  // pass: the heap reorders reasons, and a reason needs its weight and target again.
  std::size_t n = 0;
  for (std::size_t j = 0; j < observations.size(); ++j) {
    const Observation& o = observations[j];
    write_features(catalogue, o.item, m, f);
    const Reason reason{.item = o.item,
                        .reserved = static_cast<std::uint32_t>(j),
                        .contribution = o.weight * (o.target - offset_of(catalogue, o.item)) *
                                        kernels::dot_f64(f, y, m),
                        .if_removed = 0};
    if (n < out.size()) {
      out[n++] = reason;
      std::push_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_stronger);
    } else if (is_stronger(reason, out.front())) {
      std::pop_heap(out.begin(), out.end(), is_stronger);
      out.back() = reason;
      std::push_heap(out.begin(), out.end(), is_stronger);
    }
  }
  std::sort_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_stronger);

  if (catalogue.model.weighted) {
    write_features(catalogue, item, m, f);
    const std::span<const double> wanted(f, m);
    Removal removal(catalogue, user, observations, m, scratch.subspan(2 * m));
    for (Reason& reason : out.first(n)) {
      reason.if_removed = removal.fall(reason.reserved, wanted);
      reason.reserved = 0;
    }
    return static_cast<std::uint32_t>(n);
  }

  // Deleting observation j takes w f_j f_j' from A and w (t - o) f_j from the right-hand side. By
  // Sherman and Morrison z falls by w (t - o - f_j'z) / (1 - w h) A^-1 f_j, h = f_j' A^-1 f_j.
  for (Reason& reason : out.first(n)) {
    const Observation& o = observations[reason.reserved];
    write_features(catalogue, o.item, m, f);
    std::copy(f, f + m, l);
    kernels::solve_lower(a, m, l);
    const double h = kernels::dot_f64(l, l, m);
    const double residual =
        o.target - offset_of(catalogue, o.item) - kernels::dot_f64(f, user.p.data(), m);
    reason.reserved = 0;
    reason.if_removed = o.weight * residual / (1 - o.weight * h) * kernels::dot_f64(f, y, m);
  }
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
