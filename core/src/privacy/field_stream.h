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

/// How often ChaCha mixes a block. What keeps a secret takes the 20 of RFC 8439. For what is public
/// and only has to be as good as random, 8 do: no attack on them is known (nor on 7 that would be
/// of use), and other random generators take as many (Go's) or 12 (Rust's).
enum class Rounds : std::uint8_t { kSecret = 20, kPublic = 8 };

/// The words of a ChaCha keystream, little-endian, in the order of chacha20_block(), four blocks at
/// a time.
class Keystream {
 public:
  static constexpr std::size_t kWords = 64;

  /// `nonce` has 12 bytes; any other length traps.
  Keystream(std::span<const std::uint8_t, 32> key, std::string_view nonce,
            Rounds rounds = Rounds::kSecret);

  /// The next kWords words.
  void next(std::span<std::uint32_t, kWords> words);

 private:
  ChaChaState state_;
  int double_rounds_;
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
