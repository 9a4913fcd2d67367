#ifndef OSSICLE_TOOLS_EVALUATION_SPLIT_H_
#define OSSICLE_TOOLS_EVALUATION_SPLIT_H_

#include <cstdint>
#include <span>
#include <vector>

#include "evaluation/report.h"
#include "model/training.h"
#include "ossicle/train.h"
#include "ratings.h"

namespace ossicle::tools {

/// A random 8:1:1 split of every user's interactions. Lists are [U], items rising.
struct Split {
  Interactions train;
  std::vector<std::vector<std::uint32_t>> validation, test;
};
Split split_users(const Interactions& by_user, std::uint64_t seed);

/// What an evaluation is asked for.
struct EvalRequest {
  const Ratings& ratings;
  TrainingSettings settings;
  std::string model;   ///< ials | popularity
  bool on_validation;  ///< report on the validation part (train masked) instead of the test part
                       ///< (train and validation masked)
  std::uint32_t folds = 5;  ///< own-data-out
  std::string export_folder;
};

/// Ranks all items for every user and reports one row per way of ranking.
Problem eval_split811(const EvalRequest& request, Report& report);

/// Users in folds; the model is trained on the other folds' train parts, and each user's own data
/// only meets the Engine.
Problem eval_own_data_out(const EvalRequest& request, Report& report);

/// f32 scores of all items for one user at a time: mu + b_u are left out, they do not change the
/// order.
class Scorer {
 public:
  explicit Scorer(const IalsModel& model);
  std::span<float> scores(std::span<const float> p);

 private:
  std::uint32_t n_, d_;
  std::vector<float> by_factor_;  // [d, N]: adding factor after factor runs over contiguous items
  std::vector<float> bias_, scores_;
};

/// The k best items by score without those in `masked`, best first, ties to the lower item.
/// `scores` is overwritten at the masked.
std::vector<std::uint32_t> top_items(std::span<float> scores,
                                     std::initializer_list<std::span<const std::uint32_t>> masked,
                                     std::uint32_t k);

std::span<const std::uint32_t> items_of(const Interactions& x, std::uint32_t user);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_SPLIT_H_
