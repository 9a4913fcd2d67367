#ifndef OSSICLE_BASE_RNG_H_
#define OSSICLE_BASE_RNG_H_

#include <cstdint>

namespace ossicle::base {

// Random numbers whose whole state is one caller-owned 64-bit word; the same seed gives the same
// numbers on every build. Not for secrets.

/// The next 64 random bits (splitmix64; Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t next(std::uint64_t& state);

/// Uniform in [0, 1), a multiple of 2^-53.
double uniform(std::uint64_t& state);

/// Standard normal (Marsaglia and Bray's polar method; the second number of a pair is not kept).
double normal(std::uint64_t& state);

/// Unbiased in [0, n); n > 0 (Lemire, TOMACS 2019).
std::uint32_t below(std::uint64_t& state, std::uint32_t n);

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_RNG_H_
