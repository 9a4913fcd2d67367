#include "mf/symmetric_eigen.h"

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/dense.h"

namespace ossicle::mf {
namespace {

constexpr int kMostSweeps = 60;  // of QL for one eigenvalue; two or three are usual

// kernels::dot_f64 adds a rest of 1 to 3 in another order, and the bytes of a trained model are
// kept.
double dot(const double* x, const double* y, std::size_t n) {
  double s0 = 0, s1 = 0, s2 = 0, s3 = 0;
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    s0 += x[i] * y[i];
    s1 += x[i + 1] * y[i + 1];
    s2 += x[i + 2] * y[i + 2];
    s3 += x[i + 3] * y[i + 3];
  }
  for (; i < n; ++i) s0 += x[i] * y[i];
  return (s0 + s1) + (s2 + s3);
}

class Solver {
 public:
  Solver(double* a, std::size_t n, double* values)
      : a_(a), n_(n), diagonal_(values), beside_(n, 0.0), scale_(n, 0.0), image_(n, 0.0) {}

  bool run() {
    reduce();
    collect_reflections();
    return iterate();
  }

 private:
  double* row(std::size_t i) { return a_ + i * n_; }

  // Row i of the lower triangle, from the last to the second: a reflection I - scale v v' takes its
  // first i - 1 entries to zero. v stays in the row, [i]; beside_[i] is the entry left of the
  // diagonal.
  void reduce() {
    for (std::size_t i = n_ - 1; i > 0; --i) {
      double* v = row(i);
      const double rest = dot(v, v, i - 1);
      if (!(rest > 0)) {
        beside_[i] = v[i - 1];
        continue;
      }
      const double head = v[i - 1];
      const double length = std::sqrt(head * head + rest);
      const double target = head > 0 ? -length : length;
      beside_[i] = target;
      v[i - 1] = head - target;
      scale_[i] = 1 / (length * std::fabs(v[i - 1]));  // 2 / v'v
      apply(i, v, scale_[i]);
    }
    for (std::size_t i = 0; i < n_; ++i) diagonal_[i] = row(i)[i];
  }

  // B <- (I - s v v') B (I - s v v') for the leading B, [n, n], lower triangle:
  // B - v w' - w v' with w = s B v - s^2 / 2 (v'B v) v.
  void apply(std::size_t n, const double* v, double s) {
    double* w = image_.data();
    for (std::size_t r = 0; r < n; ++r) {
      w[r] = dot(row(r), v, r + 1);
      kernels::axpy(v[r], row(r), r, w);
    }
    const double half = s * s / 2 * dot(v, w, n);
    for (std::size_t r = 0; r < n; ++r) w[r] = s * w[r] - half * v[r];
    for (std::size_t r = 0; r < n; ++r) {
      kernels::axpy(-v[r], w, r + 1, row(r));
      kernels::axpy(-w[r], v, r + 1, row(r));
    }
  }

  // Replaces the reflections by the transpose of their product, whose rows QL then turns.
  void collect_reflections() {
    for (std::size_t i = 0; i < n_; ++i) {
      const double* v = row(i);
      if (i > 0 && scale_[i] > 0) {
        // The leading [i, i] is done; its rows meet the reflection: M' <- M' (I - s v v').
        for (std::size_t r = 0; r < i; ++r) {
          kernels::axpy(-scale_[i] * dot(row(r), v, i), v, i, row(r));
        }
      }
      double* unit = row(i);
      for (std::size_t c = 0; c < n_; ++c) unit[c] = c == i ? 1 : 0;
      for (std::size_t r = 0; r < i; ++r) row(r)[i] = 0;
    }
  }

  bool iterate() {
    for (std::size_t i = 1; i < n_; ++i) beside_[i - 1] = beside_[i];
    beside_[n_ - 1] = 0;
    for (std::size_t first = 0; first < n_; ++first) {
      for (int sweep = 0;; ++sweep) {
        const std::size_t last = first_break(first);
        if (last == first) break;
        if (sweep == kMostSweeps) return false;
        chase(first, last);
      }
      if (!std::isfinite(diagonal_[first])) return false;
    }
    return true;
  }

  // The first row from `from` on whose entry beside the diagonal is as good as zero.
  std::size_t first_break(std::size_t from) const {
    std::size_t at = from;
    for (; at + 1 < n_; ++at) {
      const double near = std::fabs(diagonal_[at]) + std::fabs(diagonal_[at + 1]);
      if (std::fabs(beside_[at]) <= std::numeric_limits<double>::epsilon() * near) break;
    }
    return at;
  }

  // One QL step of the block first..last, from its end up, with Wilkinson's shift.
  void chase(std::size_t first, std::size_t last) {
    double* d = diagonal_;
    double* e = beside_.data();
    const double slope = (d[first + 1] - d[first]) / (2 * e[first]);
    const double root = std::sqrt(slope * slope + 1);
    double g = d[last] - d[first] + e[first] / (slope + (slope < 0 ? -root : root));
    double sine = 1;
    double cosine = 1;
    double shift = 0;
    for (std::size_t i = last; i-- > first;) {
      const double f = sine * e[i];
      const double b = cosine * e[i];
      const double length = std::sqrt(f * f + g * g);
      e[i + 1] = length;
      if (!(length > 0)) {
        // The block falls apart here.
        d[i + 1] -= shift;
        e[last] = 0;
        return;
      }
      sine = f / length;
      cosine = g / length;
      g = d[i + 1] - shift;
      const double turn = (d[i] - g) * sine + 2 * cosine * b;
      shift = sine * turn;
      d[i + 1] = g + shift;
      g = cosine * turn - b;
      rotate(row(i), row(i + 1), cosine, sine);
    }
    d[first] -= shift;
    e[first] = g;
    e[last] = 0;
  }

  void rotate(double* __restrict x, double* __restrict y, double cosine, double sine) const {
    for (std::size_t k = 0; k < n_; ++k) {
      const double f = y[k];
      y[k] = sine * x[k] + cosine * f;
      x[k] = cosine * x[k] - sine * f;
    }
  }

  double* a_;
  const std::size_t n_;
  double* diagonal_;
  std::vector<double> beside_, scale_, image_;
};

}  // namespace

bool symmetric_eigen(std::span<double> a, std::size_t n, std::span<double> values) {
  if (n == 0) return true;
  return Solver(a.data(), n, values.data()).run();
}

}  // namespace ossicle::mf
