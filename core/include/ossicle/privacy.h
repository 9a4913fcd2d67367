#ifndef OSSICLE_PRIVACY_H_
#define OSSICLE_PRIVACY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/status.h"

namespace ossicle {

// What makes a contribution unreadable, in the order of its way: a table of numbers is quantised
// and clipped, split into two shares (on the device), each share is added up and noised (by one of
// two aggregators), the two sums are put together (by anyone), and what it costs is accounted for
// (on the device). Nothing here knows what a row means. Everything is exact integers or f64 in a
// fixed order: the same bytes on every build. Randomness comes in as seeds.

/// 32 secret bytes from the operating system's generator, used for one purpose, once.
using SecretSeed = std::array<std::uint8_t, 32>;

// ---- the table, on the device ----

/// A contribution: [rows, factors + 1], row-major, the last column counts. 66,048 numbers (264 kB
/// as a share) whatever is in it.
struct TableShape {
  std::uint32_t rows = 512;
  std::uint32_t factors = 128;

  constexpr std::size_t numbers() const { return std::size_t{rows} * (factors + 1); }
};

/// Integer steps in one unit, 2^10. A number of an honest table is within one unit, so a sum of
/// 2^20 contributors is within 2^30, and with its noise (standard deviation below 2^17 for each
/// aggregator) within q / 2. The rounding moves a row of 129 numbers by at most 0.0056 units.
inline constexpr std::int32_t kStepsPerUnit = 1024;

/// Units to steps, rounded to nearest, halves away from zero. `steps` is as long as `units`.
/// Errors: invalid_argument (sizes), not_finite, out_of_range (does not fit an int32);
/// `at` = index of the number.
Status quantise(std::span<const double> units, std::span<std::int32_t> steps);

/// Scales the whole table to L2 norm <= max_norm (in steps) where it is longer, and leaves it as
/// it is otherwise. Exact: the sum of squares is <= max_norm^2 after it, for every table, because
/// the factor is rounded down, and so is every magnitude. Time and memory accesses depend on the
/// size of the table alone, not on its numbers. Any number of steps, up to 2^32 numbers.
/// Errors: invalid_argument (max_norm 0).
Status clip(std::span<std::int32_t> table, std::uint32_t max_norm);

// ---- shares ----
//
// Modulo a prime, which the proof of a table's norm needs (ossicle/norm_proof.h).

/// q, a prime: 2^32 - 2^20 + 1. A number of a share is below it.
inline constexpr std::uint32_t kFieldModulus = 4293918721;

/// The share that a seed stands for: the words below q of the ChaCha20 keystream (RFC 8439) with
/// the seed as key, the 12 ASCII bytes "osl-field-v1" as nonce and block counter 0, in order. A
/// seed must never be used for two tables: their difference would be readable.
void expand_share(const SecretSeed& seed, std::span<std::uint32_t> share);

/// The other share: table = expand_share(seed) + other, modulo q. Takes any int32. Either share
/// alone is (computationally) uniform and says nothing about the table.
/// Errors: invalid_argument (sizes differ).
Status split(std::span<const std::int32_t> table, const SecretSeed& seed,
             std::span<std::uint32_t> other);

/// sum += share, modulo q. Errors, which leave the sum as it is: invalid_argument (sizes differ),
/// corrupt (a number of `share` is not below q; `at` = its index).
Status add_share(std::span<std::uint32_t> sum, std::span<const std::uint32_t> share);

/// The table (or sum of tables) that two shares (or sums of shares) make together, each number
/// taken from -(q - 1) / 2..(q - 1) / 2, that is +-2,146,959,360.
/// Errors: invalid_argument (sizes differ), corrupt (a number is not below q; `at` = its index).
Status join(std::span<const std::uint32_t> first, std::span<const std::uint32_t> second,
            std::span<std::int32_t> table);

// ---- noise, in an aggregator ----

/// sigma^2 of a noise in steps^2, as a fraction: an exact sampler cannot take a rounded number.
struct Variance {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 1;
};

/// Largest denominator, and largest sigma (in steps), of a Variance. With these no intermediate
/// value of the sampler leaves 128 bits. The default, sigma = 8 norms of 1,024 steps, is 8,192.
inline constexpr std::uint64_t kMaxVarianceDenominator = std::uint64_t{1} << 20;
inline constexpr std::uint64_t kMaxSigma = std::uint64_t{1} << 17;

/// Samples x with probability proportional to exp(-x^2 / (2 sigma^2)) over the integers, exactly:
/// integers only, so there is no rounding whose trace would give a contribution away, as
/// floating-point noise does (Mironov, CCS 2012). Randomness is the ChaCha20 keystream of the seed
/// with nonce "osl-noise-v1". About 1 microsecond a sample natively.
/// How long a sample takes depends on the noise itself; an aggregator draws all of it in one call,
/// before any part of its sum is published, and the time says nothing about the contributions.
/// Source: Canonne, Kamath, Steinke, "The Discrete Gaussian for Differential Privacy", NeurIPS
/// 2020, algorithms 1-3. A geometric variable is cut at 512, an event of probability e^-512.
class DiscreteGaussian {
 public:
  /// Errors: invalid_argument (a part of the fraction is 0, or above the limits).
  static Result<DiscreteGaussian> open(const Variance& variance, const SecretSeed& seed);

  /// The next sample, |x| <= 512 (sigma + 1).
  std::int32_t next();

 private:
  using U128 = unsigned __int128;

  DiscreteGaussian(const Variance& variance, std::uint64_t scale, const SecretSeed& seed);
  std::uint32_t word();
  U128 below(U128 n);
  bool happens(U128 a, U128 b);
  bool happens_exp(U128 a, U128 b);
  bool laplace(std::int64_t& x);

  Variance variance_;
  std::uint64_t scale_;  // floor(sigma) + 1
  std::array<std::uint32_t, 16> stream_;
  std::array<std::uint32_t, 16> block_{};
  std::uint32_t used_ = 16;
};

/// sum += one sample for each number, modulo q. Errors: as of DiscreteGaussian::open().
Status add_noise(std::span<std::uint32_t> sum, const Variance& variance, const SecretSeed& seed);

// ---- what it costs ----
//
// Neighbours: one listener's tables, each of norm <= C, are there or are zero. One aggregator is
// trusted to add its noise of standard deviation sigma to each sum; that of the other is not
// counted on, and no amplification (the random block, the shuffling of senders) is claimed.
//
// What is claimed is epsilon_proven(): zCDP holds for the discrete noise that is really drawn, in
// any number of dimensions, and adds up exactly over reports (Canonne et al. 2020, theorem 14).
// epsilon_gaussian() is exact for continuous noise with the same sigma. It is what the discrete
// noise comes to as sigma grows, and the sharpest number an audit can be held against, but no
// theorem gives it for the discrete noise without a small extra delta; so it is shown beside the
// claim, never instead of it. It is always the smaller one.

/// rho of `reports` tables of norm <= C, noise of standard deviation sigma_norms * C on each:
/// reports / (2 sigma_norms^2). Errors: invalid_argument (sigma_norms not a finite number > 0).
Result<double> zcdp_rho(std::uint32_t reports, double sigma_norms);

/// Smallest epsilon for which rho-zCDP is proven to give (epsilon, delta)-differential privacy:
///   inf over alpha > 1 of alpha rho + ln(1 / (alpha delta)) / (alpha - 1) + ln(1 - 1 / alpha).
/// rho 0 gives 0. Errors: invalid_argument (rho outside 0, 1e-9..1e3; delta outside 1e-30..0.5).
/// Source: Canonne, Kamath, Steinke, NeurIPS 2020, corollary 13.
Result<double> epsilon_proven(double rho, double delta);

/// Epsilon of the Gaussian mechanism, exactly: with mu = sqrt(2 rho), Phi the normal distribution,
///   delta = Phi(mu / 2 - epsilon / mu) - e^epsilon Phi(-mu / 2 - epsilon / mu).
/// Relative error below 1e-9. Errors: as of epsilon_proven().
/// Source: Balle, Wang, "Improving the Gaussian mechanism", ICML 2018, theorem 8.
Result<double> epsilon_gaussian(double rho, double delta);

/// Largest area under the ROC curve that any test "was this listener among the contributors?" can
/// have against Gaussian noise: Phi(mu / sqrt 2) = Phi(sqrt rho). Errors: invalid_argument (rho
/// outside 0..1e3).
Result<double> best_membership_auc(double rho);

// ---- the budget, on the device ----

/// rho is kept in whole 2^-20, always rounded up.
inline constexpr double kRhoUnit = 0x1p-20;
/// A period is a twelfth of a year of 365.25 days.
inline constexpr std::int64_t kBudgetPeriodS = 2629800;
/// A year touches 13 periods.
inline constexpr std::size_t kBudgetPeriods = 13;

/// What one report costs, in rho units: max_norm^2 / (2 sigma^2) / kRhoUnit, rounded up, at
/// least 1. Exact. Errors: invalid_argument (max_norm 0, or the variance as of
/// DiscreteGaussian::open()), capacity_exceeded (rho above 15: no protection to speak of).
Result<std::uint32_t> rho_units(std::uint32_t max_norm, const Variance& variance);

/// What was spent in the newest kBudgetPeriods periods. A new one is `BudgetRecord{}`.
struct BudgetRecord {
  std::uint32_t period = 0;                            ///< newest period, since 1970
  std::array<std::uint32_t, kBudgetPeriods> rho{};     ///< rho units; [0]: newest; < 2^24 each
  std::array<std::uint8_t, kBudgetPeriods> reports{};  ///< reports, the same way
};

/// Most that any year may spend.
struct BudgetLimit {
  std::uint32_t rho = 0;  ///< rho units
  std::uint32_t reports = 0;
};

/// What counts against the budget: all that lies less than a year back, and up to one period more
/// (a full budget of monthly reports so stretches over 13 months).
struct BudgetSpent {
  std::uint32_t rho = 0;
  std::uint32_t reports = 0;
};

/// The record as it is at `now_s`, seconds since 1970: periods that lie a year back are forgotten.
/// Time only goes forward: a clock set back, or a negative time, leaves the record as it is. A
/// clock set forward is believed, and the record then waits for that time to come: pass the time
/// of the newest verified checkpoint of the log rather than the device's alone.
BudgetRecord budget_at(const BudgetRecord& record, std::int64_t now_s);

BudgetSpent budget_spent(const BudgetRecord& record);

/// The record with one more report of `cost` rho units. Store it durably, read back that it is
/// stored, and only then send: a crash in between loses the report, never the cost. There is no
/// call that gives anything back.
/// Errors: invalid_argument (cost 0), capacity_exceeded (beyond the limit: wait; `at` = period in
/// which the year's oldest cost is forgotten).
Result<BudgetRecord> reserve(const BudgetRecord& record, std::int64_t now_s, std::uint32_t cost,
                             const BudgetLimit& limit);

/// Bytes of a stored record: little-endian u16 version (1), u16 period, 13 u32 (rho in the low 24
/// bits, reports in the high 8), first 8 bytes of the SHA-256 of all before.
inline constexpr std::size_t kBudgetBytes = 64;
std::array<std::uint8_t, kBudgetBytes> encode(const BudgetRecord& record);

/// Errors: corrupt (size), checksum_mismatch, unsupported_version. None of them may be answered
/// with a new record, which would forget what was spent: stop contributing for a year, or for good.
Result<BudgetRecord> decode_budget(std::span<const std::uint8_t> bytes);

}  // namespace ossicle

#endif  // OSSICLE_PRIVACY_H_
