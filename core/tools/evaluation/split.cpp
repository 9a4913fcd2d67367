#include "evaluation/split.h"

#include <algorithm>

#include "evaluation/split_export.h"
#include "evaluation/split_rows.h"
#include "model/item_texts.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

// Solves the users again, all with the ridge of the device, and adds a row.
Problem rank_solved_again(const std::string& name, const TrainingSet& set,
                          const EvalRequest& request, const IalsModel& model, SplitRows& rows) {
  const std::size_t d = model.settings.factors;
  const std::uint32_t users = set.plays.n_users;
  std::vector<float> p(users * d);
  std::vector<float> bias(users);
  const Status s = ials_solve_users(new_users(set.plays, set, request.settings), model, p, bias);
  if (!s) return problem("solving the users again", s.error());
  Scorer scorer(model, set, request.rank_cold);
  rows.add(name, [&](std::uint32_t u) { return scorer.scores(std::span(p).subspan(u * d, d)); });
  return {};
}

}  // namespace

void rank_by_popularity(const Split& split, SplitRows& rows) {
  std::vector<float> popularity(split.train.n_items, 0);
  for (const std::uint32_t item : split.train.item) popularity[item] += 1;
  std::vector<float> scores;
  rows.add("popularity", [&](std::uint32_t) {
    scores = popularity;
    return std::span<float>(scores);
  });
}

Problem rank_by_ials(const EvalRequest& request, const Split& split, std::uint64_t seed,
                     IalsRows which, SplitRows& rows) {
  IalsSettings settings = request.settings.ials;
  settings.seed = seed;
  TrainingSet set;
  const auto may_count = [&](const TagAssignments::Assignment& one) {
    return one.user == TagAssignments::kNobody || !split.holds_out(one.user, one.item);
  };
  ItemTexts texts;
  if (request.encoder != nullptr) {
    OSL_TOOL_TRY(make_item_texts(*request.encoder, request.names, request.tags, may_count,
                                 kTagsPerText, texts));
  }
  OSL_TOOL_TRY(
      make_training_set(split.train, request.tags, may_count, request.settings, texts, set));
  IalsModel model;
  OSL_TOOL_TRY(train_ials(set.problem, settings, model, request.settings.threads));
  const std::string name = request.settings.weighted ? "weighted iALS" : "iALS";
  rows.set_vectors(model, set);
  if (which == IalsRows::kShown && request.settings.weighted) {
    return rank_solved_again(name, set, request, with_int8_items(model, set), rows);
  }
  const std::size_t d = settings.factors;
  const auto vector_of = [&](std::uint32_t u) { return std::span(model.p).subspan(u * d, d); };
  {
    Scorer scorer(model, set, request.rank_cold);
    rows.add(which == IalsRows::kAll ? name + ", f32" : name,
             [&](std::uint32_t u) { return scorer.scores(vector_of(u)); });
  }
  if (which == IalsRows::kShown) return {};
  const IalsModel int8 = with_int8_items(model, set);
  if (!request.export_split.empty()) {
    OSL_TOOL_TRY(export_split(request.export_split, seed, request, split, set, int8));
  }
  if (!request.settings.weighted) {
    Scorer scorer(int8, set, request.rank_cold);
    rows.add(name + ", int8 items", [&](std::uint32_t u) { return scorer.scores(vector_of(u)); });
  }
  OSL_TOOL_TRY(rank_solved_again(name + ", f32, users solved again with constant lambda", set,
                                 request, model, rows));
  if (!request.settings.weighted) return {};
  return rank_solved_again(name + ", int8 items, users solved again", set, request, int8, rows);
}

IalsModel with_int8_items(const IalsModel& model, const TrainingSet& set) {
  IalsModel out = model;
  const std::uint32_t d = model.settings.factors;
  std::vector<std::int8_t> rows(model.q.size());
  std::vector<float> scale(model.n_items);
  std::vector<std::int32_t> rowsum(model.n_items);
  quantise_rows(model.q, model.n_items, d, d, rows, scale, rowsum);
  const std::vector<std::uint8_t>& cold = set.problem.cold;
  for (std::size_t i = 0; i < cold.size(); ++i) {
    if (cold[i] == 0) continue;
    quantise_rows(std::span(model.q).subspan(i * d, d), 1, d, d, std::span(rows).subspan(i * d, d),
                  std::span(scale).subspan(i, 1), std::span(rowsum).subspan(i, 1), 7);
  }
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

Split split_last(const Ratings& ratings) {
  const Interactions& x = ratings.by_user;
  Split out;
  out.train.n_users = x.n_users;
  out.train.n_items = x.n_items;
  out.train.offset = {0};
  out.validation.resize(x.n_users);
  out.test.resize(x.n_users);
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    const auto from = static_cast<std::size_t>(x.offset[u]);
    const auto to = static_cast<std::size_t>(x.offset[u + 1]);
    // The last two, as places in x; `to` for none.
    std::size_t last = to;
    std::size_t before = to;
    for (std::size_t e = from; e < to; ++e) {
      if (last == to || ratings.time[e] >= ratings.time[last]) {
        before = last;
        last = e;
      } else if (before == to || ratings.time[e] >= ratings.time[before]) {
        before = e;
      }
    }
    const std::size_t n = to - from;
    for (std::size_t e = from; e < to; ++e) {
      if (e == last && n > 1) {
        out.test[u].push_back(x.item[e]);
      } else if (e == before && n > 2) {
        out.validation[u].push_back(x.item[e]);
      } else {
        out.train.item.push_back(x.item[e]);
        out.train.weight.push_back(x.weight[e]);
      }
    }
    out.train.offset.push_back(out.train.item.size());
  }
  return out;
}

Scorer::Scorer(const IalsModel& model, const TrainingSet& set, bool rank_cold)
    : items_(set.items),
      hidden_(rank_cold ? std::span<const std::uint8_t>() : set.problem.cold),
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
  for (std::uint32_t i = 0; i < n_; ++i) {
    scores_[items_[i]] = hidden_.empty() || hidden_[i] == 0 ? kept_[i] : kNever;
  }
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

Problem eval_split(const EvalRequest& request, Report& report) {
  const Progress progress("seed", static_cast<std::uint32_t>(report.seeds.size()));
  for (std::uint32_t s = 0; s < report.seeds.size(); ++s) {
    const std::uint64_t seed = report.seeds[s];
    const Split split = request.leave_last_out ? split_last(request.ratings)
                                               : split_users(request.ratings.by_user, seed);
    SplitRows rows(request, split, report);
    if (!request.methods.empty()) {
      OSL_TOOL_TRY(rank_by_methods(request, split, seed, rows));
    } else if (request.model == "popularity") {
      rank_by_popularity(split, rows);
    } else {
      OSL_TOOL_TRY(rank_by_ials(request, split, seed, IalsRows::kAll, rows));
    }
    rows.finish();
    progress.step(s + 1);
  }
  return {};
}

}  // namespace ossicle::tools
