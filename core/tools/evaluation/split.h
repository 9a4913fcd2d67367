#ifndef OSSICLE_TOOLS_EVALUATION_SPLIT_H_
#define OSSICLE_TOOLS_EVALUATION_SPLIT_H_

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "evaluation/report.h"
#include "model/training.h"
#include "ossicle/encoder.h"
#include "ossicle/train.h"
#include "ratings.h"

namespace ossicle::tools {

/// A random 8:1:1 split of every user's interactions. Lists are [U], items rising.
struct Split {
  Interactions train;
  std::vector<std::vector<std::uint32_t>> validation, test;

  /// Whether the item is in a user's validation or test part. A tag that the user gave to such an
  /// item would give the answer away.
  bool holds_out(std::uint32_t user, std::uint32_t item) const;
};
Split split_users(const Interactions& by_user, std::uint64_t seed);

/// Every user's last interaction by time is the test part, the one before it the validation part;
/// a user of two has no validation part, a user of one is trained on only. Of equal times the one
/// with the higher item number is the later. `ratings.time` is not empty.
Split split_last(const Ratings& ratings);

/// What an evaluation is asked for.
struct EvalRequest {
  const Ratings& ratings;
  const TagAssignments* tags;  ///< null: none
  TrainingSettings settings;
  std::string model;   ///< ials | popularity
  bool on_validation;  ///< report on the validation part (train masked) instead of the test part
                       ///< (train and validation masked)
  std::uint32_t folds = 5;         ///< own-data-out
  std::uint32_t most_plays = 300;  ///< own-data-out: events given of one item
  std::string export_folder;       ///< own-data-out
  std::string export_split;        ///< split811, with factors: a folder; empty: nothing is written
  std::vector<std::string> methods = {};  ///< one row each, in place of `model`
  bool leave_last_out = false;            ///< split_last in place of split_users
  Encoder* encoder = nullptr;             ///< null: items have no texts
  std::span<const std::string> names{};   ///< [N], with an encoder
  bool rank_cold = false;                 ///< whether cold items are ranked
};

/// Splits every user's interactions, ranks all items for every user and reports one row per way of
/// ranking.
Problem eval_split(const EvalRequest& request, Report& report);

/// Users in folds; the model is trained on the other folds' train parts, and each user's own data
/// only meets the Engine.
Problem eval_own_data_out(const EvalRequest& request, Report& report);

/// Hides a tenth of the items that at least five users have from training, plays and tags, and
/// ranks them by their texts for the users who have them; request.encoder is needed.
Problem eval_cold_items(const EvalRequest& request, Report& report);

/// f32 scores of all items for one user at a time: mu + b_u are left out, they do not change the
/// order. Items that the model was not trained on score kNever.
class Scorer {
 public:
  static constexpr float kNever = -std::numeric_limits<float>::infinity();

  Scorer(const IalsModel& model, const TrainingSet& set, bool rank_cold);
  std::span<float> scores(std::span<const float> p);

 private:
  std::span<const std::uint32_t> items_;
  std::span<const std::uint8_t> hidden_;  // [n] or empty
  std::uint32_t n_, d_;
  std::vector<float> by_factor_;  // [d, n]: adding factor after factor runs over contiguous items
  std::vector<float> bias_, kept_, scores_;
};

/// The model with its item vectors as a catalogue holds them: rows with a scale each, of 8 bits, or
/// of 4 where an item is cold.
IalsModel with_int8_items(const IalsModel& model, const TrainingSet& set);

/// The k best items by score without those in `masked` and those that score kNever, best first,
/// ties to the lower item. `scores` is overwritten at the masked.
std::vector<std::uint32_t> top_items(std::span<float> scores,
                                     std::initializer_list<std::span<const std::uint32_t>> masked,
                                     std::uint32_t k);

std::span<const std::uint32_t> items_of(const Interactions& x, std::uint32_t user);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_SPLIT_H_
