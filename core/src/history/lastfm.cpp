// Last.fm: pages of the user.getRecentTracks API as JSON, and the CSV that exporters make of them.
#include <algorithm>
#include <array>

#include "history/records.h"

namespace ossicle::history {
namespace {

using base::JsonValue;

// Takes digits off the front of `text`, at most `most`; -1 when there is none.
std::int64_t take_number(std::string_view& text, std::size_t most) {
  std::size_t n = 0;
  while (n < text.size() && n < most && text[n] >= '0' && text[n] <= '9') ++n;
  const std::int64_t value = parse_digits(text.substr(0, n)).value_or(-1);
  text.remove_prefix(n);
  return value;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

// 1..12 for the first three letters of an English month, of which the rest is taken too; -1
// otherwise.
std::int64_t take_month(std::string_view& text) {
  constexpr std::string_view kMonths = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (text.size() < 3) return -1;
  std::array<char, 3> name{};
  for (std::size_t i = 0; i < 3; ++i) name[i] = static_cast<char>(text[i] | 0x20);
  for (std::size_t month = 0; month < 12; ++month) {
    if (kMonths.substr(3 * month, 3) != std::string_view(name.data(), 3)) continue;
    std::size_t n = 3;
    while (n < text.size() && (text[n] | 0x20) >= 'a' && (text[n] | 0x20) <= 'z') ++n;
    text.remove_prefix(n);
    return static_cast<std::int64_t>(month) + 1;
  }
  return -1;
}

bool is_leap(std::int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

// Days from 1970-01-01, Gregorian; year 1970..9999. Empty for a day that does not exist.
std::optional<std::int64_t> days_since_1970(std::int64_t year, std::int64_t month,
                                            std::int64_t day) {
  constexpr std::array<std::int64_t, 12> kBefore = {0,   31,  59,  90,  120, 151,
                                                    181, 212, 243, 273, 304, 334};
  constexpr std::array<std::int64_t, 12> kLength = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1970 || month < 1 || month > 12) return {};
  const auto index = static_cast<std::size_t>(month - 1);
  const std::int64_t leap_day = is_leap(year) ? 1 : 0;
  if (day < 1 || day > kLength[index] + (month == 2 ? leap_day : 0)) return {};
  const std::int64_t past = year - 1;
  const std::int64_t leap_years = past / 4 - past / 100 + past / 400 - (1969 / 4 - 1969 / 100 + 4);
  return (year - 1970) * 365 + leap_years + kBefore[index] + (month > 2 ? leap_day : 0) + day - 1;
}

std::string lower(std::string_view text) {
  std::string out(trim(text));
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return out;
}

CsvColumns read_header(std::span<const std::string> row) {
  CsvColumns columns;
  columns.header = true;
  const auto set = [](std::size_t& column, std::size_t i) {
    if (column == CsvColumns::kAbsent) column = i;
  };
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string name = lower(row[i]);
    if (name == "artist" || name == "artist_name" || name == "artist name") {
      set(columns.artist, i);
    } else if (name == "track" || name == "track_name" || name == "track name" || name == "title" ||
               name == "song") {
      set(columns.title, i);
    } else if (name == "album" || name == "album_name" || name == "album name") {
      set(columns.album, i);
    } else if (name == "uts" || name == "timestamp") {
      set(columns.uts, i);
    } else if (name == "utc_time" || name == "date" || name == "time") {
      set(columns.date, i);
    }
  }
  return columns;
}

std::string_view field(std::span<const std::string> row, std::size_t column) {
  return column < row.size() ? std::string_view(row[column]) : std::string_view();
}

std::string_view text_or_name(JsonValue value) {
  if (const auto text = value.string()) return *text;
  if (const auto text = value.get("#text").string()) return *text;
  return value.get("name").string().value_or("");
}

}  // namespace

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  text = trim(text);
  std::int64_t year = 0;
  std::int64_t month = 0;
  std::int64_t day = 0;
  if (text.size() > 4 && text[4] == '-') {
    year = take_number(text, 4);
    if (!take(text, "-")) return {};
    month = take_number(text, 2);
    if (!take(text, "-")) return {};
    day = take_number(text, 2);
    if (!take(text, "T") && !take(text, " ")) return {};
  } else {
    day = take_number(text, 2);
    if (!take(text, " ")) return {};
    month = take_month(text);
    if (!take(text, " ")) return {};
    year = take_number(text, 4);
    const bool comma = take(text, ",");
    if (!take(text, " ") && !comma) return {};
  }
  text = trim(text);
  const std::int64_t hour = take_number(text, 2);
  if (!take(text, ":")) return {};
  const std::int64_t minute = take_number(text, 2);
  const std::int64_t second = take(text, ":") ? take_number(text, 2) : 0;
  if (take(text, ".")) take_number(text, 9);
  take(text, "Z");
  const std::optional<std::int64_t> days = days_since_1970(year, month, day);
  if (!text.empty() || !days || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 60) {
    return {};
  }
  return *days * 86400 + hour * 3600 + minute * 60 + second;
}

bool looks_like_lastfm(JsonValue record) {
  const JsonValue artist = record.get("artist");
  return record.get("name").string() && (artist.is_object() || artist.string()) &&
         (record.get("date").exists() || record.get("@attr").is_object());
}

Refusal read_lastfm(JsonValue record, ParsedListen& out) {
  if (!record.get("artist").exists()) return ImportProblem::kBadRecord;
  const JsonValue now_playing = record.get("@attr").get("nowplaying");
  if (now_playing.boolean() == true || now_playing.string() == "true") {
    return ImportProblem::kNowPlaying;
  }
  out.artist = text_or_name(record.get("artist"));
  out.title = record.get("name").string().value_or("");
  out.album = text_or_name(record.get("album"));
  const JsonValue date = record.get("date");
  std::optional<std::int64_t> at_s = lenient_seconds(date.get("uts"));
  if (!at_s) at_s = lenient_seconds(date);
  if (!at_s) at_s = parse_date(date.get("#text").string().value_or(""));
  if (!at_s) return ImportProblem::kBadDate;
  out.at_s = *at_s;
  return {};
}

std::optional<CsvColumns> recognise_csv(std::span<const std::string> first_row) {
  const CsvColumns header = read_header(first_row);
  if (header.artist != CsvColumns::kAbsent && header.title != CsvColumns::kAbsent &&
      (header.uts != CsvColumns::kAbsent || header.date != CsvColumns::kAbsent)) {
    return header;
  }
  // artist, album, track, date; the date of the track that was playing is empty.
  const bool listen = first_row.size() == 4 && !trim(first_row[0]).empty() &&
                      (trim(first_row[3]).empty() || parse_date(first_row[3]));
  // "31 Dec 2023, 12:34" without quotes falls into two columns.
  const bool split_date =
      first_row.size() == 5 && parse_date(first_row[3] + "," + first_row[4]).has_value();
  if (!listen && !split_date) return {};
  CsvColumns columns;
  columns.artist = 0;
  columns.album = 1;
  columns.title = 2;
  columns.date = 3;
  return columns;
}

Refusal read_lastfm_row(std::span<const std::string> row, const CsvColumns& columns,
                        ParsedListen& out) {
  std::size_t last = 0;
  for (const std::size_t column : {columns.artist, columns.title, columns.uts, columns.date}) {
    if (column != CsvColumns::kAbsent) last = std::max(last, column);
  }
  if (row.size() <= last) return ImportProblem::kBadRecord;
  if (!columns.header && row.size() > 5) return ImportProblem::kBadRecord;
  out.artist = field(row, columns.artist);
  out.album = field(row, columns.album);
  out.title = field(row, columns.title);
  std::optional<std::int64_t> at_s = parse_digits(trim(field(row, columns.uts)));
  if (!at_s) at_s = parse_date(field(row, columns.date));
  if (!at_s && !columns.header && row.size() == 5) at_s = parse_date(row[3] + "," + row[4]);
  if (!at_s && columns.uts == CsvColumns::kAbsent) {
    at_s = parse_digits(trim(field(row, columns.date)));
  }
  if (at_s) {
    out.at_s = *at_s;
    return {};
  }
  // Exporters leave the date of the track that was playing empty.
  const bool dated =
      !trim(field(row, columns.uts)).empty() || !trim(field(row, columns.date)).empty();
  return dated ? ImportProblem::kBadDate : ImportProblem::kNowPlaying;
}

}  // namespace ossicle::history
