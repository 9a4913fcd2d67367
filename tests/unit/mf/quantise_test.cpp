#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "base/rng.h"
#include "ossicle/train.h"

using namespace ossicle;

namespace {

struct Rows {
  std::vector<std::int8_t> q;
  std::vector<float> scale;
  std::vector<std::int32_t> rowsum;
};

Rows quantised(const std::vector<float>& q, std::uint32_t n, std::uint32_t d,
               std::uint32_t stride) {
  Rows rows{std::vector<std::int8_t>(std::size_t{n} * stride, 99), std::vector<float>(n),
            std::vector<std::int32_t>(n)};
  quantise_rows(q, n, d, stride, rows.q, rows.scale, rows.rowsum);
  return rows;
}

}  // namespace

TEST_CASE("the largest entry of a row becomes 127 and half steps round away from zero") {
  const Rows rows = quantised({12.7F, -0.25F, 0.25F, -6.35F}, 1, 4, 16);
  CHECK(rows.scale[0] == 0.1F);
  CHECK(rows.q[0] == 127);
  CHECK(rows.q[1] == -3);
  CHECK(rows.q[2] == 3);
  CHECK(rows.rowsum[0] == rows.q[0] + rows.q[1] + rows.q[2] + rows.q[3]);
  for (std::size_t pad = 4; pad < 16; ++pad) CHECK(rows.q[pad] == 0);
}

TEST_CASE("a zero row has scale 0, and so does one too small for a float's scale") {
  const Rows rows = quantised({0, 0, 1e-45F, 0}, 2, 2, 16);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(rows.scale[i] == 0);
    CHECK(rows.rowsum[i] == 0);
    for (std::size_t f = 0; f < 16; ++f) CHECK(rows.q[i * 16 + f] == 0);
  }
}

TEST_CASE("every entry comes back within half a step and never past 127") {
  std::uint64_t state = 5;
  const std::uint32_t n = 50;
  const std::uint32_t d = 33;
  std::vector<float> q;
  for (std::uint32_t i = 0; i < n * d; ++i) q.push_back(static_cast<float>(base::normal(state)));
  const Rows rows = quantised(q, n, d, 48);
  for (std::uint32_t i = 0; i < n; ++i) {
    for (std::uint32_t f = 0; f < d; ++f) {
      const std::int8_t level = rows.q[std::size_t{i} * 48 + f];
      CHECK(level >= -127);
      const double back = static_cast<double>(rows.scale[i]) * level;
      CHECK(std::fabs(back - static_cast<double>(q[std::size_t{i} * d + f])) <=
            static_cast<double>(rows.scale[i]) * 0.5001);
    }
  }
}
