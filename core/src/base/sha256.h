#ifndef OSSICLE_BASE_SHA256_H_
#define OSSICLE_BASE_SHA256_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ossicle::base {

using Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view text) { update(std::as_bytes(std::span(text))); }
  /// The digest of all that came; the object must not be used afterwards.
  Digest finish();

 private:
  void add_block(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_;
  std::array<std::uint8_t, 64> buffer_{};
  std::size_t buffered_ = 0;
  std::uint64_t total_ = 0;
};

Digest sha256(std::span<const std::byte> bytes);
Digest sha256(std::string_view text);

/// Lower-case hexadecimal.
std::string to_hex(std::span<const std::uint8_t> bytes);

/// Reads exactly 2 * out.size() hexadecimal digits of either case; false for anything else.
[[nodiscard]] bool from_hex(std::string_view text, std::span<std::uint8_t> out);

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_SHA256_H_
