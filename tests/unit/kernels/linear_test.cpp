#include "kernels/linear.h"

#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "linear_input.h"
#include "random_input.h"

namespace ossicle {
namespace {

using kernels::Dot;
using testing::Linear;
using testing::same_bits;

std::vector<float> run(const Linear& linear, const std::vector<float>& x, std::size_t rows,
                       Dot dot = Dot::kPairs) {
  std::vector<float> y(rows * linear.out());
  OwnedBytes scratch = OwnedBytes::allocate(kernels::linear_bytes(linear.in()));
  kernels::linear(linear.view(), x.data(), linear.in(), rows, y.data(), linear.out(),
                  scratch.data(), dot);
  return y;
}

std::vector<float> run_scalar(const Linear& linear, const std::vector<float>& x, std::size_t rows) {
  std::vector<float> y(rows * linear.out());
  kernels::linear_scalar(linear.view(), x.data(), rows, y.data());
  return y;
}

void check_oracle(std::size_t in, std::size_t out, std::size_t rows, std::uint64_t& state) {
  const Linear linear(in, out, state);
  const std::vector<float> x = testing::random_f32(state, rows * in, 3);
  CAPTURE(in, out, rows);
  for (const Dot dot : {Dot::kPairs, Dot::kQuads}) {
    REQUIRE(same_bits(run(linear, x, rows, dot), run_scalar(linear, x, rows)));
  }
}

TEST_CASE("the product has the oracle's bits at every size around a tile") {
  std::uint64_t state = 1;
  for (const std::size_t in : {1u, 15u, 16u, 17u, 33u}) {
    for (const std::size_t out : {1u, 7u, 8u, 9u, 16u, 17u}) {
      for (const std::size_t rows :
           {0u, 1u, 2u, 3u, 4u, 5u, 6u, 7u, 11u, 12u, 13u, 16u, 17u, 25u}) {
        check_oracle(in, out, rows, state);
      }
    }
  }
}

TEST_CASE("the product has the oracle's bits at random sizes and at the encoder's") {
  std::uint64_t state = 2;
  for (int repeat = 0; repeat < 40; ++repeat) {
    check_oracle(1 + testing::next_below(state, 200), 1 + testing::next_below(state, 90),
                 testing::next_below(state, 30), state);
  }
  check_oracle(384, 1152, 7, state);
  check_oracle(1536, 384, 5, state);
}

TEST_CASE("the product is the one of the exact weights within the error of 7 bits") {
  std::uint64_t state = 3;
  const std::size_t in = 384, out = 64, rows = 9;
  const Linear linear(in, out, state);
  const std::vector<float> x = testing::random_f32(state, rows * in, 1);
  const std::vector<float> y = run(linear, x, rows);
  double error = 0, size = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t n = 0; n < out; ++n) {
      double exact = double{linear.bias[n]};
      for (std::size_t k = 0; k < in; ++k) {
        exact += double{x[r * in + k]} * double{linear.weight[n * in + k]};
      }
      error += std::pow(exact - y[r * out + n], 2);
      size += std::pow(exact, 2);
    }
  }
  CHECK(std::sqrt(error / size) < 0.012);
}

TEST_CASE("rows that are constant, tiny, huge or zero give finite numbers and the oracle's bits") {
  std::uint64_t state = 4;
  const std::size_t in = 48, out = 24;
  const Linear linear(in, out, state);
  const float lowest = std::numeric_limits<float>::lowest();
  const float tiny = std::numeric_limits<float>::denorm_min();
  for (const float a : {0.0f, -0.0f, 1.0f, 1e-31f, tiny, 1e30f, lowest / 4096}) {
    for (const float b : {0.0f, -0.0f, 1.0f, -tiny, -1e30f, -lowest / 4096}) {
      std::vector<float> x(3 * in, a);
      for (std::size_t i = 0; i < x.size(); i += 5) x[i] = b;
      const std::vector<float> y = run(linear, x, 3);
      CAPTURE(a, b);
      REQUIRE(same_bits(y, run_scalar(linear, x, 3)));
      for (const float v : y) REQUIRE(std::isfinite(v));
    }
  }
}

TEST_CASE("a constant row is exact, whatever its value") {
  std::uint64_t state = 5;
  const Linear linear(32, 8, state);
  const std::vector<float> x(32, 0.7f);
  const std::vector<float> y = run(linear, x, 1);
  for (std::size_t n = 0; n < 8; ++n) REQUIRE(y[n] == 0.7f * linear.offset[n] + linear.bias[n]);
}

TEST_CASE("the largest weights that the rules allow neither saturate nor wrap") {
  // Groups of eight that sum to 258, all of one sign, against activations of 127.
  for (const int sign : {-1, 1}) {
    const std::size_t in = 64, out = 8;
    std::vector<std::int8_t> q(in * out);
    for (std::size_t n = 0; n < out; ++n) {
      for (std::size_t k = 0; k < in; ++k) {
        const std::size_t place = k % 16 / 4 * 2 + k % 2;  // 0..7 within the group
        const int size =
            place == n ? 127 : (place == (n + 1) % 8 ? 127 : (place == (n + 2) % 8) * 4);
        q[n * in + k] = static_cast<std::int8_t>(sign * size);
      }
    }
    const Linear linear(q, in, out);
    REQUIRE(kernels::obeys_group_rule(linear.view()));
    std::vector<float> x(in, 1.0f);
    x[3] = 0;
    const std::vector<float> y = run(linear, x, 1);
    REQUIRE(same_bits(y, run_scalar(linear, x, 1)));
    for (std::size_t n = 0; n < out; ++n) {
      double exact = 0;
      for (std::size_t k = 0; k < in; ++k) exact += double{x[k]} * q[n * in + k];
      REQUIRE(y[n] == Approx(exact));
    }
  }
}

TEST_CASE("weights beyond 127, or a group beyond 258, are found") {
  std::vector<std::int8_t> q(32 * 9, 0);
  REQUIRE(kernels::obeys_group_rule(Linear(q, 32, 9).view()));
  q[32 * 8 + 20] = -128;
  REQUIRE_FALSE(kernels::obeys_group_rule(Linear(q, 32, 9).view()));
  q[32 * 8 + 20] = 127;
  q[32 * 8 + 21] = 127;
  q[32 * 8 + 25] = 4;  // the same two places of the next quad but one
  REQUIRE(kernels::obeys_group_rule(Linear(q, 32, 9).view()));
  q[32 * 8 + 25] = 5;
  REQUIRE_FALSE(kernels::obeys_group_rule(Linear(q, 32, 9).view()));
  q[32 * 8 + 25] = -128 + 1;  // the other sign does not add up
  REQUIRE(kernels::obeys_group_rule(Linear(q, 32, 9).view()));
}

TEST_CASE("quantised weights keep the rules and lie within half a step of the weights") {
  std::uint64_t state = 6;
  for (const float tail : {1.0f, 20.0f}) {  // 1: flat, so that groups are what limits the scale
    const std::size_t in = 100, out = 30;
    std::vector<float> w = testing::random_f32(state, in * out, 0.1f);
    for (std::size_t i = 0; i < w.size(); i += 37) w[i] *= tail;
    const Linear linear(w, std::vector<float>(out), in);
    REQUIRE(kernels::obeys_group_rule(linear.view()));
    for (std::size_t n = 0; n < out; ++n) {
      for (std::size_t k = 0; k < in; ++k) {
        const float back = linear.scale[n] * linear.q[n * in + k];
        REQUIRE(std::fabs(back - w[n * in + k]) <= linear.scale[n] * 0.5001f);
      }
    }
  }
}

TEST_CASE("a channel of zeros has the scale 0 and gives its bias") {
  const Linear linear(std::vector<float>(16 * 2), {0.5f, -2.0f}, 16);
  REQUIRE(linear.scale == std::vector<float>{0, 0});
  std::uint64_t state = 7;
  const std::vector<float> x = testing::random_f32(state, 16, 1);
  REQUIRE(run(linear, x, 1) == std::vector<float>{0.5f, -2.0f});
}

}  // namespace
}  // namespace ossicle
