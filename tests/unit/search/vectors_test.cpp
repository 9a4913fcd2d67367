#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "ossicle/search.h"
#include "ossicle/train.h"

namespace ossicle {
namespace {

std::vector<float> unit_rows(std::uint32_t n, std::uint32_t d, std::uint64_t seed) {
  std::vector<float> rows(std::size_t{n} * d);
  for (std::uint32_t i = 0; i < n; ++i) {
    double squares = 0;
    for (std::uint32_t k = 0; k < d; ++k) {
      rows[i * d + k] = static_cast<float>(base::normal(seed));
      squares += double{rows[i * d + k]} * double{rows[i * d + k]};
    }
    for (std::uint32_t k = 0; k < d; ++k) {
      rows[i * d + k] /= static_cast<float>(std::sqrt(squares));
    }
  }
  return rows;
}

struct Vectors {
  std::uint32_t d, stride;
  std::vector<float> f32;
  std::vector<std::int8_t> rows;
  std::vector<float> scale, bias;
  std::vector<std::int32_t> rowsum;

  Vectors(std::uint32_t n, std::uint32_t dimensions)
      : d(dimensions),
        stride((dimensions + 15) / 16 * 16),
        f32(unit_rows(n, dimensions, 5)),
        rows(std::size_t{n} * stride),
        scale(n),
        bias(n),
        rowsum(n) {
    quantise_rows(f32, n, d, stride, rows, scale, rowsum);
  }
  TextVectors view() const { return {d, stride, rows, scale, bias, rowsum}; }
};

struct Found {
  Result<std::uint32_t> count;
  std::vector<SearchHit> hits;
};

Found nearest(const TextVectors& vectors, std::span<const float> query, std::size_t limit) {
  std::vector<Candidate> room(limit);
  Found found{0U, std::vector<SearchHit>(limit)};
  found.count = search_vectors(vectors, query, room, found.hits);
  found.hits.resize(found.count.ok() ? found.count.value() : 0);
  return found;
}

TEST_CASE("the nearest rows come first, with their cosines") {
  const std::uint32_t d = GENERATE(1U, 15U, 64U, 200U, 256U);
  const Vectors vectors(500, d);
  const std::span<const float> query = std::span(vectors.f32).subspan(std::size_t{d} * 123, d);
  const Found found = nearest(vectors.view(), query, 20);
  REQUIRE(found.hits.size() == 20);
  CHECK(double{found.hits[0].score} == Approx(1).margin(0.01));
  if (d > 1) CHECK(found.hits[0].row == 123);
  for (std::size_t i = 0; i < found.hits.size(); ++i) {
    double cosine = 0;
    for (std::uint32_t k = 0; k < d; ++k) {
      cosine += double{query[k]} * double{vectors.f32[found.hits[i].row * d + k]};
    }
    CHECK(double{found.hits[i].score} == Approx(cosine).margin(0.01));
    if (i > 0) CHECK(found.hits[i].score <= found.hits[i - 1].score);
  }
}

TEST_CASE("no more rows are found than there are, and a zero query finds rows in order") {
  const Vectors vectors(3, 16);
  CHECK(nearest(vectors.view(), std::span(vectors.f32).first(16), 10).hits.size() == 3);
  const Found zero = nearest(vectors.view(), std::vector<float>(16), 2);
  REQUIRE(zero.hits.size() == 2);
  CHECK((zero.hits[0].row == 0 && zero.hits[1].row == 1));
  CHECK(zero.hits[0].score == 0);
}

TEST_CASE("sizes that do not fit and numbers that are not finite are refused") {
  const Vectors vectors(4, 20);
  std::vector<float> query(20, 0.1F);
  const auto code = [&](const TextVectors& v, std::size_t limit = 2) {
    const Found found = nearest(v, query, limit);
    REQUIRE_FALSE(found.count.ok());
    return found.count.error().code;
  };
  TextVectors bad = vectors.view();
  bad.row_stride = 20;
  CHECK(code(bad) == Code::kInvalidArgument);
  bad = vectors.view();
  bad.bias = bad.bias.first(3);
  CHECK(code(bad) == Code::kInvalidArgument);
  bad = vectors.view();
  bad.dimensions = 19;
  CHECK(code(bad) == Code::kInvalidArgument);
  CHECK(code(vectors.view(), 5000) == Code::kInvalidArgument);
  query[7] = std::numeric_limits<float>::quiet_NaN();
  const Found found = nearest(vectors.view(), query, 2);
  REQUIRE_FALSE(found.count.ok());
  CHECK(found.count.error().code == Code::kNotFinite);
  CHECK(found.count.error().at == 7);
}

}  // namespace
}  // namespace ossicle
