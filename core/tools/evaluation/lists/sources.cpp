#include "evaluation/lists/sources.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "progress.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kMostRanked = 1024;

class RiseSum {
 public:
  void add(double x) {
    ++n_;
    sum_ += x;
    squares_ += x * x;
  }
  PairedRise rise() const {
    const auto n = static_cast<double>(n_);
    const double mean = sum_ / n;
    const double variance = std::max(0.0, squares_ / n - mean * mean);
    return {mean, 1.96 * std::sqrt(variance / n)};
  }

 private:
  std::uint64_t n_ = 0;
  double sum_ = 0, squares_ = 0;
};

// The best k without those masked, which are the listener's own but not in the history.
Problem make_list(Engine& engine, const ListSettings& settings,
                  std::span<const std::uint32_t> masked, std::uint32_t k,
                  std::vector<std::uint32_t>& rows) {
  std::vector<Scored> list(std::min<std::size_t>(k + masked.size(), kMostRanked));
  RecommendRequest request;
  request.now_s = kEpochS;
  request.list = settings;
  const Result<Recommended> made = engine.recommend(request, list, {}, {});
  if (!made) return problem("recommending", made.error());
  rows.clear();
  for (const Scored& s : std::span(list).first(made.value().count)) {
    if (rows.size() == k) break;
    if (!std::binary_search(masked.begin(), masked.end(), s.item)) rows.push_back(s.item);
  }
  return {};
}

}  // namespace

std::vector<NamedList> usual_lists(bool with_text) {
  std::vector<NamedList> lists = {{"factors alone", {}}};
  const auto add = [&](const std::string& name, const Blend& blend, double diversity) {
    ListSettings settings;
    settings.blend = blend;
    settings.diversity = diversity;
    lists.push_back({name, settings});
  };
  add("neighbours 0.25", {1, 0.25, 0, 0.5}, 0);
  add("neighbours 0.5", {1, 0.5, 0, 0.5}, 0);
  add("neighbours 1", {1, 1, 0, 0.5}, 0);
  add("neighbours 2", {1, 2, 0, 0.5}, 0);
  add("neighbours alone", {0, 1, 0, 0.5}, 0);
  if (with_text) {
    add("text 0.05", {1, 0, 0.05, 0.5}, 0);
    add("text 0.1", {1, 0, 0.1, 0.5}, 0);
    add("text 0.2", {1, 0, 0.2, 0.5}, 0);
    add("text 0.5", {1, 0, 0.5, 0.5}, 0);
    add("text alone", {0, 0, 1, 0.5}, 0);
  }
  add("novelty 0.4", {1, 0, 0, 0.4}, 0);
  add("novelty 0.6", {1, 0, 0, 0.6}, 0);
  add("novelty 0.7", {1, 0, 0, 0.7}, 0);
  add("diversity 0.1", {}, 0.1);
  add("diversity 0.3", {}, 0.3);
  add("diversity 0.5", {}, 0.5);
  return lists;
}

Problem eval_lists(const ListRequest& request, std::span<const NamedList> lists, bool on_validation,
                   Report& report, std::vector<PairedRise>& rises) {
  std::vector<RiseSum> sums(lists.size());
  EngineOptions options;
  options.max_results = kMostRanked;
  const std::uint32_t folds = std::min(request.folds, request.most_folds);
  const Progress progress("fold", static_cast<std::uint32_t>(report.seeds.size()) * folds);
  std::uint32_t done = 0;
  for (const std::uint64_t seed : report.seeds) {
    const Split split = split_users(request.ratings.by_user, seed);
    std::vector<MetricMean> means(lists.size());
    for (std::uint32_t fold = 0; fold < folds; ++fold) {
      if (interrupted()) return {"interrupted", kExitInterrupted};
      HeldOut held_out;
      OSL_TOOL_TRY(held_out.open(request, split, seed, fold, options));
      for (const std::uint32_t u : held_out.users()) {
        const auto& truth = on_validation ? split.validation[u] : split.test[u];
        if (truth.empty()) continue;
        held_out.engine().forget();
        const Status s = held_out.engine().record_all(held_out.history(u), {});
        if (!s) return problem("recording", s.error());
        const std::vector<std::uint32_t> masked =
            on_validation ? std::vector<std::uint32_t>() : held_out.rows_of(split.validation[u]);
        std::vector<std::uint32_t> rows;
        double first = 0;
        for (std::size_t i = 0; i < lists.size(); ++i) {
          OSL_TOOL_TRY(make_list(held_out.engine(), lists[i].settings, masked, report.k, rows));
          for (std::uint32_t& row : rows) row = held_out.item_of(row);
          const RankingMetrics metrics = ranking_metrics(rows, truth, report.k);
          means[i].add(metrics);
          if (i == 0) first = metrics.ndcg;
          sums[i].add(metrics.ndcg - first);
        }
      }
      progress.step(++done);
    }
    report.users_ranked = means[0].users();
    for (std::size_t i = 0; i < lists.size(); ++i) {
      report.row(lists[i].name).per_seed.push_back(means[i].mean());
    }
  }
  rises.clear();
  for (const RiseSum& sum : sums) rises.push_back(sum.rise());
  return {};
}

std::string table(std::span<const NamedList> lists, std::span<const PairedRise> rises) {
  std::string out = "NDCG over the first row, listener by listener, with its 95 % interval\n";
  for (std::size_t i = 1; i < lists.size(); ++i) {
    char line[120];
    std::snprintf(line, sizeof line, "%-24s %+.4f +- %.4f\n", lists[i].name.c_str(), rises[i].mean,
                  rises[i].half_width_95);
    out += line;
  }
  return out;
}

}  // namespace ossicle::tools
