#ifndef OSSICLE_PRIVACY_FIELD_STREAM_H_
#define OSSICLE_PRIVACY_FIELD_STREAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "privacy/chacha20.h"
#include "privacy/field.h"

namespace ossicle::privacy::field {

/// The words of a ChaCha20 keystream, little-endian, in the order of chacha20_block(), four blocks
/// at a time.
class Keystream {
 public:
  static constexpr std::size_t kWords = 64;

  /// `nonce` has 12 bytes; any other length traps.
  Keystream(std::span<const std::uint8_t, 32> key, std::string_view nonce);

  /// The next kWords words.
  void next(std::span<std::uint32_t, kWords> words);

 private:
  ChaChaState state_;
};

/// Uniform numbers modulo q: the words of a keystream that are below q, in order. One word in 4,096
/// is passed over.
class FieldStream {
 public:
  FieldStream(std::span<const std::uint8_t, 32> key, std::string_view nonce);

  void fill(std::span<std::uint32_t> numbers);
  void fill(std::span<Element> elements);
  Element element();

 private:
  std::uint32_t number();

  Keystream keystream_;
  std::array<std::uint32_t, Keystream::kWords> words_{};
  std::size_t used_ = Keystream::kWords;
};

}  // namespace ossicle::privacy::field

#endif  // OSSICLE_PRIVACY_FIELD_STREAM_H_
