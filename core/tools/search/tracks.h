#ifndef OSSICLE_TOOLS_SEARCH_TRACKS_H_
#define OSSICLE_TOOLS_SEARCH_TRACKS_H_

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/search.h"
#include "problem.h"
#include "ratings.h"

namespace ossicle::tools {

/// Tracks of a tab-separated file, one a line. Views into the file: not copied or moved.
class Tracks {
 public:
  Tracks() = default;
  Tracks(const Tracks&) = delete;
  Tracks& operator=(const Tracks&) = delete;

  /// The first line names the columns, in any order and case: title, artist, album, tags (or genre,
  /// mood), text (or lyrics, comment, caption, description, review); several columns of one field
  /// are searched together, and others are only shown. A line may be shorter than the header.
  /// Problems name the line: no header, no column that can be searched, a name twice, a line longer
  /// than the header.
  Problem open(const std::string& path);

  std::size_t size() const { return cells_.size(); }
  const std::vector<std::string>& columns() const { return columns_; }
  /// The cells of a track, [columns]; a short line's last ones are empty.
  const std::vector<std::string_view>& cells(std::size_t row) const { return cells_[row]; }
  /// [size()]; views into this object.
  const std::vector<Document>& documents() const { return documents_; }
  /// "title - artist", or the first column when there is neither.
  std::string name(std::size_t row) const;

 private:
  TsvFile file_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string_view>> cells_;
  std::deque<std::string> joined_;  // fields that come from several columns
  std::vector<Document> documents_;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_SEARCH_TRACKS_H_
