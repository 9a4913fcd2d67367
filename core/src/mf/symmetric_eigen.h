#ifndef OSSICLE_MF_SYMMETRIC_EIGEN_H_
#define OSSICLE_MF_SYMMETRIC_EIGEN_H_

#include <cstddef>
#include <span>

namespace ossicle::mf {

/// a = V' diag(values) V for a symmetric `a`, [n, n], of which the lower triangle is read and which
/// is replaced by V: row i is the unit eigenvector of values[i]. In no particular order. O(n^3).
/// False when an entry is not finite, or an eigenvalue does not settle (never seen). Householder
/// reduction to tridiagonal form, then implicitly shifted QL; own code, since a library's order of
/// operations depends on the machine. Source: Golub, Van Loan, Matrix Computations, 8.3.
[[nodiscard]] bool symmetric_eigen(std::span<double> a, std::size_t n, std::span<double> values);

}  // namespace ossicle::mf

#endif  // OSSICLE_MF_SYMMETRIC_EIGEN_H_
