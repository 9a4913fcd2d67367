#ifndef OSSICLE_KERNELS_CONJUGATE_H_
#define OSSICLE_KERNELS_CONJUGATE_H_

#include <cstddef>

namespace ossicle::kernels {

/// One system M x = r by conjugate gradients with preconditioner P, in f64 and a fixed order of
/// operations (bit-identical on every build). The caller multiplies by P^-1 and by M, so that
/// several systems can share one pass over the rows that M is made of. Source: Hestenes, Stiefel,
/// 1952.
///
///   ConjugateGradients lane(m, numbers);       // numbers: [kVectors m]
///   lane.start();
///   lane.residual <- r;
///   for (;;) {
///     lane.solved <- P^-1 lane.residual;
///     if (!lane.turn(1e-24)) break;            // lane.x is the answer
///     lane.image <- M lane.step;               // it holds P lane.step: adding (M - P) step will
///     do if (!lane.advance()) break;              // M is not positive definite
///   }
struct ConjugateGradients {
  static constexpr std::size_t kVectors = 6;

  ConjugateGradients() = default;
  ConjugateGradients(std::size_t m, double* numbers);

  void start();
  /// Makes the next direction of `solved`. False when r'P^-1 r has fallen to `settled` times what
  /// it was at the first turn.
  bool turn(double settled);
  /// Goes along `step` to the lowest point.
  bool advance();

  double *x = nullptr, *residual = nullptr, *solved = nullptr, *step = nullptr, *image = nullptr;
  double least = 0;
  int turns = 0;

 private:
  double* base_image_ = nullptr;  // P step, which follows from the residuals
  std::size_t m_ = 0;
  double first_ = 0, now_ = 0, before_ = 0;
};

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_CONJUGATE_H_
