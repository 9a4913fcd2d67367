#ifndef OSSICLE_TOOLS_EVALUATION_LISTS_HELD_OUT_H_
#define OSSICLE_TOOLS_EVALUATION_LISTS_HELD_OUT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluation/split.h"
#include "model/catalogue_build.h"
#include "ossicle/encoder.h"
#include "ossicle/engine.h"
#include "problem.h"

namespace ossicle::tools {

/// Vectors of texts that were encoded.
using TextMemory = std::map<std::string, std::vector<float>>;

/// What experiments with lists stand on.
struct ListRequest {
  const Ratings& ratings;
  const TagAssignments* tags = nullptr;
  TrainingSettings settings = {};
  std::map<std::string, std::string> names = {};  ///< of items, for their text
  TextMemory* vectors = nullptr;                  ///< beside the encoder
  Encoder* encoder = nullptr;                     ///< null: no text vectors
  std::uint32_t folds = 5;
  std::uint32_t most_folds = 100;
  std::uint32_t most_plays = 300;
};

/// A fold of users whose data is nowhere in the engine's catalogue.
class HeldOut {
 public:
  /// Trains on the train parts of all users outside the fold, without what could give an answer
  /// away: the text of an item is its name and its five most given tags, counted like the tags that
  /// training sees.
  Problem open(const ListRequest& request, const Split& split, std::uint64_t seed,
               std::uint32_t fold, const EngineOptions& options);

  Engine& engine() { return *engine_; }
  bool has_text() const { return has_text_; }
  std::span<const std::uint32_t> users() const { return users_; }

  /// The plays of a user's train part, all at kEpochS, most plays of an item at most
  /// request.most_plays.
  std::vector<Listen> history(std::uint32_t user) const;
  /// Items of the ratings as rows of the catalogue, rising; and the other way.
  std::vector<std::uint32_t> rows_of(std::span<const std::uint32_t> items) const;
  std::uint32_t item_of(std::uint32_t row) const { return item_of_row_[row]; }

 private:
  Problem attach_text(const TagAssignments* tags);

  const ListRequest* request_ = nullptr;
  const Split* split_ = nullptr;
  std::vector<std::uint32_t> users_, item_of_row_;
  TrainingSet set_;
  BuiltCatalogue built_;
  std::optional<Engine> engine_;
  bool has_text_ = false;
  std::vector<std::int8_t> text_rows_;
  std::vector<float> text_scale_, text_bias_;
  std::vector<std::int32_t> text_rowsum_;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_LISTS_HELD_OUT_H_
