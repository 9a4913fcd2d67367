#ifndef OSSICLE_PRIVACY_CHACHA20_H_
#define OSSICLE_PRIVACY_CHACHA20_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace ossicle::privacy {

/// Constants, key, block counter and nonce, as RFC 8439, section 2.3 lays them out.
using ChaChaState = std::array<std::uint32_t, 16>;

/// A state with block counter 0. `nonce` has 12 bytes; any other length traps.
ChaChaState chacha20_state(std::span<const std::uint8_t, 32> key, std::string_view nonce);

/// The keystream block of `state`, as little-endian numbers, and the state moved to the next one.
/// After 2^32 blocks the counter carries into the nonce (the 64-bit counter of the original
/// ChaCha), so that no block is given twice.
void chacha20_block(ChaChaState& state, std::span<std::uint32_t, 16> block);

}  // namespace ossicle::privacy

#endif  // OSSICLE_PRIVACY_CHACHA20_H_
