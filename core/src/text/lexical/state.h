#ifndef OSSICLE_TEXT_LEXICAL_STATE_H_
#define OSSICLE_TEXT_LEXICAL_STATE_H_

// What the lexical index holds, shared by its building and its searching.

#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/search.h"
#include "ossicle/types.h"
#include "text/lexical/terms.h"

namespace ossicle::text {

/// A row that has a term, and tf / (k1 + tf) in 255ths, at least 1.
class Posting {
 public:
  static constexpr std::uint32_t kMaxImpact = 255;

  Posting(std::uint32_t row, std::uint32_t impact) : bits_(row << 8 | impact) {}
  std::uint32_t row() const { return bits_ >> 8; }
  std::uint32_t impact() const { return bits_ & 0xffu; }

 private:
  std::uint32_t bits_;
};
static_assert(LexicalIndex::kMaxDocuments <= std::size_t{1} << 24);

/// Which documents have which terms.
struct InvertedIndex {
  std::uint32_t n_documents = 0;
  TermTable terms;
  /// [terms + 1] into postings: those of term i, rows rising. Those of neighbouring terms lie side
  /// by side, so that a range of terms is one range of postings.
  std::span<const std::uint32_t> posting_offset;
  std::span<const Posting> postings;
  OwnedBytes memory;  ///< of all spans

  std::span<const Posting> postings_of(TermRange range) const {
    const std::uint32_t first = posting_offset[range.first];
    return postings.subspan(first, posting_offset[range.last] - first);
  }
};

}  // namespace ossicle::text

struct ossicle::LexicalIndex::State {
  text::InvertedIndex index;
};

#endif  // OSSICLE_TEXT_LEXICAL_STATE_H_
