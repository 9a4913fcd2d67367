#include "text/normalizer.h"

#include <cstring>

#include "base/utf8.h"

namespace ossicle::text {
namespace {

// A unit of the double array: a label of 8 bits and the way to its children, or, with the top bit
// set, a value. read_sentencepiece_model() saw to it that no offset leads outside.
bool has_label(std::uint32_t unit, std::uint8_t byte) { return (unit & 0x800000ffu) == byte; }
bool has_value(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }

}  // namespace

Normalizer::Normalizer(const SentencepieceModel& model)
    : units_(model.rules_trie.size() / sizeof(std::uint32_t)),
      replacements_(model.replacements),
      space_(model.escape_spaces ? "\u2581" : " "),
      add_dummy_prefix_(model.add_dummy_prefix),
      remove_extra_spaces_(model.remove_extra_spaces) {
  if (!units_.empty()) {
    std::memcpy(units_.data(), model.rules_trie.data(), units_.size() * sizeof(std::uint32_t));
  }
}

Normalizer::Step Normalizer::step(std::string_view text) const {
  Step longest;
  std::uint32_t node = units_.empty() ? 0 : rule_offset(units_[0]);
  for (std::size_t i = 0; i < text.size() && !units_.empty(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    node ^= byte;
    const std::uint32_t unit = units_[node];
    if (!has_label(unit, byte)) break;
    node ^= rule_offset(unit);
    if (!has_value(unit)) continue;
    const std::size_t at = units_[node] & 0x7fffffffu;
    if (at < replacements_.size()) longest = {replacements_.c_str() + at, i + 1};
  }
  if (longest.bytes > 0) return longest;
  const base::DecodedPoint point = base::decode_point(text, 0);
  if (!point.valid) return {"\uFFFD", 1};
  return {text.substr(0, point.bytes), point.bytes};
}

void Normalizer::run(std::string_view text, std::string& out) const {
  out.clear();
  if (remove_extra_spaces_) {
    while (!text.empty()) {
      const Step first = step(text);
      if (first.text != " ") break;
      text.remove_prefix(first.bytes);
    }
  }
  if (text.empty()) return;
  if (add_dummy_prefix_) out += space_;
  bool after_space = remove_extra_spaces_;
  while (!text.empty()) {
    const Step next = step(text);
    text.remove_prefix(next.bytes);
    std::string_view part = next.text;
    while (after_space && part.starts_with(' ')) part.remove_prefix(1);
    for (const char c : part) {
      if (c == ' ') {
        out += space_;
      } else {
        out += c;
      }
    }
    if (!part.empty()) after_space = remove_extra_spaces_ && part.ends_with(' ');
  }
  if (remove_extra_spaces_) {
    while (out.ends_with(space_)) out.resize(out.size() - space_.size());
  }
}

}  // namespace ossicle::text
