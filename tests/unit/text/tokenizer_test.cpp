#include "ossicle/tokenizer.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "model_file.h"

namespace ossicle {
namespace {

using testing::bytes_of;
using testing::encode;

Tokenizer open_tiny() {
  static const std::string model = testing::tiny_model();
  auto tokenizer = Tokenizer::open(bytes_of(model));
  REQUIRE(tokenizer.ok());
  return std::move(tokenizer).value();
}

TEST_CASE("native, simd and relaxed builds give the same ids") {
  const Tokenizer tokenizer = open_tiny();
  CHECK(tokenizer.vocabulary_size() == 312);
  std::uint64_t digest = 1469598103934665603u;  // FNV-1a
  for (const std::string& line : testing::mixed_lines()) {
    for (const std::int32_t id : encode(tokenizer, line)) {
      digest = (digest ^ static_cast<std::uint32_t>(id)) * 1099511628211u;
    }
    digest = (digest ^ 0xffffffffu) * 1099511628211u;
  }
  // Made by the native build; every other build must make it too.
  CHECK(digest == 0x8ec443363c116dd7u);
}

TEST_CASE("a text is cut to the room there is") {
  const Tokenizer tokenizer = open_tiny();
  const std::string_view text = "the piano plays a sad song in the city at night";
  const auto all = encode(tokenizer, text);
  REQUIRE(all.size() > 8);
  for (const std::size_t cap : {std::size_t{0}, std::size_t{1}, std::size_t{7}, all.size()}) {
    CHECK(encode(tokenizer, text, cap) ==
          std::vector(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(cap)));
  }
}

TEST_CASE("empty text and white space alone have no ids") {
  const Tokenizer tokenizer = open_tiny();
  for (const char* text : {"", " ", "    "}) CHECK(encode(tokenizer, text).empty());
}

TEST_CASE("broken UTF-8 is read as replacement characters") {
  const Tokenizer tokenizer = open_tiny();
  CHECK(encode(tokenizer, "rain \xff rain") == encode(tokenizer, "rain \uFFFD rain"));
  CHECK(encode(tokenizer, "rain \xe9") == encode(tokenizer, "rain \uFFFD"));
}

TEST_CASE("of a megabyte of text the first 64 KB count, cut at white space") {
  const Tokenizer tokenizer = open_tiny();
  std::string text;
  while (text.size() < (1u << 20)) text += "the piano plays a sad song ";
  const std::size_t space = text.rfind(' ', Tokenizer::kMaxTextBytes);
  const auto ids = encode(tokenizer, text);
  CHECK(ids.size() > 5000);
  CHECK(ids == encode(tokenizer, text.substr(0, space)));
}

TEST_CASE("a megabyte without white space is cut between two characters") {
  const Tokenizer tokenizer = open_tiny();
  for (const char* unit : {"a", "é", "雨", "🎹"}) {
    std::string text = "x";  // so that 64 KB end inside a character of 2, 3 or 4 bytes
    while (text.size() < (1u << 20)) text += unit;
    const std::size_t n = std::strlen(unit);
    const std::size_t whole = 1 + (Tokenizer::kMaxTextBytes - 1) / n * n;
    CHECK(encode(tokenizer, text) == encode(tokenizer, text.substr(0, whole)));
  }
}

TEST_CASE("a megabyte of continuation bytes is no text, and no harm") {
  const Tokenizer tokenizer = open_tiny();
  CHECK_FALSE(encode(tokenizer, std::string(1u << 20, '\x80')).empty());
}

TEST_CASE("a tokenizer that was moved to goes on") {
  Tokenizer first = open_tiny();
  const auto ids = encode(first, "blue rain");
  Tokenizer second = std::move(first);
  CHECK(encode(second, "blue rain") == ids);
  second = open_tiny();
  CHECK(encode(second, "blue rain") == ids);
}

}  // namespace
}  // namespace ossicle
