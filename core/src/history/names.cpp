#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "base/utf8.h"
#include "ossicle/history.h"

namespace ossicle {
namespace {

#include "history/fold_table.inc"

enum FoldKind : std::uint32_t {
  kDrop = 0,
  kSpace = 1,
  kDelta = 2,   // code point + kDeltas[argument]
  kPairs = 3,   // capital and small letters in turn
  kSingle = 4,  // kSingles[argument + place in the run], 0 = unchanged
  kText = 5,    // kTexts[argument + place in the run], length 0 = unchanged
};

// Collects the key form: single spaces between what is kept, none at the ends.
class KeyWriter {
 public:
  explicit KeyWriter(std::string& out) : out_(out) {}

  void add(char32_t point) {
    if (point == ' ') {
      space_ = !out_.empty();
      return;
    }
    if (space_) out_.push_back(' ');
    space_ = false;
    base::append_point(point, out_);
  }

 private:
  std::string& out_;
  bool space_ = false;
};

void add_ascii(char32_t point, KeyWriter& key) {
  // Symbols that Unicode does not count as punctuation stay: "A$AP" is not "A AP".
  constexpr std::u32string_view kSymbols = U"$+<=>^`|~";
  if (point >= 'A' && point <= 'Z') {
    key.add(point + ('a' - 'A'));
  } else if ((point >= 'a' && point <= 'z') || (point >= '0' && point <= '9') ||
             kSymbols.find(point) != kSymbols.npos) {
    key.add(point);
  } else {
    key.add(' ');
  }
}

// A Hangul syllable as its letters (Unicode 15, section 3.12), so that both normal forms have one
// key.
void add_hangul(char32_t point, KeyWriter& key) {
  const char32_t index = point - 0xac00;
  key.add(0x1100 + index / 588);
  key.add(0x1161 + index % 588 / 28);
  if (index % 28 != 0) key.add(0x11a7 + index % 28);
}

void add_text(std::uint16_t entry, KeyWriter& key) {
  const std::uint16_t* unit = kPool + (entry & 0xfffu);
  const std::uint16_t* end = unit + (entry >> 12);
  for (; unit != end; ++unit) {
    char32_t point = *unit;
    if (point >= 0xd800 && point < 0xdc00) {
      point = 0x10000 + ((point - 0xd800) << 10) + (*++unit - 0xdc00u);
    }
    key.add(point);
  }
}

void add_folded(char32_t point, KeyWriter& key) {
  if (point < 0x80) return add_ascii(point, key);
  if (point >= 0xac00 && point <= 0xd7a3) return add_hangul(point, key);
  // The last run that begins at or before the point.
  const std::uint32_t* after =
      std::upper_bound(std::begin(kRuns), std::end(kRuns), point,
                       [](char32_t sought, std::uint32_t run) { return sought < run >> 11; });
  if (after == std::begin(kRuns)) return key.add(point);
  const std::uint32_t run = *(after - 1);
  const std::uint32_t place = point - (run >> 11);
  if (place >= (run & 0xffu)) return key.add(point);
  const std::uint32_t argument = kArguments[after - 1 - std::begin(kRuns)];
  switch (static_cast<FoldKind>(run >> 8 & 7u)) {
    case kDrop:
      return;
    case kSpace:
      return key.add(' ');
    case kDelta:
      return key.add(static_cast<char32_t>(static_cast<std::int32_t>(point) + kDeltas[argument]));
    case kPairs:
      return key.add(point + (place % 2 == 0 ? 1 : 0));
    case kSingle: {
      const std::uint16_t target = kSingles[argument + place];
      return key.add(target == 0 ? point : target);
    }
    case kText: {
      const std::uint16_t entry = kTexts[argument + place];
      if (entry >> 12 == 0) return key.add(point);
      return add_text(entry, key);
    }
  }
}

base::Digest hash_key(std::string_view domain, std::string_view name) {
  std::string key;
  normalise_name(name, key);
  base::Sha256 hash;
  hash.update(domain);
  hash.update(key);
  return hash.finish();
}

}  // namespace

void normalise_name(std::string_view name, std::string& out) {
  out.clear();
  KeyWriter key(out);
  for (std::size_t at = 0; at < name.size();) {
    const base::DecodedPoint decoded = base::decode_point(name, at);
    add_folded(decoded.point, key);
    at += decoded.bytes;
  }
  if (out.empty()) base::append_sanitised(name, out);
}

ItemId artist_id(std::string_view name) {
  using namespace std::string_view_literals;
  const base::Digest digest = hash_key("artist\0"sv, name);
  ItemId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::uint64_t track_hash(std::string_view title) {
  using namespace std::string_view_literals;
  if (title.empty()) return 0;
  const base::Digest digest = hash_key("track\0"sv, title);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | digest[i];
  return hash == 0 ? 1 : hash;
}

}  // namespace ossicle
