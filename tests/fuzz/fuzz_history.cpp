// The same listens, counts and error come out of an export however it is cut into pieces. The first
// byte is the format, the next seed where to cut, the rest is the export.
#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/utf8.h"
#include "fuzz_check.h"
#include "ossicle/history.h"

namespace {

using ossicle::HistoryFormat;
using ossicle::HistoryReader;
using ossicle::ImportedListen;
using ossicle::Result;

constexpr std::int64_t kNow = 1767225600;

struct Outcome {
  std::vector<std::string> listens;
  ossicle::ImportReport report;
  ossicle::Code code = ossicle::Code::kOk;
  std::uint64_t at = 0;
};

std::string describe(const ImportedListen& listen) {
  for (const std::string_view text : {listen.artist, listen.title, listen.album}) {
    OSL_FUZZ_CHECK(ossicle::base::find_broken_utf8(text) == std::string_view::npos);
  }
  OSL_FUZZ_CHECK(!listen.artist.empty());
  OSL_FUZZ_CHECK(listen.listen.at_s > 0 && listen.listen.at_s <= kNow + 86400);
  std::string out(reinterpret_cast<const char*>(&listen.listen), sizeof(listen.listen));
  out += std::to_string(listen.line) + "\n";
  return out.append(listen.artist)
      .append("\n")
      .append(listen.title)
      .append("\n")
      .append(listen.album);
}

// Takes what a call gave; whether reading goes on.
bool take(const HistoryReader& reader, const Result<std::size_t>& result, Outcome& out) {
  for (const ImportedListen& listen : reader.listens()) out.listens.push_back(describe(listen));
  if (result.ok()) {
    OSL_FUZZ_CHECK(result.value() == reader.listens().size());
    return true;
  }
  OSL_FUZZ_CHECK(result.error().code == ossicle::Code::kUnknownFormat);
  out.code = result.error().code;
  out.at = result.error().at;
  return false;
}

// `longest` bytes at most in a piece; 0 = all at once.
Outcome read(std::span<const std::byte> text, HistoryFormat format, std::size_t longest,
             std::uint64_t seed) {
  HistoryReader reader(format, kNow);
  Outcome out;
  bool good = true;
  while (good && !text.empty()) {
    const std::size_t wanted =
        longest == 0 ? text.size()
                     : 1 + ossicle::base::below(seed, static_cast<std::uint32_t>(longest));
    // A piece of its own, so that the sanitizer sees a read past its end.
    const std::vector<std::byte> piece(
        text.begin(), text.begin() + static_cast<std::ptrdiff_t>(std::min(wanted, text.size())));
    text = text.subspan(piece.size());
    good = take(reader, reader.feed(piece), out);
  }
  if (good) take(reader, reader.finish(), out);
  out.report = reader.report();
  // After an error the rest was not given.
  if (out.code != ossicle::Code::kOk) out.report = {};
  OSL_FUZZ_CHECK(out.code != ossicle::Code::kOk || out.report.listens == out.listens.size());
  OSL_FUZZ_CHECK(out.report.listens <= out.report.records);
  return out;
}

bool same(const Outcome& a, const Outcome& b) {
  return a.listens == b.listens && a.code == b.code && a.at == b.at &&
         a.report.format == b.report.format && a.report.bytes == b.report.bytes &&
         a.report.lines == b.report.lines && a.report.records == b.report.records &&
         std::ranges::equal(a.report.problems, b.report.problems) &&
         std::ranges::equal(a.report.first_line, b.report.first_line);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto format = static_cast<HistoryFormat>(data[0] % 4);
  const std::uint64_t seed = data[1];
  const std::span<const std::byte> text = std::as_bytes(std::span(data, size)).subspan(2);
  const Outcome whole = read(text, format, 0, seed);
  OSL_FUZZ_CHECK(same(whole, read(text, format, 1, seed)));
  OSL_FUZZ_CHECK(same(whole, read(text, format, 40, seed)));
  return 0;
}
