#include "ossicle/search.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>
#include <span>
#include <utility>

#include "files.h"
#include "json.h"
#include "model/encoder_bundle.h"
#include "search/dense_vectors.h"
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
    Option{"bundle", Takes::kOne, "DIR", "",
           "an encoder: finds what is meant, beside what is said"},
    Option{"track-vectors", Takes::kOne, "FILE", "",
           "a row of float32 for each track, as ossicle embed writes them"},
    Option{"query-vectors", Takes::kOne, "FILE", "", "the same for each query"},
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
    for (const std::string_view line : lines_of(bytes)) queries.emplace_back(line);
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

/// Words and, where there are vectors, their cosines.
class Search {
 public:
  Problem open(const Args& args, const Tracks& tracks, std::span<const std::string> queries) {
    mode_ = args.has("as-typed") ? SearchMode::kAsTyped : SearchMode::kWhole;
    OSL_TOOL_TRY(args.count("limit", 1U, 1000U, limit_));
    Result<LexicalIndex> index = LexicalIndex::build(tracks.documents());
    if (!index) return problem(args.text("tracks"), index.error());
    index_ = std::move(index).value();
    Result<LexicalScratch> scratch = LexicalScratch::open(index_->size());
    if (!scratch) return problem("search", scratch.error());
    scratch_ = std::move(scratch).value();
    if (args.has("track-vectors") != args.has("query-vectors")) {
      return problem("--track-vectors and --query-vectors go together");
    }
    if (args.has("track-vectors") && args.has("bundle")) {
      return problem("--bundle makes the vectors that --track-vectors brings: give one of them");
    }
    hits_.resize(limit_);
    if (args.has("bundle")) {
      std::optional<Encoder> encoder;
      OSL_TOOL_TRY(open_encoder(args.text("bundle"), encoder));
      OSL_TOOL_TRY(dense_.encode(*encoder, tracks.documents(), queries));
    } else if (args.has("track-vectors")) {
      OSL_TOOL_TRY(dense_.open(args.text("track-vectors"), tracks.size(),
                               args.text("query-vectors"), queries.size()));
    } else {
      return {};
    }
    // Deeper lists than are shown: a track that is good in both may be best in neither.
    hits_.resize(std::max<std::size_t>(limit_, kDepth));
    dense_hits_.resize(hits_.size());
    room_.resize(2 * hits_.size());
    return {};
  }

  /// The hits of query number `i`, best first; valid until the next call.
  Problem find(std::size_t i, const std::string& query, std::span<const SearchHit>& out) {
    const Result<LexicalFound> found = index_->search(query, mode_, *scratch_, hits_);
    if (!found) return problem("search", found.error());
    out = std::span(hits_).first(found.value().count);
    if (dense_.empty()) return {};
    std::span<const SearchHit> dense;
    OSL_TOOL_TRY(dense_.find(i, dense_hits_, dense));
    fused_.resize(limit_);
    const std::uint32_t n = fuse(out, found.value().attainable, dense, {}, room_, fused_);
    out = std::span(fused_).first(n);
    return {};
  }

 private:
  static constexpr std::size_t kDepth = 1000;

  SearchMode mode_ = SearchMode::kWhole;
  std::uint32_t limit_ = 0;
  std::optional<LexicalIndex> index_;
  std::optional<LexicalScratch> scratch_;
  DenseVectors dense_;
  std::vector<SearchHit> hits_, dense_hits_, room_, fused_;
};

Problem run(const Args& args) {
  std::vector<std::string> queries;
  OSL_TOOL_TRY(read_queries(args, queries));
  Tracks tracks;
  OSL_TOOL_TRY(tracks.open(args.text("tracks")));
  Search search;
  OSL_TOOL_TRY(search.open(args, tracks, queries));
  for (std::size_t i = 0; i < queries.size(); ++i) {
    std::span<const SearchHit> hits;
    OSL_TOOL_TRY(search.find(i, queries[i], hits));
    if (args.has("json")) {
      std::fputs(to_json(queries[i], tracks, hits).c_str(), stdout);
    } else {
      print(queries[i], tracks, hits);
    }
  }
  return {};
}

}  // namespace

const Verb search_verb = {
    "search", "tracks of a TSV that have the words, or are about them", "", kNotes, kOptions, run};

}  // namespace ossicle::tools
