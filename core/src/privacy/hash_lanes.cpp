#include "privacy/hash_lanes.h"

#include <cstring>

#include "base/sha256_constants.h"

namespace ossicle::privacy {
namespace {

// The same word of four blocks.
using U32x4 = std::uint32_t __attribute__((vector_size(16)));
using State = std::array<U32x4, 8>;

U32x4 rotated(U32x4 x, int by) { return (x >> by) | (x << (32 - by)); }

U32x4 swapped(U32x4 x) { return (x << 24) | ((x & 0xff00) << 8) | ((x >> 8) & 0xff00) | (x >> 24); }

// `words`: the block's, big-endian ones as numbers.
void add_block(std::array<U32x4, 16>& words, State& state) {
  auto [a, b, c, d, e, f, g, h] = state;
  for (std::size_t i = 0; i < 64; ++i) {
    U32x4& word = words[i % 16];
    if (i >= 16) {
      const U32x4 x = words[(i + 1) % 16];
      const U32x4 y = words[(i + 14) % 16];
      word += (rotated(x, 7) ^ rotated(x, 18) ^ (x >> 3)) + words[(i + 9) % 16] +
              (rotated(y, 17) ^ rotated(y, 19) ^ (y >> 10));
    }
    const U32x4 t1 = h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + (g ^ (e & (f ^ g))) +
                     base::kSha256Rounds[i] + word;
    const U32x4 t2 = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) | (c & (a | b)));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  const State after = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < after.size(); ++i) state[i] += after[i];
}

}  // namespace

std::array<base::Digest, kLanes> hash_lanes(const base::Digest& prefix,
                                            const base::Digest& more_prefix,
                                            std::span<const std::uint32_t> numbers) {
  State state;
  for (std::size_t i = 0; i < state.size(); ++i) state[i] = U32x4{} + base::kSha256Start[i];
  std::array<U32x4, 16> words;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, (i < 8 ? prefix : more_prefix).data() + 4 * (i % 8), sizeof(word));
    words[i] = swapped(U32x4{} + word);
  }
  add_block(words, state);
  for (std::size_t at = 0; at < numbers.size(); at += kLaneNumbers) {
    std::memcpy(words.data(), numbers.data() + at, sizeof(words));
    for (U32x4& word : words) word = swapped(word);
    add_block(words, state);
  }
  // The end of a message of whole blocks: one bit, and its length in bits.
  words = {};
  words[0] += 0x80000000;
  const std::uint64_t bits = std::uint64_t{numbers.size()} / kLanes * 32 + 512;
  words[14] += static_cast<std::uint32_t>(bits >> 32);
  words[15] += static_cast<std::uint32_t>(bits);
  add_block(words, state);

  std::array<base::Digest, kLanes> digests;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    for (std::size_t i = 0; i < 32; ++i) {
      digests[lane][i] = static_cast<std::uint8_t>(state[i / 4][lane] >> (24 - 8 * (i % 4)));
    }
  }
  return digests;
}

}  // namespace ossicle::privacy
