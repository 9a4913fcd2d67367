#ifndef OSSICLE_TOOLS_MODEL_TRAINING_H_
#define OSSICLE_TOOLS_MODEL_TRAINING_H_

#include <array>
#include <string>
#include <vector>

#include "args.h"
#include "ossicle/train.h"
#include "ratings.h"

namespace ossicle::tools {

/// How a model is trained, as options; the same for train and eval. A default in words: it is
/// another for each loss.
inline constexpr std::array kTrainingOptions = {
    Option{"loss", Takes::kOne, "plain|weighted", "plain",
           "what is minimised; with weighted, play counts, popularity and tags weigh in"},
    Option{"factors", Takes::kOne, "D", "",
           "numbers per user and item, 1..1024 [plain 64, weighted 128]"},
    Option{"alpha0", Takes::kOne, "X", "",
           "weight of a pair nobody played [plain 0.05, weighted 0.083]"},
    Option{"lambda", Takes::kOne, "X", "", "L2 regularisation [plain 0.01, weighted 0.0073]"},
    Option{"iterations", Takes::kOne, "N", "",
           "rounds of all users, then all items [plain 12, weighted 10]"},
    Option{"min-listeners", Takes::kOne, "N", "0", "leave out items that fewer users played"},
    Option{"warm-listeners", Takes::kOne, "N", "2",
           "weighted: items that fewer users played are solved from the others only"},
    Option{"text-pull", Takes::kOne, "X", "0",
           "weighted: how far items are drawn to what their texts say, 0..1 (needs texts)"},
    Option{"text-ridge", Takes::kOne, "X", "1", "weighted: L2 regularisation of the text map"},
    Option{"init-sd", Takes::kOne, "X", "0.1", "spread of the random start"},
    Option{"nu", Takes::kOne, "X", "1", "plain: exponent of the counts in the regularisation"},
    Option{"confidence", Takes::kOne, "one|log", "one",
           "plain: 1 for every pair, or log2(1 + weight) over its mean"},
    Option{"biases", Takes::kNothing, "", "", "plain: learn mu, b_u and b_i as well"},
    Option{"user-spread", Takes::kOne, "X", "0.3",
           "weighted: effect of play counts when users are solved"},
    Option{"item-spread", Takes::kOne, "X", "0.6", "weighted: the same when items are solved"},
    Option{"popularity", Takes::kOne, "X", "0.1",
           "weighted: a play counts by listeners to the power -X"},
    Option{"negative-popularity", Takes::kOne, "X", "0.15",
           "weighted: no play counts by (listeners + 1) to the power X"},
    Option{"user-count", Takes::kOne, "X", "40", "weighted: user ridge = lambda (alpha0 N + X)"},
    Option{"item-confidence", Takes::kOne, "X", "4",
           "weighted: item ridge = lambda (alpha0 U + X sum of w)"},
    Option{"tag-confidence", Takes::kOne, "X", "0.8", "weighted: mean weight of a tag on an item"},
    Option{"tag-alpha0", Takes::kOne, "X", "0.5", "weighted: weight of a tag not on an item"},
    Option{"threads", Takes::kOne, "N", "0",
           "threads that train, 0 = one per core; the result is the same bytes"},
    Option{"tag-row-items", Takes::kOne, "N", "5",
           "weighted: train on tags that so many items have"},
};

struct TrainingSettings {
  bool weighted = false;
  IalsSettings ials;
  std::uint32_t min_listeners = 0;
  PlainLoss plain;
  std::string confidence;  ///< plain
  double text_pull = 0;    ///< weighted
  double text_ridge = 1;
  WeightedLoss loss;  ///< weighted
  std::uint32_t tag_row_items = 5;
  std::uint32_t threads = 0;  ///< 0: one per core; the result does not depend on it
};

/// Each loss with its defaults; the weighted one has the 128 factors that are shipped.
TrainingSettings default_settings(bool weighted);

/// Reads kTrainingOptions; the seed is the caller's.
Problem read_settings(const Args& args, TrainingSettings& out);

/// What a model is trained on: the items kept, numbered anew, n of them.
struct TrainingSet {
  std::vector<std::uint32_t> items;   ///< [n], numbers in the ratings, rising
  std::vector<std::uint32_t> number;  ///< [N], the other way; kLeftOut for the others
  Interactions plays;                 ///< [U] of n, weights as written
  IalsProblem problem;                ///< rows beyond U are tags
  ModelConstants constants;           ///< of fold_in; alpha0, user_lambda, confidence

  static constexpr std::uint32_t kLeftOut = 0xffffffff;
};

/// Vectors of the items' texts, [N, size], or none.
struct ItemTexts {
  std::uint32_t size = 0;
  std::vector<float> vectors;
};

/// Whether an assignment of a tag may be counted.
using MayCount = std::function<bool(const TagAssignments::Assignment&)>;

/// `plays` has weights as written; `tags` may be null.
Problem make_training_set(const Interactions& plays, const TagAssignments* tags,
                          const MayCount& may_count, const TrainingSettings& settings,
                          const ItemTexts& texts, TrainingSet& out);

/// The items of `x` that are kept, numbered as in `set`.
Interactions keep_items(const Interactions& x, const TrainingSet& set);

/// New users with `plays` (of the items kept) as a problem for ials_solve_users; their plays weigh
/// as those of training do, and every user has the ridge constants.user_lambda (ADR 0003).
IalsProblem new_users(const Interactions& plays, const TrainingSet& set,
                      const TrainingSettings& settings);

/// Runs tasks on so many threads, 0 = one per core.
ForEach in_threads(std::uint32_t threads);

/// settings.iterations iterations from a fresh start. Stops with kExitInterrupted on Ctrl-C.
Problem train_ials(const IalsProblem& problem, const IalsSettings& settings, IalsModel& out,
                   std::uint32_t threads = 0);

template <std::size_t A, std::size_t B>
constexpr std::array<Option, A + B> join(const std::array<Option, A>& a,
                                         const std::array<Option, B>& b) {
  std::array<Option, A + B> out{};
  for (std::size_t i = 0; i < A; ++i) out[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) out[A + i] = b[i];
  return out;
}

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_TRAINING_H_
