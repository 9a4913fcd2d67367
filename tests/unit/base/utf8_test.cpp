#include "base/utf8.h"

#include <catch2/catch.hpp>
#include <string>

namespace ossicle::base {
namespace {

std::string sanitised(std::string_view text) {
  std::string out;
  append_sanitised(text, out);
  return out;
}

TEST_CASE("every code point is written and read back") {
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    if (point >= 0xd800 && point <= 0xdfff) continue;
    std::string text;
    append_point(point, text);
    const DecodedPoint decoded = decode_point(text, 0);
    REQUIRE(decoded.valid);
    REQUIRE(decoded.point == point);
    REQUIRE(decoded.bytes == text.size());
  }
}

TEST_CASE("what is no code point is written as U+FFFD") {
  std::string text;
  append_point(0xd800, text);
  append_point(0x110000, text);
  CHECK(text == "\ufffd\ufffd");
}

// Unicode 15, tables 3-8 to 3-11.
TEST_CASE("broken sequences are replaced as browsers do") {
  struct Case {
    std::string_view broken, clean;
  };
  const Case cases[] = {
      {"a\x80z", "a\ufffdz"},                                                    // no lead byte
      {"\xc0\xaf\xe0\x80\xbf", "\ufffd\ufffd\ufffd\ufffd\ufffd"},                // over-long
      {"\xed\xa0\x80", "\ufffd\ufffd\ufffd"},                                    // a surrogate
      {"\xf4\x91\x92\x93\xff", "\ufffd\ufffd\ufffd\ufffd\ufffd"},                // past U+10FFFF
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", "\ufffd\ufffd\ufffd\ufffd\x41"},  // cut off
      {"Bj\xf6rk", "Bj\ufffdrk"},                                                // Latin-1
      {"\xe2\x82", "\ufffd"},  // cut off at the end
  };
  for (const Case& c : cases) {
    CHECK(sanitised(c.broken) == c.clean);
    CHECK(find_broken_utf8(c.broken) != std::string_view::npos);
  }
}

TEST_CASE("valid text is left alone") {
  const std::string_view text = "Bj\u00f6rk \u4f60\u597d \U0001f3b5";
  std::string out = "x";
  CHECK_FALSE(append_sanitised(text, out));
  CHECK(out == "x" + std::string(text));
  CHECK(find_broken_utf8(text) == std::string_view::npos);
}

}  // namespace
}  // namespace ossicle::base
