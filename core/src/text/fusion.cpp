#include <algorithm>

#include "ossicle/search.h"

namespace ossicle {
namespace {

bool better(const SearchHit& a, const SearchHit& b) {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

}  // namespace

std::uint32_t fuse(std::span<const SearchHit> lexical, float attainable,
                   std::span<const SearchHit> dense, const FusionWeights& weights,
                   std::span<SearchHit> room, std::span<SearchHit> out) {
  const float floor = dense.empty() ? 0 : weights.dense * dense.back().score;
  const float lexical_scale = attainable > 0 ? weights.lexical / attainable : 0;
  const std::span<SearchHit> words = room.first(lexical.size());
  const std::span<SearchHit> all = room.first(lexical.size() + dense.size());
  std::copy(lexical.begin(), lexical.end(), words.begin());
  const auto by_row = [](const SearchHit& a, const SearchHit& b) { return a.row < b.row; };
  std::sort(words.begin(), words.end(), by_row);
  for (SearchHit& hit : words) hit.score = lexical_scale * hit.score + floor;
  std::size_t n = lexical.size();
  for (const SearchHit& hit : dense) {
    const float score = weights.dense * hit.score;
    const auto same = std::lower_bound(words.begin(), words.end(), hit, by_row);
    if (same != words.end() && same->row == hit.row) {
      same->score = (same->score - floor) + score;
    } else {
      all[n++] = {hit.row, score};
    }
  }
  const std::size_t written = std::min(n, out.size());
  const std::span<SearchHit> fused = all.first(n);
  std::partial_sort(fused.begin(), fused.begin() + static_cast<std::ptrdiff_t>(written),
                    fused.end(), better);
  std::copy_n(fused.begin(), written, out.begin());
  return static_cast<std::uint32_t>(written);
}

}  // namespace ossicle
