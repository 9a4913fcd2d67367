#include "evaluation/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

namespace ossicle::tools {
namespace {

template <class Struct>
struct Figure {
  const char* name;
  double Struct::* value;
};
constexpr Figure<RankingMetrics> kFigures[] = {{"ndcg", &RankingMetrics::ndcg},
                                               {"recall", &RankingMetrics::recall},
                                               {"mrr", &RankingMetrics::mrr},
                                               {"hit", &RankingMetrics::hit},
                                               {"precision", &RankingMetrics::precision}};
constexpr Figure<ListFigures> kListFigures[] = {{"coverage", &ListFigures::coverage},
                                                {"gini", &ListFigures::gini},
                                                {"diversity", &ListFigures::diversity},
                                                {"tag_diversity", &ListFigures::tag_diversity},
                                                {"novelty", &ListFigures::novelty}};

template <class Struct>
std::vector<double> values(const std::vector<Struct>& per_seed, const Figure<Struct>& figure) {
  std::vector<double> out;
  out.reserve(per_seed.size());
  for (const Struct& m : per_seed) out.push_back(m.*figure.value);
  return out;
}

// Of the same seed, a row less the row above it.
std::vector<double> differences(const ReportRow& row, const ReportRow& above,
                                const Figure<RankingMetrics>& figure) {
  std::vector<double> out = values(row.per_seed, figure);
  const std::vector<double> other = values(above.per_seed, figure);
  for (std::size_t s = 0; s < out.size() && s < other.size(); ++s) out[s] -= other[s];
  return out;
}

std::string cell(const Estimate& e, bool interval, const char* sign = "") {
  char text[64];
  if (std::isnan(e.mean)) {
    std::snprintf(text, sizeof text, "  %-16s", "-");
  } else if (interval) {
    std::snprintf(text, sizeof text, *sign != 0 ? "  %+.4f +-%.4f" : "  %.4f +- %.4f", e.mean,
                  e.half_width_95);
  } else {
    std::snprintf(text, sizeof text, *sign != 0 ? "  %+-16.4f" : "  %-16.4f", e.mean);
  }
  return text;
}

// One block of the table: a line for each row, `cells` gives what follows the row's name.
template <class Struct, std::size_t F, class Cells>
std::string block(const Report& report, const Figure<Struct> (&figures)[F], const char* corner,
                  Cells cells) {
  std::size_t width = std::max<std::size_t>(8, std::strlen(corner));
  for (const ReportRow& row : report.rows) width = std::max(width, row.name.size());
  char text[64];
  std::string out = "\n" + std::string(corner) + std::string(width - std::strlen(corner), ' ');
  for (const Figure<Struct>& f : figures) {
    std::snprintf(text, sizeof text, "  %-16s", f.name);
    out += text;
  }
  for (std::size_t r = 0; r < report.rows.size(); ++r) {
    const std::string line = cells(r);
    if (line.empty()) continue;
    const std::string& name = report.rows[r].name;
    out.append("\n").append(name).append(width - name.size(), ' ').append(line);
  }
  return out;
}

std::string ranking_block(const Report& report) {
  return block(report, kFigures, "", [&](std::size_t r) {
    std::string line;
    for (const auto& f : kFigures) {
      const std::vector<double> all = values(report.rows[r].per_seed, f);
      line += cell(estimate(all), all.size() > 1);
    }
    return line;
  });
}

std::string list_block(const Report& report) {
  return block(report, kListFigures, "lists", [&](std::size_t r) {
    std::string line;
    if (report.rows[r].lists_per_seed.empty()) return line;
    for (const auto& f : kListFigures) {
      const std::vector<double> all = values(report.rows[r].lists_per_seed, f);
      line += cell(estimate(all), all.size() > 1);
    }
    return line;
  });
}

std::string difference_block(const Report& report) {
  return block(report, kFigures, "less the row above", [&](std::size_t r) {
    std::string line;
    if (r == 0) return line;
    for (const auto& f : kFigures) {
      const std::vector<double> all = differences(report.rows[r], report.rows[r - 1], f);
      line += cell(estimate(all), all.size() > 1, "+");
    }
    return line;
  });
}

void add_estimate(JsonOut& json, const char* name, const std::vector<double>& all) {
  const Estimate e = estimate(all);
  json.key(name).begin_object().key("mean").number(e.mean);
  json.key("standard_error").number(e.standard_error);
  json.key("half_width_95").number(e.half_width_95).key("per_seed").begin_array();
  for (const double v : all) json.number(v);
  json.end_array().end_object();
}

}  // namespace

void MetricMean::add(const RankingMetrics& m) {
  for (const auto& f : kFigures) sum_.*f.value += m.*f.value;
  ++users_;
}

RankingMetrics MetricMean::mean() const {
  RankingMetrics out;
  if (users_ == 0) return out;
  for (const auto& f : kFigures) out.*f.value = sum_.*f.value / static_cast<double>(users_);
  return out;
}

ReportRow& Report::row(const std::string& name) {
  const auto it =
      std::find_if(rows.begin(), rows.end(), [&](const ReportRow& r) { return r.name == name; });
  if (it != rows.end()) return *it;
  rows.push_back({name});
  return rows.back();
}

std::string table(const Report& report) {
  std::string out = report.ratings + ": " + std::to_string(report.users) + " users, " +
                    std::to_string(report.items) + " items, " +
                    std::to_string(report.interactions) + " interactions; " + report.protocol +
                    ", " + report.part + " part, full ranking, k = " + std::to_string(report.k) +
                    ", seeds:";
  for (const std::uint64_t seed : report.seeds) out += " " + std::to_string(seed);
  out += ranking_block(report);
  if (report.rows.size() > 1) out += "\n" + difference_block(report);
  const auto has_lists = [](const ReportRow& row) { return !row.lists_per_seed.empty(); };
  if (std::any_of(report.rows.begin(), report.rows.end(), has_lists)) {
    out += "\n" + list_block(report);
  }
  char text[96];
  std::snprintf(text, sizeof text, "\n\n%llu users ranked per row and seed; %.1f s\n",
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
  for (std::size_t r = 0; r < report.rows.size(); ++r) {
    const ReportRow& row = report.rows[r];
    json.begin_object().key("name").text(row.name);
    for (const auto& f : kFigures) add_estimate(json, f.name, values(row.per_seed, f));
    if (!row.lists_per_seed.empty()) {
      json.key("lists").begin_object();
      for (const auto& f : kListFigures) add_estimate(json, f.name, values(row.lists_per_seed, f));
      json.end_object();
    }
    if (r > 0) {
      json.key("less_the_row_above").begin_object();
      for (const auto& f : kFigures) {
        add_estimate(json, f.name, differences(row, report.rows[r - 1], f));
      }
      json.end_object();
    }
    json.end_object();
  }
  json.end_array().end_object();
  return json.line() + "\n";
}

}  // namespace ossicle::tools
