#ifndef OSSICLE_HISTORY_RECORDS_H_
#define OSSICLE_HISTORY_RECORDS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "ossicle/history.h"

namespace ossicle::history {

/// One listen as an export words it. The views are into the record.
struct ParsedListen {
  std::string_view artist, title, album;
  std::int64_t at_s = 0;
  std::uint32_t played_ms = 0;    ///< 0 = not said
  std::uint32_t duration_ms = 0;  ///< 0 = not said
};

/// Why a record is no listen; empty when it is one.
using Refusal = std::optional<ImportProblem>;

/// Whether the record has the shape of a listen of this service.
bool looks_like_listenbrainz(base::JsonValue record);
bool looks_like_lastfm(base::JsonValue record);

Refusal read_listenbrainz(base::JsonValue record, ParsedListen& out);
Refusal read_lastfm(base::JsonValue record, ParsedListen& out);

/// Which column of a CSV export holds what; kAbsent for none.
struct CsvColumns {
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
  std::size_t artist = kAbsent;
  std::size_t title = kAbsent;
  std::size_t album = kAbsent;
  std::size_t uts = kAbsent;   ///< seconds since 1970
  std::size_t date = kAbsent;  ///< text
  bool header = false;         ///< the row that told was a header
};

/// Tells the columns from the first row, be it a header or a listen; empty when it is neither.
std::optional<CsvColumns> recognise_csv(std::span<const std::string> first_row);

Refusal read_lastfm_row(std::span<const std::string> row, const CsvColumns& columns,
                        ParsedListen& out);

/// Seconds since 1970 of "31 Dec 2023 12:34" (Last.fm's form; a comma after the year too),
/// "2023-12-31 12:34[:56]" or "2023-12-31T12:34:56Z", taken as UTC.
std::optional<std::int64_t> parse_date(std::string_view text);

/// A JSON number or a string of digits, whole and not negative.
std::optional<std::int64_t> lenient_seconds(base::JsonValue value);
std::optional<std::int64_t> parse_digits(std::string_view text);

/// Spaces, tabs and carriage returns taken off both ends.
std::string_view trim(std::string_view text);

}  // namespace ossicle::history

#endif  // OSSICLE_HISTORY_RECORDS_H_
