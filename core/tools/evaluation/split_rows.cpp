#include "evaluation/split_rows.h"

#include <algorithm>

#include "evaluation/baselines/bpr.h"
#include "evaluation/baselines/ease.h"

namespace ossicle::tools {
namespace {

constexpr double kEaseLambda = 100;  // chosen on validation data (anchors.md)

// Tags as facts about items, whoever gave them: they measure lists, nothing is ranked by them.
ItemSets tag_sets(const TagAssignments& tags, std::uint32_t n_items) {
  std::vector<std::vector<std::uint32_t>> of_item(n_items);
  for (const TagAssignments::Assignment& one : tags.all) of_item[one.item].push_back(one.tag);
  ItemSets out;
  out.offset = {0};
  for (std::vector<std::uint32_t>& members : of_item) {
    std::sort(members.begin(), members.end());
    members.erase(std::unique(members.begin(), members.end()), members.end());
    out.member.insert(out.member.end(), members.begin(), members.end());
    out.offset.push_back(out.member.size());
  }
  return out;
}

void rank_by_bpr(const Split& split, std::uint64_t seed, SplitRows& rows) {
  BprSettings settings;
  settings.seed = seed;
  const BprModel model = train_bpr(split.train, settings);
  const std::size_t d = model.factors;
  const std::uint32_t n = split.train.n_items;
  std::vector<float> by_factor(d * n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t f = 0; f < d; ++f) by_factor[f * n + i] = model.q[i * d + f];
  }
  std::vector<float> scores(n);
  rows.add("BPR", [&](std::uint32_t u) {
    std::copy(model.bias.begin(), model.bias.end(), scores.begin());
    for (std::size_t f = 0; f < d; ++f) {
      const float x = model.p[u * d + f];
      const float* q = by_factor.data() + f * n;
      for (std::size_t i = 0; i < n; ++i) scores[i] += x * q[i];
    }
    return std::span<float>(scores);
  });
}

Problem rank_by_ease(const Split& split, SplitRows& rows) {
  Ease ease;
  OSL_TOOL_TRY(ease.train(split.train, kEaseLambda));
  rows.add("EASE", [&](std::uint32_t u) { return ease.scores(u); });
  return {};
}

Problem rank_by_method(const std::string& method, const EvalRequest& request, const Split& split,
                       std::uint64_t seed, SplitRows& rows) {
  if (method == "popularity") {
    rank_by_popularity(split, rows);
    return {};
  }
  if (method == "bpr") {
    rank_by_bpr(split, seed, rows);
    return {};
  }
  if (method == "ease") return rank_by_ease(split, rows);
  EvalRequest one = request;
  // The options are of the model that --loss names; the other one is as anchors.md has it.
  if (request.settings.weighted != (method == "weighted")) {
    one.settings = default_settings(method == "weighted");
  }
  if (!one.settings.weighted) one.tags = nullptr;
  one.encoder = nullptr;
  return rank_by_ials(one, split, seed, IalsRows::kShown, rows);
}

}  // namespace

SplitRows::SplitRows(const EvalRequest& request, const Split& split, Report& report)
    : request_(request), split_(split), report_(report) {}

void SplitRows::set_vectors(const IalsModel& model, const TrainingSet& set) {
  if (!vectors_.empty()) return;
  d_ = model.settings.factors;
  vectors_.assign(std::size_t{split_.train.n_items} * d_, 0.0F);
  for (std::size_t i = 0; i < set.items.size(); ++i) {
    std::copy_n(model.q.data() + i * d_, d_, vectors_.data() + std::size_t{set.items[i]} * d_);
  }
}

void SplitRows::finish() {
  std::vector<std::uint32_t> listeners(split_.train.n_items, 0);
  for (const std::uint32_t item : split_.train.item) ++listeners[item];
  ItemSets tags;
  if (request_.tags != nullptr) tags = tag_sets(*request_.tags, split_.train.n_items);
  for (const Lists& lists : lists_) {
    const std::vector<std::vector<std::uint32_t>>& all = lists.of_user;
    ListFigures figures;
    const ListMetrics m = list_metrics(all, listeners, split_.train.n_users);
    figures.coverage = m.coverage;
    figures.gini = m.gini;
    figures.novelty = m.novelty;
    if (!vectors_.empty()) figures.diversity = list_diversity(all, vectors_, d_);
    if (request_.tags != nullptr) figures.tag_diversity = list_diversity(all, tags);
    report_.row(lists.row).lists_per_seed.push_back(figures);
  }
}

Problem rank_by_methods(const EvalRequest& request, const Split& split, std::uint64_t seed,
                        SplitRows& rows) {
  for (const std::string& method : request.methods) {
    OSL_TOOL_TRY(rank_by_method(method, request, split, seed, rows));
  }
  return {};
}

}  // namespace ossicle::tools
