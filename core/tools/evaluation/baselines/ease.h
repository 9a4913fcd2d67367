#ifndef OSSICLE_TOOLS_EVALUATION_BASELINES_EASE_H_
#define OSSICLE_TOOLS_EVALUATION_BASELINES_EASE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ossicle/train.h"
#include "problem.h"

namespace ossicle::tools {

/// EASE, a baseline: an item-to-item matrix B of zero diagonal that minimises |X - X B|^2 +
/// lambda |B|^2 for the binary X [U, N], exactly. With P = (X'X + lambda I)^-1, B_ij = -P_ij /
/// P_jj. Where users are fewer than items, P is never formed: by Woodbury's identity
///   P = (I - X'K^-1 X) / lambda, K = XX' + lambda I [U, U],
/// and for an item j that u did not play (X B)_uj = -lambda (K^-1 X)_uj / (1 - x_j' K^-1 x_j).
/// Costs min(U, N)^3. Source: Steck, WWW 2019.
class Ease {
 public:
  static constexpr std::uint32_t kMostRows = 12000;  ///< of the inverse: 1.2 GB

  /// Problems: more than kMostRows users and items.
  Problem train(const Interactions& plays, double lambda);
  /// Scores of all items for one of the users it was trained on, [N]; those that the user played
  /// mean nothing.
  std::span<float> scores(std::uint32_t user);

 private:
  const Interactions* plays_ = nullptr;
  bool by_users_ = true;
  double lambda_ = 0;
  std::size_t n_ = 0;
  std::vector<double> inverse_;  // [n, n], of K or of X'X + lambda I
  std::vector<double> scale_;    // [N], what a column is multiplied by
  std::vector<double> sum_;
  std::vector<float> scores_;
};

/// Replaces a symmetric positive definite matrix [n, n] by its inverse. False when it is not
/// positive definite. O(n^3), in blocks.
bool invert_symmetric(std::span<double> a, std::size_t n);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_BASELINES_EASE_H_
