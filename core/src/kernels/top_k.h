#ifndef OSSICLE_KERNELS_TOP_K_H_
#define OSSICLE_KERNELS_TOP_K_H_

// The best K of a stream of scored rows, kept in the caller's own output span. Inside the kernels
// only.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "ossicle/pipeline.h"

namespace ossicle::kernels {

/// A heap whose root is the worst of the best K so far. Rows may be offered in any order: a higher
/// score is better, and of equal scores the lower row.
class TopK {
 public:
  /// `heap` must not be empty.
  explicit TopK(std::span<Candidate> heap) : heap_(heap) {
    for (Candidate& c : heap_) c = {kNoItem, -std::numeric_limits<float>::infinity()};
  }

  /// A lower score cannot be among the best any more.
  float threshold() const { return heap_[0].score; }

  void offer(std::uint32_t row, float score) {
    if (!(score > -std::numeric_limits<float>::infinity())) return;
    if (!worse(heap_[0], {row, score})) return;
    heap_[0] = {row, score};
    sift_down(heap_.size());
  }

  /// Sorts the span best first; returns how many rows it holds.
  std::size_t finish() {
    for (std::size_t end = heap_.size() - 1; end > 0; --end) {
      std::swap(heap_[0], heap_[end]);
      sift_down(end);
    }
    std::size_t found = heap_.size();
    while (found > 0 && heap_[found - 1].item == kNoItem) --found;
    return found;
  }

 private:
  static bool worse(const Candidate& a, const Candidate& b) {
    return a.score < b.score || (a.score == b.score && a.item > b.item);
  }

  void sift_down(std::size_t n) {
    const Candidate moved = heap_[0];
    std::size_t at = 0;
    for (std::size_t child = 1; child < n; child = 2 * at + 1) {
      if (child + 1 < n && worse(heap_[child + 1], heap_[child])) ++child;
      if (!worse(heap_[child], moved)) break;
      heap_[at] = heap_[child];
      at = child;
    }
    heap_[at] = moved;
  }

  std::span<Candidate> heap_;
};

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_TOP_K_H_
