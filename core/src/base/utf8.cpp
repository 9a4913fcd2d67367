#include "base/utf8.h"

#include <cstdint>

namespace ossicle::base {

DecodedPoint decode_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t following = 0;
  // The range of the second byte excludes over-long forms, surrogates and numbers past U+10FFFF.
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xbf;
  char32_t point = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    following = 1;
    point = lead & 0x1fu;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    following = 2;
    point = lead & 0x0fu;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    following = 3;
    point = lead & 0x07u;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    return {};
  }
  for (std::size_t i = 1; i <= following; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) {
      return {kReplacement, i, false};
    }
    point = point << 6 | (byte(at + i) & 0x3fu);
    low = 0x80;
    high = 0xbf;
  }
  return {point, following + 1, true};
}

std::size_t encode_point(char32_t point, char* out) {
  if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) point = kReplacement;
  std::size_t n = 0;
  const auto add = [&](char32_t byte) { out[n++] = static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xc0 | point >> 6);
    add(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    add(0xe0 | point >> 12);
    add(0x80 | (point >> 6 & 0x3f));
    add(0x80 | (point & 0x3f));
  } else {
    add(0xf0 | point >> 18);
    add(0x80 | (point >> 12 & 0x3f));
    add(0x80 | (point >> 6 & 0x3f));
    add(0x80 | (point & 0x3f));
  }
  return n;
}

void append_point(char32_t point, std::string& out) {
  char bytes[4];
  out.append(bytes, encode_point(point, bytes));
}

std::size_t find_broken_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const DecodedPoint decoded = decode_point(text, at);
    if (!decoded.valid) return at;
    at += decoded.bytes;
  }
  return std::string_view::npos;
}

bool append_sanitised(std::string_view text, std::string& out) {
  bool broken = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bad = find_broken_utf8(text.substr(at));
    if (bad == std::string_view::npos) {
      out.append(text.substr(at));
      break;
    }
    out.append(text.substr(at, bad));
    append_point(kReplacement, out);
    broken = true;
    at += bad + decode_point(text, at + bad).bytes;
  }
  return broken;
}

}  // namespace ossicle::base
