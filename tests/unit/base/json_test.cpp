#include "base/json.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>

namespace ossicle::base {
namespace {

Error error_of(std::string_view text, const JsonLimits& limits = {}) {
  JsonDocument document;
  const Status status = document.parse(text, limits);
  REQUIRE_FALSE(status.ok());
  CHECK_FALSE(document.root().exists());
  return status.error();
}

TEST_CASE("values are read by kind") {
  JsonDocument document;
  REQUIRE(
      document
          .parse(R"( {"s": "a\u00e9\n", "t": true, "n": null, "i": -3, "u": 18446744073709551615,
                          "d": 1.5, "a": [1, [], {}], "o": {"k": "v"}, "": 0} )")
          .ok());
  const JsonValue root = document.root();
  CHECK(root.is_object());
  CHECK(root.size() == 9);
  CHECK(root.get("s").string() == "a\u00e9\n");
  CHECK(root.get("t").boolean() == true);
  CHECK(root.get("n").is_null());
  CHECK(root.get("i").integer() == -3);
  CHECK(root.get("i").number() == -3.0);
  CHECK_FALSE(root.get("i").unsigned_integer());
  CHECK(root.get("u").unsigned_integer() == std::numeric_limits<std::uint64_t>::max());
  CHECK_FALSE(root.get("u").integer());
  CHECK(root.get("d").number() == 1.5);
  CHECK_FALSE(root.get("d").integer());
  CHECK(root.get("a").size() == 3);
  CHECK(root.get("a").first().next().is_array());
  CHECK(root.get("a").first().next().next().is_object());
  CHECK_FALSE(root.get("a").first().next().next().next().exists());
  CHECK(root.get("o").get("k").string() == "v");
  CHECK(root.get("").integer() == 0);
}

TEST_CASE("what is absent or of another kind answers empty") {
  JsonDocument document;
  CHECK_FALSE(document.root().exists());
  REQUIRE(document.parse(R"({"a": 1})").ok());
  const JsonValue missing = document.root().get("x").get("y").get("z");
  CHECK_FALSE(missing.exists());
  CHECK_FALSE(missing.string());
  CHECK_FALSE(missing.number());
  CHECK_FALSE(missing.first().next().exists());
  CHECK(missing.size() == 0);
  CHECK(missing.key().empty());
  CHECK_FALSE(document.root().get("a").string());
  CHECK_FALSE(document.root().get("a").get("b").exists());
}

TEST_CASE("a document can be parsed again") {
  JsonDocument document;
  REQUIRE(document.parse(R"({"a": "first"})").ok());
  REQUIRE(document.parse("[2]").ok());
  CHECK(document.root().first().integer() == 2);
}

TEST_CASE("what is not JSON is refused with its place") {
  for (const std::string_view text : {"", " ", "{", "{\"a\":}", "[1,]", "{\"a\":1}x", "nul", "'a'",
                                      "[1 2]", "{\"a\":1,}", "//\n1", "\"\\ud800\"", "\"\xff\"",
                                      "\"a\nb\"", "01", "1e999", "NaN", "[-Infinity]", "{a:1}"}) {
    CAPTURE(text);
    CHECK(error_of(text).code == Code::kCorrupt);
  }
  CHECK(error_of("{\"a\":1,}").at == 7);
}

TEST_CASE("an object with the same name twice is refused") {
  CHECK(error_of(R"({"a": 1, "b": 2, "a": 3})").code == Code::kCorrupt);
  CHECK(error_of(R"([{"x": {"\u0061": 1, "a": 3}}])").code == Code::kCorrupt);
}

TEST_CASE("nesting, number of values and length are limited") {
  const std::string deep = std::string(33, '[') + std::string(33, ']');
  CHECK(error_of(deep).code == Code::kCapacityExceeded);
  JsonDocument document;
  CHECK(document.parse(deep.substr(1, 64)).ok());
  CHECK(error_of(std::string(1000000, '[')).code == Code::kCapacityExceeded);
  CHECK(error_of("[1,2,3]", {.max_values = 3}).code == Code::kCapacityExceeded);
  CHECK(error_of("[1,2,3]", {.max_bytes = 6}).code == Code::kCapacityExceeded);
}

TEST_CASE("written strings and numbers are read back") {
  for (const std::string_view text :
       {"", "plain", "\"\\/", "line\n\ttab\r\x01\x1f", "Bj\u00f6rk \U0001f3b5"}) {
    std::string json;
    append_json_string(text, json);
    JsonDocument document;
    REQUIRE(document.parse(json).ok());
    CHECK(document.root().string() == text);
  }
  std::string broken;
  append_json_string("a\xff", broken);
  CHECK(broken == "\"a\ufffd\"");
  for (const double number : {0.0, -0.5, 0.05, 1.0 / 3, 1e300, 5e-324, 123456789.0}) {
    std::string json;
    append_json_number(number, json);
    JsonDocument document;
    REQUIRE(document.parse(json).ok());
    CHECK(document.root().number() == number);
  }
}

}  // namespace
}  // namespace ossicle::base
