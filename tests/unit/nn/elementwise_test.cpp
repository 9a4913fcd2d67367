#include "nn/elementwise.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "block_input.h"

namespace ossicle {
namespace {

TEST_CASE("erf is within 4.5e-7 of the exact one everywhere, odd and bounded by 1") {
  double worst = 0;
  float outside = 0;
  for (int i = -600000; i <= 600000; ++i) {
    const float x = static_cast<float>(i) * 1e-5f;
    const float y = nn::erf_rational(x);
    worst = std::fmax(worst, std::fabs(double{y} - std::erf(double{x})));
    outside = std::fmax(outside, std::fabs(y) - 1.0f);
    REQUIRE(nn::erf_rational(-x) == -y);
  }
  CAPTURE(worst);
  CHECK(worst <= 4.5e-7);
  CHECK(outside <= 1e-6f);
  CHECK(nn::erf_rational(1e30f) == nn::erf_rational(4.0f));
}

TEST_CASE("GELU is within 2e-6 of x Phi(x) from -8 to 8") {
  for (int i = -8000; i <= 8000; ++i) {
    const float x = static_cast<float>(i) * 1e-3f;
    float y[1] = {x};
    nn::gelu(y);
    const double exact = 0.5 * double{x} * (1 + std::erf(double{x} / std::sqrt(2.0)));
    REQUIRE(std::fabs(y[0] - exact) <= 2e-6);
  }
}

TEST_CASE("layer norm agrees with double arithmetic at row lengths around its lanes") {
  for (const std::size_t n : {1u, 2u, 7u, 8u, 9u, 16u, 17u, 384u, 1536u}) {
    const auto weight = testing::noise(n, 5, 1), bias = testing::noise(n, 6, 1);
    auto x = testing::noise(3 * n, 7, 100);
    std::vector<double> expected;
    for (std::size_t r = 0; r < 3; ++r) {
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < n; ++i) mean += x[r * n + i] / double(n);
      for (std::size_t i = 0; i < n; ++i) variance += std::pow(x[r * n + i] - mean, 2) / double(n);
      for (std::size_t i = 0; i < n; ++i) {
        const double unit = (x[r * n + i] - mean) / std::sqrt(variance + 1e-5);
        expected.push_back(unit * weight[i] + bias[i]);
      }
    }
    nn::layer_norm(x, n, weight, bias, 1e-5f);
    CAPTURE(n);
    for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(std::fabs(x[i] - expected[i]) <= 3e-6);
  }
}

}  // namespace
}  // namespace ossicle
