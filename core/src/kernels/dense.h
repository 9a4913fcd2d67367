#ifndef OSSICLE_KERNELS_DENSE_H_
#define OSSICLE_KERNELS_DENSE_H_

#include <cstddef>
#include <cstdint>

namespace ossicle::kernels {

// Small dense linear algebra in f64. Every function does the same IEEE additions in the same order
// on every build, so results are bit-identical; `<name>_scalar` is the oracle, always compiled.
// Matrices are row-major. Arguments must not overlap unless said. Nothing allocates.

/// f[i] = scale * q[i], [n].
void dequantise_row(const std::int8_t* q, double scale, std::size_t n, double* f);

/// Sum of x[i] * y[i], in four partial sums (i mod 4): ((s0 + s1) + (s2 + s3)).
double dot_f64(const double* x, const double* y, std::size_t n);
double dot_f64_scalar(const double* x, const double* y, std::size_t n);

/// y[i] += alpha * x[i], [n].
void axpy(double alpha, const double* x, std::size_t n, double* y);
void axpy_scalar(double alpha, const double* x, std::size_t n, double* y);

/// out[r] = dot_f64(f_r, x) for the n rows f_r of `f`, [n, k], rows `ld` >= k apart.
void dot_rows(const double* f, std::size_t ld, const double* x, std::size_t n, std::size_t k,
              double* out);
void dot_rows_scalar(const double* f, std::size_t ld, const double* x, std::size_t n, std::size_t k,
                     double* out);

/// y += s[0] f_0, then s[1] f_1, ...: n times axpy over the rows of `f`, [n, k].
void axpy_rows(const double* f, std::size_t ld, const double* s, std::size_t n, std::size_t k,
               double* y);
void axpy_rows_scalar(const double* f, std::size_t ld, const double* s, std::size_t n,
                      std::size_t k, double* y);

/// Adds sum_j w[j] f_j f_j' to the lower triangle (diagonal included) of `a`, [k, k]; the upper
/// triangle is left alone. `f` is [n, k], rows `ld` >= k apart. Each element takes the observations
/// in order: a[r][c] += (w[j] * f_j[r]) * f_j[c], so splitting a call in two changes nothing.
void syrk_accumulate(const double* f, std::size_t ld, const double* w, std::size_t n, std::size_t k,
                     double* a);
void syrk_accumulate_scalar(const double* f, std::size_t ld, const double* w, std::size_t n,
                            std::size_t k, double* a);

/// Replaces the lower triangle of `a`, [k, k], by its Cholesky factor L and the upper triangle by
/// L' (so that both solves below walk memory in order). False when a pivot is not a positive finite
/// number; `a` is then half-done.
[[nodiscard]] bool cholesky(double* a, std::size_t k);
[[nodiscard]] bool cholesky_scalar(double* a, std::size_t k);

/// Makes the factor that cholesky() left the one of A + w x x', in O(k^2); w may be negative. `x`,
/// [k], is destroyed. False when A + w x x' is not positive definite; `a` is then half-done. Not
/// for exact answers: errors add up over many updates. Source: Gill, Golub, Murray, Saunders,
/// Methods for modifying matrix factorizations, Math. Comp. 28 (1974), method C1.
[[nodiscard]] bool cholesky_update(double* a, std::size_t k, double w, double* x);

/// b <- L^-1 b, where `a` is what cholesky() left (both triangles are read). b is [k].
void solve_lower(const double* a, std::size_t k, double* b);
void solve_lower_scalar(const double* a, std::size_t k, double* b);

/// b <- L'^-1 b. With solve_lower() before it: b <- A^-1 b.
void solve_lower_transposed(const double* a, std::size_t k, double* b);
void solve_lower_transposed_scalar(const double* a, std::size_t k, double* b);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_DENSE_H_
