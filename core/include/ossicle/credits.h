#ifndef OSSICLE_CREDITS_H_
#define OSSICLE_CREDITS_H_

// Who is credited by an artist name that names several: "A feat. B", "A & B", "A, B and C".

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ossicle/catalogue.h"

namespace ossicle {

inline constexpr std::size_t kMostCredits = 16;

/// One part of a credit.
struct Credit {
  std::string_view name;  ///< into the string that was split
  bool featured = false;  ///< what stands before it says that it is a name of its own (feat., ft.,
                          ///< featuring, vs., versus, with); otherwise it may be a part of one name
};

/// Cuts an artist name at every word that may join names, and returns how many parts were written:
/// the first out.size() of them, at most kMostCredits, in their order. 1 = nothing joins. Words
/// that join are
///   feat. ft. featuring vs. versus with    (the part after them is `featured`)
///   & + / x and y e et und                 (standing alone), and a comma or semicolon at a word's
///                                          end, unless "the" follows ("Tyler, the Creator")
/// Case does not matter. Brackets around "(feat. B)" are left out. Nothing is looked up: a caller
/// must ask whether the whole is a name ("Earth, Wind & Fire"), as find_credits() does. O(bytes).
std::uint32_t split_credits(std::string_view name, std::span<Credit> out);

/// The rows of the catalogue that an artist name credits, first named first, none twice; returns
/// how many were written (<= out.size()).
///   - The row of the whole name, where the catalogue has it.
///   - The parts of a name with a featured part, those that the catalogue has.
///   - The parts of any other name: where the catalogue lacks the whole and has the first part,
///     those that it has, unless that first one is cold and another is unknown; where it has the
///     whole, only if it has every part ("Simon & Garfunkel" is one name, unless both are known).
/// A piece between two featuring words is looked up whole before it is cut further ("Tricky feat.
/// Simon & Garfunkel"). Allocates for the keys of the names. O(parts log N).
std::uint32_t find_credits(const Catalogue& catalogue, std::string_view name,
                           std::span<std::uint32_t> out);

/// Which other items an item's own name credits. Made once, when a catalogue is opened.
class CreditTable {
 public:
  CreditTable() = default;
  /// O(bytes of all names), and one key for each part.
  explicit CreditTable(const Catalogue& catalogue);

  /// Rows other than `item` itself that its name credits; for most items none.
  std::span<const std::uint32_t> credits(std::uint32_t item) const {
    const auto at = std::lower_bound(item_.begin(), item_.end(), item);
    if (at == item_.end() || *at != item) return {};
    const auto i = static_cast<std::size_t>(at - item_.begin());
    return std::span(credited_).subspan(offset_[i], offset_[i + 1] - offset_[i]);
  }

  /// Items that credit others, rising.
  std::span<const std::uint32_t> items() const { return item_; }

 private:
  std::vector<std::uint32_t> item_;    // rising
  std::vector<std::uint32_t> offset_;  // [items + 1] into credited_
  std::vector<std::uint32_t> credited_;
};

}  // namespace ossicle

#endif  // OSSICLE_CREDITS_H_
