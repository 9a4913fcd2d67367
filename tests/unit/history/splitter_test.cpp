#include "history/splitter.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace ossicle::history {
namespace {

struct Piece {
  std::string text;
  std::uint64_t line = 0;
  Fault fault = Fault::kNone;
  bool operator==(const Piece&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Piece& piece) {
  return out << "{" << piece.text << ", line " << piece.line << ", fault "
             << static_cast<int>(piece.fault) << "}";
}

template <class Splitter>
std::vector<Piece> split(std::string_view text, std::size_t step, std::size_t max_bytes = 1000) {
  Splitter splitter(max_bytes, 1);
  std::vector<Piece> out;
  Record record;
  for (std::size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (splitter.next(piece, record)) {
      out.push_back({std::string(record.text), record.line, record.fault});
    }
    CHECK(piece.empty());
  }
  if (splitter.finish(record)) {
    out.push_back({std::string(record.text), record.line, record.fault});
  }
  return out;
}

// Whatever the pieces, the records are the same.
template <class Splitter>
void check(std::string_view text, const std::vector<Piece>& wanted, std::size_t max_bytes = 1000) {
  CAPTURE(text);
  for (const std::size_t step : {std::size_t{1000000}, std::size_t{1}, std::size_t{2},
                                 std::size_t{3}, std::size_t{7}, std::size_t{16}}) {
    CAPTURE(step);
    CHECK(split<Splitter>(text, step, max_bytes) == wanted);
  }
}

constexpr Fault kBroken = Fault::kBroken;
constexpr Fault kTooLong = Fault::kTooLong;
constexpr Fault kTruncated = Fault::kTruncated;

TEST_CASE("JSON lines, an array, pages and an API answer are cut into listens") {
  check<JsonSplitter>("{\"a\":1}\n{\"b\":{\"c\":[{}]}}\n",
                      {{"{\"a\":1}", 1}, {"{\"b\":{\"c\":[{}]}}", 2}});
  check<JsonSplitter>("[{\"a\":1}, {\"b\":\"}{][\"}]", {{"{\"a\":1}", 1}, {"{\"b\":\"}{][\"}", 1}});
  check<JsonSplitter>("[[{\"a\":1},\n{\"b\":2}],[{\"c\":3}],[]]",
                      {{"{\"a\":1}", 1}, {"{\"b\":2}", 2}, {"{\"c\":3}", 2}});
  check<JsonSplitter>(
      R"({"payload":{"count":1,"x":[{"no":0}],"listens":[{"a":1},{"b":2}],"y":{"z":{}}}})",
      {{"{\"a\":1}", 1}, {"{\"b\":2}", 1}});
  check<JsonSplitter>(R"({"recenttracks":{"@attr":{"page":"1"},"track":[{"a":[{"b":1}]}]}})",
                      {{"{\"a\":[{\"b\":1}]}", 1}});
  check<JsonSplitter>(
      R"([{"recenttracks":{"track":[{"a":1}]}},{"recenttracks":{"track":{"b":2}}}])",
      {{"{\"a\":1}", 1}, {"{\"b\":2}", 1}});
  check<JsonSplitter>(R"({"user":"x","listens":[{"a":1}]})", {{"{\"a\":1}", 1}});
}

TEST_CASE("pretty-printed JSON is one record over several lines") {
  check<JsonSplitter>("\n{\n  \"a\": {\n    \"b\": 1\n  }\n}\n",
                      {{"{\n  \"a\": {\n    \"b\": 1\n  }\n}", 2}});
}

TEST_CASE("escapes do not end a string") {
  check<JsonSplitter>(R"({"a":"\"}\\"}{"b":"\\\""})",
                      {{R"({"a":"\"}\\"})", 1}, {R"({"b":"\\\""})", 1}});
}

TEST_CASE("after a broken JSON record reading goes on with the next") {
  // A line that was cut off, in a string and outside.
  check<JsonSplitter>("{\"a\":\"x\n{\"b\":2}\n", {{"", 1, kBroken}, {"{\"b\":2}", 2}});
  check<JsonSplitter>("{\"a\":{\"x\":1\n{\"b\":2}\n", {{"", 1, kBroken}, {"{\"b\":2}", 2}});
  check<JsonSplitter>("{\"a\":[1\n{\"b\":2}\n", {{"", 1, kBroken}, {"{\"b\":2}", 2}});
  // A bracket that closes something else.
  check<JsonSplitter>("[{\"a\":1],{\"b\":2}]", {{"", 1, kBroken}, {"{\"b\":2}", 1}});
  check<JsonSplitter>("[{\"a\":[1}},{\"b\":2}]", {{"", 1, kBroken}, {"{\"b\":2}", 1}});
  // Text that is no record, once per line and per element.
  check<JsonSplitter>("hello, world\n{\"b\":2}\n", {{"", 1, kBroken}, {"{\"b\":2}", 2}});
  check<JsonSplitter>("[null, 5, \"x\", {\"b\":2}]",
                      {{"", 1, kBroken}, {"", 1, kBroken}, {"", 1, kBroken}, {"{\"b\":2}", 1}});
}

TEST_CASE("a JSON record that is too long is passed over without being kept") {
  const std::string large = "{\"a\":\"" + std::string(5000, 'x') + "\"}";
  check<JsonSplitter>(large + "\n{\"b\":2}", {{"", 1, kTooLong}, {"{\"b\":2}", 2}});
  const std::string exact = "{\"a\":\"" + std::string(992, 'x') + "\"}";
  REQUIRE(exact.size() == 1000);
  check<JsonSplitter>(exact, {{exact, 1}});
  check<JsonSplitter>(exact + " ", {{exact, 1}});
  check<JsonSplitter>("{ " + exact.substr(1), {{"", 1, kTooLong}});
}

TEST_CASE("an export that ends inside something is truncated") {
  check<JsonSplitter>("{\"a\":1}\n{\"b\":", {{"{\"a\":1}", 1}, {"", 2, kTruncated}});
  check<JsonSplitter>("[{\"a\":1},", {{"{\"a\":1}", 1}, {"", 1, kTruncated}});
  check<JsonSplitter>("{\"a\":\"\\", {{"", 1, kTruncated}});
}

TEST_CASE("endless nesting costs nothing") {
  const std::vector<Piece> pieces = split<JsonSplitter>(std::string(100000, '['), 4096);
  for (const Piece& piece : pieces) REQUIRE(piece.fault != Fault::kNone);
  const std::vector<Piece> inside =
      split<JsonSplitter>("{\"a\":" + std::string(100000, '[') + "\n{\"b\":2}", 4096);
  CHECK(inside.front().fault == kBroken);
}

TEST_CASE("rows of CSV are cut at the ends of lines, but not inside quotes") {
  check<CsvSplitter>("a,b\r\nc,d\n", {{"a,b\r", 1}, {"c,d", 2}});
  check<CsvSplitter>("\n\n  \r\na,\"b\n\"\"c\"\nd", {{"a,\"b\n\"\"c\"", 4}, {"d", 6}});
  check<CsvSplitter>("5\" disc,x\ny,z\n", {{"5\" disc,x", 1}, {"y,z", 2}});
  check<CsvSplitter>("a,\"b", {{"", 1, kTruncated}});
  check<CsvSplitter>("", {});
}

TEST_CASE("a forgotten quote does not swallow the rest of the export") {
  std::string text = "a,\"b,c\n";
  for (int i = 0; i < 300; ++i) text += "x,y,z\n";
  const std::vector<Piece> pieces = split<CsvSplitter>(text, 64);
  REQUIRE(pieces.size() > 100);
  CHECK(pieces.front() == Piece{"", 1, kTooLong});
  CHECK(pieces.back() == Piece{"x,y,z", 301});
  CHECK(pieces == split<CsvSplitter>(text, 1));
}

TEST_CASE("a row is split into fields and its quotes taken off") {
  std::vector<std::string> fields;
  REQUIRE(CsvSplitter::split_row("a,\"b, \"\"c\"\"\",,\" d\"\r", 10, fields));
  CHECK(fields == std::vector<std::string>{"a", "b, \"c\"", "", " d"});
  REQUIRE(CsvSplitter::split_row("", 10, fields));
  CHECK(fields == std::vector<std::string>{""});
  REQUIRE(CsvSplitter::split_row("5\" disc,\"a\"b", 10, fields));
  CHECK(fields == std::vector<std::string>{"5\" disc", "ab"});
  CHECK_FALSE(CsvSplitter::split_row("a,b,c", 2, fields));
}

}  // namespace
}  // namespace ossicle::history
