#include "explain/removal.h"

#include <algorithm>

#include "kernels/dense.h"
#include "kernels/rows.h"

namespace ossicle::explain_stage {
namespace {

constexpr int kMostTurns = 100;
constexpr double kSettled = 1e-24;  // of the squared residual, in the norm of P^-1

}  // namespace

Removal::Removal(const Catalogue& catalogue, const UserModel& user,
                 std::span<const Observation> observations, const kernels::Rows& rows,
                 std::size_t m, std::span<double> numbers)
    : catalogue_(catalogue), user_(user), observations_(observations), rows_(rows), m_(m) {
  double* at = numbers.data();
  for (Lane& lane : lane_) {
    lane.system = kernels::ConjugateGradients(m, at);
    lane.freed = at + kernels::ConjugateGradients::kVectors * m;
    at = lane.freed + m;
  }
  const std::span<double> rest = numbers.subspan(kVectors * m);
  const std::size_t n = std::max<std::size_t>(observations.size(), 1);
  lanes_ = std::clamp<std::size_t>(rest.size() / n, 1, kLanes);
  for (std::size_t l = 0; l < lanes_; ++l) lane_[l].e = rest.subspan(l * n, observations.size());
}

void Removal::begin(Lane& lane, std::uint32_t gone) {
  PlaySpread spread(catalogue_.model.confidence);
  for (const Observation& o : observations_) spread.add_level(o.level);
  spread.remove_level(observations_[gone].level);
  const PlaySpread::Weights weights = spread.weights();
  for (std::size_t k = 0; k < observations_.size(); ++k) {
    const Observation& o = observations_[k];
    const double discount = catalogue_.discount_of(o.item);
    const double weight = k == gone ? 0 : weights.confidence(o.evidence, o.level, discount, o.love);
    lane.e[k] = weight - o.weight;
  }
  const double w = observations_[gone].weight;
  double* f = lane.system.solved;  // free until the first turn
  kernels::write_features(catalogue_, observations_[gone].item, m_, f);
  std::copy(f, f + m_, lane.freed);
  kernels::solve_lower(user_.cholesky.data(), m_, lane.freed);
  kernels::solve_lower_transposed(user_.cholesky.data(), m_, lane.freed);
  lane.gain = w / (1 - w * kernels::dot_f64(f, lane.freed, m_));
  lane.settled = false;
  lane.system.start();
}

// A'(z + change) = b' for residual = b' - A'z = sum_k e_k (t_k - o_k - f_k'z) f_k.
void Removal::add_residuals(std::span<Lane> lanes) {
  alignas(16) double room[kernels::kBlockDoubles];
  double left[kernels::kBlockRows];
  double factor[kernels::kBlockRows];
  for (std::size_t done = 0; done < observations_.size();) {
    const auto [block, n] = rows_.at(done, room);
    kernels::dot_rows(block, m_, user_.p.data(), n, m_, left);
    for (std::size_t j = 0; j < n; ++j) {
      const Observation& o = observations_[done + j];
      left[j] = o.target - kernels::offset_of(catalogue_, o.item) - left[j];
    }
    for (Lane& lane : lanes) {
      for (std::size_t j = 0; j < n; ++j) factor[j] = lane.e[done + j] * left[j];
      kernels::axpy_rows(block, m_, factor, n, m_, lane.system.residual);
    }
    done += n;
  }
}

// image holds P step; (A' - P) step = sum over the others of e_k (f_k'step) f_k.
void Removal::add_images(std::span<Lane> lanes) {
  alignas(16) double room[kernels::kBlockDoubles];
  double factor[kernels::kBlockRows];
  for (std::size_t done = 0; done < observations_.size();) {
    const auto [block, n] = rows_.at(done, room);
    for (Lane& lane : lanes) {
      if (lane.settled) continue;
      kernels::dot_rows(block, m_, lane.system.step, n, m_, factor);
      for (std::size_t j = 0; j < n; ++j) factor[j] *= lane.e[done + j];
      kernels::axpy_rows(block, m_, factor, n, m_, lane.system.image);
    }
    done += n;
  }
}

void Removal::precondition(Lane& lane) {
  double* solved = lane.system.solved;
  std::copy_n(lane.system.residual, m_, solved);
  kernels::solve_lower(user_.cholesky.data(), m_, solved);
  kernels::solve_lower_transposed(user_.cholesky.data(), m_, solved);
  const double seen = kernels::dot_f64(lane.freed, lane.system.residual, m_);
  kernels::axpy(lane.gain * seen, lane.freed, m_, solved);
}

void Removal::solve(std::span<const std::uint32_t> gone, std::span<double* const> out) {
  const std::span<Lane> lanes = std::span(lane_).first(gone.size());
  for (std::size_t l = 0; l < gone.size(); ++l) begin(lanes[l], gone[l]);
  add_residuals(lanes);
  for (std::size_t l = 0; l < gone.size(); ++l) lanes[l].e[gone[l]] = 0;  // P has it
  for (int turn = 0; turn < kMostTurns; ++turn) {
    bool all_settled = true;
    for (Lane& lane : lanes) {
      if (lane.settled) continue;
      precondition(lane);
      lane.settled = !lane.system.turn(kSettled);
      all_settled = all_settled && lane.settled;
    }
    if (all_settled) break;
    add_images(lanes);
    for (Lane& lane : lanes) {
      if (!lane.settled) lane.settled = !lane.system.advance();
    }
  }
  for (std::size_t l = 0; l < gone.size(); ++l) std::copy_n(lanes[l].system.x, m_, out[l]);
}

}  // namespace ossicle::explain_stage
