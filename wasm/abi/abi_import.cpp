// Importing: the reader's list, handed out in pieces that fit the caller's buffers.

#include <algorithm>
#include <new>

#include "abi.h"
#include "ossicle/history.h"

using ossicle::Code;
using ossicle::abi::fail;
using ossicle::abi::missing_argument;

struct osl_import {
  ossicle::HistoryReader reader;
  std::size_t handed_out = 0;  // of reader.listens()
  bool finished = false;
};

namespace {

// Bounds the list that one call of the reader makes.
constexpr uint32_t kPieceBytes = 1u << 16;

// The words of one listen, one after the other; false when they do not fit.
class Words {
 public:
  Words(char* out, uint32_t cap) : out_(out), cap_(cap) {}
  bool fits(const ossicle::ImportedListen& l) const {
    return l.artist.size() + l.title.size() + l.album.size() <= cap_ - used_;
  }
  void put(std::string_view word, uint32_t& at, uint32_t& n) {
    at = used_;
    n = static_cast<uint32_t>(word.size());
    std::memcpy(out_ + used_, word.data(), word.size());
    used_ += n;
  }

 private:
  char* out_;
  uint32_t cap_;
  uint32_t used_ = 0;
};

}  // namespace

extern "C" {

osl_code osl_import_open(uint32_t format, int64_t now_s, osl_import** out) {
  if (out == nullptr) return missing_argument(nullptr);
  if (format > static_cast<uint32_t>(ossicle::HistoryFormat::kLastFmCsv)) {
    return static_cast<osl_code>(Code::kUnknownFormat);
  }
  *out = new (std::nothrow)
      osl_import{ossicle::HistoryReader(static_cast<ossicle::HistoryFormat>(format), now_s)};
  return *out == nullptr ? static_cast<osl_code>(Code::kOutOfMemory) : 0;
}

osl_code osl_import_feed(osl_import* import, const uint8_t* bytes, uint32_t n, uint32_t is_last,
                         uint32_t* used, osl_imported* out, uint32_t cap, uint32_t* out_n,
                         char* text, uint32_t text_cap, osl_error* error) {
  if (import == nullptr || used == nullptr || out == nullptr || out_n == nullptr ||
      text == nullptr || cap == 0 || (bytes == nullptr && n != 0)) {
    return missing_argument(error);
  }
  *used = 0;
  *out_n = 0;
  if (import->handed_out == import->reader.listens().size()) {
    // All of the last piece is handed out: read on, or finish.
    const uint32_t take = std::min(n, kPieceBytes);
    if (take != 0) {
      const auto fed = import->reader.feed({reinterpret_cast<const std::byte*>(bytes), take});
      import->handed_out = 0;
      if (!fed) return fail(fed.error(), error);
      *used = take;
    } else if (is_last != 0 && !import->finished) {
      const auto fed = import->reader.finish();
      import->finished = true;
      import->handed_out = 0;
      if (!fed) return fail(fed.error(), error);
    } else {
      return 0;
    }
  }
  Words words(text, text_cap);
  const auto listens = import->reader.listens();
  while (*out_n < cap && import->handed_out < listens.size()) {
    const ossicle::ImportedListen& from = listens[import->handed_out];
    if (!words.fits(from)) {
      if (*out_n != 0) break;
      return fail({Code::kCapacityExceeded, from.line,
                   "the text buffer is too small for one listen (at = line)"},
                  error);
    }
    osl_imported& to = out[(*out_n)++];
    std::memcpy(&to.listen, &from.listen, sizeof to.listen);
    to.line = from.line;
    words.put(from.artist, to.artist_at, to.artist_n);
    words.put(from.title, to.title_at, to.title_n);
    words.put(from.album, to.album_at, to.album_n);
    ++import->handed_out;
  }
  return 0;
}

osl_code osl_import_report_get(const osl_import* import, osl_import_report* out) {
  if (import == nullptr || out == nullptr) return missing_argument(nullptr);
  const ossicle::ImportReport& report = import->reader.report();
  static_assert(sizeof report.problems == sizeof out->problems);
  *out = {.bytes = report.bytes,
          .lines = report.lines,
          .records = report.records,
          .listens = report.listens,
          .problems = {},
          .first_line = {},
          .format = static_cast<uint32_t>(report.format),
          .reserved = 0};
  std::copy(std::begin(report.problems), std::end(report.problems), out->problems);
  std::copy(std::begin(report.first_line), std::end(report.first_line), out->first_line);
  return 0;
}

void osl_import_close(osl_import* import) { delete import; }

}  // extern "C"
