#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

#include "base/sha256.h"
#include "golden_file.h"
#include "ossicle/history.h"

namespace ossicle {
namespace {

// Every listen with all its fields, then the report.
std::string describe(const std::string& path) {
  HistoryReader reader(HistoryFormat::kUnknown, 1767225600);
  const std::string text = testing::read_text(path);
  std::string out;
  const auto take = [&](const Result<std::size_t>& result) {
    REQUIRE(result.ok());
    for (const ImportedListen& listen : reader.listens()) {
      char hash[32];
      std::snprintf(hash, sizeof(hash), "%016llx",
                    static_cast<unsigned long long>(listen.listen.track_hash));
      out += std::to_string(listen.line) + "\t" + std::to_string(listen.listen.at_s) + "\t" +
             std::string(listen.artist) + "\t" + std::string(listen.title) + "\t" +
             std::string(listen.album) + "\t" + base::to_hex(listen.listen.artist) + "\t" + hash +
             "\t" + std::to_string(listen.listen.played_ms) + "\t" +
             std::to_string(listen.listen.duration_ms) + "\n";
    }
  };
  take(reader.feed(std::as_bytes(std::span(text))));
  take(reader.finish());
  const ImportReport& report = reader.report();
  out += "format " + std::to_string(static_cast<std::uint32_t>(report.format)) + ", lines " +
         std::to_string(report.lines) + ", records " + std::to_string(report.records) +
         ", listens " + std::to_string(report.listens) + "\n";
  for (std::size_t i = 0; i < static_cast<std::size_t>(ImportProblem::kCount); ++i) {
    if (report.problems[i] == 0) continue;
    out += "problem " + std::to_string(i) + ": " + std::to_string(report.problems[i]) +
           ", first in line " + std::to_string(report.first_line[i]) + "\n";
  }
  return out;
}

TEST_CASE("exports of every known shape are read as they always were") {
  for (const char* name : {"listenbrainz.jsonl", "listenbrainz-api.json", "lastfm-api.json",
                           "lastfm-tracks.json", "lastfm-plain.csv", "lastfm-header.csv"}) {
    CAPTURE(name);
    const std::string path = std::string("history/") + name;
    const std::string expected = testing::read_text(path + ".expected.tsv");
    REQUIRE_FALSE(expected.empty());
    CHECK(describe(path) == expected);
  }
}

}  // namespace
}  // namespace ossicle
