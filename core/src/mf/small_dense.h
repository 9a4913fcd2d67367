#ifndef OSSICLE_MF_SMALL_DENSE_H_
#define OSSICLE_MF_SMALL_DENSE_H_

#include <cstddef>

namespace ossicle::mf {

// Dense linear algebra in f32 for systems of a few hundred unknowns. Four lanes of plain IEEE
// operations in one fixed order, natively and in WebAssembly, so that every build gives the same
// bits. Matrices are row-major, `ld` elements between rows; ld is a multiple of kTileCols and
// buffers hold whole tiles: rows up to a multiple of kTileRows, zeros in what is padding.

inline constexpr std::size_t kTileRows = 4;
inline constexpr std::size_t kTileCols = 8;

constexpr std::size_t whole_tiles(std::size_t n) {
  return (n + kTileCols - 1) / kTileCols * kTileCols;
}

/// The upper triangle, diagonal included, of c = x'x; x is [n, k], c is [k, k], both of stride
/// `ld`. Tiles that meet the diagonal are written whole.
void cross_product(const float* x, std::size_t n, std::size_t k, std::size_t ld, float* c);

/// c = a b; a is [n, k] of stride lda, b is [k, m] and c [n, m], both of stride ld.
void product(const float* a, std::size_t lda, const float* b, std::size_t n, std::size_t k,
             std::size_t m, std::size_t ld, float* c);

/// Replaces the upper triangle of `a`, [n, n], by U with a = U'U. The rows up to the next multiple
/// of kTileRows must be those of the unit matrix. False when a pivot is not a positive finite
/// number; `a` is then half-done.
[[nodiscard]] bool cholesky_upper(float* a, std::size_t n, std::size_t ld);

/// b <- (U'U)^-1 b, [n].
void solve_upper(const float* u, std::size_t n, std::size_t ld, float* b);

/// y[i] += alpha x[i], [n].
void add_scaled(float alpha, const float* x, std::size_t n, float* y);

/// Sum of x[i] y[i] in four partial sums (i mod 4): ((s0 + s1) + (s2 + s3)).
float dot(const float* x, const float* y, std::size_t n);

}  // namespace ossicle::mf

#endif  // OSSICLE_MF_SMALL_DENSE_H_
