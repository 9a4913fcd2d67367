#ifndef OSSICLE_TOOLS_RATINGS_H_
#define OSSICLE_TOOLS_RATINGS_H_

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/train.h"
#include "problem.h"

namespace ossicle::tools {

/// Lines of a tab-separated file, with their numbers. The views live as long as the file.
class TsvFile {
 public:
  Problem open(const std::string& path);
  /// The fields of the next line that is not blank; false at the end.
  bool next();

  const std::vector<std::string_view>& fields() const { return fields_; }
  std::uint64_t line() const { return line_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  /// "FILE:LINE: text"
  Problem bad(const std::string& text) const;

 private:
  std::string path_;
  std::vector<std::byte> bytes_;
  std::size_t at_ = 0;
  std::uint64_t line_ = 0;
  std::vector<std::string_view> fields_;
};

/// Users' interactions as a TSV gives them: numbers in order of first appearance, weights as
/// written.
struct Ratings {
  std::vector<std::string> users, items;
  Interactions by_user;
  std::vector<double> time;  ///< beside by_user.item, a pair's first time; empty: no column
  std::array<std::uint8_t, 32> sha256{};  ///< of the file's bytes
};

/// Whether a ratings file must say when.
enum class Times {
  kIfNamed,  ///< read where a header names a time column
  kNeeded    ///< by its name, or without a header as the fourth column
};

inline constexpr std::size_t kLongestId = 1024;  ///< bytes of a user's or an item's id

/// Reads columns user, item, weight [, time]: by position, or by the names in a header (user...,
/// item, artist, track, song, album or movie; weight, count, plays or rating; time, date or day).
/// The first line is a header when no field of it is a number. A pair given at several times is one
/// interaction with the sum of its weights. Problems name the line: a missing column, an id that is
/// empty or too long, a weight that is not a number above 0, a time that is needed and is not a
/// number, a pair given twice at one time or without times.
Problem read_ratings(const std::string& path, Ratings& out, Times times = Times::kIfNamed);

/// Reads columns id, name; a first line whose first field is "id" is a header.
Problem read_names(const std::string& path, std::map<std::string, std::string>& out);

/// Who gave which tag to which item, as numbers of users, items and tags.
struct TagAssignments {
  static constexpr std::uint32_t kNobody = 0xffffffff;  ///< a user without ratings
  struct Assignment {
    std::uint32_t user = kNobody;
    std::uint32_t item = 0;
    std::uint32_t tag = 0;
  };
  std::vector<std::string> names;  ///< of tags, in order of first appearance
  std::vector<Assignment> all;
};

/// Reads columns user, item, tag [, more]; items that are not in `ratings` are passed over. Tag ids
/// are replaced by their names when `names_path` is not empty.
Problem read_tags(const std::string& path, const std::string& names_path, const Ratings& ratings,
                  TagAssignments& out);

/// The strongest tags of each item, as numbers into `names`.
struct TagFacts {
  std::vector<std::string> names;
  std::vector<std::vector<std::uint16_t>> of_item;  ///< [N], strongest first
};

struct TagLimits {
  std::uint32_t per_item = 5;   ///< tags kept of an item
  std::uint32_t min_items = 5;  ///< items a tag must be on
};

/// Counts assignments over all users; a tag on fewer than limits.min_items items is dropped.
Problem strongest_tags(const TagAssignments& tags, std::uint32_t n_items, const TagLimits& limits,
                       TagFacts& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_RATINGS_H_
