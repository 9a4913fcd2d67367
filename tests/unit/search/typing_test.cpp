// Searching while a person types.

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "collection.h"

namespace ossicle {
namespace {

using testing::Collection;
using testing::Rows;

TEST_CASE("the last word may go on; the words before it and a whole query may not") {
  auto tracks = Collection::of_titles({"bohemian rhapsody", "bohemia", "rhapsody in blue"});
  CHECK(tracks.rows("boh", SearchMode::kAsTyped) == Rows{1, 0});
  CHECK(tracks.rows("boh", SearchMode::kWhole).empty());
  CHECK(tracks.rows("boh ", SearchMode::kAsTyped).empty());
  CHECK(tracks.rows("bohemian rh", SearchMode::kAsTyped) == Rows{0, 2, 1});
  CHECK(tracks.rows("rh bohemian", SearchMode::kAsTyped).front() == 0);
}

TEST_CASE("what is being typed may be misspelt") {
  auto tracks = Collection::of_titles({"the beatles", "metallica", "radiohead"});
  CHECK(tracks.rows("beetl", SearchMode::kAsTyped) == Rows{0});
  CHECK(tracks.rows("radoih", SearchMode::kAsTyped) == Rows{2});
  CHECK(tracks.rows("metalic", SearchMode::kAsTyped) == Rows{1});
}

TEST_CASE("a whole word comes before a longer one, and a longer one before a misspelling") {
  auto tracks = Collection::of_titles({"live", "lovers", "love"});
  CHECK(tracks.rows("love", SearchMode::kAsTyped) == Rows{2, 1, 0});
}

TEST_CASE("every keystroke on the way to a name finds it, and the whole name finds it first") {
  auto tracks = Collection::of_titles({"Sigur Rós", "Sígur", "周杰倫", "周杰", "방탄소년단", "방",
                                       "Ágætis byrjun", "Цой", "Москва"});
  for (const auto& [name, row] : {std::pair("sigur ros", 0U),
                                  {"周杰倫", 2U},
                                  {"방탄소년단", 4U},
                                  {"ágætis byrjun", 6U},
                                  {"москва", 8U}}) {
    const std::string whole = name;
    for (std::size_t n = 1; n <= whole.size(); ++n) {
      if (n < whole.size() && (static_cast<unsigned char>(whole[n]) & 0xc0u) == 0x80u) continue;
      CAPTURE(whole.substr(0, n));
      const Rows rows = tracks.rows(whole.substr(0, n), SearchMode::kAsTyped);
      CHECK(std::count(rows.begin(), rows.end(), row) == 1);
    }
    CHECK(tracks.rows(whole, SearchMode::kAsTyped).front() == row);
  }
}

TEST_CASE("a Korean syllable that is not finished finds what it may become") {
  auto tracks = Collection::of_titles({"사랑", "사람"});
  CHECK(tracks.rows("사라", SearchMode::kAsTyped).size() == 2);
  CHECK(tracks.rows("사랑", SearchMode::kAsTyped) == Rows{0});
}

TEST_CASE("a query of more words than are looked at does not go on") {
  auto tracks = Collection::of_titles({"lovely"});
  std::string query;
  for (std::size_t i = 0; i < LexicalIndex::kMaxQueryWords; ++i) query += "x ";
  CHECK(tracks.rows(query + "love", SearchMode::kAsTyped).empty());
  CHECK(tracks.rows("x love", SearchMode::kAsTyped) == Rows{0});
}

}  // namespace
}  // namespace ossicle
