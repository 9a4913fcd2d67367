#include "kernels/selftest/selftest.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "kernels/dense.h"
#include "kernels/dot.h"
#include "kernels/elementwise.h"
#include "kernels/selftest/answers.h"

namespace ossicle {
namespace {

using kernels::SelftestKernels;

/// What the baseline compiler of V8 11.3 makes of the relaxed dot: each lane's product is doubled
/// and the accumulator is lost: -120 for 4 x (-3 x 5) + 100.
std::int32_t dot_losing_accumulator(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
  std::array<std::int32_t, 4> lane{};
  std::size_t i = 0;
  for (; i + 16 <= n; i += 16) {
    for (std::size_t l = 0; l < 4; ++l) {
      lane[l] = 2 * kernels::dot_s8u7_scalar(a + i + 4 * l, b + i + 4 * l, 4);
    }
  }
  return lane[0] + lane[1] + lane[2] + lane[3] + kernels::dot_s8u7_scalar(a + i, b + i, n - i);
}

/// An engine that adds `kGroup` products in 16 bits with saturation.
template <std::size_t kGroup>
std::int32_t dot_saturating(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; i += kGroup) {
    const std::int32_t group = kernels::dot_s8u7_scalar(a + i, b + i, std::min(kGroup, n - i));
    sum += std::clamp(group, -32768, 32767);
  }
  return sum;
}

/// One that clamped the range: pairs saturate at 15 bits.
std::int32_t dot_saturating_pairs(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; i += 2) {
    const std::int32_t pair =
        kernels::dot_s8u7_scalar(a + i, b + i, std::min<std::size_t>(2, n - i));
    sum += std::clamp(pair, -16384, 16383);
  }
  return sum;
}

/// The operands of vpmaddubsw the wrong way round: a is read without its sign.
std::int32_t dot_swapped_signs(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    sum += static_cast<std::uint8_t>(a[i]) * static_cast<std::int8_t>(b[i]);
  }
  return sum;
}

std::int32_t dot_without_tail(const std::int8_t* a, const std::uint8_t* b, std::size_t n) {
  return kernels::dot_s8u7_scalar(a, b, n / 16 * 16);
}

TEST_CASE("the product's kernels pass the self-test") {
  const Status status = kernels::selftest(50);
  INFO(status.error().what << " " << status.error().at);
  REQUIRE(status.ok());
}

TEST_CASE("the committed answers are the oracle's") {
  const kernels::SelftestAnswers answers = kernels::selftest_answers(kernels::scalar_kernels());
  std::string table;
  for (const std::uint64_t bits : answers.bits) {
    char line[32];
    std::snprintf(line, sizeof line, "0x%016llx,\n", static_cast<unsigned long long>(bits));
    table += line;
  }
  INFO("selftest_answers.h should hold:\n" << table);
  REQUIRE(std::equal(answers.bits.begin(), answers.bits.end(), kernels::kCommittedAnswers.begin()));
  REQUIRE(std::all_of(answers.what.begin(), answers.what.end(),
                      [](const char* what) { return what != nullptr; }));
}

TEST_CASE("a wrong dot product is rejected and named") {
  for (const auto wrong : {dot_losing_accumulator, dot_saturating<4>, dot_saturating_pairs,
                           dot_swapped_signs, dot_without_tail}) {
    SelftestKernels kernels = kernels::product_kernels();
    kernels.dot = wrong;
    const Status status = kernels::selftest(1, kernels);
    REQUIRE_FALSE(status.ok());
    REQUIRE(status.error().code == Code::kInternal);
    REQUIRE(std::string(status.error().what) == "the int8 x 7-bit dot product");
  }
}

TEST_CASE("losing the accumulator shows in the very first answer") {
  SelftestKernels kernels = kernels::product_kernels();
  kernels.dot = dot_losing_accumulator;
  REQUIRE(kernels::selftest(1, kernels).error().at == 0);
}

std::size_t scan_one_short(const kernels::ScanRows& rows, const kernels::ScanQuery& query,
                           std::span<Candidate> out) {
  kernels::ScanRows fewer = rows;
  fewer.scale = rows.scale.first(rows.scale.size() - 20);
  return kernels::scan_top(fewer, query, out);
}

bool cholesky_one_ulp_off(double* a, std::size_t k) {
  const bool solvable = kernels::cholesky(a, k);
  a[k * k - 1] *= 1 + 0x1p-52;
  return solvable;
}

void syrk_backwards(const double* f, std::size_t ld, const double* w, std::size_t n, std::size_t k,
                    double* a) {
  for (std::size_t j = n; j-- > 0;) kernels::syrk_accumulate(f + j * ld, ld, w + j, 1, k, a);
}

TEST_CASE("a wrong scan, update or factor is rejected and named") {
  SelftestKernels kernels = kernels::product_kernels();
  kernels.scan = scan_one_short;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "the top-k scan");
  kernels = kernels::product_kernels();
  kernels.syrk = syrk_backwards;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "the f64 rank-k update");
  kernels = kernels::product_kernels();
  kernels.cholesky = cholesky_one_ulp_off;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "the f64 Cholesky factor");
}

/// Weights that lose their largest values.
void linear_clamping(const kernels::PackedLinear& linear, const float* x, std::size_t rows,
                     float* y, std::byte*, kernels::Dot) {
  kernels::PackedLinear clamped = linear;
  std::vector<std::int8_t> panels(
      linear.panels, linear.panels + kernels::packed_linear_bytes(linear.in, linear.out));
  for (std::int8_t& w : panels) w = std::clamp<std::int8_t>(w, -31, 31);
  clamped.panels = panels.data();
  kernels::linear_scalar(clamped, x, rows, y);
}

void attention_first_token_only(std::size_t head_size, const float* qkv, std::size_t tokens,
                                float* out, std::byte*, kernels::Dot) {
  for (std::size_t t = 0; t < tokens; ++t) {
    std::copy_n(qkv + 2 * head_size, head_size, out + t * head_size);
  }
}

void gelu_without_tail(float* x, std::size_t n) { kernels::gelu(x, n / 4 * 4); }

void layer_norm_one_ulp_off(float* x, const float* y, std::size_t rows, std::size_t channels,
                            const float* weight, const float* bias, float epsilon) {
  kernels::add_layer_norm(x, y, rows, channels, weight, bias, epsilon);
  x[0] *= 1 + 0x1p-23f;
}

TEST_CASE("a wrong kernel of a Transformer layer is rejected and named") {
  SelftestKernels kernels = kernels::product_kernels();
  kernels.linear = linear_clamping;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "the int8 product");
  kernels = kernels::product_kernels();
  kernels.attention = attention_first_token_only;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "int8 attention");
  kernels = kernels::product_kernels();
  kernels.gelu = gelu_without_tail;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "GELU");
  kernels = kernels::product_kernels();
  kernels.add_layer_norm = layer_norm_one_ulp_off;
  REQUIRE(std::string(kernels::selftest(1, kernels).error().what) == "layer norm");
}

}  // namespace
}  // namespace ossicle
