#include <algorithm>
#include <cmath>

#include "base/rng.h"
#include "evaluation/split.h"
#include "model/encoder_bundle.h"
#include "model/item_texts.h"
#include "ossicle/text_map.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kLeastListeners = 5;  // of an item that may be hidden
constexpr std::uint32_t kHiddenShare = 10;    // one in so many

// The hidden items, rising.
std::vector<std::uint32_t> choose_hidden(const Interactions& x, std::uint64_t seed) {
  std::vector<std::uint32_t> listeners(x.n_items, 0);
  for (const std::uint32_t item : x.item) ++listeners[item];
  std::vector<std::uint32_t> pool;
  for (std::uint32_t i = 0; i < x.n_items; ++i) {
    if (listeners[i] >= kLeastListeners) pool.push_back(i);
  }
  std::uint64_t state = seed;
  const std::size_t n = pool.size() / kHiddenShare;
  for (std::size_t i = 0; i < n; ++i) {
    const auto rest = static_cast<std::uint32_t>(pool.size() - i);
    std::swap(pool[i], pool[i + base::below(state, rest)]);
  }
  pool.resize(n);
  std::sort(pool.begin(), pool.end());
  return pool;
}

class ColdItems {
 public:
  ColdItems(const EvalRequest& request, const ItemTexts& texts, Report& report)
      : request_(request), texts_(texts), report_(report) {}

  Problem run(std::uint64_t seed) {
    hidden_ = choose_hidden(request_.ratings.by_user, seed);
    if (hidden_.empty()) return problem("no item has 5 users: there is none to hide");
    OSL_TOOL_TRY(train(seed));
    const auto by_others = [&](const TagAssignments::Assignment& one) {
      return one.user == TagAssignments::kNobody || !has(one.user, one.item);
    };
    const std::vector<std::string> tagged =
        texts_of_items(request_.names, request_.tags, by_others, kTagsPerText);
    OSL_TOOL_TRY(add_text_row("text: name and tags", tagged));
    OSL_TOOL_TRY(add_text_row(
        "text: name", std::vector<std::string>(request_.names.begin(), request_.names.end())));
    // What a new item's popularity would be, if it were known.
    std::vector<float> listeners(request_.ratings.items.size(), 0);
    for (const std::uint32_t item : request_.ratings.by_user.item) listeners[item] += 1;
    add_row("popularity (the hidden counts)",
            [&](std::uint32_t, std::uint32_t item) { return listeners[item]; });
    std::uint64_t state = ~seed;
    add_row("random", [&](std::uint32_t, std::uint32_t) {
      return static_cast<float>(base::below(state, 1U << 24));
    });
    return {};
  }

 private:
  bool is_hidden(std::uint32_t item) const {
    return std::binary_search(hidden_.begin(), hidden_.end(), item);
  }
  bool has(std::uint32_t user, std::uint32_t item) const {
    const auto items = items_of(request_.ratings.by_user, user);
    return std::binary_search(items.begin(), items.end(), item);
  }

  Problem train(std::uint64_t seed) {
    const Interactions& all = request_.ratings.by_user;
    Interactions train;
    train.n_users = all.n_users;
    train.n_items = all.n_items;
    train.offset = {0};
    for (std::uint32_t u = 0; u < all.n_users; ++u) {
      for (auto e = static_cast<std::size_t>(all.offset[u]); e < all.offset[u + 1]; ++e) {
        if (is_hidden(all.item[e])) continue;
        train.item.push_back(all.item[e]);
        train.weight.push_back(all.weight[e]);
      }
      train.offset.push_back(train.item.size());
    }
    const auto may_count = [&](const TagAssignments::Assignment& one) {
      return !is_hidden(one.item);
    };
    OSL_TOOL_TRY(make_training_set(train, request_.tags, may_count, request_.settings, {}, set_));
    IalsSettings settings = request_.settings.ials;
    settings.seed = seed;
    OSL_TOOL_TRY(train_ials(set_.problem, settings, model_, request_.settings.threads));
    // The map, by the warm items.
    std::vector<float> text, weight = set_.problem.item_ridge;
    for (std::size_t i = 0; i < set_.items.size(); ++i) {
      const auto row = vector_of(texts_.vectors, set_.items[i]);
      text.insert(text.end(), row.begin(), row.end());
      if (set_.problem.cold[i] != 0) weight[i] = 0;
    }
    auto map = fit_text_map(text, model_.q, weight, texts_.size, settings.factors,
                            request_.settings.text_ridge);
    if (!map) return problem("text map", map.error());
    map_ = std::move(map).value();
    return {};
  }

  std::span<const float> vector_of(std::span<const float> vectors, std::size_t i) const {
    return vectors.subspan(i * texts_.size, texts_.size);
  }

  Problem add_text_row(const std::string& name, const std::vector<std::string>& texts) {
    std::vector<std::string_view> of_hidden;
    of_hidden.reserve(hidden_.size());
    for (const std::uint32_t item : hidden_) of_hidden.push_back(texts[item]);
    std::vector<float> vectors;
    OSL_TOOL_TRY(encode_all(*request_.encoder, of_hidden, texts_.size, "texts", vectors));
    const std::uint32_t d = model_.settings.factors;
    std::vector<float> q(hidden_.size() * d);
    for (std::size_t i = 0; i < hidden_.size(); ++i) {
      const Status s = map_text(map_.m, vector_of(vectors, i), std::span(q).subspan(i * d, d));
      if (!s) return problem("text map", s.error());
    }
    add_row(name, [&](std::uint32_t user, std::uint32_t item) {
      const auto at = std::lower_bound(hidden_.begin(), hidden_.end(), item) - hidden_.begin();
      const float* p = model_.p.data() + std::size_t{user} * d;
      const float* of_item = q.data() + static_cast<std::size_t>(at) * d;
      float sum = 0;
      for (std::uint32_t f = 0; f < d; ++f) sum += p[f] * of_item[f];
      return sum;
    });
    return {};
  }

  // Ranks the hidden items for every user who has one.
  template <class Score>
  void add_row(const std::string& name, Score score) {
    MetricMean mean;
    for (std::uint32_t u = 0; u < request_.ratings.by_user.n_users; ++u) {
      std::vector<std::uint32_t> truth;
      for (const std::uint32_t item : items_of(request_.ratings.by_user, u)) {
        if (is_hidden(item)) truth.push_back(item);
      }
      if (truth.empty()) continue;
      std::vector<std::pair<float, std::uint32_t>> order;
      order.reserve(hidden_.size());
      for (const std::uint32_t item : hidden_) order.emplace_back(-score(u, item), item);
      std::sort(order.begin(), order.end());
      std::vector<std::uint32_t> ranked;
      for (std::size_t i = 0; i < order.size() && i < report_.k; ++i) {
        ranked.push_back(order[i].second);
      }
      mean.add(ranking_metrics(ranked, truth, report_.k));
    }
    report_.users_ranked = mean.users();
    report_.row(name).per_seed.push_back(mean.mean());
  }

  const EvalRequest& request_;
  const ItemTexts& texts_;
  Report& report_;
  std::vector<std::uint32_t> hidden_;
  TrainingSet set_;
  IalsModel model_;
  TextMap map_;
};

}  // namespace

Problem eval_cold_items(const EvalRequest& request, Report& report) {
  ItemTexts texts;
  const auto count_all = [](const TagAssignments::Assignment&) { return true; };
  OSL_TOOL_TRY(make_item_texts(*request.encoder, request.names, request.tags, count_all,
                               kTagsPerText, texts));
  const Progress progress("seed", static_cast<std::uint32_t>(report.seeds.size()));
  for (std::uint32_t s = 0; s < report.seeds.size(); ++s) {
    ColdItems protocol(request, texts, report);
    OSL_TOOL_TRY(protocol.run(report.seeds[s]));
    progress.step(s + 1);
  }
  return {};
}

}  // namespace ossicle::tools
