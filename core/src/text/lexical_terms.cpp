#include "text/lexical_terms.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

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

class Distances {
 public:
  Distances(std::span<const char32_t> word, std::uint32_t max_edits, bool as_prefix)
      : word_(word), max_edits_(max_edits), as_prefix_(as_prefix) {
    for (std::size_t j = 0; j <= word.size(); ++j) rows_[0].cost[j] = std::min(j, too_far());
    rows_[0].nearest_beginning = too_far();
  }

  std::size_t depth() const { return depth_; }
  std::size_t end_byte() const { return rows_[depth_].end_byte; }
  /// Goes back to what a term that shares this many bytes with the last one keeps.
  void keep(std::size_t shared_bytes) {
    while (rows_[depth_].end_byte > shared_bytes) --depth_;
  }

  /// Adds a point of the term; false when nothing below can be nearer than result() is now.
  bool add(char32_t point, std::size_t end_byte) {
    const Row& above = rows_[depth_];
    Row& row = rows_[++depth_];
    row.end_byte = end_byte;
    row.point = point;
    row.cost.fill(too_far());
    const std::size_t first = depth_ > max_edits_ ? depth_ - max_edits_ : 0;
    const std::size_t last = std::min(word_.size(), depth_ + max_edits_);
    std::size_t least = too_far();
    for (std::size_t j = first; j <= last; ++j) {
      row.cost[j] = cost(above, row, j);
      least = std::min(least, row.cost[j]);
    }
    row.nearest_beginning = std::min(above.nearest_beginning, row.cost[word_.size()]);
    return least < (as_prefix_ ? row.nearest_beginning : too_far());
  }

  /// The distance of the term, or of its nearest beginning; too_far() and more are all the same.
  std::size_t result() const {
    return as_prefix_ ? rows_[depth_].nearest_beginning : rows_[depth_].cost[word_.size()];
  }
  std::size_t too_far() const { return std::size_t{max_edits_} + 1; }

 private:
  static constexpr std::size_t kMaxWord = LexicalIndex::kMaxWordPoints;

  struct Row {
    std::array<std::size_t, kMaxWord + 1> cost{};
    std::size_t nearest_beginning = 0;
    std::size_t end_byte = 0;
    char32_t point = 0;
  };

  std::size_t cost(const Row& above, const Row& row, std::size_t j) const {
    if (j == 0) return std::min(depth_, too_far());
    std::size_t best = above.cost[j - 1] + (row.point == word_[j - 1] ? 0 : 1);
    best = std::min({best, above.cost[j] + 1, row.cost[j - 1] + 1});
    if (depth_ > 1 && j > 1 && row.point == word_[j - 2] && above.point == word_[j - 1]) {
      best = std::min(best, rows_[depth_ - 2].cost[j - 2] + 1);
    }
    return std::min(best, too_far());
  }

  const std::span<const char32_t> word_;
  const std::uint32_t max_edits_;
  const bool as_prefix_;
  std::size_t depth_ = 0;
  // Row 0, one for each point that can still be near, and the one that is too far.
  std::array<Row, kMaxWord + kMaxEdits + 2> rows_;
};

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
    bool near = true;
    while (near && distances.end_byte() < term.size()) {
      const base::DecodedPoint decoded = base::decode_point(term, distances.end_byte());
      near = distances.add(decoded.point, distances.end_byte() + decoded.bytes);
    }
    // What was found for a beginning that ends early holds for all terms that share it.
    std::size_t last = i + 1;
    if (!near) {
      while (last < table.size() && table.shared[last] >= distances.end_byte()) ++last;
    }
    const std::size_t edits = distances.result();
    if (edits > 0 && edits <= max_edits) {
      const TermRange range = {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(last)};
      if (n > 0 && out[n - 1].terms.last == range.first && out[n - 1].edits == edits) {
        out[n - 1].terms.last = range.last;
      } else if (n < out.size()) {
        out[n++] = {range, static_cast<std::uint32_t>(edits)};
      } else {
        return n;
      }
    }
    i = last;
  }
  return n;
}

}  // namespace ossicle::text
