#ifndef OSSICLE_TESTS_UNIT_TEXT_MODEL_FILE_H_
#define OSSICLE_TESTS_UNIT_TEXT_MODEL_FILE_H_

#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/tokenizer.h"

namespace ossicle::testing {

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// 400 pieces with byte fallback and no normalisation rules: tests/golden/tokenizer/README says how
/// it was made.
inline std::string tiny_model() { return read_file(OSL_GOLDEN "/tokenizer/tiny.model"); }

/// Every id of the text, or fewer than `cap`.
inline std::vector<std::int32_t> encode(const Tokenizer& tokenizer, std::string_view text,
                                        std::size_t cap = 1u << 18) {
  std::vector<std::int32_t> ids(cap);
  const auto n = tokenizer.encode(text, ids);
  ids.resize(n.ok() ? n.value() : 0);
  return ids;
}

/// Lines in the languages and with the accidents that a music library has.
inline std::vector<std::string> mixed_lines() {
  using std::string_literals::operator""s;
  return {
      "the piano plays a sad song",
      "Björk – Jóga (Live at Shepherd's Bush)",
      "悲伤的钢琴曲，夜里的城市下着雨",
      "さくら さくら やよいの空は",
      "Não sei se é verdade… ¿qué será, será?",
      "Straße, Größe, Übermut: ein schönes Lied",
      "Тихая ночь, дивная ночь",
      "العود يعزف لحنا حزينا",
      "❤️🎵🎹👩‍🎤 emoji only 🇧🇷",
      "AC/DC  &  Guns N' Roses\t(remastered)\n2011",
      "e\u0301 is not \u00e9 before normalisation",
      "ｆｕｌｌ　ｗｉｄｔｈ １２３ ﬁne ①",
      "",
      " ",
      "      \t\n  ",
      "\0a\0b\0"s,
      "\0"s,
      "caf\xe9 latin-1 \xff\xfe and \xed\xa0\x80 a surrogate",
      "\xf0\x9f\x8e",
      "\xc0\xaf overlong, \xf4\x90\x80\x80 too high",
      std::string(3000, 'a'),
      std::string(3000, ' ') + "x",
  };
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_TEXT_MODEL_FILE_H_
