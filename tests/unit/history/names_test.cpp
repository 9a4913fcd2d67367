#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "base/utf8.h"
#include "ossicle/history.h"

namespace ossicle {
namespace {

std::string key(std::string_view name) {
  std::string out = "left over";
  normalise_name(name, out);
  return out;
}

TEST_CASE("names that people write in several ways have one key") {
  struct Case {
    const char* name;
    const char* key;
  };
  const Case cases[] = {
      {"Bj\u00f6rk", "bjork"},
      {"BJORK", "bjork"},
      {"Bjo\u0308rk", "bjork"},  // decomposed, as macOS writes it
      {"Beyonc\u00e9", "beyonce"},
      {"Sigur R\u00f3s", "sigur ros"},
      {"Mot\u00f6rhead", "motorhead"},
      {"Stra\u00dfe", "strasse"},
      {"STRA\u1e9eE", "strasse"},                   // capital sharp s
      {"\ufb01ne \ufb00", "fine ff"},               // ligatures
      {"\uff22\uff4a\uff4f\uff52\uff4b", "bjork"},  // full width
      {"\u0130stanbul", "istanbul"},                // dotted capital I
      {"\u03a3\u0391\u0395\u0399\u03a3", "\u03c3\u03b1\u03b5\u03b9\u03c3"},
      {"\u03c3\u03b1\u03b5\u03b9\u03c2", "\u03c3\u03b1\u03b5\u03b9\u03c3"},  // final sigma
      {"\u0392\u03b1\u03b3\u03b3\u03ad\u03bb\u03b7\u03c2",
       "\u03b2\u03b1\u03b3\u03b3\u03b5\u03bb\u03b7\u03c3"},
      {"\u0426\u043e\u0439", "\u0446\u043e\u0438"},  // short i
      {"\u0417\u0435\u043c\u0444\u0438\u0440\u0430", "\u0437\u0435\u043c\u0444\u0438\u0440\u0430"},
      {"\u0401\u043b\u043a\u0430", "\u0435\u043b\u043a\u0430"},  // yo
      {"\uff79\uff9e\uff72\uff84", "\u30b1\u3099\u30a4\u30c8"},  // half-width kana
      {"\u30b2\u30a4\u30c8", "\u30b1\u3099\u30a4\u30c8"},
      {"\ubc29\ud0c4", "\u1107\u1161\u11bc\u1110\u1161\u11ab"},  // Hangul, composed
      {"\u1107\u1161\u11bc\u1110\u1161\u11ab", "\u1107\u1161\u11bc\u1110\u1161\u11ab"},
      {"\u5468\u6770\u502b", "\u5468\u6770\u502b"},
      {"\uf9d8\u5468", "\u5f8b\u5468"},  // CJK compatibility ideograph
      {"\U0001d4d1\U0001d4f3\U0001d4f8\U0001d4fb\U0001d4f4", "bjork"},  // mathematical script
      {"\u2167", "viii"},
      {"Trademark\u2122", "trademarktm"},
      {"\u05e9\u05b8\u05dc\u05d5\u05b9\u05dd", "\u05e9\u05dc\u05d5\u05dd"},  // Hebrew points
      {"\u0645\u064f\u062d\u0645\u062f", "\u0645\u062d\u0645\u062f"},        // Arabic vowels
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    CHECK(key(c.name) == c.key);
    CHECK(artist_id(c.name) == artist_id(c.key));
  }
}

TEST_CASE("marks that are letters in their script stay") {
  CHECK(key("\u30cf") != key("\u30d0"));              // ha, ba
  CHECK(key("\u0915\u093f") != key("\u0915\u0941"));  // Devanagari ki, ku
  CHECK(key("\u0e01\u0e48") != key("\u0e01\u0e49"));  // Thai tones
}

TEST_CASE("punctuation and white space become single spaces, symbols stay") {
  CHECK(key("AC/DC") == "ac dc");
  CHECK(key("  Guns  N'\tRoses ") == "guns n roses");
  CHECK(key("Guns N\u2019 Roses") == "guns n roses");
  CHECK(key("Simon & Garfunkel") == "simon garfunkel");
  CHECK(key("A$AP Rocky") == "a$ap rocky");
  CHECK(key("Godspeed You! Black Emperor") == "godspeed you black emperor");
  CHECK(key("Sunn O)))") == "sunn o");
  CHECK(key("a\u3000b\u00a0c\u2028d") == "a b c d");
  CHECK(key("\u30b9\u30d4\u30c3\u30c4\u30fb\u30b9") == key("\u30b9\u30d4\u30c3\u30c4 \u30b9"));
}

TEST_CASE("invisible characters do not make another artist") {
  CHECK(key("\ufeffBj\u00adork\u200d\u200e\ufe0f") == "bjork");
}

TEST_CASE("markup and letters of their own are kept") {
  CHECK(key("<b>Bj\u00f6rk</b> &amp; co") == "<b>bjork< b> amp co");
  CHECK(key("M\u00d8") == "m\u00f8");
  CHECK(key("\u0131") == "\u0131");
}

TEST_CASE("a name of nothing but punctuation keeps its characters") {
  CHECK(key("!!!") == "!!!");
  CHECK(key("...") == "...");
  CHECK(key("") == "");
  CHECK(key(" ") == " ");
  CHECK(artist_id("!!!") != artist_id("???"));
}

TEST_CASE("broken UTF-8 becomes U+FFFD") {
  CHECK(key("Bj\xf6rk") == "bj\ufffdrk");
  CHECK(key("\xff") == "\ufffd");
  CHECK(key("!\xff") == "\ufffd");
}

TEST_CASE("the key of a key is the key") {
  for (char32_t point = 1; point <= 0x2ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    std::string name = "a";
    base::append_point(point, name);
    name += "z";
    const std::string once = key(name);
    CAPTURE(static_cast<std::uint32_t>(point));
    REQUIRE(key(once) == once);
    REQUIRE(base::find_broken_utf8(once) == std::string::npos);
  }
}

// The fold table decides which stored listens belong to which artist: a new table is a new format
// version.
TEST_CASE("every code point has the key it always had") {
  base::Sha256 hash;
  std::string out;
  for (char32_t point = 1; point <= 0x2ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    std::string name = "a";
    base::append_point(point, name);
    name += "z";
    normalise_name(name, out);
    hash.update(out);
  }
  CHECK(base::to_hex(hash.finish()) ==
        "88e391632b9121ae9662f87937a5713d6a4bdb154d3672acbb9047b8beed7b5e");
}

TEST_CASE("an artist id is the SHA-256 of its key, for ever") {
  using namespace std::string_view_literals;
  const base::Digest digest = base::sha256("artist\0bjork"sv);
  const ItemId id = artist_id("Bj\u00f6rk");
  CHECK(std::equal(id.begin(), id.end(), digest.begin()));
  CHECK(base::to_hex(id) == "051fa9ab17bb93621374565c74df311f");
  CHECK(track_hash("J\u00f3ga") == track_hash("joga"));
  CHECK(track_hash("J\u00f3ga") == 0x4cced0677d10a503u);
  CHECK(track_hash("") == 0);
  CHECK(track_hash("!") != 0);
}

}  // namespace
}  // namespace ossicle
