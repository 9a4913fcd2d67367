#ifndef OSSICLE_MF_HALF_STEP_H_
#define OSSICLE_MF_HALF_STEP_H_

#include <cstdint>
#include <span>

#include "ossicle/status.h"
#include "ossicle/train.h"

namespace ossicle::mf {

/// The side of the factorisation that a half step holds fixed. n rows, d factors; f_j = [q_j; 1]
/// and o_j = mu + b_j with biases, else f_j = q_j and o_j = 0.
struct FixedSide {
  std::span<const float> vectors;   ///< [n, d]
  std::span<const float> bias;      ///< [n]
  std::span<const float> negative;  ///< [n], c_j
  std::uint32_t n = 0;
  std::uint32_t d = 0;
  bool biases = false;
  double mu = 0;
};

/// The rows to solve (users, or items). R rows.
struct FreeSide {
  const Interactions& rows;         ///< R rows of n
  std::span<const float> negative;  ///< [R], a_r
  std::span<const float> ridge;     ///< [R]
  std::span<const float> prior;     ///< [R, d], or empty: zeros
};

/// Solves every row against the fixed side:
///   z = (a_r G + ridge_r I + sum_j w_j f_j f_j')^-1 (sum_j w_j (1 - o_j) f_j - a_r sum_j c_j o_j
///   f_j + ridge_r [prior_r; 0])
/// with G = sum_j c_j f_j f_j'. One eigendecomposition of G makes a_r G + ridge_r I diagonal for
/// every row, whatever its a_r and ridge_r; a row of m interactions then costs O(m^2 d + m^3) where
/// m < d and O(m d^2 + d^3) elsewhere. Writes `out` [R, d] and `out_bias` [R]. Errors: not_solvable
/// (at = row; the fixed side is not finite, or a row's system is not positive definite).
Status solve_half(const FreeSide& free, const FixedSide& fixed, const ForEach& for_each,
                  std::span<float> out, std::span<float> out_bias);

}  // namespace ossicle::mf

#endif  // OSSICLE_MF_HALF_STEP_H_
