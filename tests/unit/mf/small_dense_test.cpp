#include "mf/small_dense.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "mf/symmetric_eigen.h"

using namespace ossicle;

namespace {

constexpr std::size_t kSizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 70};

std::vector<float> random_matrix(std::uint64_t seed, std::size_t rows, std::size_t columns,
                                 std::size_t ld) {
  std::vector<float> x((rows + mf::kTileRows) * ld, 0.0F);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < columns; ++c) {
      x[r * ld + c] = static_cast<float>(base::normal(seed));
    }
  }
  return x;
}

double at(const std::vector<float>& x, std::size_t ld, std::size_t r, std::size_t c) {
  return static_cast<double>(x[r * ld + c]);
}

}  // namespace

TEST_CASE("products agree with plain sums in f64") {
  for (const std::size_t k : kSizes) {
    for (const std::size_t n : {std::size_t{1}, std::size_t{6}, std::size_t{40}}) {
      const std::size_t ld = mf::whole_tiles(k);
      const std::vector<float> x = random_matrix(k + n, n, k, ld);
      std::vector<float> gram(ld * ld);
      mf::cross_product(x.data(), n, k, ld, gram.data());
      const std::vector<float> b = random_matrix(k, k, k, ld);
      std::vector<float> c(n * ld);
      mf::product(x.data(), ld, b.data(), n, k, k, ld, c.data());
      double worst = 0;
      for (std::size_t r = 0; r < k; ++r) {
        for (std::size_t s = r; s < k; ++s) {
          double sum = 0;
          for (std::size_t i = 0; i < n; ++i) sum += at(x, ld, i, r) * at(x, ld, i, s);
          worst = std::max(worst, std::fabs(sum - at(gram, ld, r, s)));
        }
      }
      for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t s = 0; s < k; ++s) {
          double sum = 0;
          for (std::size_t r = 0; r < k; ++r) sum += at(x, ld, i, r) * at(b, ld, r, s);
          worst = std::max(worst, std::fabs(sum - at(c, ld, i, s)));
        }
      }
      CHECK(worst < 1e-4);
    }
  }
}

TEST_CASE("a system with a known solution is solved") {
  for (const std::size_t n : kSizes) {
    const std::size_t ld = mf::whole_tiles(n);
    std::vector<float> a(ld * ld);
    const std::vector<float> x = random_matrix(n, 2 * n, n, ld);
    mf::cross_product(x.data(), 2 * n, n, ld, a.data());
    for (std::size_t r = 0; r < n; ++r) a[r * ld + r] += 1;
    for (std::size_t r = n; r < ld; ++r) {
      for (std::size_t c = 0; c < ld; ++c) a[r * ld + c] = r == c ? 1 : 0;
    }
    std::vector<float> b(ld, 0.0F);
    for (std::size_t r = 0; r < n; ++r) {
      double sum = 0;  // the solution is 1, 2, ..., n over n
      for (std::size_t c = 0; c < n; ++c) {
        sum += at(a, ld, std::min(r, c), std::max(r, c)) * static_cast<double>(c + 1) /
               static_cast<double>(n);
      }
      b[r] = static_cast<float>(sum);
    }
    REQUIRE(mf::cholesky_upper(a.data(), n, ld));
    mf::solve_upper(a.data(), n, ld, b.data());
    for (std::size_t r = 0; r < n; ++r) {
      CHECK(static_cast<double>(b[r]) ==
            Approx(static_cast<double>(r + 1) / static_cast<double>(n)).margin(1e-4));
    }
  }
}

TEST_CASE("a matrix that is not positive definite has no Cholesky factor") {
  std::vector<float> a(64, 0.0F);
  for (std::size_t r = 0; r < 8; ++r) a[r * 8 + r] = 1;
  a[1] = 2;
  CHECK_FALSE(mf::cholesky_upper(a.data(), 4, 8));
  a[0] = std::nanf("");
  CHECK_FALSE(mf::cholesky_upper(a.data(), 4, 8));
}

TEST_CASE("eigenvectors are orthonormal and give the matrix back") {
  for (const std::size_t n : kSizes) {
    for (const std::size_t rank : {n, n / 2}) {
      std::uint64_t seed = n;
      std::vector<double> x(rank * n);
      for (double& value : x) value = base::normal(seed);
      std::vector<double> a(n * n, 0.0);
      for (std::size_t r = 0; r < n; ++r) {
        for (std::size_t c = 0; c < n; ++c) {
          for (std::size_t i = 0; i < rank; ++i) a[r * n + c] += x[i * n + r] * x[i * n + c];
        }
      }
      std::vector<double> v = a;
      std::vector<double> values(n);
      REQUIRE(mf::symmetric_eigen(v, n, values));
      double worst = 0;
      for (std::size_t r = 0; r < n; ++r) {
        for (std::size_t c = 0; c < n; ++c) {
          double back = 0;
          double unit = r == c ? -1 : 0;
          for (std::size_t i = 0; i < n; ++i) {
            back += values[i] * v[i * n + r] * v[i * n + c];
            unit += v[r * n + i] * v[c * n + i];
          }
          worst = std::max({worst, std::fabs(back - a[r * n + c]), std::fabs(unit)});
        }
      }
      CAPTURE(n, rank);
      CHECK(worst < 1e-10);
    }
  }
}

TEST_CASE("a matrix with an entry that is no number has no eigenvalues") {
  std::vector<double> a = {1, 0, 0, 0, std::nan(""), 0, 0, 0, 1};
  std::vector<double> values(3);
  CHECK_FALSE(mf::symmetric_eigen(a, 3, values));
  a = {1, 0, 0, std::nan(""), 2, 0, 1, 2, 1};
  CHECK_FALSE(mf::symmetric_eigen(a, 3, values));
}
