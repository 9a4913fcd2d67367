#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/sha256.h"
#include "files.h"
#include "json.h"
#include "model/catalogue_build.h"
#include "ossicle/engine.h"
#include "ossicle/history.h"
#include "verbs.h"
#include "verbs/time_text.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"history", Takes::kMany, "FILE", "",
           "an export: ListenBrainz JSON, Last.fm JSON pages or CSV", true},
    Option{"bundle", Takes::kOne, "DIR", "", "catalogue bundle", true},
    Option{"limit", Takes::kOne, "N", "20", "artists to recommend, 1..256"},
    Option{"reasons", Takes::kOne, "N", "3", "reasons for each, 0..16"},
    Option{"now", Takes::kOne, "TIME", "",
           "2026-01-31, 2026-01-31T12:00:00Z or seconds since 1970; otherwise the clock"},
    Option{"json", Takes::kNothing, "", "", "one JSON line for each history"},
};

constexpr const char* kNotes =
    "Each history is a listener of its own. Nothing is stored and nothing leaves this machine.";

constexpr const char* kProblemNames[] = {"bad_record", "no_artist", "bad_date",  "future_date",
                                         "too_long",   "bad_utf8",  "truncated", "now_playing"};
static_assert(std::size(kProblemNames) == static_cast<std::size_t>(ImportProblem::kCount));

constexpr const char* kFormatNames[] = {"unknown", "listenbrainz", "lastfm-json", "lastfm-csv"};

struct Recommended {
  ImportReport report;
  HistoryCounts counts;
  std::vector<Scored> items;
  std::vector<Reason> reasons;  // [items, reasons_per_item]
  std::vector<std::uint32_t> n_reasons;
  std::uint32_t reasons_per_item = 0;
};

// No record of any export is shorter than 16 bytes.
std::uint32_t most_events(const std::vector<std::string>& paths) {
  std::uint64_t bytes = 0;
  for (const std::string& path : paths) bytes = std::max(bytes, file_bytes(path));
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(bytes / 16, 1U << 12, 1U << 24));
}

Problem record_new(const std::string& path, const HistoryReader& reader, Engine& engine) {
  std::vector<Listen> events;
  events.reserve(reader.listens().size());
  for (const ImportedListen& listen : reader.listens()) events.push_back(listen.listen);
  const Status s = engine.record_all(events, {});
  return s ? Problem() : problem(path, s.error());
}

Problem import_history(const std::string& path, std::int64_t now_s, Engine& engine,
                       ImportReport& report) {
  constexpr std::size_t kPiece = 1U << 20;
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  HistoryReader reader(HistoryFormat::kUnknown, now_s);
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    const std::size_t n = std::min(kPiece, bytes.size() - at);
    const Result<std::size_t> fed = reader.feed(std::span(bytes).subspan(at, n));
    if (!fed) return problem(path, fed.error());
    OSL_TOOL_TRY(record_new(path, reader, engine));
  }
  const Result<std::size_t> last = reader.finish();
  if (!last) return problem(path, last.error());
  OSL_TOOL_TRY(record_new(path, reader, engine));
  report = reader.report();
  return {};
}

Problem recommend(const std::string& path, std::int64_t now_s, Engine& engine, Recommended& out) {
  engine.forget();
  OSL_TOOL_TRY(import_history(path, now_s, engine, out.report));
  out.counts = engine.counts();
  const Result<std::uint32_t> n =
      engine.recommend(now_s, out.items, out.reasons_per_item, out.reasons, out.n_reasons);
  if (!n) return problem(path, n.error());
  out.items.resize(n.value());
  return {};
}

std::span<const Reason> reasons_of(const Recommended& r, std::size_t i) {
  return std::span(r.reasons).subspan(i * r.reasons_per_item, r.n_reasons[i]);
}

Problem to_json(const std::string& path, std::int64_t now_s, const Engine& engine,
                const Recommended& r, std::string& out) {
  const Catalogue& c = engine.catalogue();
  JsonOut json;
  json.begin_object().key("history").text(path).key("now").integer(now_s);
  json.key("format").text(kFormatNames[static_cast<std::size_t>(r.report.format)]);
  json.key("listens").count(r.report.listens);
  json.key("matched").count(r.counts.events - r.counts.unknown);
  json.key("unknown").count(r.counts.unknown).key("duplicates").count(r.counts.duplicate);
  json.key("artists").count(r.counts.items).key("problems").begin_object();
  for (std::size_t p = 0; p < std::size(kProblemNames); ++p) {
    if (r.report.problems[p] > 0) json.key(kProblemNames[p]).count(r.report.problems[p]);
  }
  json.end_object().key("items").begin_array();
  for (std::size_t i = 0; i < r.items.size(); ++i) {
    const std::uint32_t row = r.items[i].item;
    json.begin_object().key("row").count(row).key("id").text(base::to_hex(c.id[row]));
    json.key("name").text(c.name(row)).key("score").number(r.items[i].score);
    json.key("listeners").count(c.listeners[row]).key("tags").begin_array();
    for (const std::uint16_t tag : c.tags(row)) json.text(c.tag_name(tag));
    json.end_array().key("because").begin_array();
    for (const Reason& reason : reasons_of(r, i)) {
      const Result<ItemHistory> item = engine.item_history(reason.item);
      if (!item) return problem(path, item.error());
      json.begin_object().key("id").text(base::to_hex(c.id[reason.item]));
      json.key("name").text(c.name(reason.item)).key("contribution").number(reason.contribution);
      json.key("if_removed").number(reason.if_removed).key("plays").count(item.value().plays);
      json.end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  out = json.line() + "\n";
  return {};
}

void print(const std::string& path, const Catalogue& c, const Recommended& r) {
  const std::uint64_t matched = r.counts.events - r.counts.unknown;
  std::printf("%s: %llu listens (%s), %llu by artists the catalogue knows, %u artists\n",
              path.c_str(), static_cast<unsigned long long>(r.report.listens),
              kFormatNames[static_cast<std::size_t>(r.report.format)],
              static_cast<unsigned long long>(matched), r.counts.items);
  for (std::size_t p = 0; p < std::size(kProblemNames); ++p) {
    if (r.report.problems[p] == 0) continue;
    std::printf("  %llu x %s, first in line %llu\n",
                static_cast<unsigned long long>(r.report.problems[p]), kProblemNames[p],
                static_cast<unsigned long long>(r.report.first_line[p]));
  }
  if (r.counts.items == 0) std::printf("  nothing usable in it yet: the most-listened artists\n");
  for (std::size_t i = 0; i < r.items.size(); ++i) {
    std::string because;
    for (const Reason& reason : reasons_of(r, i)) {
      because += (because.empty() ? "  because of " : ", ") + std::string(c.name(reason.item));
    }
    const std::string name(c.name(r.items[i].item));
    std::printf("%4zu  %.4f  %-32s%s\n", i + 1, r.items[i].score, name.c_str(), because.c_str());
  }
}

Problem read_now(const Args& args, std::int64_t& now_s) {
  if (!args.has("now")) {
    now_s = std::chrono::duration_cast<std::chrono::seconds>(
                std::chrono::system_clock::now().time_since_epoch())
                .count();
    return {};
  }
  if (parse_time(args.text("now"), now_s)) return {};
  return problem("--now '" + args.text("now") +
                 "' must be like 2026-01-31, 2026-01-31T12:00:00Z or seconds since 1970");
}

Problem run(const Args& args) {
  std::uint32_t limit = 0;
  std::uint32_t reasons = 0;
  std::int64_t now_s = 0;
  OSL_TOOL_TRY(args.count("limit", 1U, 256U, limit));
  OSL_TOOL_TRY(args.count("reasons", 0U, 16U, reasons));
  OSL_TOOL_TRY(read_now(args, now_s));
  CatalogueData data;
  OSL_TOOL_TRY(open_bundle(args.text("bundle"), data));
  EngineOptions options;
  options.max_events = most_events(args.all("history"));
  Result<Engine> engine = Engine::open(std::move(data), options);
  if (!engine) return problem(args.text("bundle"), engine.error());
  for (const std::string& path : args.all("history")) {
    Recommended result;
    result.items.resize(limit);
    result.reasons.resize(std::size_t{limit} * reasons);
    result.n_reasons.resize(limit);
    result.reasons_per_item = reasons;
    OSL_TOOL_TRY(recommend(path, now_s, engine.value(), result));
    if (!args.has("json")) {
      print(path, engine.value().catalogue(), result);
      continue;
    }
    std::string line;
    OSL_TOOL_TRY(to_json(path, now_s, engine.value(), result, line));
    std::fputs(line.c_str(), stdout);
  }
  return {};
}

}  // namespace

const Verb recommend_verb = {"recommend", "what to listen to next, from a listening-history export",
                             "",          kNotes,
                             kOptions,    run};

}  // namespace ossicle::tools
