#ifndef OSSICLE_PRIVACY_HASH_LANES_H_
#define OSSICLE_PRIVACY_HASH_LANES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/sha256.h"

namespace ossicle::privacy {

inline constexpr std::size_t kLanes = 4;
/// A block of each lane.
inline constexpr std::size_t kLaneNumbers = kLanes * 16;

/// Lane l is SHA-256 (FIPS 180-4) of both parts of the prefix and the numbers l, l + 4, l + 8, ...,
/// little-endian: four hashes in the time of not much more than one. The size is a multiple of
/// kLaneNumbers.
std::array<base::Digest, kLanes> hash_lanes(const base::Digest& prefix,
                                            const base::Digest& more_prefix,
                                            std::span<const std::uint32_t> numbers);

}  // namespace ossicle::privacy

#endif  // OSSICLE_PRIVACY_HASH_LANES_H_
