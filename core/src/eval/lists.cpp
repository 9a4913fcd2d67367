#include <algorithm>
#include <cmath>

#include "base/math.h"
#include "ossicle/eval.h"

namespace ossicle {
namespace {

using Lists = std::span<const std::vector<std::uint32_t>>;

double gini_of(std::vector<std::uint64_t> counts) {
  std::sort(counts.begin(), counts.end());
  const auto n = static_cast<double>(counts.size());
  double all = 0;
  double sum = 0;
  for (std::size_t j = 0; j < counts.size(); ++j) {
    const auto count = static_cast<double>(counts[j]);
    all += count;
    sum += (2 * static_cast<double>(j + 1) - n - 1) * count;
  }
  return all > 0 ? sum / (n * all) : 0;
}

// The mean over lists of the mean of 1 - cosine(a, b) over pairs; cosine gives NaN for a pair of
// which nothing is known.
template <class Cosine>
double mean_distance(Lists lists, Cosine cosine) {
  double sum = 0;
  double counted = 0;
  for (const std::vector<std::uint32_t>& list : lists) {
    double of_list = 0;
    double pairs = 0;
    for (std::size_t a = 0; a < list.size(); ++a) {
      for (std::size_t b = a + 1; b < list.size(); ++b) {
        const double c = cosine(list[a], list[b]);
        if (std::isnan(c)) continue;
        of_list += 1 - c;
        pairs += 1;
      }
    }
    if (pairs == 0) continue;
    sum += of_list / pairs;
    counted += 1;
  }
  return counted > 0 ? sum / counted : 0;
}

}  // namespace

ListMetrics list_metrics(Lists lists, std::span<const std::uint32_t> listeners,
                         std::uint32_t n_users) {
  ListMetrics m;
  std::vector<std::uint64_t> counts(listeners.size(), 0);
  const double users = base::det_log2(static_cast<double>(n_users));
  double bits = 0;
  double places = 0;
  for (const std::vector<std::uint32_t>& list : lists) {
    for (const std::uint32_t item : list) {
      ++counts[item];
      bits += users - base::det_log2(static_cast<double>(std::max(listeners[item], 1U)));
      places += 1;
    }
  }
  if (places == 0) return m;
  const auto listed = std::count_if(counts.begin(), counts.end(), [](auto c) { return c > 0; });
  m.coverage = static_cast<double>(listed) / static_cast<double>(counts.size());
  m.gini = gini_of(std::move(counts));
  m.novelty = bits / places;
  return m;
}

double list_diversity(Lists lists, std::span<const float> vectors, std::uint32_t d) {
  const auto product = [&](std::uint32_t a, std::uint32_t b) {
    double sum = 0;
    for (std::uint32_t f = 0; f < d; ++f) {
      sum += static_cast<double>(vectors[std::size_t{a} * d + f]) *
             static_cast<double>(vectors[std::size_t{b} * d + f]);
    }
    return sum;
  };
  std::vector<double> length(d > 0 ? vectors.size() / d : 0);
  for (std::uint32_t i = 0; i < length.size(); ++i) length[i] = std::sqrt(product(i, i));
  return mean_distance(lists, [&](std::uint32_t a, std::uint32_t b) {
    const double lengths = length[a] * length[b];
    return lengths > 0 ? product(a, b) / lengths : 0;
  });
}

double list_diversity(Lists lists, const ItemSets& sets) {
  const auto size = [&](std::uint32_t i) {
    return static_cast<double>(sets.offset[i + 1] - sets.offset[i]);
  };
  return mean_distance(lists, [&](std::uint32_t a, std::uint32_t b) {
    const double sizes = size(a) * size(b);
    if (sizes == 0) return std::nan("");
    double shared = 0;
    auto at = static_cast<std::size_t>(sets.offset[a]);
    auto other = static_cast<std::size_t>(sets.offset[b]);
    while (at < sets.offset[a + 1] && other < sets.offset[b + 1]) {
      const std::uint32_t x = sets.member[at];
      const std::uint32_t y = sets.member[other];
      if (x == y) shared += 1;
      if (x <= y) ++at;
      if (y <= x) ++other;
    }
    return shared / std::sqrt(sizes);
  });
}

}  // namespace ossicle
