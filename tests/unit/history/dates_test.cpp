#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "history/records.h"

namespace ossicle::history {
namespace {

TEST_CASE("dates of exports are read as UTC") {
  struct Case {
    const char* text;
    std::int64_t at_s;
  };
  const Case cases[] = {
      {"01 Jan 1970 00:00", 0},
      {"31 Dec 2023 12:34", 1704026040},
      {"31 Dec 2023, 12:34", 1704026040},
      {"31 Dec 2023,12:34", 1704026040},
      {" 31 December 2023 12:34\r", 1704026040},
      {"31 DEC 2023 12:34:56", 1704026096},
      {"2023-12-31 12:34", 1704026040},
      {"2023-12-31T12:34:56Z", 1704026096},
      {"2023-12-31T12:34:56.789Z", 1704026096},
      {"29 Feb 2024 00:00", 1709164800},
      {"1 Mar 2024 00:00", 1709251200},
      {"28 Feb 2100 23:59", 4107542340},
      {"01 Mar 2100 00:00", 4107542400},
      {"29 Feb 2000 00:00", 951782400},
  };
  for (const Case& c : cases) {
    CAPTURE(c.text);
    CHECK(parse_date(c.text) == c.at_s);
  }
}

TEST_CASE("what is no date is refused") {
  for (const char* text : {"",
                           " ",
                           "31 Dec 2023",
                           "31 Foo 2023 12:34",
                           "32 Jan 2023 00:00",
                           "0 Jan 2023 00:00",
                           "29 Feb 2023 00:00",
                           "29 Feb 2100 00:00",
                           "31 Apr 2023 00:00",
                           "31 Dec 1969 23:59",
                           "31 Dec 2023 24:00",
                           "31 Dec 2023 12:60",
                           "31 Dec 2023 12:34:61",
                           "31 Dec 2023 12:34 x",
                           "2023-13-01 00:00",
                           "2023-00-01 00:00",
                           "2023-01-01",
                           "2023/01/01 00:00",
                           "Dec 31 2023 12:34",
                           "31 Dec 2023 :34",
                           "99999999999999999999",
                           "-1 Jan 2023 00:00"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_date(text));
  }
}

TEST_CASE("seconds are read from numbers and digits, and nothing else") {
  CHECK(parse_digits("1704026040") == 1704026040);
  for (const char* text : {"", "-1", "1.5", "1e9", "12a", " 1", "1234567890123456789"}) {
    CHECK_FALSE(parse_digits(text));
  }
  const auto seconds = [](const char* json) {
    base::JsonDocument document;
    REQUIRE(document.parse(json).ok());
    return lenient_seconds(document.root());
  };
  CHECK(seconds("1704026040") == 1704026040);
  CHECK(seconds("1704026040.0") == 1704026040);
  CHECK(seconds("\"1704026040\"") == 1704026040);
  for (const char* json :
       {"-1", "-1.5", "1e300", "null", "true", "[1]", "\"x\"", "18446744073709551615"}) {
    CAPTURE(json);
    const auto value = seconds(json);
    CHECK_FALSE((value && *value < 0));
    if (std::string_view(json) != "18446744073709551615") CHECK_FALSE(value);
  }
}

}  // namespace
}  // namespace ossicle::history
