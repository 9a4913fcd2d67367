#ifndef OSSICLE_TOOLS_EVALUATION_SPLIT_ROWS_H_
#define OSSICLE_TOOLS_EVALUATION_SPLIT_ROWS_H_

#include <string>
#include <vector>

#include "evaluation/report.h"
#include "evaluation/split.h"

namespace ossicle::tools {

/// The rows of one seed of a split: ranks all items for every user who has anything held out.
class SplitRows {
 public:
  SplitRows(const EvalRequest& request, const Split& split, Report& report);

  /// `score` gives the scores of all items, [N], for a user; it may be asked for one at a time.
  template <class Score>
  void add(const std::string& name, Score score) {
    MetricMean mean;
    Lists lists{name, {}};
    for (std::uint32_t u = 0; u < split_.train.n_users; ++u) {
      const auto& truth = request_.on_validation ? split_.validation[u] : split_.test[u];
      if (truth.empty()) continue;
      const std::span<const std::uint32_t> also =
          request_.on_validation ? std::span<const std::uint32_t>() : split_.validation[u];
      lists.of_user.push_back(top_items(score(u), {items_of(split_.train, u), also}, report_.k));
      mean.add(ranking_metrics(lists.of_user.back(), truth, report_.k));
    }
    report_.users_ranked = mean.users();
    report_.row(name).per_seed.push_back(mean.mean());
    lists_.push_back(std::move(lists));
  }

  /// The item vectors that the diversity of every row's lists is measured by; the first given stay.
  void set_vectors(const IalsModel& model, const TrainingSet& set);

  /// Reports what the lists look like, once all rows are there.
  void finish();

 private:
  struct Lists {
    std::string row;
    std::vector<std::vector<std::uint32_t>> of_user;
  };

  const EvalRequest& request_;
  const Split& split_;
  Report& report_;
  std::vector<Lists> lists_;
  std::vector<float> vectors_;  // [N, d]; empty: none were given
  std::uint32_t d_ = 0;
};

/// One row for each of request.methods.
Problem rank_by_methods(const EvalRequest& request, const Split& split, std::uint64_t seed,
                        SplitRows& rows);

/// The names that --methods may list.
inline constexpr std::array<std::string_view, 5> kMethods = {"popularity", "bpr", "ease", "plain",
                                                             "weighted"};

void rank_by_popularity(const Split& split, SplitRows& rows);

/// Which rows a factor model gets.
enum class IalsRows {
  kAll,   ///< f32, int8 items, users solved again
  kShown  ///< one: plain as it was trained, weighted as it is shipped
};
Problem rank_by_ials(const EvalRequest& request, const Split& split, std::uint64_t seed,
                     IalsRows which, SplitRows& rows);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_SPLIT_ROWS_H_
