#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "base/json.h"
#include "base/utf8.h"
#include "history/records.h"
#include "history/splitter.h"
#include "ossicle/history.h"

namespace ossicle {
namespace {

using base::JsonValue;
using history::CsvSplitter;
using history::Fault;
using history::JsonSplitter;
using history::ParsedListen;
using history::Record;
using history::Refusal;

constexpr std::size_t kHeadBytes = 4;  // enough to tell the kinds of file apart
constexpr std::size_t kMaxColumns = 64;
constexpr std::int64_t kDayS = 86400;
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

// What a file that is no known export looks like by its first bytes; nullptr when it may be one.
const char* foreign_file(std::string_view head) {
  if (head == "PK\x03\x04") return "a ZIP archive: unpack it and give the file inside (line)";
  if (head.starts_with("\x1f\x8b")) return "a gzip file: unpack it first (line)";
  if (head.starts_with("%PDF")) return "a PDF, not a listening history (line)";
  if (head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff")) {
    return "text in UTF-16: save it as UTF-8 (line)";
  }
  if (head.find('\0') != head.npos) return "a binary file, not a listening history (line)";
  return nullptr;
}

// What a JSON record that is no known listen looks like.
const char* foreign_record(JsonValue record) {
  if (record.get("msPlayed").exists() || record.get("ms_played").exists()) {
    return "a Spotify export: only ListenBrainz and Last.fm are read (line)";
  }
  if (record.get("titleUrl").exists() || record.get("activityControls").exists()) {
    return "a Google Takeout export: only ListenBrainz and Last.fm are read (line)";
  }
  if (record.get("error").exists()) return "an error answer of a service, not a history (line)";
  return "JSON, but not of a ListenBrainz or Last.fm export (line)";
}

const char* foreign_row(std::span<const std::string> row) {
  if (row.front().starts_with('<')) return "XML or HTML, not a JSON or CSV export (line)";
  for (const std::string& field : row) {
    if (field == "endTime" || field == "msPlayed" || field == "ms_played") {
      return "a Spotify table: only ListenBrainz and Last.fm are read (line)";
    }
  }
  return "text, but not a Last.fm CSV export (line)";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

// The value of the escape \uXXXX at text[at]; -1 when there is none.
int escaped_unit(std::string_view text, std::size_t at) {
  if (text.size() - at < 6 || text[at] != '\\' || text[at + 1] != 'u') return -1;
  int value = 0;
  for (std::size_t i = 2; i < 6; ++i) {
    const int digit = hex_digit(text[at + i]);
    if (digit < 0) return -1;
    value = 16 * value + digit;
  }
  return value;
}

// Half of a surrogate pair, escaped, is what is left of a text that was cut in the middle of a
// character; the JSON parser refuses it. Returns whether there was one.
bool replace_lone_surrogates(std::string& json) {
  bool replaced = false;
  for (std::size_t at = json.find('\\'); at != json.npos; at = json.find('\\', at)) {
    const int unit = escaped_unit(json, at);
    if (unit < 0xd800 || unit > 0xdfff) {
      at += 2;
      continue;
    }
    const int second = at + 6 <= json.size() ? escaped_unit(json, at + 6) : -1;
    if (unit < 0xdc00 && second >= 0xdc00 && second <= 0xdfff) {
      at += 12;
      continue;
    }
    json.replace(at + 2, 4, "fffd");
    replaced = true;
    at += 6;
  }
  return replaced;
}

}  // namespace

struct HistoryReader::State {
  HistoryFormat format;
  std::int64_t now_s;
  ImportReport report;
  std::optional<Error> error;  // once unknown_format was said

  std::string head;      // the first bytes that are not white space, until the splitter is chosen
  bool at_start = true;  // before those
  std::uint64_t leading_newlines = 0;
  bool ends_in_newline = true;
  std::optional<JsonSplitter> json;
  std::optional<CsvSplitter> csv;
  std::optional<history::CsvColumns> columns;

  base::JsonDocument document;
  std::vector<std::string> fields;
  std::string clean;  // the record at hand, of valid UTF-8

  // The words of the listens; views are made when it no longer grows.
  struct Words {
    std::size_t artist = 0, title = 0, album = 0;
  };
  std::string text;
  std::vector<Words> words;
  std::vector<ImportedListen> listens;

  Status take(std::string_view piece);
  Status take_head(std::string_view& piece);
  Status choose_splitter();
  Status split(std::string_view piece);
  Status end();
  Status read(const Record& record);
  Status read_json(const Record& record);
  Status read_row(const Record& record);
  void judge(Refusal refusal, const ParsedListen& parsed, std::uint64_t line);
  void keep(const ParsedListen& parsed, std::uint64_t line);
  void count(ImportProblem problem, std::uint64_t line);
  Status unknown(std::uint64_t line, const char* what);
  void update_lines();
  void start_piece();
  void point_views();
};

void HistoryReader::State::count(ImportProblem problem, std::uint64_t line) {
  const auto index = static_cast<std::size_t>(problem);
  if (report.problems[index]++ == 0) report.first_line[index] = line;
}

Status HistoryReader::State::unknown(std::uint64_t line, const char* what) {
  error = Error{Code::kUnknownFormat, line, what};
  return *error;
}

// Collects the first kHeadBytes bytes after white space and a byte order mark.
Status HistoryReader::State::take_head(std::string_view& piece) {
  while (!piece.empty() && head.size() < kHeadBytes) {
    const char c = piece.front();
    piece.remove_prefix(1);
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (head.empty() && blank) {
      if (c == '\n') ++leading_newlines;
      continue;
    }
    head.push_back(c);
    if (head == kUtf8Mark && at_start) {
      head.clear();
      at_start = false;
    }
  }
  return head.size() < kHeadBytes ? Status() : choose_splitter();
}

Status HistoryReader::State::choose_splitter() {
  const std::uint64_t line = leading_newlines + 1;
  if (const char* what = foreign_file(head)) return unknown(line, what);
  const bool braces = head.starts_with('{') || head.starts_with('[');
  const bool want_json =
      format == HistoryFormat::kUnknown ? braces : format != HistoryFormat::kLastFmCsv;
  if (want_json) {
    json.emplace(kMaxRecordBytes, line);
  } else {
    csv.emplace(kMaxRecordBytes, line);
  }
  std::string first;
  first.swap(head);
  return split(first);
}

Status HistoryReader::State::split(std::string_view piece) {
  Record record;
  while (json ? json->next(piece, record) : csv->next(piece, record)) OSL_TRY(read(record));
  return {};
}

Status HistoryReader::State::take(std::string_view piece) {
  if (error) return *error;
  report.bytes += piece.size();
  if (!piece.empty()) ends_in_newline = piece.back() == '\n';
  Status status;
  if (!json && !csv) status = take_head(piece);
  if (status.ok() && (json || csv)) status = split(piece);
  update_lines();
  return status;
}

Status HistoryReader::State::end() {
  if (error) return *error;
  if (!json && !csv && !head.empty()) OSL_TRY(choose_splitter());
  Record record;
  if (json && json->finish(record)) OSL_TRY(read(record));
  if (csv && csv->finish(record)) OSL_TRY(read(record));
  update_lines();
  if (report.bytes > 0 && !ends_in_newline) ++report.lines;
  if (format == HistoryFormat::kUnknown) {
    return unknown(report.lines, report.records == 0 ? "an export without a record (line)"
                                                     : "no record that can be read (line)");
  }
  return {};
}

void HistoryReader::State::update_lines() {
  report.lines = leading_newlines + (json ? json->newlines() : csv ? csv->newlines() : 0);
  report.format = format;
}

Status HistoryReader::State::read(const Record& record) {
  if (record.fault == Fault::kNone) return json ? read_json(record) : read_row(record);
  ++report.records;
  count(record.fault == Fault::kTooLong     ? ImportProblem::kTooLong
        : record.fault == Fault::kTruncated ? ImportProblem::kTruncated
                                            : ImportProblem::kBadRecord,
        record.line);
  return {};
}

Status HistoryReader::State::read_json(const Record& record) {
  ++report.records;
  clean.clear();
  bool broken = base::append_sanitised(record.text, clean);
  broken |= replace_lone_surrogates(clean);
  // Replaced bytes can make a record longer than the splitter allows.
  if (!document.parse(clean, {.max_bytes = 3 * kMaxRecordBytes}).ok()) {
    count(ImportProblem::kBadRecord, record.line);
    return {};
  }
  const JsonValue root = document.root();
  if (format == HistoryFormat::kUnknown) {
    if (history::looks_like_listenbrainz(root)) {
      format = HistoryFormat::kListenBrainz;
    } else if (history::looks_like_lastfm(root)) {
      format = HistoryFormat::kLastFmJson;
    } else {
      return unknown(record.line, foreign_record(root));
    }
  }
  if (broken) count(ImportProblem::kBadUtf8, record.line);
  ParsedListen parsed;
  const Refusal refusal = format == HistoryFormat::kListenBrainz
                              ? history::read_listenbrainz(root, parsed)
                              : history::read_lastfm(root, parsed);
  judge(refusal, parsed, record.line);
  return {};
}

Status HistoryReader::State::read_row(const Record& record) {
  clean.clear();
  const bool broken = base::append_sanitised(record.text, clean);
  const bool split = CsvSplitter::split_row(clean, kMaxColumns, fields);
  if (!columns) {
    columns = history::recognise_csv(fields);
    if (!columns) {
      if (format == HistoryFormat::kUnknown) return unknown(record.line, foreign_row(fields));
      ++report.records;
      count(ImportProblem::kBadRecord, record.line);
      return {};
    }
    format = HistoryFormat::kLastFmCsv;
    if (columns->header) return {};
  }
  ++report.records;
  if (broken) count(ImportProblem::kBadUtf8, record.line);
  ParsedListen parsed;
  Refusal refusal =
      split ? history::read_lastfm_row(fields, *columns, parsed) : ImportProblem::kBadRecord;
  // Exports begin with the newest: further down, a row without a date is only broken.
  if (refusal == ImportProblem::kNowPlaying && report.records > 1) {
    refusal = ImportProblem::kBadDate;
  }
  judge(refusal, parsed, record.line);
  return {};
}

void HistoryReader::State::judge(Refusal refusal, const ParsedListen& parsed, std::uint64_t line) {
  if (!refusal) {
    if (history::trim(parsed.artist).empty()) {
      refusal = ImportProblem::kNoArtist;
    } else if (parsed.at_s <= 0) {
      // Last.fm dates a listen of unknown time at the first second of 1970.
      refusal = ImportProblem::kBadDate;
    } else if (parsed.at_s - kDayS > now_s) {
      refusal = ImportProblem::kFutureDate;
    }
  }
  if (refusal) {
    count(*refusal, line);
  } else {
    keep(parsed, line);
  }
}

void HistoryReader::State::keep(const ParsedListen& parsed, std::uint64_t line) {
  ImportedListen listen;
  listen.listen.artist = artist_id(parsed.artist);
  listen.listen.track_hash = track_hash(parsed.title);
  listen.listen.at_s = parsed.at_s;
  listen.listen.played_ms = parsed.played_ms;
  listen.listen.duration_ms = parsed.duration_ms;
  listen.line = line;
  text.append(parsed.artist).append(parsed.title).append(parsed.album);
  words.push_back({parsed.artist.size(), parsed.title.size(), parsed.album.size()});
  listens.push_back(listen);
  ++report.listens;
}

void HistoryReader::State::start_piece() {
  text.clear();
  words.clear();
  listens.clear();
}

void HistoryReader::State::point_views() {
  std::string_view rest = text;
  const auto take_view = [&rest](std::size_t size) {
    const std::string_view view = rest.substr(0, size);
    rest.remove_prefix(size);
    return view;
  };
  for (std::size_t i = 0; i < listens.size(); ++i) {
    listens[i].artist = take_view(words[i].artist);
    listens[i].title = take_view(words[i].title);
    listens[i].album = take_view(words[i].album);
  }
}

HistoryReader::HistoryReader(HistoryFormat format, std::int64_t now_s)
    : state_(std::make_unique<State>()) {
  state_->format = format;
  state_->now_s = now_s;
  state_->report.format = format;
}
HistoryReader::~HistoryReader() = default;
HistoryReader::HistoryReader(HistoryReader&&) noexcept = default;
HistoryReader& HistoryReader::operator=(HistoryReader&&) noexcept = default;

Result<std::size_t> HistoryReader::feed(std::span<const std::byte> piece) {
  state_->start_piece();
  const Status status = state_->take({reinterpret_cast<const char*>(piece.data()), piece.size()});
  state_->point_views();
  if (!status.ok()) return status.error();
  return state_->listens.size();
}

Result<std::size_t> HistoryReader::finish() {
  state_->start_piece();
  const Status status = state_->end();
  state_->point_views();
  if (!status.ok()) return status.error();
  return state_->listens.size();
}

std::span<const ImportedListen> HistoryReader::listens() const { return state_->listens; }

const ImportReport& HistoryReader::report() const { return state_->report; }

}  // namespace ossicle
