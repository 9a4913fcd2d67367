#include "text/lexical/words.h"

#include <algorithm>
#include <iterator>

namespace ossicle::text {
namespace {

struct Range {
  char32_t first, last;
};

bool within(std::span<const Range> ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& r) { return point >= r.first && point <= r.last; });
}

// Blocks of Unicode 15, after folding (half-width kana and Hangul syllables are taken apart).
constexpr Range kCjk[] = {
    {0x1100, 0x115f},    // Hangul initials
    {0x3005, 0x3007},    // iteration mark, closing mark, zero
    {0x3041, 0x3096},    // Hiragana
    {0x309d, 0x309f},    // Hiragana iteration marks
    {0x30a1, 0x30fa},    // Katakana
    {0x30fc, 0x30ff},    // prolonged sound, Katakana iteration marks
    {0x3105, 0x312f},    // Bopomofo
    {0x31f0, 0x31ff},    // Katakana extensions
    {0x3400, 0x4dbf},    // Han, extension A
    {0x4e00, 0x9fff},    // Han
    {0xf900, 0xfaff},    // Han, compatibility
    {0x20000, 0x323af},  // Han, extensions B to H
};
constexpr Range kCjkMarks[] = {{0x1160, 0x11ff}, {0x3099, 0x309a}};
constexpr Range kPictographs[] = {{0x2600, 0x27bf}, {0x2b00, 0x2bff}, {0x1f000, 0x1faff}};
constexpr Range kWhiteSpace[] = {
    {0x09, 0x0d},     {0x1c, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},     {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
constexpr Range kJoiners[] = {{'!', '!'}, {'&', '\''},      {'*', '*'},
                              {'-', '/'}, {0x2010, 0x2011}, {0x2018, 0x2019}};

}  // namespace

bool begins_cjk(char32_t point) { return point >= 0x1100 && within(kCjk, point); }
bool continues_cjk(char32_t point) { return point >= 0x1160 && within(kCjkMarks, point); }
bool is_pictograph(char32_t point) { return point >= 0x2600 && within(kPictographs, point); }
bool is_white_space(char32_t point) { return within(kWhiteSpace, point); }
bool is_joiner(char32_t point) { return within(kJoiners, point); }

TermBytes::TermBytes(const Word& word) {
  for (const char32_t point : word.span())
    size_ += base::encode_point(point, bytes_.data() + size_);
}

std::string_view cut_at_point(std::string_view text, std::size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  std::size_t cut = max_bytes;
  while (cut > 0 && max_bytes - cut < 3 &&
         (static_cast<unsigned char>(text[cut]) & 0xc0u) == 0x80u) {
    --cut;
  }
  return text.substr(0, cut);
}

}  // namespace ossicle::text
