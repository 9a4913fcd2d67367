#include <catch2/catch.hpp>
#include <cstring>
#include <initializer_list>
#include <string>

#include "base/json.h"
#include "command.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kTracks =
    "Title\tArtist\tid\tGenre\tLyrics\n"
    "Army of Me\tBjörk\t17\telectronic\n"
    "Halo\tBeyoncé\t18\tpop\tremember those walls I built\n"
    "悲伤的钢琴曲\t周杰倫\t19\n";

std::string floats(std::initializer_list<float> values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

// The rows of each line of JSON, as text.
std::string rows_of(const std::string& lines) {
  std::string rows;
  for (std::size_t at = 0; at < lines.size(); at = lines.find('\n', at) + 1) {
    base::JsonDocument json;
    REQUIRE(json.parse(lines.substr(at, lines.find('\n', at) - at)).ok());
    const base::JsonValue hits = json.root().get("hits");
    for (base::JsonValue hit = hits.first(); hit.exists(); hit = hit.next()) {
      rows += std::to_string(*hit.get("row").unsigned_integer()) + " ";
    }
    rows += "| ";
  }
  return rows;
}

}  // namespace

TEST_CASE("search finds tracks of a TSV and shows them") {
  const Folder folder;
  const std::string tracks = "search --tracks " + folder.file("tracks.tsv", kTracks);
  const Outcome r = run_tool(folder, tracks + " --query bjork");
  CHECK(r.exit_code == 0);
  CHECK_THAT(r.out, Contains("Army of Me - Björk") && !Contains("Halo"));
  const Outcome json = run_tool(folder, tracks + " --query walls --json");
  base::JsonDocument line;
  REQUIRE(line.parse(json.out).ok());
  CHECK(line.root().get("query").string() == "walls");
  const base::JsonValue hit = line.root().get("hits").first();
  CHECK(hit.get("row").unsigned_integer() == 1);
  CHECK(hit.get("track").get("id").string() == "18");
  CHECK(hit.get("track").get("artist").string() == "Beyoncé");
}

TEST_CASE("search answers several queries, one line each, in order") {
  const Folder folder;
  const std::string tracks = "search --tracks " + folder.file("tracks.tsv", kTracks);
  const std::string queries = folder.file("queries.txt", "electronc\r\n\nnobody\n钢琴");
  const Outcome r = run_tool(folder, tracks + " --json --query pop --queries " + queries);
  INFO(r.err);
  CHECK(rows_of(r.out) == "1 | 0 | | | 2 | ");
  CHECK(rows_of(run_tool(folder, tracks + " --json --query hal").out) == "| ");
  CHECK(rows_of(run_tool(folder, tracks + " --json --query hal --as-typed").out) == "1 | ");
}

TEST_CASE("search with vectors finds what has none of the words") {
  const Folder folder;
  const std::string words =
      "search --json --tracks " + folder.file("tracks.tsv", kTracks) + " --query \"sad piano\"";
  const std::string vectors = " --track-vectors " +
                              folder.file("t.f32", floats({1, 0, 0, 2, 0.6F, 0.8F})) +
                              " --query-vectors " + folder.file("q.f32", floats({0.6F, 0.8F}));
  CHECK(rows_of(run_tool(folder, words).out) == "| ");
  CHECK(rows_of(run_tool(folder, words + vectors).out) == "2 1 0 | ");
  CHECK(rows_of(run_tool(folder, words + vectors + " --limit 1").out) == "2 | ");
}

TEST_CASE("what search cannot use is told with exit code 2") {
  struct Bad {
    const char* tracks;
    const char* words;
    const char* told;
  };
  for (const Bad& bad : {
           Bad{kTracks, "", "--query or --queries is needed"},
           {kTracks, "--query a --limit 0", "--limit '0'"},
           {kTracks, "--query a --queries nothing.txt", "nothing.txt"},
           {kTracks, "--query a --track-vectors t.f32", "go together"},
           {kTracks, "--query a --track-vectors $OSSICLE --query-vectors $OSSICLE", "float32"},
           {"", "--query a", "must name the columns"},
           {"id\tyear\n1\t2\n", "--query a", "no column that can be searched"},
           {"title\tTitle\n", "--query a", "named twice"},
           {"title\nx\ty\n", "--query a", "tracks.tsv:2: has 2 columns"},
       }) {
    CAPTURE(bad.tracks, bad.words);
    const Folder folder;
    const Outcome r = shell(folder, "\"$OSSICLE\" search --tracks " +
                                        folder.file("tracks.tsv", bad.tracks) + " " + bad.words);
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK_THAT(r.err, Contains(bad.told));
  }
}

TEST_CASE("search with an encoder finds what is meant in another language") {
  const Folder folder;
  const std::string tracks = "search --tracks " +
                             folder.file("tracks.tsv",
                                         "title\ttags\n"
                                         "Halo\tfast aggressive heavy metal\n"
                                         "Gymnopedie\tslow sad piano music\n"
                                         "Carnival\tsamba, dance, percussion\n") +
                             " --json --limit 3 --query 悲伤的钢琴曲 --bundle ";
  const Outcome r = run_tool(folder, tracks + OSL_ENCODER_BUNDLE);
  CHECK(r.exit_code == 0);
  CHECK_THAT(rows_of(r.out), Catch::Matchers::StartsWith("1 "));
  const Outcome wrong = run_tool(folder, tracks + "/no/such/folder");
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Contains("/no/such/folder/bundle.json"));
}
