#include "evaluation/lists/held_out.h"

#include <algorithm>

#include "evaluation/folds.h"
#include "model/encoder_bundle.h"

namespace ossicle::tools {
namespace {

// Vectors of the texts, [texts, d]; those met before are not encoded again.
Problem encode_new(Encoder& encoder, const std::vector<std::string>& texts, TextMemory& memory,
                   std::vector<float>& out) {
  std::vector<std::string_view> unknown;
  for (const std::string& text : texts) {
    if (memory.try_emplace(text).second) unknown.push_back(text);
  }
  const std::uint32_t d = encoder.shape().vector_size();
  std::vector<float> vectors;
  OSL_TOOL_TRY(encode_all(encoder, unknown, d, "texts", vectors));
  for (std::size_t i = 0; i < unknown.size(); ++i) {
    const auto row = std::span(vectors).subspan(i * d, d);
    memory[std::string(unknown[i])].assign(row.begin(), row.end());
  }
  out.clear();
  for (const std::string& text : texts) {
    const std::vector<float>& row = memory[text];
    out.insert(out.end(), row.begin(), row.end());
  }
  return {};
}

}  // namespace

Problem HeldOut::open(const ListRequest& request, const Split& split, std::uint64_t seed,
                      std::uint32_t fold, const EngineOptions& options) {
  request_ = &request;
  split_ = &split;
  const std::vector<std::uint32_t> fold_of = assign_folds(split.train.n_users, request.folds, seed);
  std::vector<bool> inside(fold_of.size());
  users_.clear();
  for (std::uint32_t u = 0; u < fold_of.size(); ++u) {
    inside[u] = fold_of[u] == fold;
    if (inside[u]) users_.push_back(u);
  }
  std::vector<bool> outside = inside;
  outside.flip();
  const auto may_count = [&](const TagAssignments::Assignment& one) {
    if (one.user == TagAssignments::kNobody) return true;
    return !inside[one.user] && !split.holds_out(one.user, one.item);
  };
  IalsSettings settings = request.settings.ials;
  settings.seed = seed;
  IalsModel model;
  OSL_TOOL_TRY(make_training_set(select_users(split.train, outside), request.tags, may_count,
                                 request.settings, {}, set_));
  OSL_TOOL_TRY(train_ials(set_.problem, settings, model));
  OSL_TOOL_TRY(build_catalogue({model, set_, request.ratings.items}, built_));
  item_of_row_.assign(built_.view.n_items, 0);
  for (const std::uint32_t item : set_.items) item_of_row_[built_.row_of_item[item]] = item;
  Result<BundleBytes> bytes =
      write_catalogue(built_.view, {"fold", "as the ratings", "ratings", "ossicle replay"});
  if (!bytes) return problem("catalogue", bytes.error());
  CatalogueData data;
  OSL_TOOL_TRY(open_bundle(bytes.value(), data));
  Result<Engine> engine = Engine::open(std::move(data), options);
  if (!engine) return problem("engine", engine.error());
  engine_.emplace(std::move(engine).value());
  has_text_ = request.encoder != nullptr;
  if (!has_text_) return {};
  TagAssignments allowed;
  if (request.tags != nullptr) {
    allowed.names = request.tags->names;
    std::copy_if(request.tags->all.begin(), request.tags->all.end(),
                 std::back_inserter(allowed.all), may_count);
  }
  return attach_text(request.tags == nullptr ? nullptr : &allowed);
}

Problem HeldOut::attach_text(const TagAssignments* tags) {
  TagFacts facts;
  const auto n_items = static_cast<std::uint32_t>(request_->ratings.items.size());
  if (tags != nullptr) OSL_TOOL_TRY(strongest_tags(*tags, n_items, {}, facts));
  std::vector<std::string> texts;
  for (const std::uint32_t item : item_of_row_) {
    const std::string& id = request_->ratings.items[item];
    const auto name = request_->names.find(id);
    std::string text = name == request_->names.end() ? id : name->second;
    if (tags != nullptr) {
      for (const std::uint16_t tag : facts.of_item[item]) text += ", " + facts.names[tag];
    }
    texts.push_back(std::move(text));
  }
  const std::uint32_t d = request_->encoder->shape().vector_size();
  std::vector<float> vectors;
  OSL_TOOL_TRY(encode_new(*request_->encoder, texts, *request_->vectors, vectors));
  const auto n = static_cast<std::uint32_t>(texts.size());
  const std::uint32_t stride = (d + 15) / 16 * 16;
  text_rows_.assign(std::size_t{n} * stride, 0);
  text_scale_.assign(n, 0);
  text_bias_.assign(n, 0);
  text_rowsum_.assign(n, 0);
  quantise_rows(vectors, n, d, stride, text_rows_, text_scale_, text_rowsum_);
  const Status s =
      engine_->use_text({d, stride, text_rows_, text_scale_, text_bias_, text_rowsum_});
  return s ? Problem() : problem("text vectors", s.error());
}

std::vector<Listen> HeldOut::history(std::uint32_t user) const {
  return play_events(played_items(request_->ratings, split_->train, user,
                                  request_->settings.weighted, request_->most_plays));
}

std::vector<std::uint32_t> HeldOut::rows_of(std::span<const std::uint32_t> items) const {
  return rows_in(built_.row_of_item, items);
}

}  // namespace ossicle::tools
