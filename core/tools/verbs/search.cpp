#include "ossicle/search.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <utility>

#include "files.h"
#include "json.h"
#include "search/tracks.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"tracks", Takes::kOne, "FILE", "", "tab-separated, a first line names the columns",
           true},
    Option{"query", Takes::kMany, "WORDS", "", "what is looked for"},
    Option{"queries", Takes::kOne, "FILE", "", "queries, one a line"},
    Option{"as-typed", Takes::kNothing, "", "", "the last word may go on, as when a person types"},
    Option{"limit", Takes::kOne, "K", "10", "tracks for each query, 1..1000"},
    Option{"json", Takes::kNothing, "", "", "one JSON line for each query"},
};

constexpr const char* kNotes =
    "Columns that are searched: title, artist, album, tags (genre, mood), text (lyrics, comment,\n"
    "caption, description, review). Others are shown in JSON. Nothing leaves this machine.";

Problem read_queries(const Args& args, std::vector<std::string>& queries) {
  queries = args.all("query");
  if (args.has("queries")) {
    std::vector<std::byte> bytes;
    OSL_TOOL_TRY(read_file(args.text("queries"), bytes));
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      if (line.ends_with('\r')) line.remove_suffix(1);
      queries.emplace_back(line);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  if (queries.empty()) return problem("--query or --queries is needed; see ossicle search --help");
  return {};
}

std::string to_json(const std::string& query, const Tracks& tracks,
                    std::span<const SearchHit> hits) {
  JsonOut json;
  json.begin_object().key("query").text(query).key("hits").begin_array();
  for (const SearchHit& hit : hits) {
    json.begin_object().key("row").count(hit.row).key("score").number(double{hit.score});
    json.key("track").begin_object();
    for (std::size_t c = 0; c < tracks.columns().size(); ++c) {
      json.key(tracks.columns()[c]).text(tracks.cells(hit.row)[c]);
    }
    json.end_object().end_object();
  }
  json.end_array().end_object();
  return json.line() + "\n";
}

void print(const std::string& query, const Tracks& tracks, std::span<const SearchHit> hits) {
  std::printf("%s\n", query.c_str());
  for (std::size_t i = 0; i < hits.size(); ++i) {
    std::printf("%4zu  %8.4f  %s\n", i + 1, double{hits[i].score},
                tracks.name(hits[i].row).c_str());
  }
}

Problem run(const Args& args) {
  std::uint32_t limit = 0;
  OSL_TOOL_TRY(args.count("limit", 1U, 1000U, limit));
  std::vector<std::string> queries;
  OSL_TOOL_TRY(read_queries(args, queries));
  Tracks tracks;
  OSL_TOOL_TRY(tracks.open(args.text("tracks")));
  const Result<LexicalIndex> index = LexicalIndex::build(tracks.documents());
  if (!index) return problem(args.text("tracks"), index.error());
  Result<LexicalScratch> scratch = LexicalScratch::open(index.value().size());
  if (!scratch) return problem("search", scratch.error());
  const SearchMode mode = args.has("as-typed") ? SearchMode::kAsTyped : SearchMode::kWhole;
  std::vector<SearchHit> hits(limit);
  for (const std::string& query : queries) {
    const Result<std::uint32_t> n = index.value().search(query, mode, scratch.value(), hits);
    if (!n) return problem("search", n.error());
    const std::span<const SearchHit> found = std::span(hits).first(n.value());
    if (args.has("json")) {
      std::fputs(to_json(query, tracks, found).c_str(), stdout);
    } else {
      print(query, tracks, found);
    }
  }
  return {};
}

}  // namespace

const Verb search_verb = {
    "search", "tracks of a TSV that have the words, or are about them", "", kNotes, kOptions, run};

}  // namespace ossicle::tools
