#include "kernels/elementwise.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "linear_input.h"

namespace ossicle {
namespace {

using testing::same_bits;

TEST_CASE("GELU is within 2e-6 of x Phi(x), and x or 0 far from zero") {
  for (int i = -80000; i <= 80000; ++i) {
    const float x = static_cast<float>(i) * 1e-4f;
    const double exact = 0.5 * double{x} * std::erfc(-double{x} / std::sqrt(2.0));
    REQUIRE(std::fabs(double{kernels::gelu_scalar(x)} - exact) <= 2e-6);
  }
  CHECK(kernels::gelu_scalar(1e30f) == 1e30f);
  CHECK(std::fabs(kernels::gelu_scalar(-1e30f)) <= 2e-6f);
}

TEST_CASE("GELU of an array has the oracle's bits at every length around a vector") {
  std::uint64_t state = 40;
  for (const std::size_t n : {0u, 1u, 3u, 4u, 5u, 15u, 16u, 17u, 500u}) {
    auto x = testing::random_f32(state, n, 7), oracle = x;
    for (float& v : oracle) v = kernels::gelu_scalar(v);
    kernels::gelu(x.data(), n);
    REQUIRE(same_bits(x, oracle));
  }
}

TEST_CASE("adding and normalising has the oracle's bits at row lengths around its lanes") {
  std::uint64_t state = 41;
  for (const std::size_t n : {1u, 7u, 8u, 9u, 15u, 16u, 17u, 24u, 384u, 1536u}) {
    for (const float size : {0.0f, 1e-20f, 1.0f, 1e15f}) {
      const auto weight = testing::random_f32(state, n, 1), bias = testing::random_f32(state, n, 1);
      const auto x = testing::random_f32(state, 3 * n, size);
      const auto y = testing::random_f32(state, 3 * n, size);
      auto fast = x, oracle = x;
      kernels::add_layer_norm(fast.data(), y.data(), 3, n, weight.data(), bias.data(), 1e-12f);
      kernels::add_layer_norm_scalar(oracle.data(), y.data(), 3, n, weight.data(), bias.data(),
                                     1e-12f);
      CAPTURE(n, size);
      REQUIRE(same_bits(fast, oracle));
    }
  }
}

TEST_CASE("adding and normalising agrees with double arithmetic") {
  std::uint64_t state = 42;
  const std::size_t n = 384;
  const auto weight = testing::random_f32(state, n, 1), bias = testing::random_f32(state, n, 1);
  auto x = testing::random_f32(state, n, 5);
  const auto y = testing::random_f32(state, n, 5);
  double mean = 0, variance = 0;
  for (std::size_t i = 0; i < n; ++i) mean += (double{x[i]} + double{y[i]}) / double(n);
  for (std::size_t i = 0; i < n; ++i) {
    variance += std::pow(double{x[i]} + double{y[i]} - mean, 2) / double(n);
  }
  std::vector<double> expected;
  for (std::size_t i = 0; i < n; ++i) {
    const double unit = (double{x[i]} + double{y[i]} - mean) / std::sqrt(variance + 1e-5);
    expected.push_back(unit * double{weight[i]} + double{bias[i]});
  }
  kernels::add_layer_norm(x.data(), y.data(), 1, n, weight.data(), bias.data(), 1e-5f);
  for (std::size_t i = 0; i < n; ++i) REQUIRE(std::fabs(double{x[i]} - expected[i]) <= 3e-6);
}

}  // namespace
}  // namespace ossicle
