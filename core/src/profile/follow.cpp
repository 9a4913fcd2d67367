#include <algorithm>
#include <cmath>

#include "kernels/conjugate.h"
#include "kernels/dense.h"
#include "kernels/rows.h"
#include "ossicle/pipeline.h"
#include "profile/user_step.h"

namespace ossicle {
namespace {

// Squared, in the norm of the factor: within 1e-11 of its length.
constexpr double kSettled = 1e-22;
// With the factor kept close about three turns settle. Beyond, solving anew is the cheaper way.
constexpr int kMostTurns = 12;
// An observation whose weight moved by more than this part of it is moved in the factor, too: each
// would cost conjugate gradients a turn of its own.
constexpr double kMuch = 0.02;
constexpr std::size_t kMostMoved = 8;

class Follower {
 public:
  Follower(const Catalogue& catalogue, std::span<const Observation> observations, UserModel& user,
           FollowMemory& memory)
      : catalogue_(catalogue),
        observations_(observations),
        user_(user),
        memory_(memory),
        m_(catalogue.model.user_bias ? std::size_t{catalogue.n_factors} + 1 : catalogue.n_factors),
        rows_(catalogue, observations, m_,
              kernels::keep_rows(catalogue, observations, m_, memory.rows)),
        system_(m_, memory.numbers.data()) {}

  // False when the new system is too far from the factor.
  bool run() {
    if (!move_factor()) return false;
    system_.start();
    write_residual();
    while (true) {
      std::copy_n(system_.residual, m_, system_.solved);
      kernels::solve_lower(user_.cholesky.data(), m_, system_.solved);
      kernels::solve_lower_transposed(user_.cholesky.data(), m_, system_.solved);
      if (system_.turns == 0) {
        // Not less than rounding leaves of it: |z|^2 in the same norm, by the right-hand side.
        system_.least = kSettled * length();
      }
      if (!system_.turn(kSettled)) break;
      if (system_.turns > kMostTurns) return false;
      multiply(system_.step, system_.image);
      if (!system_.advance()) return false;
    }
    kernels::axpy(1, system_.x, m_, user_.p.data());
    return true;
  }

 private:
  bool move_factor() {
    std::size_t moved = 0;
    for (const Observation& o : observations_) {
      double& held = memory_.weight[o.item];
      const double change = o.weight - held;
      if (std::fabs(change) <= kMuch * std::max(o.weight, held)) continue;
      if (++moved > kMostMoved) return false;
      double* x = system_.solved;
      kernels::write_features(catalogue_, o.item, m_, x);
      if (!kernels::cholesky_update(user_.cholesky.data(), m_, change, x)) return false;
      held = o.weight;
    }
    return true;
  }

  // out <- (a0 sum_i c_i f_i f_i' + user_lambda I) v
  void multiply_base(const double* v, double* out) const {
    const std::size_t d = catalogue_.n_factors;
    const ModelConstants& model = catalogue_.model;
    kernels::dot_rows(catalogue_.gram.data(), d, v, d, d, out);
    if (m_ > d) {
      kernels::axpy(v[d], catalogue_.factor_sum.data(), d, out);
      out[d] = kernels::dot_f64(catalogue_.factor_sum.data(), v, d) +
               static_cast<double>(catalogue_.n_items) * v[d];
    }
    for (std::size_t c = 0; c < m_; ++c) out[c] = model.alpha0 * out[c] + model.user_lambda * v[c];
  }

  // b - A z, with the weights and targets of now.
  void write_residual() {
    double* residual = system_.residual;
    multiply_base(user_.p.data(), residual);
    for (std::size_t c = 0; c < m_; ++c) {
      residual[c] = 0 - catalogue_.model.alpha0 * catalogue_.offset_sum[c] - residual[c];
    }
    add_rows(user_.p.data(), residual, [this](const Observation& o, double seen) {
      return o.weight * (o.target - kernels::offset_of(catalogue_, o.item) - seen);
    });
  }

  void multiply(const double* v, double* out) const {
    multiply_base(v, out);
    add_rows(v, out, [](const Observation& o, double seen) { return o.weight * seen; });
  }

  // out += sum_j factor(j, f_j'v) f_j
  template <class Factor>
  void add_rows(const double* v, double* out, Factor factor) const {
    alignas(16) double room[kernels::kBlockDoubles];
    double seen[kernels::kBlockRows];
    for (std::size_t done = 0; done < observations_.size();) {
      const auto [block, n] = rows_.at(done, room);
      kernels::dot_rows(block, m_, v, n, m_, seen);
      for (std::size_t j = 0; j < n; ++j) seen[j] = factor(observations_[done + j], seen[j]);
      kernels::axpy_rows(block, m_, seen, n, m_, out);
      done += n;
    }
  }

  // z'Az of the solution is near z'Az of the profile at hand: both by L.
  double length() const {
    double sum = 0;
    const double* a = user_.cholesky.data();
    for (std::size_t r = 0; r < m_; ++r) {
      const double part = kernels::dot_f64(a + r * m_ + r, user_.p.data() + r, m_ - r);
      sum += part * part;
    }
    return sum;
  }

  const Catalogue& catalogue_;
  std::span<const Observation> observations_;
  UserModel& user_;
  FollowMemory& memory_;
  const std::size_t m_;
  const kernels::Rows rows_;
  kernels::ConjugateGradients system_;
};

}  // namespace

void note_weights(std::span<const Observation> observations, FollowMemory& memory) {
  std::fill(memory.weight.begin(), memory.weight.end(), 0.0);
  for (const Observation& o : observations) memory.weight[o.item] = o.weight;
  memory.ready = true;
}

Status follow(const Catalogue& catalogue, std::span<const Observation> observations,
              UserModel& user, FollowMemory& memory) {
  OSL_TRY(profile::check_observations(catalogue, observations));
  if (memory.ready && Follower(catalogue, observations, user, memory).run()) {
    profile::finish(catalogue, observations.size(), user);
    return {};
  }
  memory.ready = false;
  OSL_TRY(fold_in(catalogue, observations, user));
  note_weights(observations, memory);
  return {};
}

}  // namespace ossicle
