#include "kernels/dot.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "random_input.h"

namespace ossicle {
namespace {

/// Sized exactly n, so that the address sanitizer sees a read past the end.
void check_length(std::size_t n, std::uint64_t& state) {
  std::vector<std::int8_t> a(n);
  std::vector<std::uint8_t> b(n);
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < n; ++i) {
    a[i] = testing::random_s8(state);
    b[i] = testing::random_u7(state);
    expected += std::int64_t{a[i]} * b[i];
  }
  CAPTURE(n);
  REQUIRE(kernels::dot_s8u7_scalar(a.data(), b.data(), n) == expected);
  REQUIRE(kernels::dot_s8u7(a.data(), b.data(), n) == expected);
}

TEST_CASE("the dot product equals the scalar oracle at every length around a vector") {
  std::uint64_t state = 11;
  for (const std::size_t n : {0u, 1u, 2u, 14u, 15u, 16u, 17u, 31u, 32u, 33u, 63u, 64u, 65u}) {
    for (int repeat = 0; repeat < 20; ++repeat) check_length(n, state);
  }
}

TEST_CASE("the dot product equals the scalar oracle at random lengths") {
  std::uint64_t state = 12;
  for (int repeat = 0; repeat < 300; ++repeat)
    check_length(testing::next_below(state, 1100), state);
}

TEST_CASE("the dot product equals the scalar oracle from an unaligned address") {
  std::uint64_t state = 13;
  std::vector<std::int8_t> a(100);
  std::vector<std::uint8_t> b(100);
  for (std::size_t i = 0; i < 100; ++i) {
    a[i] = testing::random_s8(state);
    b[i] = testing::random_u7(state);
  }
  for (std::size_t shift = 0; shift < 17; ++shift) {
    REQUIRE(kernels::dot_s8u7(a.data() + shift, b.data() + 2, 80) ==
            kernels::dot_s8u7_scalar(a.data() + shift, b.data() + 2, 80));
  }
}

TEST_CASE("the largest values of both operands neither saturate nor wrap") {
  for (const std::size_t n : {15u, 16u, 17u, 64u, 1024u}) {
    for (const int va : {-127, 0, 127}) {
      for (const int vb : {0, 1, 127}) {
        const std::vector<std::int8_t> a(n, static_cast<std::int8_t>(va));
        const std::vector<std::uint8_t> b(n, static_cast<std::uint8_t>(vb));
        CAPTURE(n, va, vb);
        REQUIRE(kernels::dot_s8u7(a.data(), b.data(), n) == static_cast<int>(n) * va * vb);
      }
    }
  }
}

TEST_CASE("the build says which instructions it uses") {
#if defined(__wasm_relaxed_simd__)
  REQUIRE(std::string(kernels::kernels_isa()) == "relaxed");
#elif defined(__wasm_simd128__)
  REQUIRE(std::string(kernels::kernels_isa()) == "simd128");
#else
  REQUIRE(std::string(kernels::kernels_isa()) == "scalar");
#endif
}

}  // namespace
}  // namespace ossicle
