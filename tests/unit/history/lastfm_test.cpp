#include <catch2/catch.hpp>
#include <string>

#include "ossicle/history.h"
#include "read_export.h"

namespace ossicle {
namespace {

using testing::read_export;
using testing::ReadExport;

// A track as user.getRecentTracks gives it.
std::string track(std::string_view artist, std::string_view uts) {
  return R"({"artist":{"mbid":"87c5","#text":")" + std::string(artist) +
         R"("},"streamable":"0","image":[{"size":"small","#text":"x.png"}],"mbid":"",)"
         R"("album":{"mbid":"","#text":"Homogenic"},"name":"J\u00f3ga","url":"u","date":{"uts":")" +
         std::string(uts) + R"(","#text":"31 Dec 2023, 12:34"}})";
}

constexpr const char* kPlaying =
    R"({"artist":{"#text":"Now"},"name":"n","album":{"#text":""},"@attr":{"nowplaying":"true"}})";

void check_first(const ReadExport& read) {
  REQUIRE_FALSE(read.listens.empty());
  CHECK(read.listens[0].artist == "Bj\u00f6rk");
  CHECK(read.listens[0].title == "J\u00f3ga");
  CHECK(read.listens[0].album == "Homogenic");
  CHECK(read.listens[0].listen.at_s == 1704026040);
  CHECK(read.listens[0].listen.played_ms == 0);
  CHECK(read.listens[0].listen.artist == artist_id("bjork"));
}

TEST_CASE("Last.fm pages are read, alone, in an array, and as arrays of tracks") {
  const std::string one = track("Bj\u00f6rk", "1704026040");
  const std::string two = track("Air", "1704026041");
  const std::string page = R"({"recenttracks":{"track":[)" + std::string(kPlaying) + "," + one +
                           "," + two + R"(],"@attr":{"user":"x","page":"1","total":"2"}}})";
  const std::string texts[] = {page, "[" + page + "]",
                               "[[" + std::string(kPlaying) + "," + one + "],[" + two + "]]",
                               "[" + std::string(kPlaying) + "," + one + "," + two + "]"};
  for (const std::string& text : texts) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{9}, std::string::npos}) {
      CAPTURE(text, piece);
      const ReadExport read = read_export(text, piece);
      CHECK(read.code == Code::kOk);
      CHECK(read.report.format == HistoryFormat::kLastFmJson);
      CHECK(read.listens.size() == 2);
      CHECK(read.count(ImportProblem::kNowPlaying) == 1);
      CHECK(read.problems() == 1);
      check_first(read);
    }
  }
}

TEST_CASE("a Last.fm page of one track, and tracks with artist names in other places, are read") {
  check_first(
      read_export(R"({"recenttracks":{"track":)" + track("Bj\u00f6rk", "1704026040") + "}}"));
  check_first(read_export(
      R"([{"artist":{"name":"Bj\u00f6rk"},"name":"J\u00f3ga","album":"Homogenic","date":{"#text":"31 Dec 2023, 12:34"}}])"));
  check_first(read_export(
      R"([{"artist":"Bj\u00f6rk","name":"J\u00f3ga","album":"Homogenic","date":1704026040}])"));
}

TEST_CASE("Last.fm CSV without a header is read") {
  for (const char* text :
       {"Bj\u00f6rk,Homogenic,J\u00f3ga,31 Dec 2023 12:34\nAir,,Venus,\"31 Dec 2023, 12:35\"\n",
        "\ufeffBj\u00f6rk,Homogenic,J\u00f3ga,\"31 Dec 2023 12:34\"\r\nAir,,Venus,31 Dec 2023, "
        "12:35\r\n",
        "\"Bj\u00f6rk\",\"Homogenic\",\"J\u00f3ga\",\"31 Dec 2023 "
        "12:34\"\n\n\"Air\",\"\",\"Venus\",\"31 Dec 2023 12:35\"",
        "Bj\u00f6rk,Homogenic,J\u00f3ga,31 Dec 2023, 12:34\nAir,,Venus,31 Dec 2023, 12:35\n"}) {
    for (const std::size_t piece : {std::size_t{1}, std::string::npos}) {
      CAPTURE(text, piece);
      const ReadExport read = read_export(text, piece);
      CHECK(read.report.format == HistoryFormat::kLastFmCsv);
      CHECK(read.report.records == 2);
      CHECK(read.problems() == 0);
      check_first(read);
      REQUIRE(read.listens.size() == 2);
      CHECK(read.listens[1].artist == "Air");
      CHECK(read.listens[1].album == "");
      CHECK(read.listens[1].listen.at_s == 1704026100);
    }
  }
}

TEST_CASE("Last.fm CSV with a header is read, whatever the order of columns") {
  for (const char* text :
       {"uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n"
        "\"1704026040\",\"31 Dec 2023, "
        "12:34\",\"Bj\u00f6rk\",\"87c5\",\"Homogenic\",\"\",\"J\u00f3ga\",\"\"\n",
        "Track,Album,Artist,UTS\nJ\u00f3ga,Homogenic,Bj\u00f6rk,1704026040\n",
        "artist,track,album,date\nBj\u00f6rk,J\u00f3ga,Homogenic,31 Dec 2023 12:34\n",
        "track,utc_time,artist,album\nJ\u00f3ga,2023-12-31T12:34:00Z,Bj\u00f6rk,Homogenic\n"}) {
    CAPTURE(text);
    const ReadExport read = read_export(text);
    CHECK(read.report.format == HistoryFormat::kLastFmCsv);
    CHECK(read.report.records == 1);
    CHECK(read.problems() == 0);
    check_first(read);
    CHECK(read.listens[0].line == 2);
  }
}

TEST_CASE("Last.fm rows that are no listens are counted with their line") {
  const std::string good = "Air,Moon Safari,Venus,31 Dec 2023 12:34\n";
  struct Case {
    const char* row;
    ImportProblem problem;
  };
  for (const Case& c : {Case{",Album,Track,31 Dec 2023 12:34\n", ImportProblem::kNoArtist},
                        Case{"Air,Album,Track,yesterday\n", ImportProblem::kBadDate},
                        Case{"Air,Album,Track,\n", ImportProblem::kBadDate},
                        Case{"Air,Album,Track,01 Jan 1970 00:00\n", ImportProblem::kBadDate},
                        Case{"Air,Album,Track,31 Dec 2123 12:34\n", ImportProblem::kFutureDate},
                        Case{"Air,Album\n", ImportProblem::kBadRecord},
                        Case{"a,b,c,d,e,f\n", ImportProblem::kBadRecord}}) {
    CAPTURE(c.row);
    const ReadExport read = read_export(good + c.row + good);
    CHECK(read.listens.size() == 2);
    CHECK(read.report.records == 3);
    CHECK(read.problems() == 1);
    CHECK(read.count(c.problem) == 1);
    CHECK(read.first_line(c.problem) == 2);
  }
  // Only the newest row can be the track that is playing.
  CHECK(read_export("Air,Album,Track,\n" + good).count(ImportProblem::kNowPlaying) == 1);
}

TEST_CASE("markup and entities in names are plain text") {
  const ReadExport csv =
      read_export("<script>alert(1)</script>,<b>x</b>,AT&amp;T & \u2014,31 Dec 2023 12:34\n");
  REQUIRE(csv.listens.size() == 1);
  CHECK(csv.listens[0].artist == "<script>alert(1)</script>");
  CHECK(csv.listens[0].title == "AT&amp;T & \u2014");
  const ReadExport json = read_export("[" + track("<img src=x onerror=y>", "1704026040") + "]");
  REQUIRE(json.listens.size() == 1);
  CHECK(json.listens[0].artist == "<img src=x onerror=y>");
}

}  // namespace
}  // namespace ossicle
