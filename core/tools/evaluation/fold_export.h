#ifndef OSSICLE_TOOLS_EVALUATION_FOLD_EXPORT_H_
#define OSSICLE_TOOLS_EVALUATION_FOLD_EXPORT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evaluation/folds.h"
#include "evaluation/report.h"
#include "ossicle/catalogue.h"
#include "problem.h"

namespace ossicle::tools {

/// One fold of own-data-out as files, so that another build of the engine can be given the very
/// same listeners:
///   DIR/seed-S/fold-F/bundle.json, catalogue-0.safetensors
///       the catalogue trained without the fold's users
///   DIR/seed-S/fold-F/users.jsonl
///       {"user", "history": [names], "plays": [counts], "masked": [names], "truth": [names],
///       "ranked": [names]}
///   DIR/folds.json
///       {"version": 2, "k", "now", "folds": [{"path", "users", "ndcg", "recall"}]}
/// `history` gets its plays at `now`; `masked` is left out of the list beside it; `ranked` is what
/// the native engine gave. A name of masked or truth may be one that the catalogue lacks.
class FoldExport {
 public:
  FoldExport(std::string folder, std::uint32_t k, std::int64_t now_s);

  bool wanted() const { return !folder_.empty(); }
  /// Items are numbers into `names`.
  void add_user(const std::string& user, std::span<const PlayedItem> history,
                std::span<const std::string> names, std::span<const std::uint32_t> masked,
                std::span<const std::uint32_t> truth, std::span<const std::uint32_t> ranked);
  Problem end_fold(std::uint64_t seed, std::uint32_t fold, const BundleBytes& bundle,
                   const MetricMean& native);
  Problem finish();

 private:
  std::string folder_;
  std::string users_;  // lines of the fold in progress
  JsonOut folds_;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_FOLD_EXPORT_H_
