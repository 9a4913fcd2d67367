#include "evaluation/fold_export.h"

#include "files.h"
#include "model/catalogue_build.h"

namespace ossicle::tools {
namespace {

void add_names(JsonOut& json, std::string_view key, std::span<const std::string> names,
               std::span<const std::uint32_t> items) {
  json.key(key).begin_array();
  for (const std::uint32_t item : items) json.text(names[item]);
  json.end_array();
}

}  // namespace

FoldExport::FoldExport(std::string folder, std::uint32_t k, std::int64_t now_s)
    : folder_(std::move(folder)) {
  folds_.begin_object().key("version").count(2).key("k").count(k).key("now").integer(now_s);
  folds_.key("folds").begin_array();
}

void FoldExport::add_user(const std::string& user, std::span<const PlayedItem> history,
                          std::span<const std::string> names, std::span<const std::uint32_t> masked,
                          std::span<const std::uint32_t> truth,
                          std::span<const std::uint32_t> ranked) {
  if (!wanted()) return;
  JsonOut json;
  json.begin_object().key("user").text(user);
  json.key("history").begin_array();
  for (const PlayedItem& item : history) json.text(item.name);
  json.end_array().key("plays").begin_array();
  for (const PlayedItem& item : history) json.count(item.plays);
  json.end_array();
  add_names(json, "masked", names, masked);
  add_names(json, "truth", names, truth);
  add_names(json, "ranked", names, ranked);
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
