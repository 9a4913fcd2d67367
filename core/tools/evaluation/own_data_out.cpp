#include <algorithm>

#include "evaluation/fold_export.h"
#include "evaluation/folds.h"
#include "evaluation/split.h"
#include "model/catalogue_build.h"
#include "model/item_texts.h"
#include "ossicle/engine.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kMostRanked = 1024;  // the most that Engine::recommend gives at once

// One listener at the engine, as in the browser: the plays of the history at kEpochS, then a list.
Problem rank_with_engine(Engine& engine, const std::vector<PlayedItem>& history,
                         std::span<const std::uint32_t> masked, std::uint32_t k,
                         std::vector<std::uint32_t>& ranked) {
  const std::vector<Listen> events = play_events(history);
  engine.forget();
  if (const Status s = engine.record_all(events, {}); !s) return problem("recording", s.error());
  std::vector<Scored> list(std::min<std::size_t>(k + masked.size(), kMostRanked));
  const Result<std::uint32_t> n = engine.recommend(kEpochS, list, 0, {}, {});
  if (!n) return problem("recommending", n.error());
  ranked.clear();
  for (std::uint32_t i = 0; i < n.value() && ranked.size() < k; ++i) {
    if (!std::binary_search(masked.begin(), masked.end(), list[i].item)) {
      ranked.push_back(list[i].item);
    }
  }
  return {};
}

struct Means {
  MetricMean engine, int8, f32;
};

class Fold {
 public:
  Fold(const EvalRequest& request, const Split& split, std::uint32_t k)
      : request_(request), split_(split), k_(k) {}

  Problem train(const std::vector<std::uint32_t>& fold_of, std::uint32_t fold,
                const IalsSettings& settings) {
    std::vector<bool> inside(fold_of.size());
    for (std::size_t u = 0; u < fold_of.size(); ++u) inside[u] = fold_of[u] == fold;
    std::vector<bool> outside = inside;
    outside.flip();
    const Interactions train = select_users(split_.train, outside);
    if (train.n_users == 0) return problem("a fold has no other users to train on");
    users_.clear();
    for (std::uint32_t u = 0; u < split_.train.n_users; ++u) {
      if (inside[u]) users_.push_back(u);
    }
    // Users without ratings are in no fold, and hold nothing out.
    const auto may_count = [&](const TagAssignments::Assignment& one) {
      if (one.user == TagAssignments::kNobody) return true;
      return !inside[one.user] && !split_.holds_out(one.user, one.item);
    };
    ItemTexts texts;
    if (request_.encoder != nullptr) {
      OSL_TOOL_TRY(make_item_texts(*request_.encoder, request_.names, request_.tags, may_count,
                                   kTagsPerText, texts));
    }
    OSL_TOOL_TRY(
        make_training_set(train, request_.tags, may_count, request_.settings, texts, set_));
    held_out_ = keep_items(select_users(split_.train, inside), set_);
    OSL_TOOL_TRY(train_ials(set_.problem, settings, model_, request_.settings.threads));
    OSL_TOOL_TRY(build_catalogue({model_, set_, request_.ratings.items}, built_));
    item_of_row_.resize(built_.view.n_items);
    for (const std::uint32_t item : set_.items) item_of_row_[built_.row_of_item[item]] = item;
    Result<BundleBytes> bytes = write_catalogue(
        built_.view, {"own-data-out fold", "as the ratings", "ratings", "ossicle eval"});
    if (!bytes) return problem("catalogue", bytes.error());
    bundle_ = std::move(bytes).value();
    return {};
  }

  Problem rank_by_engine(FoldExport& files, MetricMean& fold_mean, Means& means) {
    CatalogueData data;
    OSL_TOOL_TRY(open_bundle(bundle_, data));
    EngineOptions options;
    options.max_results = kMostRanked;
    Result<Engine> engine = Engine::open(std::move(data), options);
    if (!engine) return problem("engine", engine.error());
    const std::vector<std::string>& names = request_.ratings.items;
    for (const std::uint32_t u : users_) {
      if (split_.test[u].empty()) continue;
      const std::vector<PlayedItem> history = played_items(
          request_.ratings, split_.train, u, request_.settings.weighted, request_.most_plays);
      const auto masked = rows_in(built_.row_of_item, split_.validation[u]);
      std::vector<std::uint32_t> rows;
      OSL_TOOL_TRY(rank_with_engine(engine.value(), history, masked, k_, rows));
      std::vector<std::uint32_t> ranked;
      ranked.reserve(rows.size());
      for (const std::uint32_t row : rows) ranked.push_back(item_of_row_[row]);
      const RankingMetrics metrics = ranking_metrics(ranked, split_.test[u], k_);
      means.engine.add(metrics);
      fold_mean.add(metrics);
      files.add_user(request_.ratings.users[u], history, names, split_.validation[u],
                     split_.test[u], ranked);
    }
    return {};
  }

  Problem rank_by_shortcut(const IalsProblem& users, const IalsModel& model, MetricMean& mean) {
    const std::size_t d = model.settings.factors;
    std::vector<float> p(users_.size() * d);
    std::vector<float> bias(users_.size());
    if (const Status s = ials_solve_users(users, model, p, bias); !s) {
      return problem("solving held-out users", s.error());
    }
    Scorer scorer(model, set_, request_.rank_cold);
    for (std::size_t at = 0; at < users_.size(); ++at) {
      const std::uint32_t u = users_[at];
      if (split_.test[u].empty()) continue;
      const std::vector<std::uint32_t> ranked =
          top_items(scorer.scores(std::span(p).subspan(at * d, d)),
                    {items_of(split_.train, u), split_.validation[u]}, k_);
      mean.add(ranking_metrics(ranked, split_.test[u], k_));
    }
    return {};
  }

  Problem rank_by_shortcuts(Means& means) {
    const IalsProblem users = new_users(held_out_, set_, request_.settings);
    OSL_TOOL_TRY(rank_by_shortcut(users, model_, means.f32));
    return rank_by_shortcut(users, with_int8_items(model_, set_), means.int8);
  }

  const BundleBytes& bundle() const { return bundle_; }

 private:
  const EvalRequest& request_;
  const Split& split_;
  const std::uint32_t k_;
  TrainingSet set_;
  Interactions held_out_;             // train parts of the fold's users
  std::vector<std::uint32_t> users_;  // of the fold
  std::vector<std::uint32_t> item_of_row_;
  IalsModel model_;
  BuiltCatalogue built_;
  BundleBytes bundle_;
};

}  // namespace

Problem eval_own_data_out(const EvalRequest& request, Report& report) {
  if (request.folds > request.ratings.by_user.n_users) {
    return problem("--folds " + std::to_string(request.folds) + ": there are only " +
                   std::to_string(request.ratings.by_user.n_users) + " users");
  }
  FoldExport files(request.export_folder, report.k, kEpochS);
  const auto steps = static_cast<std::uint32_t>(report.seeds.size()) * request.folds;
  const Progress progress("fold", steps);
  std::uint32_t done = 0;
  for (const std::uint64_t seed : report.seeds) {
    const Split split = split_users(request.ratings.by_user, seed);
    const std::vector<std::uint32_t> fold_of =
        assign_folds(split.train.n_users, request.folds, seed);
    IalsSettings settings = request.settings.ials;
    settings.seed = seed;
    Means means;
    for (std::uint32_t f = 0; f < request.folds; ++f) {
      Fold fold(request, split, report.k);
      MetricMean fold_mean;
      OSL_TOOL_TRY(fold.train(fold_of, f, settings));
      OSL_TOOL_TRY(fold.rank_by_engine(files, fold_mean, means));
      OSL_TOOL_TRY(fold.rank_by_shortcuts(means));
      OSL_TOOL_TRY(files.end_fold(seed, f, fold.bundle(), fold_mean));
      progress.step(++done);
    }
    report.users_ranked = means.engine.users();
    report.row("engine, int8 catalogue").per_seed.push_back(means.engine.mean());
    report.row("shortcut, int8 items").per_seed.push_back(means.int8.mean());
    report.row("shortcut, f32").per_seed.push_back(means.f32.mean());
  }
  return files.finish();
}

}  // namespace ossicle::tools
