#ifndef OSSICLE_MF_HALF_STEP_H_
#define OSSICLE_MF_HALF_STEP_H_

#include <cstdint>
#include <optional>
#include <span>

#include "ossicle/status.h"
#include "ossicle/train.h"

namespace ossicle {

/// The side of the factorisation that a half step holds fixed. n rows, d factors.
struct FixedSide {
  std::span<const float> vectors;  ///< [n, d]
  std::span<const float> bias;     ///< [n]
  std::uint32_t n = 0;
};

/// Solves every row of `rows` (users, or items) against the fixed side:
///   z = (alpha0 F'F + sum_j w_j f_j f_j' + reg I)^-1 (sum_j w_j (1 - o_j) f_j - alpha0 F'o)
/// with f_j = [q_j; 1], o_j = mu + b_j when settings.biases, else f_j = q_j, o_j = 0; reg is
/// `constant_reg` or lambda (n_row + alpha0 n)^nu. F'F is summed once; a row costs O(m d^2 + d^3)
/// for m interactions, and O(m d^2 + m^3) in dual form where m is small. Writes `out` [rows, d] and
/// `out_bias` [rows]. Errors: not_solvable (at = row).
Status solve_half(const Interactions& rows, const FixedSide& fixed, const IalsSettings& settings,
                  double mu, std::optional<double> constant_reg, std::span<float> out,
                  std::span<float> out_bias);

/// x^exponent for x > 0, the same on every build.
double power(double x, double exponent);

}  // namespace ossicle

#endif  // OSSICLE_MF_HALF_STEP_H_
