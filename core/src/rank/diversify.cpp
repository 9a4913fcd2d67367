#include <algorithm>
#include <cmath>

#include "ossicle/ranking.h"

namespace ossicle {
namespace {

// Products of int8 rows are whole numbers: exact in any order, and the cosine needs no scale.
std::int64_t dot_rows(const Catalogue& catalogue, std::uint32_t a, std::uint32_t b) {
  const std::int8_t* x = catalogue.q.data() + std::size_t{a} * catalogue.row_stride;
  const std::int8_t* y = catalogue.q.data() + std::size_t{b} * catalogue.row_stride;
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < catalogue.n_factors; ++k) sum += x[k] * y[k];
  return sum;
}

double cosine(const Catalogue& catalogue, std::uint32_t a, std::uint32_t b) {
  const auto squares = static_cast<double>(dot_rows(catalogue, a, a)) *
                       static_cast<double>(dot_rows(catalogue, b, b));
  return squares > 0 ? static_cast<double>(dot_rows(catalogue, a, b)) / std::sqrt(squares) : 0;
}

// How many of those picked credit an artist.
class ArtistCap {
 public:
  ArtistCap(const CreditTable& credits, std::uint32_t most, std::span<std::uint16_t> count)
      : credits_(credits), most_(most), count_(count) {}

  bool allows(std::uint32_t item) const {
    if (most_ == 0) return true;
    const auto is_full = [&](std::uint32_t artist) { return count_[artist] >= most_; };
    const std::span<const std::uint32_t> others = credits_.credits(item);
    return !is_full(item) && std::none_of(others.begin(), others.end(), is_full);
  }
  void add(std::uint32_t item) {
    if (most_ == 0) return;
    ++count_[item];
    for (const std::uint32_t artist : credits_.credits(item)) ++count_[artist];
  }
  void forget(std::uint32_t item) {
    if (most_ == 0) return;
    count_[item] = 0;
    for (const std::uint32_t artist : credits_.credits(item)) count_[artist] = 0;
  }

 private:
  const CreditTable& credits_;
  const std::uint32_t most_;
  const std::span<std::uint16_t> count_;
};

// Most are already without likeness: the pool's own order decides.
std::uint32_t take_in_order(std::span<const Valued> pool, ArtistCap& cap, std::span<Scored> out) {
  std::uint32_t n = 0;
  for (const Valued& valued : pool) {
    if (n == out.size()) break;
    if (!cap.allows(valued.scored.item)) continue;
    cap.add(valued.scored.item);
    out[n++] = valued.scored;
  }
  return n;
}

}  // namespace

std::uint32_t diversify(const Catalogue& catalogue, const CreditTable& credits,
                        const ListSettings& settings, std::span<Valued> pool,
                        std::span<double> likeness, std::span<std::uint16_t> count,
                        std::span<Scored> out) {
  ArtistCap cap(credits, settings.per_artist, count);
  std::uint32_t n = 0;
  if (settings.diversity == 0) {
    n = take_in_order(pool, cap, out);
  } else {
    // Values below 0 stay below; a pool without a value above 0 has no scale, and is taken as is.
    const double best = pool.empty() || !(pool[0].value > 0) ? 1 : pool[0].value;
    std::size_t left = pool.size();
    while (n < out.size()) {
      std::size_t pick = left;
      double pick_merit = 0;
      for (std::size_t i = 0; i < left; ++i) {
        if (!cap.allows(pool[i].scored.item)) continue;
        const double merit =
            (1 - settings.diversity) * pool[i].value / best - settings.diversity * likeness[i];
        if (pick == left || merit > pick_merit) {
          pick = i;
          pick_merit = merit;
        }
      }
      if (pick == left) break;
      const Scored picked = pool[pick].scored;
      out[n++] = picked;
      cap.add(picked.item);
      // The rest keeps its order.
      std::copy(pool.begin() + static_cast<std::ptrdiff_t>(pick) + 1,
                pool.begin() + static_cast<std::ptrdiff_t>(left),
                pool.begin() + static_cast<std::ptrdiff_t>(pick));
      std::copy(likeness.begin() + static_cast<std::ptrdiff_t>(pick) + 1,
                likeness.begin() + static_cast<std::ptrdiff_t>(left),
                likeness.begin() + static_cast<std::ptrdiff_t>(pick));
      likeness[--left] = 0;
      for (std::size_t i = 0; i < left; ++i) {
        const double cos = cosine(catalogue, picked.item, pool[i].scored.item);
        likeness[i] = n == 1 ? cos : std::max(likeness[i], cos);
      }
    }
    std::fill_n(likeness.begin(), pool.size(), 0.0);
  }
  for (std::uint32_t i = 0; i < n; ++i) cap.forget(out[i].item);
  return n;
}

}  // namespace ossicle
