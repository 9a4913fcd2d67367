#include "privacy/field_stream.h"

#include <algorithm>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>

#include <bit>
#endif

namespace ossicle::privacy::field {
namespace {

// The same word of four blocks.
using U32x4 = std::uint32_t __attribute__((vector_size(16)));

U32x4 rotated(U32x4 x, int by) { return (x << by) | (x >> (32 - by)); }

#ifdef __wasm_simd128__
// By whole bytes: one shuffle where a rotation is three instructions.
U32x4 rotated_16(U32x4 x) {
  const auto v = std::bit_cast<v128_t>(x);
  return std::bit_cast<U32x4>(
      wasm_i8x16_shuffle(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}
U32x4 rotated_8(U32x4 x) {
  const auto v = std::bit_cast<v128_t>(x);
  return std::bit_cast<U32x4>(
      wasm_i8x16_shuffle(v, v, 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14));
}
#else
U32x4 rotated_16(U32x4 x) { return rotated(x, 16); }
U32x4 rotated_8(U32x4 x) { return rotated(x, 8); }
#endif

void quarter_rounds(U32x4& a, U32x4& b, U32x4& c, U32x4& d) {
  a += b;
  d = rotated_16(d ^ a);
  c += d;
  b = rotated(b ^ c, 12);
  a += b;
  d = rotated_8(d ^ a);
  c += d;
  b = rotated(b ^ c, 7);
}

}  // namespace

Keystream::Keystream(std::span<const std::uint8_t, 32> key, std::string_view nonce, Rounds rounds)
    : state_(chacha20_state(key, nonce)), double_rounds_(static_cast<int>(rounds) / 2) {}

void Keystream::next(std::span<std::uint32_t, kWords> words) {
  U32x4 start[16];
  for (std::size_t i = 0; i < 16; ++i) start[i] = U32x4{} + state_[i];
  start[12] += U32x4{0, 1, 2, 3};
  U32x4 x[16];
  std::copy(std::begin(start), std::end(start), std::begin(x));
  for (int round = 0; round < double_rounds_; ++round) {
    for (std::size_t i = 0; i < 4; ++i) quarter_rounds(x[i], x[4 + i], x[8 + i], x[12 + i]);
    for (std::size_t i = 0; i < 4; ++i) {
      quarter_rounds(x[i], x[4 + (i + 1) % 4], x[8 + (i + 2) % 4], x[12 + (i + 3) % 4]);
    }
  }
  for (std::size_t i = 0; i < 16; ++i) x[i] += start[i];
  for (std::size_t block = 0; block < 4; ++block) {
    for (std::size_t i = 0; i < 16; ++i) words[16 * block + i] = x[i][block];
  }
  // A table has far fewer than the 2^32 blocks after which this would carry.
  state_[12] += 4;
}

FieldStream::FieldStream(std::span<const std::uint8_t, 32> key, std::string_view nonce)
    : keystream_(key, nonce) {}

std::uint32_t FieldStream::number() {
  for (;;) {
    if (used_ == words_.size()) {
      keystream_.next(words_);
      used_ = 0;
    }
    const std::uint32_t word = words_[used_++];
    if (word < kQ) return word;
  }
}

void FieldStream::fill(std::span<std::uint32_t> numbers) {
  std::size_t done = 0;
  while (done < numbers.size()) {
    // A whole batch at once, unless a word of it has to be passed over (one batch in 64).
    if (used_ == words_.size() && numbers.size() - done >= words_.size()) {
      keystream_.next(words_);
      std::uint32_t largest = 0;
      for (const std::uint32_t word : words_) largest = std::max(largest, word);
      used_ = 0;
      if (largest < kQ) {
        std::copy(words_.begin(), words_.end(),
                  numbers.begin() + static_cast<std::ptrdiff_t>(done));
        done += words_.size();
        used_ = words_.size();
        continue;
      }
    }
    numbers[done++] = number();
  }
}

void FieldStream::fill(std::span<Element> elements) {
  for (Element& e : elements) e = element();
}

Element FieldStream::element() {
  Element e;
  for (std::uint32_t& x : e.at) x = number();
  return e;
}

}  // namespace ossicle::privacy::field
