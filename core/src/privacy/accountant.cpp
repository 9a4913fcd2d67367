#include <algorithm>
#include <cmath>

#include "base/checked.h"
#include "base/math.h"
#include "ossicle/privacy.h"

namespace ossicle {
namespace {

constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kSqrtHalfPi = 0x1.40d931ff62706p+0;    // sqrt(pi / 2)
constexpr double kInvSqrtTwoPi = 0x1.9884533d43651p-2;  // 1 / sqrt(2 pi)

constexpr double kLeastRho = 1e-9;
constexpr double kMostRho = 1e3;

// <cmath> has erfc, log and exp, but their last bits differ between C libraries.
double ln(double x) { return base::det_log2(x) * kLn2; }
double exp_of(double x) { return base::det_exp2(x * kLog2E); }
double density(double x) { return kInvSqrtTwoPi * exp_of(-0.5 * x * x); }

// Mills' ratio Q(x) / phi(x) of the normal distribution, x >= 0: the tail without its exponential,
// accurate to about 1e-14 however far out.
double mills(double x) {
  if (x >= 1.5) {
    // Laplace's continued fraction 1 / (x + 1 / (x + 2 / (x + 3 / ...))); what is left out after n
    // terms is about exp(-2 x sqrt(2 n)) of it.
    double rest = x;
    for (int n = 120; n > 0; --n) rest = x + n / rest;
    return 1 / rest;
  }
  // Q = 1/2 - phi (x + x^3 / 3 + x^5 / 15 + ...); the last term is below 1e-18 of the first.
  double term = x;
  double series = x;
  for (int n = 1; n < 40; ++n) {
    term *= x * x / (2 * n + 1);
    series += term;
  }
  return kSqrtHalfPi * exp_of(0.5 * x * x) - series;
}

// P(X > x).
double tail(double x) { return x >= 0 ? density(x) * mills(x) : 1 - density(x) * mills(-x); }

// Balle and Wang's delta. With u = epsilon / mu - mu / 2 and v = u + mu, e^epsilon phi(v) = phi(u),
// so the huge e^epsilon and the tiny tail are never formed.
double delta_of(double epsilon, double mu) {
  const double u = epsilon / mu - mu / 2;
  const double v = epsilon / mu + mu / 2;
  if (u >= 0) return density(u) * (mills(u) - mills(v));
  return tail(u) - density(u) * mills(v);
}

Status check(double rho, double delta) {
  const base::Range ranges[] = {
      {rho, rho == 0 ? 0 : kLeastRho, kMostRho, "privacy: rho must be 0 or within 1e-9..1e3"},
      {delta, 1e-30, 0.5, "privacy: delta must be within 1e-30..0.5"},
  };
  return base::check_ranges(ranges);
}

}  // namespace

Result<double> zcdp_rho(std::uint32_t reports, double sigma_norms) {
  if (!std::isfinite(sigma_norms) || !(sigma_norms > 0)) {
    return Error{Code::kInvalidArgument, 0, "privacy: sigma must be a finite number above 0"};
  }
  return reports / (2 * sigma_norms * sigma_norms);
}

Result<double> epsilon_proven(double rho, double delta) {
  OSL_TRY(check(rho, delta));
  if (rho == 0) return 0.0;
  // In y = ln(alpha - 1) the bound falls and then rises (for each epsilon, ln delta is convex in
  // alpha). Every alpha gives a valid bound: an inexact minimum is a larger epsilon.
  const double ln_inverse_delta = -ln(delta);
  const auto bound = [&](double y) {
    const double above = exp_of(y);
    const double alpha = 1 + above;
    return alpha * rho + (ln_inverse_delta - ln(alpha)) / above + (y - ln(alpha));
  };
  constexpr double kGolden = 0x1.3c6ef372fe95p-1;
  double low = -15;
  double high = 35;
  double left = high - kGolden * (high - low);
  double right = low + kGolden * (high - low);
  double at_left = bound(left);
  double at_right = bound(right);
  for (int step = 0; step < 80; ++step) {
    if (at_left < at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - kGolden * (high - low);
      at_left = bound(left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + kGolden * (high - low);
      at_right = bound(right);
    }
  }
  return std::max(0.0, std::min(at_left, at_right));
}

Result<double> epsilon_gaussian(double rho, double delta) {
  OSL_TRY(check(rho, delta));
  if (rho == 0) return 0.0;
  const double mu = std::sqrt(2 * rho);
  if (delta_of(0, mu) <= delta) return 0.0;
  // At `high`, u = sqrt(2 ln(1 / delta)), whose tail is at most delta / 2.
  double low = 0;
  double high = mu * (mu / 2 + std::sqrt(-2 * ln(delta)));
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return high;
    (delta_of(middle, mu) > delta ? low : high) = middle;
  }
}

Result<double> best_membership_auc(double rho) {
  if (!(rho >= 0 && rho <= kMostRho)) {
    return Error{Code::kInvalidArgument, 0, "privacy: rho must be within 0..1e3"};
  }
  return tail(-std::sqrt(rho));
}

}  // namespace ossicle
