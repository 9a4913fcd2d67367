#include "evaluation/fold_export.h"

#include "files.h"
#include "model/catalogue_build.h"

namespace ossicle::tools {
namespace {

void add_names(JsonOut& json, std::string_view key, const Catalogue& catalogue,
               std::span<const std::uint32_t> rows) {
  json.key(key).begin_array();
  for (const std::uint32_t row : rows) json.text(catalogue.name(row));
  json.end_array();
}

}  // namespace

FoldExport::FoldExport(std::string folder, std::uint32_t k, std::int64_t now_s)
    : folder_(std::move(folder)) {
  folds_.begin_object().key("version").count(1).key("k").count(k).key("now").integer(now_s);
  folds_.key("folds").begin_array();
}

void FoldExport::add_user(const std::string& user, const Catalogue& catalogue,
                          std::span<const std::uint32_t> history,
                          std::span<const std::uint32_t> masked,
                          std::span<const std::uint32_t> truth,
                          std::span<const std::uint32_t> ranked) {
  if (!wanted()) return;
  JsonOut json;
  json.begin_object().key("user").text(user);
  add_names(json, "history", catalogue, history);
  add_names(json, "masked", catalogue, masked);
  add_names(json, "truth", catalogue, truth);
  add_names(json, "ranked", catalogue, ranked);
  json.end_object();
  users_ += json.line() + "\n";
}

Problem FoldExport::end_fold(std::uint64_t seed, std::uint32_t fold, const BundleBytes& bundle,
                             const MetricMean& native) {
  if (!wanted()) return {};
  const std::string path = "seed-" + std::to_string(seed) + "/fold-" + std::to_string(fold);
  OSL_TOOL_TRY(write_file(folder_ + "/" + path + "/users.jsonl", users_));
  OSL_TOOL_TRY(write_bundle(folder_ + "/" + path, bundle));
  users_.clear();
  folds_.begin_object().key("path").text(path).key("users").count(native.users());
  folds_.key("ndcg").number(native.mean().ndcg).key("recall").number(native.mean().recall);
  folds_.end_object();
  return {};
}

Problem FoldExport::finish() {
  if (!wanted()) return {};
  folds_.end_array().end_object();
  return write_file(folder_ + "/folds.json", folds_.line() + "\n");
}

}  // namespace ossicle::tools
