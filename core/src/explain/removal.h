#ifndef OSSICLE_EXPLAIN_REMOVAL_H_
#define OSSICLE_EXPLAIN_REMOVAL_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/conjugate.h"
#include "kernels/rows.h"
#include "ossicle/pipeline.h"

namespace ossicle::explain_stage {

/// The listener without one observation, where its absence changes the weights of the others:
/// A' = A + sum_k e_k f_k f_k', e_j = -w_j for the one that is gone. Conjugate gradients with
/// P = A - w_j f_j f_j', whose inverse Sherman and Morrison give, so that what is left to find are
/// the small changes of the others.
class Removal {
 public:
  /// Systems that share a pass over the rows of the history.
  static constexpr std::size_t kLanes = 4;
  static constexpr std::size_t kVectors = kLanes * (kernels::ConjugateGradients::kVectors + 1);

  /// `numbers` is [kVectors m], and what follows holds the e_k of at least one lane.
  Removal(const Catalogue& catalogue, const UserModel& user,
          std::span<const Observation> observations, const kernels::Rows& rows, std::size_t m,
          std::span<double> numbers);

  /// How many may be solved at once, 1..kLanes.
  std::size_t lanes() const { return lanes_; }
  /// out[l] <- z without observation gone[l], less z; each [m]. gone.size() <= lanes(). An answer
  /// does not depend on what is solved beside it.
  void solve(std::span<const std::uint32_t> gone, std::span<double* const> out);

 private:
  struct Lane {
    kernels::ConjugateGradients system;
    double* freed = nullptr;  // A^-1 f_j
    double gain = 0;          // w / (1 - w f_j'A^-1 f_j)
    std::span<double> e;
    bool settled = false;
  };

  void begin(Lane& lane, std::uint32_t gone);
  void precondition(Lane& lane);
  void add_residuals(std::span<Lane> lanes);
  void add_images(std::span<Lane> lanes);

  const Catalogue& catalogue_;
  const UserModel& user_;
  std::span<const Observation> observations_;
  const kernels::Rows& rows_;
  const std::size_t m_;
  std::size_t lanes_ = 1;
  Lane lane_[kLanes];
};

}  // namespace ossicle::explain_stage

#endif  // OSSICLE_EXPLAIN_REMOVAL_H_
