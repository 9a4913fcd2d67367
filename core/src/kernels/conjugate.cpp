#include "kernels/conjugate.h"

#include <algorithm>

#include "kernels/dense.h"

namespace ossicle::kernels {

ConjugateGradients::ConjugateGradients(std::size_t m, double* numbers) : m_(m) {
  for (double** vector : {&x, &residual, &solved, &step, &image, &base_image_}) {
    *vector = numbers;
    numbers += m;
  }
}

void ConjugateGradients::start() {
  for (double* vector : {x, residual, step, base_image_}) std::fill(vector, vector + m_, 0.0);
  least = 0;
  turns = 0;
}

bool ConjugateGradients::turn(double settled) {
  before_ = now_;
  now_ = dot_f64(residual, solved, m_);
  if (turns == 0) first_ = now_;
  if (!(now_ > settled * first_ && now_ > least)) return false;
  const double beta = turns == 0 ? 0 : now_ / before_;
  for (std::size_t c = 0; c < m_; ++c) {
    step[c] = solved[c] + beta * step[c];
    base_image_[c] = residual[c] + beta * base_image_[c];
    image[c] = base_image_[c];
  }
  ++turns;
  return true;
}

bool ConjugateGradients::advance() {
  const double curvature = dot_f64(step, image, m_);
  if (!(curvature > 0)) return false;
  const double alpha = now_ / curvature;
  axpy(alpha, step, m_, x);
  axpy(-alpha, image, m_, residual);
  return true;
}

}  // namespace ossicle::kernels
