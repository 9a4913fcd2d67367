#include "kernels/dense.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/conjugate.h"
#include "random_input.h"

namespace ossicle {
namespace {

using Vector = std::vector<double>;

bool same_bits(const Vector& a, const Vector& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i])) return false;
  }
  return true;
}

constexpr std::size_t kSizes[] = {1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 64, 65};

/// Symmetric positive definite, [k, k], both triangles filled.
Vector random_spd(std::size_t k, std::uint64_t& state) {
  const Vector b = testing::random_f64(state, k * k);
  Vector a(k * k);
  for (std::size_t r = 0; r < k; ++r) {
    for (std::size_t c = 0; c < k; ++c) {
      for (std::size_t j = 0; j < k; ++j) a[r * k + c] += b[r * k + j] * b[c * k + j];
    }
    a[r * k + r] += 0.5;
  }
  return a;
}

TEST_CASE("the rank-k update equals a long double reference and leaves the upper triangle alone") {
  std::uint64_t state = 31;
  for (const std::size_t k : {1u, 5u, 16u, 33u}) {
    for (const std::size_t n : {0u, 1u, 7u, 8u, 9u, 40u}) {
      const std::size_t ld = k + 3;
      const Vector f = testing::random_f64(state, n * ld), w = testing::random_f64(state, n);
      Vector a(k * k, 2.0);
      kernels::syrk_accumulate(f.data(), ld, w.data(), n, k, a.data());
      for (std::size_t r = 0; r < k; ++r) {
        for (std::size_t c = 0; c < k; ++c) {
          long double expected = 2;
          for (std::size_t j = 0; c <= r && j < n; ++j) {
            expected += static_cast<long double>(w[j]) * f[j * ld + r] * f[j * ld + c];
          }
          REQUIRE(std::abs(static_cast<double>(expected) - a[r * k + c]) < 1e-13);
        }
      }
    }
  }
}

TEST_CASE("the rank-k update has the oracle's bits, however the observations are split") {
  std::uint64_t state = 32;
  for (const std::size_t k : kSizes) {
    const std::size_t n = 1 + testing::next_below(state, 60);
    const Vector f = testing::random_f64(state, n * k), w = testing::random_f64(state, n);
    const Vector start = testing::random_f64(state, k * k);
    Vector a = start, oracle = start, split = start;
    kernels::syrk_accumulate(f.data(), k, w.data(), n, k, a.data());
    kernels::syrk_accumulate_scalar(f.data(), k, w.data(), n, k, oracle.data());
    REQUIRE(same_bits(a, oracle));
    const std::size_t cut = testing::next_below(state, static_cast<std::uint32_t>(n));
    kernels::syrk_accumulate(f.data(), k, w.data(), cut, k, split.data());
    kernels::syrk_accumulate(f.data() + cut * k, k, w.data() + cut, n - cut, k, split.data());
    REQUIRE(same_bits(split, oracle));
  }
}

TEST_CASE("the Cholesky factor multiplies back to the matrix, and the upper triangle mirrors it") {
  std::uint64_t state = 33;
  for (const std::size_t k : kSizes) {
    const Vector a = random_spd(k, state);
    Vector l = a;
    REQUIRE(kernels::cholesky(l.data(), k));
    for (std::size_t r = 0; r < k; ++r) {
      for (std::size_t c = 0; c <= r; ++c) {
        long double product = 0;
        for (std::size_t j = 0; j <= c; ++j) {
          product += static_cast<long double>(l[r * k + j]) * l[c * k + j];
        }
        REQUIRE(std::abs(static_cast<double>(product) - a[r * k + c]) < 1e-12 * double(k));
        REQUIRE(l[r * k + c] == l[c * k + r]);
      }
    }
  }
}

TEST_CASE("the Cholesky factor reads the lower triangle only and has the oracle's bits") {
  std::uint64_t state = 34;
  for (const std::size_t k : kSizes) {
    Vector a = random_spd(k, state);
    for (std::size_t r = 0; r < k; ++r) {
      for (std::size_t c = r + 1; c < k; ++c) a[r * k + c] = std::nan("");
    }
    Vector oracle = a;
    REQUIRE(kernels::cholesky(a.data(), k));
    REQUIRE(kernels::cholesky_scalar(oracle.data(), k));
    REQUIRE(same_bits(a, oracle));
  }
}

TEST_CASE("a matrix that is not positive definite is refused") {
  for (const double pivot : {0.0, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    for (const auto factor : {kernels::cholesky, kernels::cholesky_scalar}) {
      Vector a = {4, 0, 0, 2, 2, 0, 0, 0, pivot};
      REQUIRE_FALSE(factor(a.data(), 3));
    }
  }
  Vector dependent = {1, 0, 1, 1};  // rank 1
  REQUIRE_FALSE(kernels::cholesky(dependent.data(), 2));
}

TEST_CASE("the two solves together invert the matrix and have the oracle's bits") {
  std::uint64_t state = 35;
  for (const std::size_t k : kSizes) {
    const Vector a = random_spd(k, state), b = testing::random_f64(state, k);
    Vector l = a, x = b, oracle = b;
    REQUIRE(kernels::cholesky(l.data(), k));
    kernels::solve_lower(l.data(), k, x.data());
    kernels::solve_lower_scalar(l.data(), k, oracle.data());
    REQUIRE(same_bits(x, oracle));
    kernels::solve_lower_transposed(l.data(), k, x.data());
    kernels::solve_lower_transposed_scalar(l.data(), k, oracle.data());
    REQUIRE(same_bits(x, oracle));
    for (std::size_t r = 0; r < k; ++r) {
      long double back = 0;
      for (std::size_t c = 0; c < k; ++c) back += static_cast<long double>(a[r * k + c]) * x[c];
      REQUIRE(std::abs(static_cast<double>(back) - b[r]) < 1e-10);
    }
  }
}

TEST_CASE("dot and axpy have the oracle's bits at every length around a vector") {
  std::uint64_t state = 36;
  for (const std::size_t n : {0u, 1u, 2u, 3u, 4u, 5u, 15u, 16u, 17u, 64u, 257u}) {
    const Vector x = testing::random_f64(state, n), y = testing::random_f64(state, n);
    REQUIRE(same_bits({kernels::dot_f64(x.data(), y.data(), n)},
                      {kernels::dot_f64_scalar(x.data(), y.data(), n)}));
    Vector sum = y, oracle = y;
    kernels::axpy(0.3, x.data(), n, sum.data());
    kernels::axpy_scalar(0.3, x.data(), n, oracle.data());
    REQUIRE(same_bits(sum, oracle));
  }
}

TEST_CASE("products of several rows have the oracle's bits, with rows apart and in any number") {
  std::uint64_t state = 37;
  for (const std::size_t k : kSizes) {
    for (const std::size_t n : {0u, 1u, 3u, 4u, 5u, 7u, 8u, 9u, 32u}) {
      const std::size_t ld = k + 3;
      const Vector f = testing::random_f64(state, n * ld + 1), x = testing::random_f64(state, k);
      const Vector s = testing::random_f64(state, n);
      Vector dots(n), dots_oracle(n);
      kernels::dot_rows(f.data(), ld, x.data(), n, k, dots.data());
      kernels::dot_rows_scalar(f.data(), ld, x.data(), n, k, dots_oracle.data());
      REQUIRE(same_bits(dots, dots_oracle));
      Vector sum = x, sum_oracle = x;
      kernels::axpy_rows(f.data(), ld, s.data(), n, k, sum.data());
      kernels::axpy_rows_scalar(f.data(), ld, s.data(), n, k, sum_oracle.data());
      REQUIRE(same_bits(sum, sum_oracle));
    }
  }
}

TEST_CASE("an updated Cholesky factor is that of the changed matrix") {
  std::uint64_t state = 38;
  for (const std::size_t k : kSizes) {
    for (const double w : {2.0, 0.01, -0.01}) {
      Vector a = random_spd(k, state), x = testing::random_f64(state, k);
      Vector changed = a;
      for (std::size_t r = 0; r < k; ++r) {
        for (std::size_t c = 0; c < k; ++c) changed[r * k + c] += w * x[r] * x[c];
      }
      REQUIRE(kernels::cholesky(a.data(), k));
      const bool positive = kernels::cholesky(changed.data(), k);
      REQUIRE(kernels::cholesky_update(a.data(), k, w, x.data()) == positive);
      for (std::size_t i = 0; positive && i < k * k; ++i)
        REQUIRE(std::abs(a[i] - changed[i]) < 1e-9);
    }
  }
  Vector a = {4, 0, 0, 4}, x = {3, 0};
  REQUIRE(kernels::cholesky(a.data(), 2));
  REQUIRE_FALSE(kernels::cholesky_update(a.data(), 2, -1, x.data()));
}

TEST_CASE("conjugate gradients solve in as many turns as the matrix has eigenvalues away from P") {
  std::uint64_t state = 39;
  constexpr std::size_t k = 33;
  const Vector a = random_spd(k, state), b = testing::random_f64(state, k);
  const Vector one = testing::random_f64(state, k), two = testing::random_f64(state, k);
  Vector l = a;
  REQUIRE(kernels::cholesky(l.data(), k));
  Vector numbers(kernels::ConjugateGradients::kVectors * k);
  kernels::ConjugateGradients lane(k, numbers.data());
  lane.start();
  std::copy(b.begin(), b.end(), lane.residual);
  for (int turn = 0; turn < 20; ++turn) {
    std::copy_n(lane.residual, k, lane.solved);
    kernels::solve_lower(l.data(), k, lane.solved);
    kernels::solve_lower_transposed(l.data(), k, lane.solved);
    if (!lane.turn(1e-26)) break;
    // M = A + one one' + two two'
    kernels::axpy(kernels::dot_f64(one.data(), lane.step, k), one.data(), k, lane.image);
    kernels::axpy(kernels::dot_f64(two.data(), lane.step, k), two.data(), k, lane.image);
    REQUIRE(lane.advance());
  }
  CHECK(lane.turns <= 4);
  for (std::size_t r = 0; r < k; ++r) {
    double back = one[r] * kernels::dot_f64(one.data(), lane.x, k) +
                  two[r] * kernels::dot_f64(two.data(), lane.x, k);
    for (std::size_t c = 0; c < k; ++c) back += a[r * k + c] * lane.x[c];
    REQUIRE(std::abs(back - b[r]) < 1e-10);
  }
}

TEST_CASE("a dequantised row is the scale times each byte") {
  const std::vector<std::int8_t> q = {-127, -1, 0, 1, 127};
  Vector f(q.size());
  kernels::dequantise_row(q.data(), 0.1, q.size(), f.data());
  for (std::size_t i = 0; i < q.size(); ++i) REQUIRE(f[i] == 0.1 * q[i]);
}

}  // namespace
}  // namespace ossicle
