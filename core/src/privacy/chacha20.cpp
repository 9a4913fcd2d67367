#include "privacy/chacha20.h"

#include <bit>
#include <cstddef>

namespace ossicle::privacy {
namespace {

void quarter_round(ChaChaState& x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
  x[a] += x[b];
  x[d] = std::rotl(x[d] ^ x[a], 16);
  x[c] += x[d];
  x[b] = std::rotl(x[b] ^ x[c], 12);
  x[a] += x[b];
  x[d] = std::rotl(x[d] ^ x[a], 8);
  x[c] += x[d];
  x[b] = std::rotl(x[b] ^ x[c], 7);
}

}  // namespace

ChaChaState chacha20_state(std::span<const std::uint8_t, 32> key, std::string_view nonce) {
  if (nonce.size() != 12) __builtin_trap();
  ChaChaState state{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
  for (std::size_t i = 0; i < 32; ++i) {
    state[4 + i / 4] |= static_cast<std::uint32_t>(key[i]) << (8 * (i % 4));
  }
  for (std::size_t i = 0; i < 12; ++i) {
    state[13 + i / 4] |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(nonce[i]))
                         << (8 * (i % 4));
  }
  return state;
}

void chacha20_block(ChaChaState& state, std::span<std::uint32_t, 16> block) {
  ChaChaState x = state;
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < 4; ++i) quarter_round(x, i, 4 + i, 8 + i, 12 + i);
    for (std::size_t i = 0; i < 4; ++i) {
      quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
  }
  for (std::size_t i = 0; i < 16; ++i) block[i] = x[i] + state[i];
  if (++state[12] == 0) ++state[13];
}

}  // namespace ossicle::privacy
