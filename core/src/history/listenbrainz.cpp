// ListenBrainz exports (JSON lines or an array) and its API's listens.
#include <algorithm>
#include <limits>

#include "history/records.h"

namespace ossicle::history {
namespace {

using base::JsonValue;

// Milliseconds of a number of `unit_ms`; 0 when it is absent, negative or absurd.
std::uint32_t duration(JsonValue value, std::int64_t unit_ms) {
  const std::int64_t number = lenient_seconds(value).value_or(0);
  if (number > std::numeric_limits<std::uint32_t>::max() / unit_ms) return 0;
  return static_cast<std::uint32_t>(number * unit_ms);
}

}  // namespace

std::optional<std::int64_t> parse_digits(std::string_view text) {
  if (text.empty() || text.size() > 18) return {};
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    value = 10 * value + (c - '0');
  }
  return value;
}

std::optional<std::int64_t> lenient_seconds(JsonValue value) {
  if (const auto text = value.string()) return parse_digits(*text);
  if (const auto whole = value.integer()) return *whole >= 0 ? whole : std::nullopt;
  const std::optional<double> number = value.number();
  // Some tools write whole seconds as 1700000000.0.
  if (!number || *number < 0 || *number > 1e15) return {};
  return static_cast<std::int64_t>(*number);
}

bool looks_like_listenbrainz(JsonValue record) { return record.get("track_metadata").is_object(); }

Refusal read_listenbrainz(JsonValue record, ParsedListen& out) {
  const JsonValue track = record.get("track_metadata");
  if (!track.is_object()) return ImportProblem::kBadRecord;
  if (record.get("playing_now").boolean() == true) return ImportProblem::kNowPlaying;
  out.artist = track.get("artist_name").string().value_or("");
  out.title = track.get("track_name").string().value_or("");
  out.album = track.get("release_name").string().value_or("");
  const std::optional<std::int64_t> at_s = lenient_seconds(record.get("listened_at"));
  if (!at_s) return ImportProblem::kBadDate;
  out.at_s = *at_s;
  const JsonValue more = track.get("additional_info");
  out.duration_ms = duration(more.get("duration_ms"), 1);
  if (out.duration_ms == 0) out.duration_ms = duration(more.get("duration"), 1000);
  out.played_ms = duration(more.get("duration_played"), 1000);
  return {};
}

}  // namespace ossicle::history
