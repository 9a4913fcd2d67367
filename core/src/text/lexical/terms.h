#ifndef OSSICLE_TEXT_LEXICAL_TERMS_H_
#define OSSICLE_TEXT_LEXICAL_TERMS_H_

// The sorted terms of the lexical index, and which of them are like a word.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ossicle/search.h"

namespace ossicle::text {

/// Distinct terms in the order of their bytes (which is that of their code points).
struct TermTable {
  std::span<const char> bytes;            ///< valid UTF-8
  std::span<const std::uint32_t> offset;  ///< [terms + 1] into bytes
  std::span<const std::uint8_t> shared;   ///< [terms], bytes that a term shares with the one before

  std::size_t size() const { return shared.size(); }
  std::string_view term(std::size_t i) const {
    return {bytes.data() + offset[i], offset[i + 1] - offset[i]};
  }
};

/// Terms first..last-1.
struct TermRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  bool empty() const { return first == last; }
};

/// The terms that begin with `prefix`.
TermRange find_prefix(const TermTable& table, std::string_view prefix);

/// The term `word` itself, or none.
TermRange find_exact(const TermTable& table, std::string_view word);

/// Terms at a distance of `edits` > 0.
struct SimilarTerms {
  TermRange terms;
  std::uint32_t edits = 0;
};

inline constexpr std::uint32_t kMaxEdits = 2;

/// Writes the terms that are 1..max_edits (at most kMaxEdits) edits from `word`, in order; returns
/// how many ranges. An edit puts in, leaves out or replaces a point, or swaps two neighbours
/// (restricted Damerau-Levenshtein distance). With `as_prefix` the distance is that of the nearest
/// beginning of the term, and terms that begin with the word itself are left out. When `out` is
/// full the rest is left out. Terms that begin with a CJK character are never similar. `word` has
/// at least max_edits + 1 points and at most LexicalIndex::kMaxWordPoints.
///
/// One walk over the table as if it were a trie: the distances to a term's first k points are kept
/// for the next term that shares them, and a beginning that is too far ends its whole subtree.
std::size_t find_similar(const TermTable& table, std::span<const char32_t> word,
                         std::uint32_t max_edits, bool as_prefix, std::span<SimilarTerms> out);

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_LEXICAL_TERMS_H_
