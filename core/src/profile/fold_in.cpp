#include <cmath>

#include "kernels/dense.h"
#include "kernels/query.h"
#include "kernels/rows.h"
#include "ossicle/pipeline.h"
#include "profile/user_step.h"

namespace ossicle {
namespace {

bool is_valid(const Catalogue& catalogue, const Observation& o) {
  return o.item < catalogue.n_all() && std::isfinite(o.weight) && o.weight >= 0 &&
         std::isfinite(o.target) && o.target >= 0;
}

// A <- a0 sum_i f_i f_i' + user_lambda I (lower triangle), z <- -a0 sum_i o_i f_i; [m, m] and [m].
void start_system(const Catalogue& catalogue, std::size_t m, double* a, double* z) {
  const std::size_t d = catalogue.n_factors;
  const ModelConstants& model = catalogue.model;
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c <= r; ++c) a[r * m + c] = model.alpha0 * catalogue.gram[r * d + c];
  }
  if (m > d) {
    for (std::size_t c = 0; c < d; ++c) a[d * m + c] = model.alpha0 * catalogue.factor_sum[c];
    a[d * m + d] = model.alpha0 * static_cast<double>(catalogue.n_items);
  }
  for (std::size_t r = 0; r < m; ++r) {
    a[r * m + r] += model.user_lambda;
    z[r] = 0 - model.alpha0 * catalogue.offset_sum[r];  // 0 - x, not -x: no negative zeros
  }
}

// Adds sum_j w_j f_j f_j' to A and sum_j w_j (t_j - o_j) f_j to z.
void add_observations(const Catalogue& catalogue, std::span<const Observation> observations,
                      std::size_t m, double* a, double* z) {
  alignas(16) double room[kernels::kBlockDoubles];
  double weight[kernels::kBlockRows];
  double pull[kernels::kBlockRows];
  const kernels::Rows rows(catalogue, observations, m, {});
  for (std::size_t done = 0; done < observations.size();) {
    const auto [block, n] = rows.at(done, room);
    for (std::size_t j = 0; j < n; ++j) {
      const Observation& o = observations[done + j];
      weight[j] = o.weight;
      pull[j] = o.weight * (o.target - kernels::offset_of(catalogue, o.item));
    }
    kernels::axpy_rows(block, m, pull, n, m, z);
    kernels::syrk_accumulate(block, m, weight, n, m, a);
    done += n;
  }
}

}  // namespace

namespace profile {

Status check_observations(const Catalogue& catalogue, std::span<const Observation> observations) {
  for (std::size_t j = 0; j < observations.size(); ++j) {
    if (!is_valid(catalogue, observations[j])) {
      return Error{Code::kInvalidArgument, j,
                   "an observation of no catalogue item, or with a weight or target that is "
                   "negative or not finite (at = observation)"};
    }
  }
  return {};
}

void finish(const Catalogue& catalogue, std::size_t n_observations, UserModel& user) {
  const std::size_t d = catalogue.n_factors;
  if (!catalogue.model.user_bias) user.p[d] = 0;
  user.n_observations = static_cast<std::uint32_t>(n_observations);
  user.p_scale = kernels::quantise_query(user.p.first(d), user.p_u7);
}

}  // namespace profile

Status fold_in(const Catalogue& catalogue, std::span<const Observation> observations,
               UserModel& user) {
  OSL_TRY(profile::check_observations(catalogue, observations));
  const std::size_t d = catalogue.n_factors;
  const std::size_t m = catalogue.model.user_bias ? d + 1 : d;
  double* a = user.cholesky.data();
  double* z = user.p.data();
  start_system(catalogue, m, a, z);
  add_observations(catalogue, observations, m, a, z);
  if (!kernels::cholesky(a, m)) {
    return Error{Code::kNotSolvable, 0,
                 "the listener's system is not positive definite: the catalogue's alpha0 and "
                 "user_lambda do not regularise it"};
  }
  kernels::solve_lower(a, m, z);
  kernels::solve_lower_transposed(a, m, z);
  profile::finish(catalogue, observations.size(), user);
  return {};
}

}  // namespace ossicle
