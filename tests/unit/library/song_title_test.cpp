#include <catch2/catch.hpp>
#include <string>

#include "ossicle/library.h"

namespace ossicle {
namespace {

std::string song(std::string_view title) {
  std::string out;
  song_title(title, out);
  return out;
}

TEST_CASE("editions of one recording have one song title") {
  for (const char* title :
       {"Heroes", "Heroes (Remastered 2011)", "Heroes - 2017 Remaster", "Heroes [Deluxe Edition]",
        "Heroes (Mono)", "Heroes - Single Version", "Heroes (feat. Somebody)", "Heroes feat. A & B",
        "Heroes ft. A", "Heroes (with A)", "Heroes (Official Video)", "Heroes - Radio Edit",
        "Heroes (Album Version) [2011 Remaster]", "Heroes (feat. A) - Remastered",
        " Heroes (2009 Digital Remaster) ", "Heroes (40th Anniversary Edition)",
        "Heroes - Explicit"}) {
    CAPTURE(title);
    CHECK(song(title) == "Heroes");
  }
}

TEST_CASE("another performance keeps its title") {
  for (const char* title :
       {"Heroes (Live)", "Heroes - Live at Berlin", "Heroes (Acoustic)", "Heroes (Somebody Remix)",
        "Heroes (Demo)", "Heroes (Instrumental)", "Heroes (Part 2)", "Heroes (Spanish Version)",
        "Heroes (1977)", "(I Can't Get No) Satisfaction", "Mr. Blue - Sky", "Dancing with Myself",
        "With a Little Help", "Radio", "Album", "Heroes (Live) (1999 Mix)"}) {
    CAPTURE(title);
    CHECK(song(title) == title);
  }
  // A remark beside the performance goes, the performance stays.
  CHECK(song("Heroes (Live) [2011 Remaster]") == "Heroes (Live)");
}

TEST_CASE("a title that is nothing but a remark is left alone") {
  for (const char* title : {"", "(Remastered)", "[Mono]", "-", " ", "((((", "())(", "(feat. A)"}) {
    CAPTURE(title);
    CHECK(!song(title).empty() == !std::string(title).empty());
  }
  CHECK(song("(Remastered)") == "(Remastered)");
}

TEST_CASE("titles of any bytes and any length") {
  CHECK(song("\xff\xfe (Remaster)") == "\xff\xfe");
  const std::string brackets(1 << 20, '(');
  CHECK(song(brackets) == brackets);
  CHECK(song("\xe6\xa4\x8e\xe5\x90\x8d (Remastered)") == "\xe6\xa4\x8e\xe5\x90\x8d");
}

}  // namespace
}  // namespace ossicle
