#include "base/sha256.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>

namespace ossicle::base {
namespace {

std::string hex(std::string_view text) { return to_hex(sha256(text)); }

// FIPS 180-4 and NIST's example vectors.
TEST_CASE("SHA-256 gives the published digests") {
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(std::string(1000000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a digest does not depend on the pieces") {
  std::string text;
  for (int i = 0; i < 300; ++i) text.push_back(static_cast<char>(i * 7));
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const std::string_view part = std::string_view(text).substr(0, length);
    Sha256 hash;
    for (std::size_t at = 0; at < length; at += 1 + at % 67) {
      hash.update(part.substr(at, 1 + at % 67));
    }
    REQUIRE(hash.finish() == sha256(part));
  }
}

TEST_CASE("hexadecimal is read back, and nothing else is") {
  std::array<std::uint8_t, 4> bytes{};
  REQUIRE(from_hex("00fFa17e", bytes));
  CHECK(to_hex(bytes) == "00ffa17e");
  CHECK_FALSE(from_hex("00ffa17", bytes));
  CHECK_FALSE(from_hex("00ffa17e0", bytes));
  CHECK_FALSE(from_hex("00ffa17g", bytes));
  CHECK_FALSE(from_hex("0x00ffa1", bytes));
}

}  // namespace
}  // namespace ossicle::base
