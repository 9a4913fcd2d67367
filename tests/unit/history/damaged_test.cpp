#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "ossicle/history.h"
#include "read_export.h"

namespace ossicle {
namespace {

using testing::read_export;
using testing::ReadExport;

std::string line(std::string_view artist) {
  return "{\"listened_at\":1704026040,\"track_metadata\":{\"artist_name\":\"" +
         std::string(artist) + "\",\"track_name\":\"t\"}}\n";
}

TEST_CASE("an export of another service is named and refused") {
  struct Case {
    const char* name;
    std::string text;
    const char* what;
    std::uint64_t at;
  };
  const Case cases[] = {
      {"Spotify, account data",
       "[\n{\"endTime\":\"2023-12-31 "
       "12:34\",\"artistName\":\"a\",\"trackName\":\"t\",\"msPlayed\":1000}]",
       "Spotify", 2},
      {"Spotify, extended history",
       "[{\"ts\":\"2023-12-31T12:34:00Z\",\"ms_played\":1,\"master_metadata_track_name\":\"t\"}]",
       "Spotify", 1},
      {"Spotify, as a table", "endTime,artistName,trackName,msPlayed\na,b,c,d\n", "Spotify", 1},
      {"YouTube Music",
       "[{\"header\":\"YouTube Music\",\"title\":\"t\",\"titleUrl\":\"u\",\"time\":\"x\"}]",
       "Takeout", 1},
      {"ListenBrainz feedback", "{\"recording_mbid\":\"x\",\"score\":1,\"created\":1}\n",
       "JSON, but", 1},
      {"an API error", "{\"error\":10,\"message\":\"Invalid API key\"}", "error answer", 1},
      {"XML", "\n\n<?xml version=\"1.0\"?>\n<lfm></lfm>\n", "XML", 3},
      {"HTML", "<!DOCTYPE html>\n<html></html>\n", "XML or HTML", 1},
      {"a ZIP archive", std::string("PK\x03\x04\x14\x00", 6), "ZIP", 1},
      {"a gzip file", std::string("\x1f\x8b\x08\x00", 4), "gzip", 1},
      {"a PDF", "%PDF-1.4\n", "PDF", 1},
      {"UTF-16", std::string("\xff\xfe{\0\"\0", 6), "UTF-16", 1},
      {"a binary file", std::string("\x7f\x45\x00\x00", 4), "binary", 1},
      {"plain text", "Dear diary,\ntoday I listened\n", "text, but", 1},
      {"another table", "name,size,colour,price\na,b,c,d\n", "text, but", 1},
      {"an empty file", "", "without a record", 0},
      {"a file of white space", " \n\n ", "without a record", 3},
      {"an empty array", "[]", "without a record", 1},
      {"broken JSON only", "{\"a\":,}\n", "no record that can be read", 1},
  };
  for (const Case& c : cases) {
    for (const std::size_t piece : {std::string::npos, std::size_t{1}}) {
      CAPTURE(c.name, piece);
      const ReadExport read = read_export(c.text, piece);
      CHECK(read.code == Code::kUnknownFormat);
      CHECK_THAT(read.what, Catch::Contains(c.what));
      CHECK(read.at == c.at);
      CHECK(read.listens.empty());
    }
  }
}

TEST_CASE("after an unknown format every call says so") {
  HistoryReader reader(HistoryFormat::kUnknown, testing::kNow);
  const std::string_view text = "<?xml?>\n";
  CHECK_FALSE(reader.feed(std::as_bytes(std::span(text))).ok());
  const std::string good = line("a");
  CHECK(reader.feed(std::as_bytes(std::span(good))).error().code == Code::kUnknownFormat);
  CHECK(reader.finish().error().code == Code::kUnknownFormat);
}

TEST_CASE("with the format given, records of another shape are counted instead") {
  const ReadExport read = read_export("[{\"msPlayed\":1}]\n" + line("a"), std::string::npos,
                                      HistoryFormat::kListenBrainz);
  CHECK(read.code == Code::kOk);
  CHECK(read.listens.size() == 1);
  CHECK(read.count(ImportProblem::kBadRecord) == 1);
  const ReadExport csv =
      read_export("x,y\nAir,Album,Track,31 Dec 2023 12:34\n", 3, HistoryFormat::kLastFmCsv);
  CHECK(csv.listens.size() == 1);
  CHECK(csv.first_line(ImportProblem::kBadRecord) == 1);
}

TEST_CASE("a line of ten megabytes is passed over in bounded memory") {
  const std::string text =
      line("a") + line(std::string(10 << 20, 'x')) + line("b") + line(std::string(900000, 'y'));
  for (const std::size_t piece : {std::size_t{65536}, std::string::npos}) {
    const ReadExport read = read_export(text, piece);
    CHECK(read.code == Code::kOk);
    REQUIRE(read.listens.size() == 3);
    CHECK(read.listens[1].artist == "b");
    CHECK(read.listens[2].artist.size() == 900000);
    CHECK(read.count(ImportProblem::kTooLong) == 1);
    CHECK(read.first_line(ImportProblem::kTooLong) == 2);
  }
  const std::string row = "Air,Album,Track,31 Dec 2023 12:34\n";
  const ReadExport csv = read_export(row + std::string(10 << 20, 'x') + "\n" + row, 65536);
  CHECK(csv.listens.size() == 2);
  CHECK(csv.count(ImportProblem::kTooLong) == 1);
}

TEST_CASE("broken UTF-8 is kept with its broken bytes replaced") {
  const ReadExport json = read_export(line("Bj\xf6rk") + line("a"), 1);
  REQUIRE(json.listens.size() == 2);
  CHECK(json.listens[0].artist == "Bj\ufffdrk");
  CHECK(json.count(ImportProblem::kBadUtf8) == 1);
  CHECK(json.first_line(ImportProblem::kBadUtf8) == 1);
  const ReadExport csv = read_export("Bj\xf6rk,,J\xf3ga,31 Dec 2023 12:34\n");
  REQUIRE(csv.listens.size() == 1);
  CHECK(csv.listens[0].title == "J\ufffdga");
  CHECK(csv.count(ImportProblem::kBadUtf8) == 1);
}

TEST_CASE("half a surrogate pair is broken text, not a broken record") {
  for (const auto& [escaped, clean] :
       {std::pair(R"(x\ud83d)", "x\ufffd"), std::pair(R"(\udfb5y)", "\ufffdy"),
        std::pair(R"(\ud83d\ud83c\udfb5)", "\ufffd\U0001f3b5")}) {
    const ReadExport read = read_export(line(escaped));
    REQUIRE(read.listens.size() == 1);
    CHECK(read.listens[0].artist == clean);
    CHECK(read.count(ImportProblem::kBadUtf8) == 1);
  }
  const ReadExport whole = read_export(line(R"(\uD83C\uDFB5 \\ud83d)"));
  REQUIRE(whole.listens.size() == 1);
  CHECK(whole.listens[0].artist == "\U0001f3b5 \\ud83d");
  CHECK(whole.problems() == 0);
}

TEST_CASE("every truncation keeps the listens before it") {
  const std::string text = line("a") + line("b") + line("c");
  for (std::size_t size = line("a").size(); size <= text.size(); ++size) {
    CAPTURE(size);
    const ReadExport read = read_export(std::string_view(text).substr(0, size));
    const std::size_t whole = (size + 1) / line("a").size();
    REQUIRE(read.listens.size() == whole);
    const bool cut = size > whole * line("a").size();
    REQUIRE(read.count(ImportProblem::kTruncated) == (cut ? 1 : 0));
    if (cut) REQUIRE(read.first_line(ImportProblem::kTruncated) == whole + 1);
  }
}

TEST_CASE("lines cut off in the middle cost only themselves") {
  const std::string good = line("a");
  for (std::size_t size = 1; size + 2 < good.size(); ++size) {
    CAPTURE(size);
    const ReadExport read = read_export(good + good.substr(0, size) + "\n" + good + good);
    CHECK(read.listens.size() == 3);
    CHECK(read.count(ImportProblem::kBadRecord) == 1);
    CHECK(read.first_line(ImportProblem::kBadRecord) == 2);
  }
}

}  // namespace
}  // namespace ossicle
