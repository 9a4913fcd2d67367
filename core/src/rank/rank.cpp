#include <algorithm>
#include <cstddef>

#include "kernels/dense.h"
#include "kernels/rows.h"
#include "ossicle/pipeline.h"

namespace ossicle {
namespace {

constexpr std::size_t kMostFactors = 1024;

bool is_better(const Scored& a, const Scored& b) {
  return a.score != b.score ? a.score > b.score : a.item < b.item;
}

}  // namespace

Scored score(const Catalogue& catalogue, const UserModel& user, std::uint32_t item) {
  alignas(16) double f[kMostFactors];
  const std::size_t d = catalogue.n_factors;
  kernels::write_features(catalogue, item, d, f);
  Scored result;
  result.item = item;
  result.factor = kernels::dot_f64(f, user.p.data(), d);
  const double bias = item < catalogue.n_items ? static_cast<double>(catalogue.bias[item]) : 0;
  result.score = catalogue.model.mu + result.factor + user.p[d] + bias;
  return result;
}

std::uint32_t rank(const Catalogue& catalogue, const UserModel& user,
                   std::span<const Candidate> candidates, std::span<Scored> out) {
  if (out.empty()) return 0;
  const bool by_taste = user.n_observations != 0;
  std::size_t n = 0;
  for (const Candidate& candidate : candidates) {
    if (!by_taste && n == out.size()) break;
    const Scored scored = score(catalogue, user, candidate.item);
    if (n < out.size()) {
      out[n++] = scored;
      if (by_taste)
        std::push_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_better);
    } else if (is_better(scored, out.front())) {
      // The front of the heap is the worst of those kept.
      std::pop_heap(out.begin(), out.end(), is_better);
      out.back() = scored;
      std::push_heap(out.begin(), out.end(), is_better);
    }
  }
  if (by_taste) {
    std::sort_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), is_better);
  }
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
