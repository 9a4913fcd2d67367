#ifndef OSSICLE_BASE_UTF8_H_
#define OSSICLE_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace ossicle::base {

inline constexpr char32_t kReplacement = 0xfffd;

struct DecodedPoint {
  char32_t point = kReplacement;
  std::size_t bytes = 1;  ///< how many the point took, at least 1
  bool valid = false;
};

/// The code point at text[at], at < text.size(). A broken sequence gives U+FFFD and takes its
/// longest prefix that could have begun a valid one (Unicode 15, section 3.9, "maximal subpart"),
/// as browsers do.
DecodedPoint decode_point(std::string_view text, std::size_t at);

/// Writes the UTF-8 of a code point to `out`, which has room for 4 bytes; returns how many it took.
/// Surrogates and numbers past U+10FFFF become U+FFFD.
std::size_t encode_point(char32_t point, char* out);

/// Appends what encode_point() writes.
void append_point(char32_t point, std::string& out);

/// The byte offset of the first broken sequence, or npos when the text is valid UTF-8.
std::size_t find_broken_utf8(std::string_view text);

/// Appends `text` with each broken sequence replaced by U+FFFD; returns whether there was one.
bool append_sanitised(std::string_view text, std::string& out);

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_UTF8_H_
