// What is found, and in which order.

#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "base/rng.h"
#include "collection.h"

namespace ossicle {
namespace {

using testing::Collection;
using testing::Rows;

TEST_CASE("a track is found by any word of any field, in any case and with or without accents") {
  Collection tracks({{.title = "Army of Me", .artist = "Björk", .album = "Post"},
                     {.title = "Fever", .tags = "jazz, vocal"},
                     {.title = "Fado", .text = "Uma casa portuguesa, com certeza"}});
  CHECK(tracks.rows("bjork") == Rows{0});
  CHECK(tracks.rows("BJÖRK army") == Rows{0});
  CHECK(tracks.rows("ｐｏｓｔ") == Rows{0});
  CHECK(tracks.rows("Jazz") == Rows{1});
  CHECK(tracks.rows("certeza") == Rows{2});
  CHECK(tracks.rows("nothing").empty());
}

TEST_CASE("the track that has more of the words comes first, equal ones by row") {
  auto tracks = Collection::of_titles({"love hurts", "love me do", "love me tender", "hurt"});
  CHECK(tracks.rows("love me") == Rows{1, 2, 0});
  CHECK(tracks.rows("love me tender").front() == 2);
  CHECK(tracks.rows("").empty());
  CHECK(tracks.rows("  ?! ").empty());
}

TEST_CASE("a rare word counts more than a frequent one, and a short title more than a long one") {
  auto tracks = Collection::of_titles(
      {"the the the song", "the river", "the one", "one", "one day in the life of everyone"});
  CHECK(tracks.rows("the river").front() == 1);
  CHECK(tracks.rows("one").front() == 3);
}

TEST_CASE("a title counts more than a text, and a field of weight 0 is not searched") {
  const std::vector<Document> documents = {{.text = "yesterday"}, {.title = "yesterday"}};
  CHECK(Collection(documents).rows("yesterday") == Rows{1, 0});
  CHECK(Collection(documents, {.title_weight = 0}).rows("yesterday") == Rows{0});
}

TEST_CASE("a name with punctuation is found with it, without it and by its parts") {
  auto tracks = Collection::of_titles({"AC/DC", "Jay-Z", "!!!", "Sunn O)))"});
  CHECK(tracks.rows("ac/dc") == Rows{0});
  CHECK(tracks.rows("acdc") == Rows{0});
  CHECK(tracks.rows("dc") == Rows{0});
  CHECK(tracks.rows("jayz") == Rows{1});
  CHECK(tracks.rows("!!!") == Rows{2});
  CHECK(tracks.rows("sunn o") == Rows{3});
}

TEST_CASE("Chinese, Japanese and Korean are found without spaces, by two characters or by one") {
  auto tracks =
      Collection::of_titles({"悲伤的钢琴曲", "我爱你", "残酷な天使のテーゼ", "사랑을 했다"});
  CHECK(tracks.rows("钢琴") == Rows{0});
  CHECK(tracks.rows("悲伤钢琴").front() == 0);
  CHECK(tracks.rows("爱") == Rows{1});
  CHECK(tracks.rows("你") == Rows{1});
  CHECK(tracks.rows("天使") == Rows{2});
  CHECK(tracks.rows("ﾃｰｾﾞ") == Rows{2});
  CHECK(tracks.rows("사랑") == Rows{3});
  CHECK(tracks.rows("琴钢").empty());
}

TEST_CASE("words of at least 4 letters may be misspelt once, of at least 8 twice") {
  auto tracks = Collection::of_titles({"metallica", "cure", "u2", "kraftwerk", "1999", "abba"});
  CHECK(tracks.rows("metalica") == Rows{0});
  CHECK(tracks.rows("mettalica") == Rows{0});
  CHECK(tracks.rows("metlaica") == Rows{0});
  CHECK(tracks.rows("metica").empty());
  CHECK(tracks.rows("crue") == Rows{1});
  CHECK(tracks.rows("kraftwrek") == Rows{3});
  CHECK(tracks.rows("aba").empty());
  CHECK(tracks.rows("1998").empty());
}

TEST_CASE("the word as written comes before a misspelling of it") {
  auto tracks = Collection::of_titles({"beatles", "beetles", "beatless"});
  CHECK(tracks.rows("beetles") == Rows{1, 0});
  CHECK(tracks.rows("beatles").front() == 0);
}

TEST_CASE("of several matches in one track the best counts once") {
  auto one = Collection::of_titles({"night", "night nigth nihgt", "day"});
  const auto hits = one.hits("night");
  REQUIRE(hits.size() == 2);
  CHECK(hits[0].row == 0);
}

TEST_CASE("an index of nothing finds nothing") {
  Collection none({});
  CHECK(none.rows("anything").empty());
  CHECK(none.index().terms() == 0);
  Collection empty({{}, {}});
  CHECK(empty.rows("anything").empty());
}

TEST_CASE("a shorter list is the beginning of a longer one") {
  std::vector<std::string> titles;
  std::uint64_t random = 3;
  static const char* const kWords[] = {"love", "me", "do", "night", "day", "the", "river"};
  for (int i = 0; i < 300; ++i) {
    std::string& title = titles.emplace_back();
    for (std::uint32_t n = 1 + base::below(random, 6); n > 0; --n) {
      title += std::string(kWords[base::below(random, 7)]) + " ";
    }
  }
  std::vector<Document> documents;
  for (const std::string& title : titles) documents.push_back({.title = title});
  Collection tracks(documents);
  const auto all = tracks.hits("love the night", SearchMode::kWhole, 300);
  CHECK(std::is_sorted(all.begin(), all.end(), [](const SearchHit& a, const SearchHit& b) {
    return a.score != b.score ? a.score > b.score : a.row < b.row;
  }));
  for (const std::size_t limit : {0U, 1U, 7U, 64U}) {
    const auto some = tracks.hits("love the night", SearchMode::kWhole, limit);
    REQUIRE(some.size() == limit);
    for (std::size_t i = 0; i < limit; ++i) CHECK(some[i].row == all[i].row);
  }
}

TEST_CASE("scores are the formula's, to the steps it is kept in") {
  // Two documents with the word of three; mean length 4/3.
  auto tracks = Collection::of_titles({"word", "word other", "thing"});
  const auto hits = tracks.hits("word");
  REQUIRE(hits.size() == 2);
  const double idf = 0.47000362924573563;  // ln(1 + 1.5 / 2.5)
  const double tf[] = {2 / (0.25 + 0.75 * 1 / (4.0 / 3)), 2 / (0.25 + 0.75 * 2 / (4.0 / 3))};
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(double{hits[i].score} == Approx(idf * tf[i] / (1.2 + tf[i])).margin(idf / 255));
  }
}

TEST_CASE("the same documents give the same scores on every build") {
  auto tracks = Collection::of_titles({"悲伤的钢琴曲", "love me do", "love", "lover of the river"});
  std::string scores;
  for (const SearchHit& hit : tracks.hits("love rivre 钢琴", SearchMode::kAsTyped)) {
    scores += std::to_string(hit.row) + ":" +
              std::to_string(static_cast<std::int64_t>(double{hit.score} * 2048 * 255)) + " ";
  }
  CHECK(scores == "0:340307 2:281160 3:239700 1:231460 ");
}

TEST_CASE("adversarial documents and queries are bounded") {
  const std::string repeated(1 << 20, 'a');
  std::string spaced;
  for (int i = 0; i < 1 << 19; ++i) spaced += "a ";
  std::string marks = "か";
  for (int i = 0; i < 1 << 18; ++i) marks += "\u3099";
  const std::string broken(1 << 20, '\xf0');
  const std::string nuls(1 << 20, '\0');
  Collection tracks({{.title = repeated},
                     {.title = spaced},
                     {.title = marks},
                     {.title = broken},
                     {.title = nuls}});
  for (const std::string& query : {repeated, spaced, marks, broken, nuls}) {
    CHECK(tracks.hits(query).size() <= 5);
    CHECK(tracks.hits(query, SearchMode::kAsTyped).size() <= 5);
  }
  CHECK(tracks.rows(repeated) == Rows{0});
}

TEST_CASE("settings outside their range and a scratch for fewer documents are refused") {
  const std::vector<Document> documents(3);
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const LexicalSettings& bad : {LexicalSettings{.k1 = 0},
                                     {.k1 = kNan},
                                     {.b = 1.5},
                                     {.b = -1},
                                     {.title_weight = -1},
                                     {.text_weight = kNan},
                                     {.tags_weight = 1e9}}) {
    const auto built = LexicalIndex::build(documents, bad);
    REQUIRE_FALSE(built.ok());
    CHECK(built.error().code == Code::kInvalidArgument);
  }
  const auto index = LexicalIndex::build(documents);
  auto scratch = LexicalScratch::open(2);
  const auto found = index.value().search("a", SearchMode::kWhole, scratch.value(), {});
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code == Code::kInvalidArgument);
  CHECK(found.error().at == 2);
}

}  // namespace
}  // namespace ossicle
