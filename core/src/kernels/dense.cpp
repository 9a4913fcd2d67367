#include "kernels/dense.h"

#include <cstring>
#include <limits>

#include "kernels/isa.h"

// The fast variants are plain loops over independent elements, which clang vectorises (f64x2 in
// WebAssembly) without touching the order of additions within an element.

namespace ossicle::kernels {
namespace {

constexpr std::size_t kUnroll = 8;  // observations whose products stay in registers together

bool usable_pivot(double pivot) { return pivot > 0 && pivot <= std::numeric_limits<double>::max(); }

/// a[c] += s[0] * f_0[c], then s[1] * f_1[c], ... for c < n.
void add_unrolled(const double* __restrict f, std::size_t ld, const double* s, std::size_t n,
                  double* __restrict a) {
  const double s0 = s[0], s1 = s[1], s2 = s[2], s3 = s[3];
  const double s4 = s[4], s5 = s[5], s6 = s[6], s7 = s[7];
  for (std::size_t c = 0; c < n; ++c) {
    double sum = a[c];
    sum += s0 * f[c];
    sum += s1 * f[ld + c];
    sum += s2 * f[2 * ld + c];
    sum += s3 * f[3 * ld + c];
    sum += s4 * f[4 * ld + c];
    sum += s5 * f[5 * ld + c];
    sum += s6 * f[6 * ld + c];
    sum += s7 * f[7 * ld + c];
    a[c] = sum;
  }
}

// A vector type of the compiler: SSE2 and WebAssembly SIMD come from one text.
using F64x2 = double __attribute__((vector_size(16)));

F64x2 load(const double* at) {
  F64x2 v;
  std::memcpy(&v, at, sizeof v);
  return v;
}

/// dot_f64 of four rows with one x: each row keeps its four partial sums in two vectors.
void dot_four(const double* f, std::size_t ld, const double* x, std::size_t k, double* out) {
  constexpr std::size_t kRows = 4;
  F64x2 low[kRows] = {};
  F64x2 high[kRows] = {};
  std::size_t i = 0;
  for (; i + 4 <= k; i += 4) {
    const F64x2 left = load(x + i);
    const F64x2 right = load(x + i + 2);
    for (std::size_t r = 0; r < kRows; ++r) {
      low[r] += load(f + r * ld + i) * left;
      high[r] += load(f + r * ld + i + 2) * right;
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    const double* row = f + r * ld;
    double s0 = low[r][0];
    double s1 = low[r][1];
    double s2 = high[r][0];
    if (i < k) s0 += row[i] * x[i];
    if (i + 1 < k) s1 += row[i + 1] * x[i + 1];
    if (i + 2 < k) s2 += row[i + 2] * x[i + 2];
    out[r] = (s0 + s1) + (s2 + high[r][1]);
  }
}

void subtract_scaled(double alpha, const double* __restrict x, std::size_t n,
                     double* __restrict y) {
  for (std::size_t i = 0; i < n; ++i) y[i] -= alpha * x[i];
}

}  // namespace

void dequantise_row(const std::int8_t* q, double scale, std::size_t n, double* f) {
  using I8x4 = std::int8_t __attribute__((vector_size(4)));
  using I32x4 = std::int32_t __attribute__((vector_size(16)));
  using F64x4 = double __attribute__((vector_size(32)));
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    I8x4 bytes;
    std::memcpy(&bytes, q + i, sizeof bytes);
    const F64x4 row = scale * __builtin_convertvector(__builtin_convertvector(bytes, I32x4), F64x4);
    std::memcpy(f + i, &row, sizeof row);
  }
  for (; i < n; ++i) f[i] = scale * static_cast<double>(q[i]);
}

double dot_f64_scalar(const double* x, const double* y, std::size_t n) {
  double s[4] = {0, 0, 0, 0};
  for (std::size_t i = 0; i < n; ++i) s[i % 4] += x[i] * y[i];
  return (s[0] + s[1]) + (s[2] + s[3]);
}

double dot_f64(const double* x, const double* y, std::size_t n) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  if (i < n) s0 += x[i] * y[i];
  if (i + 1 < n) s1 += x[i + 1] * y[i + 1];
  if (i + 2 < n) s2 += x[i + 2] * y[i + 2];
  return (s0 + s1) + (s2 + s3);
}

void axpy_scalar(double alpha, const double* x, std::size_t n, double* y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}

void axpy(double alpha, const double* __restrict x, std::size_t n, double* __restrict y) {
  for (std::size_t i = 0; i < n; ++i) y[i] += alpha * x[i];
}

void dot_rows_scalar(const double* f, std::size_t ld, const double* x, std::size_t n, std::size_t k,
                     double* out) {
  for (std::size_t r = 0; r < n; ++r) out[r] = dot_f64_scalar(f + r * ld, x, k);
}

void dot_rows(const double* f, std::size_t ld, const double* x, std::size_t n, std::size_t k,
              double* out) {
  std::size_t r = 0;
  for (; r + 4 <= n; r += 4) dot_four(f + r * ld, ld, x, k, out + r);
  for (; r < n; ++r) out[r] = dot_f64(f + r * ld, x, k);
}

void axpy_rows_scalar(const double* f, std::size_t ld, const double* s, std::size_t n,
                      std::size_t k, double* y) {
  for (std::size_t r = 0; r < n; ++r) axpy_scalar(s[r], f + r * ld, k, y);
}

void axpy_rows(const double* f, std::size_t ld, const double* s, std::size_t n, std::size_t k,
               double* y) {
  std::size_t r = 0;
  for (; r + kUnroll <= n; r += kUnroll) add_unrolled(f + r * ld, ld, s + r, k, y);
  for (; r < n; ++r) axpy(s[r], f + r * ld, k, y);
}

void syrk_accumulate_scalar(const double* f, std::size_t ld, const double* w, std::size_t n,
                            std::size_t k, double* a) {
  for (std::size_t j = 0; j < n; ++j) {
    const double* row = f + j * ld;
    for (std::size_t r = 0; r < k; ++r) {
      const double scaled = w[j] * row[r];
      for (std::size_t c = 0; c <= r; ++c) a[r * k + c] += scaled * row[c];
    }
  }
}

void syrk_accumulate(const double* f, std::size_t ld, const double* w, std::size_t n, std::size_t k,
                     double* a) {
  std::size_t j = 0;
  for (; j + kUnroll <= n; j += kUnroll) {
    const double* rows = f + j * ld;
    for (std::size_t r = 0; r < k; ++r) {
      double scaled[kUnroll];
      for (std::size_t u = 0; u < kUnroll; ++u) scaled[u] = w[j + u] * rows[u * ld + r];
      add_unrolled(rows, ld, scaled, r + 1, a + r * k);
    }
  }
  for (; j < n; ++j) {
    const double* row = f + j * ld;
    for (std::size_t r = 0; r < k; ++r) axpy(w[j] * row[r], row, r + 1, a + r * k);
  }
}

bool cholesky_scalar(double* a, std::size_t k) {
  for (std::size_t p = 0; p < k; ++p) {
    const double pivot = a[p * k + p];
    if (!usable_pivot(pivot)) return false;
    const double root = __builtin_sqrt(pivot);
    a[p * k + p] = root;
    for (std::size_t i = p + 1; i < k; ++i) {
      a[i * k + p] /= root;
      a[p * k + i] = a[i * k + p];
    }
    for (std::size_t i = p + 1; i < k; ++i) {
      for (std::size_t c = p + 1; c <= i; ++c) a[i * k + c] -= a[i * k + p] * a[c * k + p];
    }
  }
  return true;
}

bool cholesky(double* a, std::size_t k) {
  for (std::size_t p = 0; p < k; ++p) {
    double* upper = a + p * k;
    if (!usable_pivot(upper[p])) return false;
    const double root = __builtin_sqrt(upper[p]);
    upper[p] = root;
    for (std::size_t i = p + 1; i < k; ++i) {
      a[i * k + p] /= root;
      upper[i] = a[i * k + p];
    }
    for (std::size_t i = p + 1; i < k; ++i) {
      subtract_scaled(upper[i], upper + p + 1, i - p, a + i * k + p + 1);
    }
  }
  return true;
}

bool cholesky_update(double* a, std::size_t k, double w, double* x) {
  // In terms of L D L' with unit L: a keeps L sqrt(D), and the upper triangle mirrors it, which is
  // where column p lies in order.
  for (std::size_t p = 0; p < k; ++p) {
    double* upper = a + p * k;
    const double root = upper[p];
    const double y = x[p] / root;
    const double grown = 1 + w * y * y;
    if (!usable_pivot(grown)) return false;
    const double stretch = __builtin_sqrt(grown);
    // l_ip <- (l_ip + w y x_i') stretch^-1 with x_i' = x_i - y l_ip, written for l sqrt(D).
    const double gain = w * y / stretch;
    upper[p] = root * stretch;
    for (std::size_t i = p + 1; i < k; ++i) {
      x[i] -= y * upper[i];
      upper[i] = upper[i] * stretch + gain * x[i];
      a[i * k + p] = upper[i];
    }
    w /= grown;
  }
  return true;
}

void solve_lower_scalar(const double* a, std::size_t k, double* b) {
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t p = 0; p < i; ++p) b[i] -= b[p] * a[i * k + p];
    b[i] /= a[i * k + i];
  }
}

void solve_lower(const double* a, std::size_t k, double* b) {
  for (std::size_t p = 0; p < k; ++p) {
    b[p] /= a[p * k + p];
    subtract_scaled(b[p], a + p * k + p + 1, k - p - 1, b + p + 1);
  }
}

void solve_lower_transposed_scalar(const double* a, std::size_t k, double* b) {
  for (std::size_t i = k; i-- > 0;) {
    for (std::size_t p = k; p-- > i + 1;) b[i] -= b[p] * a[p * k + i];
    b[i] /= a[i * k + i];
  }
}

void solve_lower_transposed(const double* a, std::size_t k, double* b) {
  for (std::size_t p = k; p-- > 0;) {
    b[p] /= a[p * k + p];
    subtract_scaled(b[p], a + p * k, p, b);
  }
}

}  // namespace ossicle::kernels
