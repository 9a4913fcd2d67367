#include "text/sentencepiece_model.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <limits>
#include <string>

#include "model_file.h"

namespace ossicle {
namespace {

using testing::bytes_of;

// A protobuf field with bytes.
std::string field(int number, const std::string& bytes) {
  std::string out(1, static_cast<char>(number << 3 | 2));
  std::size_t n = bytes.size();
  for (; n >= 0x80; n >>= 7) out += static_cast<char>(n | 0x80);
  return out + static_cast<char>(n) + bytes;
}
std::string fixed32(int number, std::uint32_t bits) {
  std::string out(1, static_cast<char>(number << 3 | 5));
  return out.append(reinterpret_cast<const char*>(&bits), 4);
}
std::string little(std::uint32_t x) { return {reinterpret_cast<const char*>(&x), 4}; }

std::string piece(const std::string& text) { return field(1, field(1, text) + fixed32(2, 0)); }

// Rules with a trie of 256 units that lead nowhere but to unit 0's block, then replacements.
std::string rules(std::uint32_t unit, const std::string& replacements) {
  std::string trie;
  for (int i = 0; i < 256; ++i) trie += little(i == 3 ? unit : 0);
  return field(3, field(2, little(1024) + trie + replacements));
}

void check_refused(const std::string& model, Code code, const char* part_of_what) {
  const auto status = text::read_sentencepiece_model(bytes_of(model));
  CAPTURE(part_of_what);
  REQUIRE_FALSE(status.ok());
  CHECK(status.error().code == code);
  CHECK_THAT(status.error().what, Catch::Matchers::Contains(part_of_what));
}

TEST_CASE("a model with good pieces and rules passes") {
  const std::string replacements("ab\0cd\0", 6);
  CHECK(text::read_sentencepiece_model(bytes_of(piece("a"))).ok());
  CHECK(text::read_sentencepiece_model(bytes_of(piece("a") + rules(0, replacements))).ok());
  CHECK(
      text::read_sentencepiece_model(bytes_of(piece("a") + rules(0x80000005u, replacements))).ok());
}

TEST_CASE("what sentencepiece would follow blindly is refused by name") {
  const std::string ab("ab\0", 3);
  check_refused("", Code::kCorrupt, "empty");
  check_refused(field(9, "x"), Code::kCorrupt, "no pieces");
  check_refused(piece(""), Code::kCorrupt, "1 to 1024");
  check_refused(piece(std::string(1025, 'a')), Code::kCorrupt, "1 to 1024");
  check_refused(piece(std::string("a\0b", 3)), Code::kCorrupt, "NUL");
  check_refused(field(1, fixed32(2, 0)), Code::kCorrupt, "without text");
  check_refused(field(1, field(1, "a") + fixed32(2, 0x7fc00000u)), Code::kNotFinite, "score");
  check_refused(piece("a") + rules(0, "ab"), Code::kCorrupt, "no end");
  check_refused(piece("a") + rules(0x80000003u, ab), Code::kCorrupt, "rule points outside");
  check_refused(piece("a") + rules(1u << 18, ab), Code::kCorrupt, "trie points outside");
  check_refused(piece("a") + field(3, field(2, "abc")), Code::kCorrupt, "too short");
  check_refused(piece("a") + field(3, field(2, little(6) + "abcdefg")), Code::kCorrupt, "size of");
  check_refused(piece("a") + field(3, field(2, little(4000) + "abcdefg")), Code::kCorrupt,
                "size of");
  check_refused(piece("a") + "\x0a\x7f", Code::kCorrupt, "ends inside a field");
  check_refused(piece("a") + "\x0a", Code::kCorrupt, "ends inside a number");
  check_refused(piece("a") + std::string(11, '\xff'), Code::kCorrupt, "too long");
  check_refused(piece("a") + "\x0b", Code::kCorrupt, "unknown kind");
}

TEST_CASE("text that is no model is refused") {
  for (const std::string model : {"not a model", "{\"version\": 1}", "\x89PNG\r\n\x1a\n"}) {
    CHECK_FALSE(Tokenizer::open(bytes_of(model)).ok());
  }
}

// Whether it opens does not matter here: a shorter model can be a whole one.
void open_and_use(const std::string& model) {
  auto tokenizer = Tokenizer::open(bytes_of(model));
  if (!tokenizer.ok()) {
    const Code code = tokenizer.error().code;
    REQUIRE((code == Code::kCorrupt || code == Code::kNotFinite));
    return;
  }
  for (const char* text : {"the piano plays", "雨", "\xff\0x"}) {
    const auto ids = testing::encode(tokenizer.value(), text, 64);
    for (const std::int32_t id : ids) {
      REQUIRE(id >= 0);
      REQUIRE(static_cast<std::uint32_t>(id) < tokenizer.value().vocabulary_size());
    }
  }
}

TEST_CASE("a model cut off at any byte is refused or whole, and never fatal") {
  const std::string model = testing::tiny_model();
  REQUIRE(model.size() > 1000);
  std::size_t refused = 0;
  for (std::size_t n = 0; n < model.size(); n += 1 + n / 200) {
    const std::string part = model.substr(0, n);
    open_and_use(part);
    if (!Tokenizer::open(bytes_of(part)).ok()) ++refused;
  }
  CHECK(refused > 100);
}

TEST_CASE("a model with altered bytes is never fatal") {
  const std::string model = testing::tiny_model();
  std::uint32_t seed = 1;
  for (int i = 0; i < 1500; ++i) {
    std::string altered = model;
    for (int j = 0; j <= i % 3; ++j) {
      seed = seed * 1664525u + 1013904223u;
      const std::size_t at = (seed >> 4) % altered.size();
      seed = seed * 1664525u + 1013904223u;
      altered[at] = static_cast<char>(seed >> 24);
    }
    CAPTURE(i);
    open_and_use(altered);
  }
}

}  // namespace
}  // namespace ossicle
