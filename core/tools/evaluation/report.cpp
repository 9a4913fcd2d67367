#include "evaluation/report.h"

#include <algorithm>
#include <cstdio>

namespace ossicle::tools {
namespace {

struct Figure {
  const char* name;
  double RankingMetrics::* value;
};
constexpr Figure kFigures[] = {{"ndcg", &RankingMetrics::ndcg},
                               {"recall", &RankingMetrics::recall},
                               {"mrr", &RankingMetrics::mrr},
                               {"hit", &RankingMetrics::hit},
                               {"precision", &RankingMetrics::precision}};

std::vector<double> values(const ReportRow& row, const Figure& figure) {
  std::vector<double> out;
  out.reserve(row.per_seed.size());
  for (const RankingMetrics& m : row.per_seed) out.push_back(m.*figure.value);
  return out;
}

}  // namespace

void MetricMean::add(const RankingMetrics& m) {
  for (const Figure& f : kFigures) sum_.*f.value += m.*f.value;
  ++users_;
}

RankingMetrics MetricMean::mean() const {
  RankingMetrics out;
  if (users_ == 0) return out;
  for (const Figure& f : kFigures) out.*f.value = sum_.*f.value / static_cast<double>(users_);
  return out;
}

ReportRow& Report::row(const std::string& name) {
  const auto it =
      std::find_if(rows.begin(), rows.end(), [&](const ReportRow& r) { return r.name == name; });
  if (it != rows.end()) return *it;
  rows.push_back({name, {}});
  return rows.back();
}

std::string table(const Report& report) {
  std::size_t width = 8;
  for (const ReportRow& row : report.rows) width = std::max(width, row.name.size());
  char text[256];
  std::string out = report.ratings + ": " + std::to_string(report.users) + " users, " +
                    std::to_string(report.items) + " items, " +
                    std::to_string(report.interactions) + " interactions; " + report.protocol +
                    ", " + report.part + " part, full ranking, k = " + std::to_string(report.k) +
                    ", seeds:";
  for (const std::uint64_t seed : report.seeds) out += " " + std::to_string(seed);
  out += "\n" + std::string(width, ' ');
  for (const Figure& f : kFigures) {
    std::snprintf(text, sizeof text, "  %-16s", f.name);
    out += text;
  }
  for (const ReportRow& row : report.rows) {
    out += "\n" + row.name + std::string(width - row.name.size(), ' ');
    for (const Figure& f : kFigures) {
      const Estimate e = estimate(values(row, f));
      if (row.per_seed.size() > 1) {
        std::snprintf(text, sizeof text, "  %.4f +- %.4f", e.mean, e.half_width_95);
      } else {
        std::snprintf(text, sizeof text, "  %-16.4f", e.mean);
      }
      out += text;
    }
  }
  std::snprintf(text, sizeof text, "\n%llu users ranked per row and seed; %.1f s\n",
                static_cast<unsigned long long>(report.users_ranked), report.seconds);
  return out + text;
}

std::string to_json(const Report& report) {
  JsonOut json;
  json.begin_object();
  json.key("ratings").text(report.ratings).key("protocol").text(report.protocol);
  json.key("model").text(report.model).key("part").text(report.part);
  json.key("k").count(report.k).key("users").count(report.users);
  json.key("items").count(report.items).key("interactions").count(report.interactions);
  json.key("users_ranked").count(report.users_ranked).key("seconds").number(report.seconds);
  json.key("seeds").begin_array();
  for (const std::uint64_t seed : report.seeds) json.count(seed);
  json.end_array().key("rows").begin_array();
  for (const ReportRow& row : report.rows) {
    json.begin_object().key("name").text(row.name);
    for (const Figure& f : kFigures) {
      const std::vector<double> all = values(row, f);
      const Estimate e = estimate(all);
      json.key(f.name).begin_object().key("mean").number(e.mean);
      json.key("standard_error").number(e.standard_error);
      json.key("half_width_95").number(e.half_width_95).key("per_seed").begin_array();
      for (const double v : all) json.number(v);
      json.end_array().end_object();
    }
    json.end_object();
  }
  json.end_array().end_object();
  return json.line() + "\n";
}

}  // namespace ossicle::tools
