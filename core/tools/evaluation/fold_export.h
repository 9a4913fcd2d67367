#ifndef OSSICLE_TOOLS_EVALUATION_FOLD_EXPORT_H_
#define OSSICLE_TOOLS_EVALUATION_FOLD_EXPORT_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "evaluation/report.h"
#include "ossicle/catalogue.h"
#include "problem.h"

namespace ossicle::tools {

/// One fold of own-data-out as files, so that another build of the engine can be given the very
/// same listeners:
///   DIR/seed-S/fold-F/bundle.json, catalogue-0.safetensors   the catalogue trained without the
///   fold's users DIR/seed-S/fold-F/users.jsonl  {"user", "history": [names], "masked": [rows],
///   "truth": [rows], "ranked": [rows]} DIR/folds.json                 {"version": 1, "k", "now",
///   "folds": [{"path", "users", "ndcg", "recall"}]}
/// `history` gets one play each at `now`; `masked` is left out of the list beside it; `ranked` is
/// what the native engine gave.
class FoldExport {
 public:
  FoldExport(std::string folder, std::uint32_t k, std::int64_t now_s);

  bool wanted() const { return !folder_.empty(); }
  void add_user(const std::string& user, const Catalogue& catalogue,
                std::span<const std::uint32_t> history, std::span<const std::uint32_t> masked,
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
