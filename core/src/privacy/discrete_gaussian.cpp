#include <bit>

#include "ossicle/privacy.h"
#include "privacy/chacha20.h"
#include "privacy/field.h"
#include "privacy/variance.h"

namespace ossicle {
namespace {

using U128 = unsigned __int128;

constexpr std::string_view kNonce = "osl-noise-v1";
// The longest run of e^-1 events that is followed; see the class.
constexpr std::int64_t kMostRuns = 512;

// floor(sigma): the largest root with root^2 denominator <= numerator.
std::uint64_t floor_sigma(const Variance& v) {
  std::uint64_t root = 0;
  for (unsigned bit = 18; bit-- > 0;) {
    const std::uint64_t tried = root | (std::uint64_t{1} << bit);
    if (U128{tried} * tried * v.denominator <= v.numerator) root = tried;
  }
  return root;
}

unsigned bits_of(U128 x) {
  const auto high = static_cast<std::uint64_t>(x >> 64);
  const auto low = static_cast<std::uint64_t>(x);
  return static_cast<unsigned>(high != 0 ? 64 + std::bit_width(high) : std::bit_width(low));
}

}  // namespace

namespace privacy {

Status check(const Variance& v) {
  if (v.numerator == 0 || v.denominator == 0) {
    return Error{Code::kInvalidArgument, 0, "variance: both parts of the fraction must be above 0"};
  }
  if (v.denominator > kMaxVarianceDenominator) {
    return Error{Code::kInvalidArgument, v.denominator,
                 "variance: the denominator must be 2^20 or less"};
  }
  if (v.numerator > kMaxSigma * kMaxSigma * v.denominator) {
    return Error{Code::kInvalidArgument, v.numerator,
                 "variance: sigma must be 2^17 steps or less; use a smaller norm"};
  }
  return {};
}

}  // namespace privacy

Result<DiscreteGaussian> DiscreteGaussian::open(const Variance& variance, const SecretSeed& seed) {
  OSL_TRY(privacy::check(variance));
  return DiscreteGaussian(variance, floor_sigma(variance) + 1, seed);
}

DiscreteGaussian::DiscreteGaussian(const Variance& variance, std::uint64_t scale,
                                   const SecretSeed& seed)
    : variance_(variance), scale_(scale), stream_(privacy::chacha20_state(seed, kNonce)) {}

std::uint32_t DiscreteGaussian::word() {
  if (used_ == block_.size()) {
    privacy::chacha20_block(stream_, block_);
    used_ = 0;
  }
  return block_[used_++];
}

// Uniform in [0, n), n > 0: as many bits as n - 1 has, until they are below n.
DiscreteGaussian::U128 DiscreteGaussian::below(U128 n) {
  const unsigned bits = bits_of(n - 1);
  if (bits == 0) return 0;
  const U128 mask = ~U128{0} >> (128 - bits);
  for (;;) {
    U128 x = 0;
    for (unsigned have = 0; have < bits; have += 32) x = (x << 32) | word();
    x &= mask;
    if (x < n) return x;
  }
}

// With probability a / b.
bool DiscreteGaussian::happens(U128 a, U128 b) { return below(b) < a; }

// With probability exp(-a / b); algorithm 1.
bool DiscreteGaussian::happens_exp(U128 a, U128 b) {
  for (; a > b; a -= b) {
    if (!happens_exp(1, 1)) return false;
  }
  // k grows past 40 with probability below 1 / 40!, so b k does not overflow.
  std::uint32_t k = 1;
  while (happens(a, b * k)) ++k;
  return (k & 1) != 0;
}

// A discrete Laplace variable of scale `scale_`; algorithm 2 with s = 1. False: try again.
bool DiscreteGaussian::laplace(std::int64_t& x) {
  const auto u = static_cast<std::uint64_t>(below(scale_));
  if (!happens_exp(u, scale_)) return false;
  std::int64_t runs = 0;
  while (happens_exp(1, 1)) {
    if (++runs == kMostRuns) return false;
  }
  x = static_cast<std::int64_t>(u) + static_cast<std::int64_t>(scale_) * runs;
  if ((word() & 1) == 0) return true;
  // Zero has one sign only, or it would come twice as often as it should.
  if (x == 0) return false;
  x = -x;
  return true;
}

// Algorithm 3. With sigma^2 = n / d and scale t, the acceptance exponent
//   (|y| - sigma^2 / t)^2 / (2 sigma^2) = (|y| d t - n)^2 / (2 n d t^2).
// Limits: d <= 2^20, n <= 2^34 d, t <= 2^17 + 1, |y| <= 512 t: |y| d t < 2^64, its square < 2^128,
// and 2 n d t^2 < 2^110, which leaves 18 bits for k in happens_exp().
std::int32_t DiscreteGaussian::next() {
  const U128 n = variance_.numerator;
  const U128 d = variance_.denominator;
  for (;;) {
    std::int64_t y = 0;
    if (!laplace(y)) continue;
    const U128 magnitude = static_cast<std::uint64_t>(y < 0 ? -y : y);
    const U128 scaled = magnitude * d * scale_;
    const U128 off = scaled > n ? scaled - n : n - scaled;
    if (happens_exp(off * off, 2 * n * d * scale_ * scale_)) return static_cast<std::int32_t>(y);
  }
}

Status add_noise(std::span<std::uint32_t> sum, const Variance& variance, const SecretSeed& seed) {
  Result<DiscreteGaussian> noise = DiscreteGaussian::open(variance, seed);
  if (!noise.ok()) return noise.error();
  for (std::uint32_t& x : sum) {
    x = privacy::field::add(x, privacy::field::from_signed(noise.value().next()));
  }
  return {};
}

}  // namespace ossicle
