#ifndef OSSICLE_TRAIN_H_
#define OSSICLE_TRAIN_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"

namespace ossicle {

/// Users' interactions, compressed by row. U users, N items.
struct Interactions {
  std::uint32_t n_users = 0;
  std::uint32_t n_items = 0;
  std::vector<std::uint64_t> offset;  ///< [U + 1]
  std::vector<std::uint32_t> item;    ///< sorted within a user, no repeats
  std::vector<float> weight;          ///< confidence w_ui > 0
};

/// The other way round: for each item its users. O(nnz).
Interactions transpose(const Interactions& by_user);

/// Implicit alternating least squares with the loss
///   sum over interactions of w_ui (1 - r_ui)^2 + alpha0 sum over all (u, i) of r_ui^2
///   + lambda sum_u (n_u + alpha0 N)^nu |p_u|^2 + lambda sum_i (n_i + alpha0 U)^nu |q_i|^2
/// where r_ui = <p_u, q_i>, or mu + <p_u, q_i> + b_u + b_i with biases, which are regularised as
/// one more entry of p_u and q_i; mu is the mean of the targets over both sums, fixed from the
/// start. Source: Rendle et al., "Revisiting the performance of iALS on item recommendation
/// benchmarks", RecSys 2022.
struct IalsSettings {
  std::uint32_t factors = 64;
  double alpha0 = 0.05;
  double lambda = 0.01;
  double nu = 1;
  std::uint32_t iterations = 12;
  double init_sd = 0.1;  ///< entries of P and Q start as N(0, init_sd^2 / factors)
  std::uint64_t seed = 1;
  bool biases = false;  ///< learn mu, b_u and b_i as well
};

struct IalsModel {
  IalsSettings settings;
  std::uint32_t n_users = 0;
  std::uint32_t n_items = 0;
  std::uint32_t iterations_done = 0;
  double mu = 0;
  std::vector<float> p, q;                  ///< [U, d], [N, d]
  std::vector<float> user_bias, item_bias;  ///< [U], [N]; zeros without biases
};

/// Errors: invalid_argument (`at` = user of the first bad row, or `what` names the setting).
Result<IalsModel> ials_start(const Interactions& by_user, const IalsSettings& settings);

/// One iteration: all users, then all items. Deterministic for a seed. Calling it again goes on
/// from `model`, so that training can be stopped, saved and resumed between iterations.
Status ials_iterate(const Interactions& by_user, const Interactions& by_item, IalsModel& model);

/// Solves new users against fixed items (native shortcut of fold_in over f32 rows; evaluation
/// only). `p` is [U, d]. `user_lambda`, when given, replaces the regularisation that grows with n_u
/// (ADR 0003).
Status ials_solve_users(const Interactions& by_user, const IalsModel& items, std::span<float> p,
                        std::span<float> user_bias,
                        std::optional<double> user_lambda = std::nullopt);

/// Quantises item vectors to int8 rows with one scale each: scale = max|q| / 127, round half away
/// from zero. A zero row has scale 0.
void quantise_rows(std::span<const float> q, std::uint32_t n, std::uint32_t d,
                   std::uint32_t row_stride, std::span<std::int8_t> rows, std::span<float> scale,
                   std::span<std::int32_t> rowsum);

}  // namespace ossicle

#endif  // OSSICLE_TRAIN_H_
