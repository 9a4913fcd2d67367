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
