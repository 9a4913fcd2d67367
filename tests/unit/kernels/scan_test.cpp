#include "kernels/scan.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "random_input.h"

namespace ossicle {
namespace {

struct ScanInput {
  std::size_t n = 0, stride = 0;
  std::vector<std::int8_t> rows;
  std::vector<float> scale, bias;
  std::vector<std::int32_t> rowsum;
  std::vector<std::uint8_t> excluded, query;
  float query_scale = 0.01f, offset = 0.25f;

  kernels::ScanRows view() const { return {rows.data(), stride, scale, bias, rowsum, excluded}; }
  kernels::ScanQuery ask() const { return {query.data(), query_scale, offset}; }
};

ScanInput random_scan(std::size_t n, std::size_t stride, std::uint64_t seed) {
  std::uint64_t state = seed;
  ScanInput in;
  in.n = n;
  in.stride = stride;
  in.rows.resize(n * stride);
  in.query.resize(stride);
  for (auto& v : in.query) v = testing::random_u7(state);
  for (std::size_t i = 0; i < n; ++i) {
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < stride; ++j) {
      in.rows[i * stride + j] = testing::random_s8(state);
      sum += in.rows[i * stride + j];
    }
    in.rowsum.push_back(sum);
    in.scale.push_back(static_cast<float>(testing::next_uniform(state)));
    in.bias.push_back(static_cast<float>(testing::next_uniform(state) - 0.5));
  }
  return in;
}

/// Everything scored one by one, sorted, cut off: shares no code with the kernels.
std::vector<Candidate> full_sort(const ScanInput& in, std::size_t k) {
  std::vector<Candidate> all;
  for (std::uint32_t i = 0; i < in.n; ++i) {
    if (!in.excluded.empty() && in.excluded[i] != 0) continue;
    std::int32_t dot = 0;
    for (std::size_t j = 0; j < in.stride; ++j) {
      dot += in.rows[i * in.stride + j] * (in.query[j] - 64);
    }
    const float scale = in.scale[i] * in.query_scale;
    const float product = static_cast<float>(dot) * scale;
    const float shift = in.bias[i] + in.offset;
    const float score = product + shift;
    if (score > -std::numeric_limits<float>::infinity()) all.push_back({i, score});
  }
  std::sort(all.begin(), all.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.item < b.item;
  });
  if (all.size() > k) all.resize(k);
  return all;
}

void check_scan(const ScanInput& in, std::size_t k) {
  const std::vector<Candidate> expected = full_sort(in, k);
  for (const auto scan : {kernels::scan_top, kernels::scan_top_scalar}) {
    std::vector<Candidate> out(k, Candidate{7, 7});
    const std::size_t found = scan(in.view(), in.ask(), out);
    CAPTURE(in.n, in.stride, k);
    REQUIRE(found == expected.size());
    for (std::size_t i = 0; i < found; ++i) {
      CAPTURE(i);
      REQUIRE(out[i].item == expected[i].item);
      REQUIRE(std::bit_cast<std::uint32_t>(out[i].score) ==
              std::bit_cast<std::uint32_t>(expected[i].score));
    }
  }
}

TEST_CASE("the scan equals a full sort for every row count around a block") {
  for (const std::size_t n : {0u, 1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 15u, 16u, 17u}) {
    for (const std::size_t stride : {16u, 48u, 64u, 80u}) {
      for (const std::size_t k : {1u, 3u, 10u}) check_scan(random_scan(n, stride, n + 1), k);
    }
  }
}

TEST_CASE("the scan equals a full sort for random sizes") {
  std::uint64_t state = 21;
  for (int repeat = 0; repeat < 40; ++repeat) {
    const std::size_t n = 1 + testing::next_below(state, 700);
    const std::size_t stride = 16 * (1 + testing::next_below(state, 24));
    const std::size_t k = 1 + testing::next_below(state, 60);
    check_scan(random_scan(n, stride, state), k);
  }
}

TEST_CASE("more results than rows gives every row") {
  check_scan(random_scan(37, 64, 22), 50);
  check_scan(random_scan(1000, 64, 23), 4096);
}

TEST_CASE("no results asked for gives none") {
  const ScanInput in = random_scan(10, 64, 24);
  REQUIRE(kernels::scan_top(in.view(), in.ask(), {}) == 0);
  REQUIRE(kernels::scan_top_scalar(in.view(), in.ask(), {}) == 0);
}

TEST_CASE("equal scores go to the lower row") {
  for (const std::size_t stride : {48u, 64u}) {
    ScanInput in = random_scan(203, stride, 25);
    for (std::size_t i = 0; i < in.n; ++i) {  // five different rows, each about forty times
      const std::size_t source = i % 5;
      std::copy_n(in.rows.begin() + static_cast<std::ptrdiff_t>(source * stride), stride,
                  in.rows.begin() + static_cast<std::ptrdiff_t>(i * stride));
      in.scale[i] = in.scale[source];
      in.bias[i] = in.bias[source];
      in.rowsum[i] = in.rowsum[source];
    }
    for (const std::size_t k : {1u, 7u, 41u, 203u}) check_scan(in, k);
  }
  ScanInput all_alike = random_scan(101, 64, 26);
  std::fill(all_alike.scale.begin(), all_alike.scale.end(), 0.0f);
  std::fill(all_alike.bias.begin(), all_alike.bias.end(), 0.5f);
  check_scan(all_alike, 9);
}

TEST_CASE("scores in ascending and descending order of rows are found alike") {
  for (const float step : {0.01f, -0.01f}) {
    ScanInput in = random_scan(500, 64, 27);
    std::fill(in.scale.begin(), in.scale.end(), 0.0f);
    for (std::size_t i = 0; i < in.n; ++i) in.bias[i] = static_cast<float>(i) * step;
    check_scan(in, 20);
  }
}

TEST_CASE("excluded rows never appear, even when they are the best") {
  ScanInput in = random_scan(400, 64, 28);
  in.excluded.assign(in.n, 0);
  for (const Candidate& c : full_sort(in, 100)) in.excluded[c.item] = 1;
  check_scan(in, 50);
  std::fill(in.excluded.begin(), in.excluded.end(), std::uint8_t{2});
  check_scan(in, 50);
}

TEST_CASE("extreme rows and queries neither saturate nor wrap") {
  for (const std::size_t stride : {64u, 1024u}) {
    ScanInput in = random_scan(27, stride, 29);
    for (std::size_t i = 0; i < in.n; ++i) {
      const int value = static_cast<int>(i % 3) * 127 - 127;
      std::fill_n(in.rows.begin() + static_cast<std::ptrdiff_t>(i * stride), stride,
                  static_cast<std::int8_t>(value));
      in.rowsum[i] = value * static_cast<int>(stride);
    }
    for (const int q : {0, 64, 127}) {
      std::fill(in.query.begin(), in.query.end(), static_cast<std::uint8_t>(q));
      check_scan(in, 10);
    }
  }
}

TEST_CASE("a score of minus infinity or NaN is never found") {
  ScanInput in = random_scan(64, 64, 30);
  in.bias[3] = -std::numeric_limits<float>::infinity();
  in.bias[10] = std::numeric_limits<float>::quiet_NaN();
  in.bias[11] = std::numeric_limits<float>::infinity();
  check_scan(in, 64);
}

}  // namespace
}  // namespace ossicle
