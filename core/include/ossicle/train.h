#ifndef OSSICLE_TRAIN_H_
#define OSSICLE_TRAIN_H_

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/confidence.h"
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

/// What implicit alternating least squares minimises, with r_ui = <p_u, q_i>, or
/// mu + <p_u, q_i> + b_u + b_i with biases, which are regularised as one more entry of p_u and q_i:
///   sum over interactions of w_ui (1 - r_ui)^2 + sum over all (u, i) of a_u c_i r_ui^2
///   + sum_u user_ridge_u |p_u|^2 + sum_i item_ridge_i |q_i|^2
/// `by_user` holds the w_ui of the user step and `by_item` those of the item step: the same pairs,
/// maybe with other weights (a listener's own plays say more about an item than about them).
/// Source: Hu, Koren, Volinsky, ICDM 2008.
struct IalsProblem {
  Interactions by_user;              ///< U rows of N
  Interactions by_item;              ///< N rows of U
  std::vector<float> user_negative;  ///< [U], a_u >= 0
  std::vector<float> item_negative;  ///< [N], c_i >= 0
  std::vector<float> user_ridge;     ///< [U], > 0
  std::vector<float> item_ridge;     ///< [N], > 0
  /// [N], or empty: 1 for a cold item, of which too little is known to say anything about users.
  /// Cold items are solved from the users, but users are solved without them: they are in no row of
  /// `by_user`, and weigh nothing there.
  std::vector<std::uint8_t> cold;
  /// Vectors of the items' texts, [N, text_size], or empty. With them item_ridge_i |q_i -
  /// prior_i|^2 takes the place of item_ridge_i |q_i|^2, prior_i = text_pull * (the TextMap of
  /// text_i), fitted before each item step. Source: Wang and Blei, "Collaborative topic modeling",
  /// KDD 2011, with a map in the place of topics.
  std::vector<float> item_text;
  std::uint32_t text_size = 0;
  double text_pull = 1;   ///< in [0, 1]
  double text_ridge = 1;  ///< > 0, of the map
};

/// How to train, whatever the loss.
struct IalsSettings {
  std::uint32_t factors = 64;
  std::uint32_t iterations = 12;
  double init_sd = 0.1;  ///< entries of P and Q start as N(0, init_sd^2 / factors)
  std::uint64_t seed = 1;
  bool biases = false;  ///< learn mu, b_u and b_i as well
};

/// The plain loss: every pair that nobody played weighs alike.
struct PlainLoss {
  double alpha0 = 0.05;  ///< a_u; c_i = 1
  double lambda = 0.01;  ///< ridges lambda (n_u + alpha0 N)^nu and lambda (n_i + alpha0 U)^nu
  double nu = 1;
};

/// Takes the weights of `by_user` as they are. Source: Rendle et al., "Revisiting the performance
/// of iALS on item recommendation benchmarks", RecSys 2022. Errors: invalid_argument.
Result<IalsProblem> plain_problem(const Interactions& by_user, const PlainLoss& loss);

/// A loss that listens to play counts, popularity and tags. Every constant was chosen on validation
/// data (models/items/README.md).
///   w_ui: PlayConfidence with user_spread in the user step and item_spread in the item step,
///   scaled to mean 1 in each; a_u = alpha0; c_i ~ (n_i + 1)^negative_popularity, mean 1; user
///   ridge lambda (alpha0 N + user_count); item ridge lambda (alpha0 U + item_confidence sum_u
///   w_ui).
/// Tags are more users, of training only: a row for each tag, w = tag_confidence log(1 + count)
/// over its mean, a_t = tag_alpha0, the ridge of users.
struct WeightedLoss {
  double user_spread = 0.3;
  double item_spread = 0.6;
  double popularity = 0.1;
  double alpha0 = 0.083;
  double negative_popularity = 0.15;
  double lambda = 0.0073;
  double user_count = 40;
  std::uint32_t items_left_out = 0;  ///< items of the data that are not in `plays`; counted in N
  std::uint32_t warm_listeners = 0;  ///< items with fewer listeners are cold, see IalsProblem
  double item_confidence = 4;
  double tag_confidence = 0.8;
  double tag_alpha0 = 0.5;
};

/// `plays` has play counts as weights, `tags` (may have no rows) how many people gave a tag to an
/// item, [tags, N]; tag rows follow the users in the problem. `device`, when given, gets what
/// fold_in needs to solve users as this problem does. Errors: invalid_argument.
Result<IalsProblem> weighted_problem(const Interactions& plays, const Interactions& tags,
                                     const WeightedLoss& loss, PlayConfidence* device = nullptr);

struct IalsModel {
  IalsSettings settings;
  std::uint32_t n_users = 0;
  std::uint32_t n_items = 0;
  std::uint32_t iterations_done = 0;
  double mu = 0;  ///< mean of the targets under the weights of the loss, fixed from the start
  std::vector<float> p, q;                  ///< [U, d], [N, d]
  std::vector<float> user_bias, item_bias;  ///< [U], [N]; zeros without biases
};

/// Runs task(0), ..., task(n - 1), each once, in any order and on any thread.
using ForEach = std::function<void(std::uint32_t n, const std::function<void(std::uint32_t)>&)>;

/// Errors: invalid_argument (`at` = user of the first bad row, or `what` names the setting).
Result<IalsModel> ials_start(const IalsProblem& problem, const IalsSettings& settings);

/// One iteration: all users, then all items. Deterministic for a seed, the same bytes on every
/// build and with every `for_each` (none: one after the other). Calling it again goes on from
/// `model`, so that training can be stopped, saved and resumed between iterations. Errors:
/// invalid_argument, not_solvable (`at` = user, or item).
Status ials_iterate(const IalsProblem& problem, IalsModel& model, const ForEach& for_each = {});

/// Solves the users of `problem` against the items of `model` (native shortcut of fold_in over f32
/// rows; evaluation only); the item side of `problem` but item_negative may be empty. `p` is [U,
/// d].
Status ials_solve_users(const IalsProblem& problem, const IalsModel& model, std::span<float> p,
                        std::span<float> user_bias);

/// Quantises item vectors to int8 rows with one scale each: scale = max|q| / levels, round half
/// away from zero; levels = 127, or 7 for 4-bit rows. A zero row has scale 0.
void quantise_rows(std::span<const float> q, std::uint32_t n, std::uint32_t d,
                   std::uint32_t row_stride, std::span<std::int8_t> rows, std::span<float> scale,
                   std::span<std::int32_t> rowsum, std::int8_t levels = 127);

}  // namespace ossicle

#endif  // OSSICLE_TRAIN_H_
