#ifndef OSSICLE_TESTS_UNIT_SYNC_SOLVE_FIXTURE_H_
#define OSSICLE_TESTS_UNIT_SYNC_SOLVE_FIXTURE_H_

// A block to be solved, and the same solution by other means.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "ossicle/sync.h"
#include "synthetic_catalogue.h"

namespace ossicle::testing {

inline constexpr std::size_t kFactors = 12;
inline constexpr std::size_t kStride = 16;
inline constexpr std::size_t kColumns = kFactors + 1;
inline constexpr std::size_t kUsers = 4000;
inline constexpr std::uint32_t kItems = 60;
inline constexpr std::uint32_t kBlock = 1;
inline constexpr std::size_t kRows = block_size(kItems, kBlock);
using Vector = std::vector<double>;

struct Solved {
  std::vector<std::int8_t> q = std::vector<std::int8_t>(kRows * kStride, 99);
  std::vector<float> scale = std::vector<float>(kRows);
  std::vector<std::int32_t> rowsum = std::vector<std::int32_t>(kRows);
  std::vector<std::uint8_t> moved = std::vector<std::uint8_t>(kRows);
  Vector variance;

  SolvedRows out() {
    return {.q = q, .scale = scale, .rowsum = rowsum, .moved = moved, .variance = variance};
  }
  double entry(std::size_t row, std::size_t k) const {
    return static_cast<double>(scale[row]) * q[row * kStride + k];
  }
};

inline std::uint32_t item_of(std::size_t row) {
  return block_item(kBlock, static_cast<std::uint32_t>(row));
}

inline CatalogueData catalogue() {
  return synthetic_catalogue({.n_items = kItems, .n_factors = kFactors, .norm = 0.5});
}

inline double old_entry(const Catalogue& now, std::size_t row, std::size_t k) {
  const std::uint32_t item = item_of(row);
  return static_cast<double>(now.scale[item]) * now.q[item * kStride + k];
}

// The mean of u u' over random unit vectors, of which some directions are commoner.
inline Vector second_moment() {
  std::uint64_t state = 4;
  Vector moment(kFactors * kFactors);
  for (std::size_t u = 0; u < 300; ++u) {
    Vector p(kFactors);
    double squares = 0;
    for (std::size_t k = 0; k < kFactors; ++k) {
      p[k] = base::normal(state) * (k < 3 ? 2 : 1);
      squares += p[k] * p[k];
    }
    for (std::size_t r = 0; r < kFactors; ++r) {
      for (std::size_t c = 0; c < kFactors; ++c) {
        moment[r * kFactors + c] += p[r] * p[c] / squares / 300;
      }
    }
  }
  return moment;
}

// Limits that do not bind.
inline constexpr SnapshotLimits kFar = {.max_norm = 1000, .max_drift = 1000};

inline SolveSettings settings() {
  return {.alpha0 = 0.02,
          .users = kUsers,
          .ridge = 0.01,
          .scale = 1.5,
          .noise = 9,
          .trust = 0.8,
          .min_count = 50,
          .limits = kFar};
}

// Sums of [vector, s count] rows: 100 contributors of the first row, 10 more in each, of which
// each tells 0.4 in a direction that is a row's own.
inline Vector sums_of_rows() {
  std::uint64_t state = 9;
  Vector sums(kBlockRows * kColumns);
  for (std::size_t i = 0; i < kRows; ++i) {
    const double count = 100 + 10.0 * static_cast<double>(i);
    Vector u(kFactors);
    double squares = 0;
    for (double& x : u) {
      x = base::normal(state);
      squares += x * x;
    }
    for (std::size_t k = 0; k < kFactors; ++k) {
      sums[i * kColumns + k] = 0.4 * count * u[k] / std::sqrt(squares);
    }
    sums[i * kColumns + kFactors] = count * kCountStep;
  }
  return sums;
}

// What is public of the block: the second moment, and that every row has the contributors it has in
// sums_of_rows().
struct Public {
  Vector moment = second_moment();
  Vector share = Vector(kBlockRows);

  Public() {
    const Vector sums = sums_of_rows();
    for (std::size_t r = 0; r < kBlockRows; ++r) {
      share[r] = sums[r * kColumns + kFactors] / kCountStep / kUsers;
    }
  }
  BlockPrior prior() const { return {.moment = moment, .share = share}; }
};

// x with m x = right, by elimination with pivots; m is [d, d].
inline Vector solve_dense(Vector m, Vector right) {
  const std::size_t d = right.size();
  for (std::size_t k = 0; k < d; ++k) {
    std::size_t pivot = k;
    for (std::size_t r = k; r < d; ++r) {
      if (std::fabs(m[r * d + k]) > std::fabs(m[pivot * d + k])) pivot = r;
    }
    for (std::size_t c = 0; c < d; ++c) std::swap(m[k * d + c], m[pivot * d + c]);
    std::swap(right[k], right[pivot]);
    for (std::size_t r = 0; r < d; ++r) {
      if (r == k) continue;
      const double factor = m[r * d + k] / m[k * d + k];
      for (std::size_t c = 0; c < d; ++c) m[r * d + c] -= factor * m[k * d + c];
      right[r] -= factor * right[k];
    }
  }
  for (std::size_t k = 0; k < d; ++k) right[k] /= m[k * d + k];
  return right;
}

inline Vector times(const Vector& m, const Vector& x) {
  const std::size_t d = x.size();
  Vector y(d);
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c < d; ++c) y[r] += m[r * d + c] * x[c];
  }
  return y;
}

inline double dot(const Vector& x, const Vector& y) {
  double sum = 0;
  for (std::size_t k = 0; k < x.size(); ++k) sum += x[k] * y[k];
  return sum;
}

// What the header says of a row, as matrices: no eigenbasis. W = v A^2 (v A^2 + t^2 (noise^2 I + n
// G))^-1; every factor of it commutes with G.
struct Dense {
  Vector listeners;  // with t = 1
  Vector row;
};
inline Dense dense_row(const Vector& old, const double* sum, const Vector& g, double v,
                       const SolveSettings& s) {
  const std::size_t d = kFactors;
  const double n = sum[d] / kCountStep;
  Vector b(sum, sum + d);
  const double norm = std::sqrt(dot(b, b));
  for (double& x : b) x *= std::min(1.0, n / norm);
  Vector a = g;
  for (std::size_t k = 0; k < d; ++k) a[k * d + k] += s.ridge;
  for (double& x : a) x *= s.alpha0 * s.users + n;

  Dense dense;
  dense.listeners = solve_dense(a, b);
  double energy = dot(b, dense.listeners);
  for (std::size_t k = 0; k < d; ++k) {
    Vector unit(d);
    unit[k] = 1;
    energy -= s.noise * s.noise * solve_dense(a, unit)[k];
  }
  const double saturation = 1 + std::max(energy, 0.0) / std::max(n, 3 * s.noise / kCountStep + 1);
  Vector way(d);
  for (double& x : dense.listeners) x /= saturation;
  for (std::size_t k = 0; k < d; ++k) way[k] = s.scale * dense.listeners[k] - old[k];

  Vector known(d * d);
  Vector all(d * d);
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c < d; ++c) {
      for (std::size_t k = 0; k < d; ++k) known[r * d + c] += v * a[r * d + k] * a[k * d + c];
      all[r * d + c] = known[r * d + c] + s.scale * s.scale * n * g[r * d + c];
    }
    all[r * d + r] += s.scale * s.scale * s.noise * s.noise;
  }
  dense.row = solve_dense(all, times(known, way));
  for (std::size_t k = 0; k < d; ++k) dense.row[k] += old[k];
  return dense;
}

inline Vector old_row(const Catalogue& now, std::size_t row) {
  Vector old(kFactors);
  for (std::size_t k = 0; k < kFactors; ++k) old[k] = old_entry(now, row, k);
  return old;
}

// trust^2 times the mean square of a number of the block.
inline double prior(const Catalogue& now, double trust) {
  double squares = 0;
  for (std::size_t i = 0; i < kRows; ++i) squares += dot(old_row(now, i), old_row(now, i));
  return trust * trust * squares / (kRows * kFactors);
}

inline bool is_old_row(const Catalogue& now, const Solved& solved, std::size_t row) {
  const std::uint32_t item = item_of(row);
  return std::memcmp(solved.q.data() + row * kStride, now.q.data() + item * kStride, kStride) ==
             0 &&
         solved.scale[row] == now.scale[item] && solved.rowsum[row] == now.rowsum[item] &&
         solved.moved[row] == 0;
}

// `now` with the solved rows in it.
inline CatalogueData with_rows(const Catalogue& now, const Solved& solved) {
  CatalogueContents next;
  next.n_factors = kFactors;
  next.model = now.model;
  for (std::uint32_t i = 0; i < now.n_items; ++i) {
    const bool in_block = i % kBlocks == kBlock;
    const std::int8_t* q = in_block ? solved.q.data() + i / kBlocks * kStride
                                    : now.q.data() + std::size_t{i} * kStride;
    next.rows.insert(next.rows.end(), q, q + kFactors);
    next.scale.push_back(in_block ? solved.scale[i / kBlocks] : now.scale[i]);
    next.listeners.push_back(now.listeners[i]);
  }
  return build_catalogue(next);
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_SYNC_SOLVE_FIXTURE_H_
