#include "kernels/attention.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "linear_input.h"

namespace ossicle {
namespace {

using kernels::Visible;
using testing::same_bits;

/// Queries, keys and values side by side, as a layer's projection leaves them: [tokens, 3D].
struct Head {
  std::size_t d, tokens;
  std::vector<float> qkv;
  OwnedBytes cache, scratch;

  Head(std::size_t head_size, std::size_t n, std::size_t capacity, std::uint64_t& state, float size)
      : d(head_size),
        tokens(n),
        qkv(testing::random_f32(state, n * 3 * head_size, size)),
        cache(OwnedBytes::allocate(kernels::key_values_bytes(head_size, capacity))),
        scratch(OwnedBytes::allocate(kernels::attend_bytes(head_size, capacity))),
        capacity_(capacity) {}

  kernels::KeyValues view() { return {d, capacity_, cache.data()}; }
  void append(std::size_t from, std::size_t n) {
    const float* row = qkv.data() + from * 3 * d;
    kernels::append_key_values(view(), from, row + d, row + 2 * d, 3 * d, n);
  }
  std::vector<float> attend(std::size_t from, std::size_t rows, Visible visible,
                            kernels::Dot dot = kernels::Dot::kPairs) {
    std::vector<float> out(rows * d);
    kernels::attend(view(), qkv.data() + from * 3 * d, 3 * d, rows, visible, out.data(), d,
                    scratch.data(), dot);
    return out;
  }
  std::vector<float> oracle(std::size_t from, std::size_t rows, Visible visible) const {
    std::vector<float> out(rows * d), room(tokens);
    kernels::attention_scalar(d, qkv.data() + from * 3 * d, qkv.data() + d, qkv.data() + 2 * d,
                              3 * d, rows, visible, out.data(), d, room.data());
    return out;
  }
  std::vector<float> exact(std::size_t rows, Visible visible) const {
    std::vector<float> out(rows * d);
    for (std::size_t r = 0; r < rows; ++r) {
      std::vector<double> weight, mixed(d);
      double sum = 0;
      for (std::size_t t = 0; t < visible.first + r * visible.step; ++t) {
        double dot = 0;
        for (std::size_t i = 0; i < d; ++i) {
          dot += double{qkv[r * 3 * d + i]} * double{qkv[t * 3 * d + d + i]};
        }
        weight.push_back(std::exp(dot / std::sqrt(double(d))));
        sum += weight.back();
      }
      for (std::size_t t = 0; t < weight.size(); ++t) {
        for (std::size_t i = 0; i < d; ++i) {
          mixed[i] += weight[t] / sum * double{qkv[t * 3 * d + 2 * d + i]};
        }
      }
      for (std::size_t i = 0; i < d; ++i) out[r * d + i] = static_cast<float>(mixed[i]);
    }
    return out;
  }

 private:
  std::size_t capacity_;
};

TEST_CASE("attention has the oracle's bits at every length around a vector") {
  std::uint64_t state = 21;
  for (const std::size_t d : {1u, 3u, 8u, 16u, 17u, 32u, 64u}) {
    for (const std::size_t n : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 15u, 16u, 17u, 31u, 33u}) {
      Head head(d, n, n, state, 2);
      head.append(0, n);
      CAPTURE(d, n);
      const std::vector<float> oracle = head.oracle(0, n, {n, 0});
      for (const kernels::Dot dot : {kernels::Dot::kPairs, kernels::Dot::kQuads}) {
        REQUIRE(same_bits(head.attend(0, n, {n, 0}, dot), oracle));
      }
    }
  }
}

TEST_CASE("attention is the exact one within the error of its integers") {
  std::uint64_t state = 22;
  for (const float size : {0.5f, 1.0f, 3.0f}) {
    for (const std::size_t n : {2u, 16u, 100u}) {
      Head head(32, n, 128, state, size);
      head.append(0, n);
      const std::vector<float> y = head.attend(0, n, {n, 0}), exact = head.exact(n, {n, 0});
      double xy = 0, xx = 0, yy = 0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        xy += double{y[i]} * double{exact[i]};
        xx += double{exact[i]} * double{exact[i]};
        yy += double{y[i]} * double{y[i]};
      }
      CAPTURE(size, n);
      CHECK(xy / std::sqrt(xx * yy) > 0.999);
    }
  }
}

TEST_CASE("a causal decoder gives the same bytes token by token and all at once") {
  std::uint64_t state = 23;
  const std::size_t n = 37;
  Head head(32, n, 64, state, 2);
  head.append(0, n);
  const std::vector<float> together = head.attend(0, n, {1, 1});
  REQUIRE(same_bits(together, head.oracle(0, n, {1, 1})));
  std::memset(head.cache.data(), 0, head.cache.size());
  for (std::size_t t = 0; t < n; ++t) {
    head.append(t, 1);
    const std::vector<float> row = head.attend(t, 1, {t + 1, 0});
    REQUIRE(std::memcmp(row.data(), together.data() + t * 32, sizeof(float) * 32) == 0);
  }
}

TEST_CASE("a cache that held a longer sequence gives the same bytes as a fresh one") {
  std::uint64_t state = 24;
  Head head(32, 40, 40, state, 2);
  head.append(0, 7);
  const std::vector<float> fresh = head.attend(0, 7, {7, 0});
  head.append(0, 40);
  head.append(0, 7);
  REQUIRE(same_bits(head.attend(0, 7, {7, 0}), fresh));
}

TEST_CASE("keys and values of zeros, equal keys and far-off scores stay finite") {
  std::uint64_t state = 25;
  for (const float size : {0.0f, 1e-33f, 1e4f, 1e12f}) {
    Head head(16, 20, 20, state, size);
    head.append(0, 20);
    const std::vector<float> y = head.attend(0, 20, {20, 0});
    CAPTURE(size);
    REQUIRE(same_bits(y, head.oracle(0, 20, {20, 0})));
    for (const float v : y) REQUIRE(std::isfinite(v));
  }
}

}  // namespace
}  // namespace ossicle
