#include <algorithm>
#include <array>
#include <cmath>

#include "kernels/dense.h"
#include "kernels/query.h"
#include "kernels/scan.h"
#include "ossicle/search.h"

namespace ossicle {
namespace {

constexpr std::size_t kMost = TextVectors::kMaxDimensions;
constexpr std::size_t kMostHits = 4096;  // of kernels::scan_top

bool sizes_fit(const TextVectors& v) {
  return v.dimensions >= 1 && v.dimensions <= kMost && v.row_stride % 16 == 0 &&
         v.row_stride >= v.dimensions && v.row_stride <= kMost &&
         v.rows.size() == v.scale.size() * v.row_stride && v.bias.size() == v.scale.size() &&
         v.rowsum.size() == v.scale.size();
}

}  // namespace

Result<std::uint32_t> search_vectors(const TextVectors& vectors, std::span<const float> query,
                                     std::span<Candidate> room, std::span<SearchHit> out) {
  const std::size_t d = vectors.dimensions;
  if (!sizes_fit(vectors) || query.size() != d) {
    return Error{Code::kInvalidArgument, d,
                 "search: vectors or query of another size (dimensions)"};
  }
  if (out.size() > kMostHits || room.size() < out.size()) {
    return Error{Code::kInvalidArgument, out.size(), "search: too many hits, or no room (hits)"};
  }
  alignas(16) std::array<double, kMost> wanted;
  for (std::size_t i = 0; i < d; ++i) {
    if (!std::isfinite(query[i])) return Error{Code::kNotFinite, i, "search: query (index)"};
    wanted[i] = static_cast<double>(query[i]);
  }
  std::array<std::uint8_t, kMost> u7;
  const float scale = kernels::quantise_query(query, std::span(u7).first(vectors.row_stride));
  const kernels::ScanRows rows = {vectors.rows.data(), vectors.row_stride, vectors.scale,
                                  vectors.bias,        vectors.rowsum,     {}};
  const std::size_t n = kernels::scan_top(rows, {u7.data(), scale, 0}, room.first(out.size()));
  alignas(16) std::array<double, kMost> row;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t item = room[i].item;
    kernels::dequantise_row(vectors.rows.data() + std::size_t{item} * vectors.row_stride,
                            static_cast<double>(vectors.scale[item]), d, row.data());
    const double cosine = kernels::dot_f64(row.data(), wanted.data(), d);
    out[i] = {item, static_cast<float>(cosine + static_cast<double>(vectors.bias[item]))};
  }
  std::sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n),
            [](const SearchHit& a, const SearchHit& b) {
              return a.score != b.score ? a.score > b.score : a.row < b.row;
            });
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
