#ifndef OSSICLE_TESTS_UNIT_HISTORY_READ_EXPORT_H_
#define OSSICLE_TESTS_UNIT_HISTORY_READ_EXPORT_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/history.h"

namespace ossicle::testing {

inline constexpr std::int64_t kNow = 1767225600;  // 2026-01-01

struct ReadListen {
  std::string artist, title, album;
  Listen listen;
  std::uint64_t line = 0;
  bool operator==(const ReadListen& other) const {
    return artist == other.artist && title == other.title && album == other.album &&
           line == other.line && listen.at_s == other.listen.at_s &&
           listen.artist == other.listen.artist && listen.track_hash == other.listen.track_hash &&
           listen.played_ms == other.listen.played_ms &&
           listen.duration_ms == other.listen.duration_ms;
  }
};

struct ReadExport {
  std::vector<ReadListen> listens;
  ImportReport report;
  Code code = Code::kOk;  ///< of the error that ended the reading
  std::uint64_t at = 0;
  std::string what;

  std::uint64_t count(ImportProblem problem) const {
    return report.problems[static_cast<std::size_t>(problem)];
  }
  std::uint64_t first_line(ImportProblem problem) const {
    return report.first_line[static_cast<std::size_t>(problem)];
  }
  std::uint64_t problems() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t n : report.problems) sum += n;
    return sum;
  }
};

/// Reads `text` in pieces of `piece_bytes`.
inline ReadExport read_export(std::string_view text, std::size_t piece_bytes = std::string::npos,
                              HistoryFormat format = HistoryFormat::kUnknown) {
  ReadExport out;
  HistoryReader reader(format, kNow);
  const auto take = [&](const Result<std::size_t>& result) {
    for (const ImportedListen& listen : reader.listens()) {
      out.listens.push_back({std::string(listen.artist), std::string(listen.title),
                             std::string(listen.album), listen.listen, listen.line});
    }
    if (result.ok()) return true;
    out.code = result.error().code;
    out.at = result.error().at;
    out.what = result.error().what;
    return false;
  };
  bool good = true;
  for (std::size_t at = 0; good && at < text.size();) {
    const std::size_t n = std::min(piece_bytes, text.size() - at);
    good = take(reader.feed(std::as_bytes(std::span(text.substr(at, n)))));
    at += n;
  }
  if (good) take(reader.finish());
  out.report = reader.report();
  return out;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_HISTORY_READ_EXPORT_H_
