#ifndef OSSICLE_TOOLS_SEARCH_DENSE_VECTORS_H_
#define OSSICLE_TOOLS_SEARCH_DENSE_VECTORS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ossicle/encoder.h"
#include "ossicle/search.h"
#include "problem.h"

namespace ossicle::tools {

/// Text vectors of tracks and of queries, from files or from an encoder.
class DenseVectors {
 public:
  /// Little-endian float32 rows of one length, a row for each track and for each query; rows are
  /// scaled to unit length. Problems: a size that is no whole number of rows, rows of more than
  /// 1,024 numbers or of two lengths, a number that is not finite.
  Problem open(const std::string& track_path, std::size_t n_tracks, const std::string& query_path,
               std::size_t n_queries);
  /// The same by an encoder, of the words of each track in one text. Problems: as encode_all.
  Problem encode(Encoder& encoder, std::span<const Document> tracks,
                 std::span<const std::string> queries);

  bool empty() const { return dimensions_ == 0; }

  /// The tracks nearest to query number `i`, at most `room.size()`, best first.
  Problem find(std::size_t i, std::span<SearchHit> room, std::span<const SearchHit>& out);

 private:
  void set(std::uint32_t dimensions, std::span<const float> tracks, std::vector<float> queries);

  std::uint32_t dimensions_ = 0;
  std::uint32_t row_stride_ = 0;
  std::vector<std::int8_t> rows_;
  std::vector<float> scale_, bias_;
  std::vector<std::int32_t> rowsum_;
  std::vector<float> queries_;
  std::vector<Candidate> candidates_;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_SEARCH_DENSE_VECTORS_H_
