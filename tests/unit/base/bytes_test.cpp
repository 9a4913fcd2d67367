#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/checked.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST_CASE("owned bytes are aligned, zeroed and readable past their end") {
  const OwnedBytes bytes = OwnedBytes::allocate(100);
  REQUIRE(bytes.ok());
  CHECK(bytes.size() == 100);
  CHECK(reinterpret_cast<std::uintptr_t>(bytes.data()) % OwnedBytes::kAlignment == 0);
  bool zero = true;
  for (std::size_t i = 0; i < 100 + OwnedBytes::kOverread; ++i) {
    zero = zero && bytes.data()[i] == std::byte{0};
  }
  CHECK(zero);
}

TEST_CASE("memory that cannot be had gives empty bytes") {
  const OwnedBytes bytes = OwnedBytes::allocate(std::numeric_limits<std::size_t>::max() - 8);
  CHECK_FALSE(bytes.ok());
  CHECK(bytes.size() == 0);
}

TEST_CASE("empty owned bytes are still memory") { CHECK(OwnedBytes::allocate(0).ok()); }

TEST_CASE("checked arithmetic refuses what does not fit in 64 bits") {
  std::uint64_t out = 0;
  CHECK(base::checked_add(kMax - 1, 1, out));
  CHECK(out == kMax);
  CHECK_FALSE(base::checked_add(kMax, 1, out));
  CHECK(base::checked_mul(std::uint64_t{1} << 32, (std::uint64_t{1} << 32) - 1, out));
  CHECK_FALSE(base::checked_mul(std::uint64_t{1} << 32, std::uint64_t{1} << 32, out));
  CHECK(base::checked_align(65, 64, out));
  CHECK(out == 128);
  CHECK(base::checked_align(128, 64, out));
  CHECK(out == 128);
  CHECK_FALSE(base::checked_align(kMax - 3, 64, out));
}

TEST_CASE("every code has the name that is written in messages") {
  CHECK(std::string_view(code_name(Code::kOk)) == "ok");
  CHECK(std::string_view(code_name(Code::kChecksumMismatch)) == "checksum_mismatch");
  CHECK(std::string_view(code_name(Code::kNotSolvable)) == "not_solvable");
  CHECK(std::string_view(code_name(Code::kDrift)) == "drift");
  for (std::int32_t code = 0; code <= static_cast<std::int32_t>(Code::kIncompatible); ++code) {
    CHECK(std::string_view(code_name(static_cast<Code>(code))) != "unknown");
  }
}

}  // namespace
}  // namespace ossicle
