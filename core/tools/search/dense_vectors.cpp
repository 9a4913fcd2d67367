#include "search/dense_vectors.h"

#include <cmath>
#include <cstring>
#include <utility>

#include "files.h"
#include "model/encoder_bundle.h"
#include "ossicle/train.h"

namespace ossicle::tools {
namespace {

Problem read_rows(const std::string& path, std::size_t n, std::vector<float>& out,
                  std::uint32_t& dimensions) {
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  const std::size_t row_bytes = n == 0 ? 0 : bytes.size() / n;
  if (row_bytes == 0 || bytes.size() != n * row_bytes || row_bytes % sizeof(float) != 0 ||
      row_bytes / sizeof(float) > TextVectors::kMaxDimensions) {
    return problem(path + ": " + std::to_string(bytes.size()) + " bytes are not " +
                   std::to_string(n) + " rows of 1.." +
                   std::to_string(TextVectors::kMaxDimensions) + " float32");
  }
  dimensions = static_cast<std::uint32_t>(row_bytes / sizeof(float));
  out.resize(n * dimensions);
  std::memcpy(out.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < n; ++i) {
    const std::span<float> row = std::span(out).subspan(i * dimensions, dimensions);
    double squares = 0;
    for (const float x : row) squares += double{x} * double{x};
    if (!std::isfinite(squares)) {
      return problem(path + ": row " + std::to_string(i) + " is not finite");
    }
    const double length = std::sqrt(squares);
    for (float& x : row) x = length > 0 ? static_cast<float>(double{x} / length) : 0;
  }
  return {};
}

}  // namespace

Problem DenseVectors::open(const std::string& track_path, std::size_t n_tracks,
                           const std::string& query_path, std::size_t n_queries) {
  std::vector<float> tracks;
  std::vector<float> queries;
  std::uint32_t dimensions = 0;
  std::uint32_t query_dimensions = 0;
  OSL_TOOL_TRY(read_rows(track_path, n_tracks, tracks, dimensions));
  OSL_TOOL_TRY(read_rows(query_path, n_queries, queries, query_dimensions));
  if (dimensions != query_dimensions) {
    return problem(query_path + ": rows of " + std::to_string(query_dimensions) +
                   " numbers; the tracks have " + std::to_string(dimensions));
  }
  set(dimensions, tracks, std::move(queries));
  return {};
}

Problem DenseVectors::encode(Encoder& encoder, std::span<const Document> tracks,
                             std::span<const std::string> queries) {
  std::vector<std::string> texts;
  texts.reserve(tracks.size());
  for (const Document& track : tracks) {
    std::string& text = texts.emplace_back();
    for (const std::string_view part :
         {track.title, track.artist, track.album, track.tags, track.text}) {
      if (part.empty()) continue;
      if (!text.empty()) text += ", ";
      text += part;
    }
  }
  const std::uint32_t dimensions = encoder.shape().vector_size();
  std::vector<float> track_vectors, query_vectors;
  OSL_TOOL_TRY(encode_all(encoder, std::vector<std::string_view>(texts.begin(), texts.end()),
                          dimensions, "tracks", track_vectors));
  OSL_TOOL_TRY(encode_all(encoder, std::vector<std::string_view>(queries.begin(), queries.end()),
                          dimensions, "queries", query_vectors));
  set(dimensions, track_vectors, std::move(query_vectors));
  return {};
}

void DenseVectors::set(std::uint32_t dimensions, std::span<const float> tracks,
                       std::vector<float> queries) {
  const auto n = static_cast<std::uint32_t>(tracks.size() / dimensions);
  dimensions_ = dimensions;
  row_stride_ = (dimensions + 15) / 16 * 16;
  rows_.resize(std::size_t{n} * row_stride_);
  scale_.resize(n);
  bias_.assign(n, 0);
  rowsum_.resize(n);
  quantise_rows(tracks, n, dimensions, row_stride_, rows_, scale_, rowsum_);
  queries_ = std::move(queries);
}

Problem DenseVectors::find(std::size_t i, std::span<SearchHit> room,
                           std::span<const SearchHit>& out) {
  candidates_.resize(room.size());
  const TextVectors vectors = {dimensions_, row_stride_, rows_, scale_, bias_, rowsum_};
  const Result<std::uint32_t> n = search_vectors(
      vectors, std::span(queries_).subspan(i * dimensions_, dimensions_), candidates_, room);
  if (!n) return problem("search", n.error());
  out = room.first(n.value());
  return {};
}

}  // namespace ossicle::tools
