#include "text/lexical/terms.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "text/lexical/words.h"

namespace ossicle::text {
namespace {

// The first term that is not less than `sought`, by `less(term, sought)`.
template <class Less>
std::uint32_t lower_bound(const TermTable& table, std::size_t first, Less less) {
  std::size_t last = table.size();
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (less(table.term(middle))) {
      first = middle + 1;
    } else {
      last = middle;
    }
  }
  return static_cast<std::uint32_t>(first);
}

/// The distances of the beginnings of a term to the beginnings of a word, one row for each point of
/// the term. Only the diagonal of beginnings whose lengths differ by at most max_edits is kept: all
/// others are too far.
class Distances {
 public:
  Distances(std::span<const char32_t> word, std::uint32_t max_edits, bool as_prefix)
      : word_(word),
        max_edits_(max_edits),
        too_far_(static_cast<std::uint8_t>(max_edits + 1)),
        as_prefix_(as_prefix) {
    for (Row& row : rows_) row.cost.fill(too_far_);
    rows_[0].nearest_beginning = too_far_;
    for (std::size_t j = 0; j <= max_edits; ++j) {
      rows_[0].cost[max_edits + j] = static_cast<std::uint8_t>(j);
    }
  }

  std::size_t end_byte() const { return rows_[depth_].end_byte; }
  /// Goes back to what a term that shares this many bytes with the last one keeps.
  void keep(std::size_t shared_bytes) {
    while (rows_[depth_].end_byte > shared_bytes) --depth_;
  }

  /// Adds a point of the term; false when nothing below can be nearer than result() is now.
  bool add(char32_t point, std::size_t end_byte) {
    const Row& above = rows_[depth_];
    Row& row = rows_[++depth_];
    row.end_byte = static_cast<std::uint8_t>(end_byte);
    row.point = point;
    row.nearest_beginning = above.nearest_beginning;
    std::uint8_t least = too_far_;
    std::uint8_t left = too_far_;
    for (std::size_t i = 0; i <= 2 * max_edits_; ++i) {
      left = cost(above, row, left, i);
      row.cost[i] = left;
      least = std::min(least, left);
    }
    if (const std::size_t whole = word_.size() + max_edits_ - depth_; whole <= 2 * max_edits_) {
      row.nearest_beginning = std::min(row.nearest_beginning, row.cost[whole]);
    }
    return least < (as_prefix_ ? row.nearest_beginning : too_far_);
  }

  /// The distance of the term, or of its nearest beginning; more than max_edits is too far.
  std::uint32_t result() const {
    const Row& row = rows_[depth_];
    if (as_prefix_) return row.nearest_beginning;
    const std::size_t whole = word_.size() + max_edits_ - depth_;
    return whole <= 2 * max_edits_ ? row.cost[whole] : too_far_;
  }

 private:
  static constexpr std::size_t kMaxWord = LexicalIndex::kMaxWordPoints;
  static constexpr std::size_t kBand = 2 * kMaxEdits + 2;  // the last one is always too far

  struct Row {
    char32_t point = 0;
    std::uint8_t end_byte = 0;
    std::uint8_t nearest_beginning = 0;
    std::array<std::uint8_t, kBand>
        cost{};  // [i]: of the word's first depth - max_edits + i points
  };

  std::uint8_t cost(const Row& above, const Row& row, std::uint8_t left, std::size_t i) const {
    const std::size_t j = depth_ + i - max_edits_;  // wraps to a large number below 0
    if (j > word_.size()) return too_far_;
    if (j == 0) return static_cast<std::uint8_t>(std::min<std::size_t>(depth_, too_far_));
    std::uint32_t best = above.cost[i] + (row.point == word_[j - 1] ? 0U : 1U);
    best = std::min({best, above.cost[i + 1] + 1U, left + 1U, std::uint32_t{too_far_}});
    if (depth_ > 1 && j > 1 && row.point == word_[j - 2] && above.point == word_[j - 1]) {
      best = std::min(best, rows_[depth_ - 2].cost[i] + 1U);
    }
    return static_cast<std::uint8_t>(best);
  }

  const std::span<const char32_t> word_;
  const std::size_t max_edits_;
  const std::uint8_t too_far_;
  const bool as_prefix_;
  std::size_t depth_ = 0;
  // Row 0, one for each point that can still be near, and the one that is too far.
  std::array<Row, kMaxWord + kMaxEdits + 2> rows_;
};

// ASCII without the call: most points of most terms.
base::DecodedPoint point_of(std::string_view term, std::size_t at) {
  const auto byte = static_cast<unsigned char>(term[at]);
  return byte < 0x80 ? base::DecodedPoint{byte, 1, true} : base::decode_point(term, at);
}

}  // namespace

TermRange find_prefix(const TermTable& table, std::string_view prefix) {
  const std::uint32_t first =
      lower_bound(table, 0, [&](std::string_view term) { return term < prefix; });
  const std::uint32_t last = lower_bound(
      table, first, [&](std::string_view term) { return term.substr(0, prefix.size()) <= prefix; });
  return {first, last};
}

TermRange find_exact(const TermTable& table, std::string_view word) {
  const std::uint32_t first =
      lower_bound(table, 0, [&](std::string_view term) { return term < word; });
  const bool found = first < table.size() && table.term(first) == word;
  return {first, found ? first + 1 : first};
}

std::size_t find_similar(const TermTable& table, std::span<const char32_t> word,
                         std::uint32_t max_edits, bool as_prefix, std::span<SimilarTerms> out) {
  Distances distances(word, max_edits, as_prefix);
  std::size_t n = 0;
  for (std::size_t i = 0; i < table.size();) {
    const std::string_view term = table.term(i);
    distances.keep(table.shared[i]);
    std::size_t kept = distances.end_byte();
    bool near = true;
    if (kept == 0) {
      // A word with letters is not similar to a pair of CJK characters.
      const base::DecodedPoint first = point_of(term, 0);
      near = !begins_cjk(first.point);
      kept = first.bytes;
    }
    while (near && distances.end_byte() < term.size()) {
      const base::DecodedPoint decoded = point_of(term, distances.end_byte());
      kept = distances.end_byte() + decoded.bytes;
      near = distances.add(decoded.point, kept);
    }
    // What was found for a beginning that ends early holds for all terms that share it.
    std::size_t last = i + 1;
    if (!near) {
      while (last < table.size() && table.shared[last] >= kept) ++last;
    }
    const std::uint32_t edits = distances.result();
    if (edits > 0 && edits <= max_edits) {
      const TermRange range = {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(last)};
      if (n > 0 && out[n - 1].terms.last == range.first && out[n - 1].edits == edits) {
        out[n - 1].terms.last = range.last;
      } else if (n < out.size()) {
        out[n++] = {range, edits};
      } else {
        return n;
      }
    }
    i = last;
  }
  return n;
}

}  // namespace ossicle::text
