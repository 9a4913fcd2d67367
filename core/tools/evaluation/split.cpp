#include "evaluation/split.h"

#include <algorithm>

#include "evaluation/split_export.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

class SplitEvaluation {
 public:
  SplitEvaluation(const EvalRequest& request, const Split& split, Report& report)
      : request_(request), split_(split), report_(report) {}

  // `score` gives the scores of all items for a user.
  template <class Score>
  void add_row(const std::string& name, Score score) {
    MetricMean mean;
    for (std::uint32_t u = 0; u < split_.train.n_users; ++u) {
      const auto& truth = request_.on_validation ? split_.validation[u] : split_.test[u];
      if (truth.empty()) continue;
      const std::span<const std::uint32_t> also =
          request_.on_validation ? std::span<const std::uint32_t>() : split_.validation[u];
      const std::vector<std::uint32_t> ranked =
          top_items(score(u), {items_of(split_.train, u), also}, report_.k);
      mean.add(ranking_metrics(ranked, truth, report_.k));
    }
    report_.users_ranked = mean.users();
    report_.row(name).per_seed.push_back(mean.mean());
  }

 private:
  const EvalRequest& request_;
  const Split& split_;
  Report& report_;
};

void rank_by_popularity(const Split& split, SplitEvaluation& evaluation) {
  std::vector<float> popularity(split.train.n_items, 0);
  for (const std::uint32_t item : split.train.item) popularity[item] += 1;
  std::vector<float> scores;
  evaluation.add_row("popularity", [&](std::uint32_t) {
    scores = popularity;
    return std::span<float>(scores);
  });
}

// Solves the users again, all with the ridge of the device, and adds a row.
Problem rank_solved_again(const std::string& name, const TrainingSet& set,
                          const TrainingSettings& settings, const IalsModel& model,
                          SplitEvaluation& evaluation) {
  const std::size_t d = model.settings.factors;
  const std::uint32_t users = set.plays.n_users;
  std::vector<float> p(users * d);
  std::vector<float> bias(users);
  const Status s = ials_solve_users(new_users(set.plays, set, settings), model, p, bias);
  if (!s) return problem("solving the users again", s.error());
  Scorer scorer(model, set);
  evaluation.add_row(
      name, [&](std::uint32_t u) { return scorer.scores(std::span(p).subspan(u * d, d)); });
  return {};
}

Problem rank_by_ials(const EvalRequest& request, const Split& split, std::uint64_t seed,
                     SplitEvaluation& evaluation) {
  IalsSettings settings = request.settings.ials;
  settings.seed = seed;
  TrainingSet set;
  const auto may_count = [&](const TagAssignments::Assignment& one) {
    return one.user == TagAssignments::kNobody || !split.holds_out(one.user, one.item);
  };
  OSL_TOOL_TRY(make_training_set(split.train, request.tags, may_count, request.settings, set));
  IalsModel model;
  OSL_TOOL_TRY(train_ials(set.problem, settings, model));
  const std::string name = request.settings.weighted ? "weighted iALS" : "iALS";
  const std::size_t d = settings.factors;
  const auto vector_of = [&](std::uint32_t u) { return std::span(model.p).subspan(u * d, d); };
  {
    Scorer scorer(model, set);
    evaluation.add_row(name + ", f32",
                       [&](std::uint32_t u) { return scorer.scores(vector_of(u)); });
  }
  const IalsModel int8 = with_int8_items(model);
  if (!request.export_split.empty()) {
    OSL_TOOL_TRY(export_split(request.export_split, seed, request, split, set, int8));
  }
  if (!request.settings.weighted) {
    Scorer scorer(int8, set);
    evaluation.add_row(name + ", int8 items",
                       [&](std::uint32_t u) { return scorer.scores(vector_of(u)); });
  }
  OSL_TOOL_TRY(rank_solved_again(name + ", f32, users solved again with constant lambda", set,
                                 request.settings, model, evaluation));
  if (!request.settings.weighted) return {};
  return rank_solved_again(name + ", int8 items, users solved again", set, request.settings, int8,
                           evaluation);
}

}  // namespace

IalsModel with_int8_items(const IalsModel& model) {
  IalsModel out = model;
  const std::uint32_t d = model.settings.factors;
  std::vector<std::int8_t> rows(model.q.size());
  std::vector<float> scale(model.n_items);
  std::vector<std::int32_t> rowsum(model.n_items);
  quantise_rows(model.q, model.n_items, d, d, rows, scale, rowsum);
  for (std::size_t at = 0; at < out.q.size(); ++at) {
    out.q[at] = scale[at / d] * static_cast<float>(rows[at]);
  }
  return out;
}

std::span<const std::uint32_t> items_of(const Interactions& x, std::uint32_t user) {
  const auto from = static_cast<std::size_t>(x.offset[user]);
  return std::span(x.item).subspan(from, static_cast<std::size_t>(x.offset[user + 1]) - from);
}

bool Split::holds_out(std::uint32_t user, std::uint32_t item) const {
  return std::binary_search(validation[user].begin(), validation[user].end(), item) ||
         std::binary_search(test[user].begin(), test[user].end(), item);
}

Split split_users(const Interactions& by_user, std::uint64_t seed) {
  Split out;
  out.train.n_users = by_user.n_users;
  out.train.n_items = by_user.n_items;
  out.train.offset = {0};
  out.validation.resize(by_user.n_users);
  out.test.resize(by_user.n_users);
  std::vector<std::uint8_t> part;
  for (std::uint32_t u = 0; u < by_user.n_users; ++u) {
    const auto from = static_cast<std::size_t>(by_user.offset[u]);
    split_811(static_cast<std::uint32_t>(items_of(by_user, u).size()), seed, part);
    for (std::size_t e = 0; e < part.size(); ++e) {
      const std::uint32_t item = by_user.item[from + e];
      if (part[e] == 0) {
        out.train.item.push_back(item);
        out.train.weight.push_back(by_user.weight[from + e]);
      } else {
        (part[e] == 1 ? out.validation : out.test)[u].push_back(item);
      }
    }
    out.train.offset.push_back(out.train.item.size());
  }
  return out;
}

Scorer::Scorer(const IalsModel& model, const TrainingSet& set)
    : items_(set.items),
      n_(model.n_items),
      d_(model.settings.factors),
      bias_(model.item_bias),
      kept_(n_),
      scores_(set.number.size(), kNever) {
  by_factor_.resize(std::size_t{n_} * d_);
  for (std::uint32_t i = 0; i < n_; ++i) {
    for (std::uint32_t f = 0; f < d_; ++f) {
      by_factor_[std::size_t{f} * n_ + i] = model.q[std::size_t{i} * d_ + f];
    }
  }
}

std::span<float> Scorer::scores(std::span<const float> p) {
  std::copy(bias_.begin(), bias_.end(), kept_.begin());
  for (std::uint32_t f = 0; f < d_; ++f) {
    const float x = p[f];
    const float* q = by_factor_.data() + std::size_t{f} * n_;
    for (std::uint32_t i = 0; i < n_; ++i) kept_[i] += x * q[i];
  }
  for (std::uint32_t i = 0; i < n_; ++i) scores_[items_[i]] = kept_[i];
  return scores_;
}

std::vector<std::uint32_t> top_items(std::span<float> scores,
                                     std::initializer_list<std::span<const std::uint32_t>> masked,
                                     std::uint32_t k) {
  for (const auto& list : masked) {
    for (const std::uint32_t item : list) scores[item] = Scorer::kNever;
  }
  const auto better = [&](std::uint32_t a, std::uint32_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  };
  // A heap of the k best so far, the worst of them on top.
  std::vector<std::uint32_t> best;
  for (std::uint32_t i = 0; i < scores.size(); ++i) {
    if (scores[i] == Scorer::kNever) continue;
    if (best.size() == k) {
      if (!better(i, best.front())) continue;
      std::pop_heap(best.begin(), best.end(), better);
      best.pop_back();
    }
    best.push_back(i);
    std::push_heap(best.begin(), best.end(), better);
  }
  std::sort(best.begin(), best.end(), better);
  return best;
}

Problem eval_split811(const EvalRequest& request, Report& report) {
  const Progress progress("seed", static_cast<std::uint32_t>(report.seeds.size()));
  for (std::uint32_t s = 0; s < report.seeds.size(); ++s) {
    const Split split = split_users(request.ratings.by_user, report.seeds[s]);
    SplitEvaluation evaluation(request, split, report);
    if (request.model == "popularity") {
      rank_by_popularity(split, evaluation);
    } else {
      OSL_TOOL_TRY(rank_by_ials(request, split, report.seeds[s], evaluation));
    }
    progress.step(s + 1);
  }
  return {};
}

}  // namespace ossicle::tools
