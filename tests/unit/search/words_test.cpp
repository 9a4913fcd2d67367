#include "text/lexical/words.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ossicle::text {
namespace {

struct Collected {
  std::vector<std::string> words;
  void operator()(const Word& word) { words.emplace_back(TermBytes(word).view()); }
};

using Words = std::vector<std::string>;

Words document(std::string_view text) {
  Collected collected;
  WordSplitter<Collected>(WordsOf::kDocument, collected).split(text);
  return collected.words;
}

Words query(std::string_view text) {
  Collected collected;
  WordSplitter<Collected>(WordsOf::kQuery, collected).split(text);
  return collected.words;
}

bool goes_on(std::string_view text) {
  Collected collected;
  return WordSplitter<Collected>(WordsOf::kQuery, collected).split(text);
}

TEST_CASE("words are folded and lie between white space and punctuation") {
  CHECK(document("Björk: \"Jóga\" (Remix)") == Words{"bjork", "joga", "remix"});
  CHECK(document("ＦＵＬＬ　width\tSTRASSE straße") ==
        Words{"full", "width", "strasse", "strasse"});
  CHECK(document("") == Words{});
  CHECK(document(" \t\n\u3000") == Words{});
}

TEST_CASE("a name with punctuation inside is one more word of a document, not of a query") {
  CHECK(document("AC/DC live") == Words{"ac", "dc", "acdc", "live"});
  CHECK(document("R.E.M.") == Words{"r", "e", "m", "rem"});
  CHECK(document("don\u2019t rock, pop") == Words{"don", "t", "dont", "rock", "pop"});
  CHECK(query("AC/DC") == Words{"ac", "dc"});
}

TEST_CASE("Han, kana and Hangul are pairs of characters, the last one also alone in a document") {
  CHECK(document("悲伤的歌") == Words{"悲伤", "伤的", "的歌", "歌"});
  CHECK(query("悲伤的歌") == Words{"悲伤", "伤的", "的歌"});
  CHECK(query("歌") == Words{"歌"});
  // Voiced kana and Hangul letters belong to their character, composed or not, wide or half width.
  CHECK(query("ガキ") == Words{"カ\u3099キ"});
  CHECK(query("ｶﾞｷ") == query("ガキ"));
  CHECK(query("사랑") == Words{"\u1109\u1161\u1105\u1161\u11bc"});
  CHECK(query("\u1109\u1161\u1105\u1161\u11bc") == query("사랑"));
  CHECK(query("AKB48の歌") == Words{"akb48", "の歌"});
}

TEST_CASE("a pictograph is a word, and a text without letters is its own characters") {
  CHECK(document("love\u2764us") == Words{"love", "\u2764", "us"});
  CHECK(document("!!! ???") == Words{"!!!", "???"});
  CHECK(document("(What's up?)") == Words{"what", "s", "whats", "up"});
}

TEST_CASE("broken UTF-8 and NUL do not end the text") {
  using namespace std::string_view_literals;
  CHECK(document("one\0two"sv) == Words{"one", "two"});
  CHECK(document("a\xff\xfe b") == Words{"a\ufffd\ufffd", "b"});
}

TEST_CASE("a word is cut after 32 characters") {
  CHECK(document(std::string(100000, 'x')) == Words{std::string(32, 'x')});
  CHECK(document("x" + std::string(100, 'y') + " z").size() == 2);
}

TEST_CASE("a text ends inside its last word unless something ends it") {
  CHECK(goes_on("love"));
  CHECK(goes_on("歌"));
  CHECK(goes_on("!!"));
  for (const char* text : {"", "love ", "love-", "歌。", "!! "}) {
    CAPTURE(text);
    CHECK_FALSE(goes_on(text));
  }
}

TEST_CASE("a text is cut before a character that does not fit") {
  CHECK(cut_at_point("abc", 3) == "abc");
  CHECK(cut_at_point("abcd", 3) == "abc");
  CHECK(cut_at_point("ab歌", 3) == "ab");
  CHECK(cut_at_point("ab歌", 4) == "ab");
  CHECK(cut_at_point("ab歌", 5) == "ab歌");
  CHECK(cut_at_point("\x80\x80\x80\x80\x80\x80", 5).size() >= 2);
  CHECK(cut_at_point("歌", 0).empty());
}

}  // namespace
}  // namespace ossicle::text
