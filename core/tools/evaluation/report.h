#ifndef OSSICLE_TOOLS_EVALUATION_REPORT_H_
#define OSSICLE_TOOLS_EVALUATION_REPORT_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "json.h"
#include "ossicle/eval.h"

namespace ossicle::tools {

/// Sums of one user's metrics at a time.
class MetricMean {
 public:
  void add(const RankingMetrics& m);
  std::uint64_t users() const { return users_; }
  RankingMetrics mean() const;

 private:
  RankingMetrics sum_;
  std::uint64_t users_ = 0;
};

/// ListMetrics and diversities of one row; NaN where a run has nothing to measure them by.
struct ListFigures {
  double coverage = kNone, gini = kNone, novelty = kNone;
  double diversity = kNone;      ///< by factors, of the first factor model of the run
  double tag_diversity = kNone;  ///< by tags

  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
};

/// One way of ranking, with its figures for each seed.
struct ReportRow {
  std::string name;
  std::vector<RankingMetrics> per_seed = {};
  std::vector<ListFigures> lists_per_seed = {};  ///< may be empty
};

struct Report {
  std::string ratings, protocol, model, part;
  std::uint32_t k = 10;
  std::uint32_t users = 0, items = 0;
  std::uint64_t interactions = 0, users_ranked = 0;
  std::vector<std::uint64_t> seeds;
  std::vector<ReportRow> rows;
  double seconds = 0;

  /// The row of this name, made when it is new.
  ReportRow& row(const std::string& name);
};

/// A table for a person: mean, and the half-width of the 95 % confidence interval over seeds; below
/// it what the lists look like, and the paired difference of each row from the row above it (mean
/// and interval of the differences seed by seed).
std::string table(const Report& report);
std::string to_json(const Report& report);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_REPORT_H_
