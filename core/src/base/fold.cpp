#include "base/fold.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string_view>

namespace ossicle::base {
namespace {

#include "base/fold_table.inc"

enum FoldKind : std::uint32_t {
  kDrop = 0,
  kSpace = 1,
  kDelta = 2,   // code point + kDeltas[argument]
  kPairs = 3,   // capital and small letters in turn
  kSingle = 4,  // kSingles[argument + place in the run], 0 = unchanged
  kText = 5,    // kTexts[argument + place in the run], length 0 = unchanged
};

void add_ascii(char32_t point, FoldedPoint& out) {
  // Symbols that Unicode does not count as punctuation stay: "A$AP" is not "A AP".
  constexpr std::u32string_view kSymbols = U"$+<=>^`|~";
  if (point >= 'A' && point <= 'Z') {
    out.add(point + ('a' - 'A'));
  } else if ((point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') ||
             kSymbols.find(point) != kSymbols.npos) {
    out.add(point);
  } else {
    out.add(' ');
  }
}

// A Hangul syllable as its letters (Unicode 15, section 3.12), so that both normal forms have one
// key.
void add_hangul(char32_t point, FoldedPoint& out) {
  const char32_t index = point - 0xac00;
  out.add(0x1100 + index / 588);
  out.add(0x1161 + index % 588 / 28);
  if (index % 28 != 0) out.add(0x11a7 + index % 28);
}

void add_text(std::uint16_t entry, FoldedPoint& out) {
  const std::uint16_t* unit = kPool + (entry & 0xfffu);
  const std::uint16_t* end = unit + (entry >> 12);
  for (; unit != end; ++unit) {
    char32_t point = *unit;
    if (point >= 0xd800 && point < 0xdc00) {
      point = 0x10000 + ((point - 0xd800) << 10) + (*++unit - 0xdc00u);
    }
    out.add(point);
  }
}

void add_folded(char32_t point, FoldedPoint& out) {
  if (point < 0x80) return add_ascii(point, out);
  if (point >= 0xac00 && point <= 0xd7a3) return add_hangul(point, out);
  // The last run that begins at or before the point.
  const std::uint32_t* after =
      std::upper_bound(std::begin(kRuns), std::end(kRuns), point,
                       [](char32_t sought, std::uint32_t run) { return sought < run >> 11; });
  if (after == std::begin(kRuns)) return out.add(point);
  const std::uint32_t run = *(after - 1);
  const std::uint32_t place = point - (run >> 11);
  if (place >= (run & 0xffu)) return out.add(point);
  const std::uint32_t argument = kArguments[after - 1 - std::begin(kRuns)];
  switch (static_cast<FoldKind>(run >> 8 & 7u)) {
    case kDrop:
      return;
    case kSpace:
      return out.add(' ');
    case kDelta:
      return out.add(static_cast<char32_t>(static_cast<std::int32_t>(point) + kDeltas[argument]));
    case kPairs:
      return out.add(point + (place % 2 == 0 ? 1 : 0));
    case kSingle: {
      const std::uint16_t target = kSingles[argument + place];
      return out.add(target == 0 ? point : target);
    }
    case kText: {
      const std::uint16_t entry = kTexts[argument + place];
      if (entry >> 12 == 0) return out.add(point);
      return add_text(entry, out);
    }
  }
}
}  // namespace

FoldedPoint fold_point(char32_t point) {
  FoldedPoint folded;
  add_folded(point, folded);
  return folded;
}

}  // namespace ossicle::base
