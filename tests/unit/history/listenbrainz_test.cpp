#include <catch2/catch.hpp>
#include <string>

#include "ossicle/history.h"
#include "read_export.h"

namespace ossicle {
namespace {

using testing::kNow;
using testing::read_export;
using testing::ReadExport;

// A line as the export of listenbrainz.org has it, with what is not read left in.
constexpr const char* kLine =
    R"({"listened_at": 1704026040, "recording_msid": "f0a9", "user_name": "x", "inserted_at": 1704026041, )"
    R"("track_metadata": {"artist_name": "Bj\u00f6rk", "track_name": "J\u00f3ga", "release_name": "Homogenic", )"
    R"("mbid_mapping": {"artist_mbids": ["87c5"], "artists": [{"artist_mbid": "87c5", "join_phrase": ""}]}, )"
    R"("additional_info": {"duration_ms": 305000, "duration_played": 200, "media_player": "mpv", "tags": []}}})";

TEST_CASE("a ListenBrainz line is read") {
  const ReadExport read = read_export(std::string(kLine) + "\n");
  CHECK(read.report.format == HistoryFormat::kListenBrainz);
  REQUIRE(read.listens.size() == 1);
  const testing::ReadListen& listen = read.listens[0];
  CHECK(listen.artist == "Bj\u00f6rk");
  CHECK(listen.title == "J\u00f3ga");
  CHECK(listen.album == "Homogenic");
  CHECK(listen.line == 1);
  CHECK(listen.listen.at_s == 1704026040);
  CHECK(listen.listen.duration_ms == 305000);
  CHECK(listen.listen.played_ms == 200000);
  CHECK(listen.listen.kind == ListenKind::kPlay);
  CHECK(listen.listen.artist == artist_id("Bj\u00f6rk"));
  CHECK(listen.listen.track_hash == track_hash("J\u00f3ga"));
  CHECK(read.report.records == 1);
  CHECK(read.report.listens == 1);
  CHECK(read.report.lines == 1);
  CHECK(read.report.bytes == std::string_view(kLine).size() + 1);
  CHECK(read.problems() == 0);
}

TEST_CASE("ListenBrainz listens are the same as lines, as an array and as the API's answer") {
  const std::string line = kLine;
  const auto once = read_export(line).listens;
  const std::string texts[] = {
      "\ufeff" + line + "\r\n" + line, "[" + line + ",\n" + line + "]",
      R"({"payload": {"count": 2, "latest_listen_ts": 1, "user_id": "x", "listens": [)" + line +
          ",\n" + line + "]}}"};
  for (const std::string& text : texts) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, std::string::npos}) {
      const ReadExport read = read_export(text, piece);
      CHECK(read.code == Code::kOk);
      REQUIRE(read.listens.size() == 2);
      CHECK(read.listens[0] == once[0]);
      CHECK(read.listens[1].line == 2);
      CHECK(read.report.format == HistoryFormat::kListenBrainz);
      CHECK(read.report.lines == 2);
    }
  }
}

std::string line_with(std::string_view listened_at, std::string_view artist,
                      std::string_view info = "{}") {
  return "{\"listened_at\": " + std::string(listened_at) +
         ", \"track_metadata\": {\"artist_name\": " + std::string(artist) +
         ", \"track_name\": \"t\", \"additional_info\": " + std::string(info) + "}}\n";
}

TEST_CASE("ListenBrainz records that are no listens are counted with their line") {
  const std::string good = line_with("1704026040", "\"a\"");
  struct Case {
    const char* name;
    std::string line;
    ImportProblem problem;
  };
  const Case cases[] = {
      {"no artist", line_with("1704026040", "null"), ImportProblem::kNoArtist},
      {"an artist of spaces", line_with("1704026040", "\"  \""), ImportProblem::kNoArtist},
      {"no date", line_with("null", "\"a\""), ImportProblem::kBadDate},
      {"a date of words", line_with("\"yesterday\"", "\"a\""), ImportProblem::kBadDate},
      {"a negative date", line_with("-5", "\"a\""), ImportProblem::kBadDate},
      {"the first second of 1970", line_with("0", "\"a\""), ImportProblem::kBadDate},
      {"milliseconds", line_with("1704026040000", "\"a\""), ImportProblem::kFutureDate},
      {"the day after tomorrow", line_with(std::to_string(kNow + 86401), "\"a\""),
       ImportProblem::kFutureDate},
      {"another shape", "{\"listened_at\": 5}\n", ImportProblem::kBadRecord},
      {"not JSON", "{\"listened_at\": }\n", ImportProblem::kBadRecord},
      {"a name twice", "{\"listened_at\": 1, \"listened_at\": 2, \"track_metadata\": {}}\n",
       ImportProblem::kBadRecord},
      {"playing now",
       "{\"playing_now\": true, \"track_metadata\": {\"artist_name\": \"a\", \"track_name\": "
       "\"t\"}}\n",
       ImportProblem::kNowPlaying},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    const ReadExport read = read_export(good + c.line + good);
    CHECK(read.code == Code::kOk);
    CHECK(read.listens.size() == 2);
    CHECK(read.report.records == 3);
    CHECK(read.problems() == 1);
    CHECK(read.count(c.problem) == 1);
    CHECK(read.first_line(c.problem) == 2);
  }
  CHECK(read_export(line_with(std::to_string(kNow + 86400), "\"a\"")).listens.size() == 1);
}

TEST_CASE("durations are read in both units, and absurd ones are unknown") {
  const auto duration = [](std::string_view info) {
    return read_export(line_with("1704026040", "\"a\"", info)).listens.at(0).listen.duration_ms;
  };
  CHECK(duration(R"({"duration": 180})") == 180000);
  CHECK(duration(R"({"duration_ms": "180000"})") == 180000);
  CHECK(duration(R"({"duration_ms": 180000.0})") == 180000);
  CHECK(duration(R"({"duration_ms": -5})") == 0);
  CHECK(duration(R"({"duration": 99999999999})") == 0);
  CHECK(duration(R"("none")") == 0);
}

}  // namespace
}  // namespace ossicle
