#ifndef OSSICLE_BASE_FOLD_H_
#define OSSICLE_BASE_FOLD_H_

#include <array>
#include <cstddef>

namespace ossicle::base {

/// The points that one code point becomes; possibly none.
struct FoldedPoint {
  std::array<char32_t, 15> points;  ///< the longest text of the table has 15 UTF-16 units
  std::size_t size = 0;

  const char32_t* begin() const { return points.data(); }
  const char32_t* end() const { return points.data() + size; }
  void add(char32_t point) { points[size++] = point; }
};

/// A code point for comparing words, whatever their case, accents, width or composition:
/// compatibility-decomposed, case-folded, without diacritics and invisible format characters;
/// punctuation, white space and controls are ' '. Marks that are letters in their script stay (kana
/// voicing, Indic vowel signs, Thai tones). Nothing is transliterated.
FoldedPoint fold_point(char32_t point);

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_FOLD_H_
