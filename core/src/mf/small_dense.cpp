#include "mf/small_dense.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ossicle::mf {
namespace {

// A vector type of the compiler, not intrinsics: SSE2 and WebAssembly SIMD come from one text.
using F32x4 = float __attribute__((vector_size(16)));

F32x4 load(const float* at) {
  F32x4 v;
  std::memcpy(&v, at, sizeof v);
  return v;
}

void store(float* at, F32x4 v) { std::memcpy(at, &v, sizeof v); }

// The sums over s < n of a[r row_step + s a_step] b[s ld + c], a tile of kTileRows x kTileCols.
struct Tile {
  F32x4 low[kTileRows], high[kTileRows];

  Tile(const float* a, std::size_t row_step, std::size_t a_step, const float* b, std::size_t ld,
       std::size_t n) {
    F32x4 l0{}, l1{}, l2{}, l3{}, h0{}, h1{}, h2{}, h3{};
    for (std::size_t s = 0; s < n; ++s) {
      const F32x4 left = load(b);
      const F32x4 right = load(b + 4);
      const float a0 = a[0];
      const float a1 = a[row_step];
      const float a2 = a[2 * row_step];
      const float a3 = a[3 * row_step];
      l0 += a0 * left;
      h0 += a0 * right;
      l1 += a1 * left;
      h1 += a1 * right;
      l2 += a2 * left;
      h2 += a2 * right;
      l3 += a3 * left;
      h3 += a3 * right;
      a += a_step;
      b += ld;
    }
    low[0] = l0, low[1] = l1, low[2] = l2, low[3] = l3;
    high[0] = h0, high[1] = h1, high[2] = h2, high[3] = h3;
  }

  void write(float* c, std::size_t ld, std::size_t rows) const {
    for (std::size_t r = 0; r < rows; ++r) {
      store(c + r * ld, low[r]);
      store(c + r * ld + 4, high[r]);
    }
  }

  void subtract_from(float* c, std::size_t ld) const {
    for (std::size_t r = 0; r < kTileRows; ++r) {
      store(c + r * ld, load(c + r * ld) - low[r]);
      store(c + r * ld + 4, load(c + r * ld + 4) - high[r]);
    }
  }
};

bool usable_pivot(float pivot) { return pivot > 0 && std::isfinite(pivot); }

}  // namespace

void add_scaled(float alpha, const float* x, std::size_t n, float* y) {
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) store(y + i, load(y + i) + alpha * load(x + i));
  for (; i < n; ++i) y[i] += alpha * x[i];
}

float dot(const float* x, const float* y, std::size_t n) {
  F32x4 sum{};
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) sum += load(x + i) * load(y + i);
  float s[4] = {sum[0], sum[1], sum[2], sum[3]};
  for (std::size_t lane = 0; i < n; ++i, ++lane) s[lane] += x[i] * y[i];
  return (s[0] + s[1]) + (s[2] + s[3]);
}

void cross_product(const float* x, std::size_t n, std::size_t k, std::size_t ld, float* c) {
  for (std::size_t r = 0; r < k; r += kTileRows) {
    for (std::size_t col = r / kTileCols * kTileCols; col < k; col += kTileCols) {
      Tile(x + r, 1, ld, x + col, ld, n).write(c + r * ld + col, ld, kTileRows);
    }
  }
}

void product(const float* a, std::size_t lda, const float* b, std::size_t n, std::size_t k,
             std::size_t m, std::size_t ld, float* c) {
  for (std::size_t r = 0; r < n; r += kTileRows) {
    const std::size_t rows = std::min(kTileRows, n - r);
    // The last rows may be fewer than a tile: it then reads one row several times.
    const std::size_t step = rows == kTileRows ? lda : 0;
    for (std::size_t col = 0; col < m; col += kTileCols) {
      if (step != 0) {
        Tile(a + r * lda, lda, 1, b + col, ld, k).write(c + r * ld + col, ld, rows);
        continue;
      }
      for (std::size_t one = 0; one < rows; ++one) {
        Tile((a + (r + one) * lda), 0, 1, b + col, ld, k).write(c + (r + one) * ld + col, ld, 1);
      }
    }
  }
}

bool cholesky_upper(float* a, std::size_t n, std::size_t ld) {
  for (std::size_t p = 0; p < n; p += kTileRows) {
    if (p > 0) {
      for (std::size_t col = p / kTileCols * kTileCols; col < n; col += kTileCols) {
        Tile(a + p, 1, ld, a + col, ld, p).subtract_from(a + p * ld + col, ld);
      }
    }
    for (std::size_t r = p; r < p + kTileRows; ++r) {
      float* row = a + r * ld;
      for (std::size_t above = p; above < r; ++above) {
        const float* u = a + above * ld;
        add_scaled(-u[r], u + r, ld - r, row + r);
      }
      if (!usable_pivot(row[r])) return false;
      const float scale = 1 / std::sqrt(row[r]);
      for (std::size_t c = r; c < ld; ++c) row[c] *= scale;
    }
  }
  return true;
}

void solve_upper(const float* u, std::size_t n, std::size_t ld, float* b) {
  for (std::size_t p = 0; p < n; ++p) {
    const float* row = u + p * ld;
    b[p] /= row[p];
    add_scaled(-b[p], row + p + 1, n - p - 1, b + p + 1);
  }
  for (std::size_t p = n; p-- > 0;) {
    const float* row = u + p * ld;
    b[p] = (b[p] - dot(row + p + 1, b + p + 1, n - p - 1)) / row[p];
  }
}

}  // namespace ossicle::mf
