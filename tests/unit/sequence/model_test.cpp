#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "oracle.h"
#include "sequence_checkpoint.h"

namespace ossicle {
namespace {

using testing::SequenceFixture;
using testing::SequenceOracle;

std::vector<std::uint32_t> all_items(const SequenceItems& items) {
  std::vector<std::uint32_t> all(items.n_items);
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

std::vector<float> logits(SequenceFixture& f, const std::vector<std::uint32_t>& recent) {
  const std::vector<std::uint32_t> all = all_items(f.items);
  std::vector<float> out(all.size());
  REQUIRE(score_candidates(f.model, f.items, recent, all, out).ok());
  return out;
}

double correlation(const std::vector<float>& a, const std::vector<double>& b) {
  const auto n = static_cast<double>(a.size());
  double ma = 0, mb = 0, ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) ma += a[i] / n, mb += b[i] / n;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += (a[i] - ma) * (b[i] - mb);
    aa += (a[i] - ma) * (a[i] - ma);
    bb += (b[i] - mb) * (b[i] - mb);
  }
  return ab / std::sqrt(aa * bb);
}

std::vector<double> expected(const SequenceFixture& f, const std::vector<std::uint32_t>& recent) {
  const SequenceOracle oracle(f.checkpoint, f.items);
  const std::vector<double> query = oracle.queries(recent).back();
  std::vector<double> out;
  for (std::uint32_t i = 0; i < f.items.n_items; ++i) out.push_back(oracle.logit(query, i));
  return out;
}

// Text vectors of 16 numbers for every second item.
struct Texts {
  std::vector<std::int8_t> rows;
  std::vector<float> scale;

  explicit Texts(std::uint32_t n) : rows(std::size_t{n} * 16), scale(n) {
    std::uint64_t random = 9;
    for (std::int8_t& v : rows)
      v = static_cast<std::int8_t>(testing::next_below(random, 255) - 127);
    for (std::uint32_t i = 0; i < n; i += 2) scale[i] = 1.0F / (127 * 2.3F);
  }
};

TEST_CASE("logits follow the definition, in int8, with and without text") {
  SequenceFixture f;
  const Texts texts(f.items.n_items);
  for (const bool with_text : {false, true}) {
    if (with_text) {
      f.items.text_stride = 16;
      f.items.text = texts.rows;
      f.items.text_scale = texts.scale;
    }
    for (const std::vector<std::uint32_t>& recent :
         {std::vector<std::uint32_t>{}, {7}, {7, 120, 3, 44, 9, 300, 2, 18, 90, 4, 5}}) {
      const double r = correlation(logits(f, recent), expected(f, recent));
      CAPTURE(with_text, recent.size(), r);
      CHECK(r > 0.995);
    }
  }
}

TEST_CASE("a longer history counts by its last items, at most those that a sequence holds") {
  SequenceFixture f;
  std::vector<std::uint32_t> recent;
  for (std::uint32_t i = 0; i < 200; ++i) recent.push_back(i * 37 % 500);
  const std::vector<std::uint32_t> last(recent.end() - 23, recent.end());
  CHECK(logits(f, recent) == logits(f, last));
  CHECK(logits(f, recent) != logits(f, {last.begin() + 1, last.end()}));
  CHECK(logits(f, {}) != logits(f, {1}));
}

TEST_CASE("the distribution is the softmax of the logits over what is not excluded") {
  SequenceFixture f;
  const std::vector<std::uint32_t> recent = {4, 5, 6};
  std::vector<std::uint8_t> excluded(f.items.n_items);
  excluded[0] = excluded[77] = 1;
  std::vector<float> p(f.items.n_items);
  REQUIRE(next_distribution(f.model, f.items, recent, excluded, p).ok());
  const std::vector<float> logit = logits(f, recent);
  double sum = 0, expected_sum = 0;
  for (std::uint32_t i = 0; i < f.items.n_items; ++i) {
    sum += p[i];
    expected_sum += excluded[i] != 0 ? 0 : std::exp(static_cast<double>(logit[i]));
  }
  CHECK(sum == Approx(1).epsilon(1e-5));
  CHECK(p[0] == 0);
  CHECK(p[77] == 0);
  for (const std::uint32_t i : {1U, 100U, 499U}) {
    CHECK(p[i] == Approx(std::exp(static_cast<double>(logit[i])) / expected_sum).epsilon(1e-4));
  }
  std::ranges::fill(excluded, std::uint8_t{1});
  CHECK(next_distribution(f.model, f.items, recent, excluded, p).error().code ==
        Code::kInvalidArgument);
}

TEST_CASE("what does not fit together is refused") {
  SequenceFixture f;
  std::vector<float> out(2);
  const std::vector<std::uint32_t> two = {0, 499};
  CHECK(score_candidates(f.model, f.items, {}, two, out).ok());
  const std::vector<std::uint32_t> outside = {0, 500};
  const Status candidate = score_candidates(f.model, f.items, {}, outside, out);
  CHECK(candidate.error().code == Code::kOutOfRange);
  CHECK(candidate.error().at == 1);
  const Status recent = score_candidates(f.model, f.items, outside, two, out);
  CHECK(recent.error().code == Code::kOutOfRange);
  CHECK(recent.error().at == 1);
  CHECK(score_candidates(f.model, f.items, {}, two, std::span(out).first(1)).error().code ==
        Code::kInvalidArgument);

  const auto refused = [&](auto change) {
    SequenceItems items = f.items;
    change(items);
    const Status status = score_candidates(f.model, items, {}, two, out);
    return !status.ok() && status.error().code == Code::kInvalidArgument;
  };
  CHECK(refused([](SequenceItems& i) { i.n_items = 501; }));
  CHECK(refused([](SequenceItems& i) { i.n_items = 0; }));
  CHECK(refused([](SequenceItems& i) { i.n_factors = 16; }));
  CHECK(refused([](SequenceItems& i) { i.row_stride = 48; }));
  CHECK(refused([](SequenceItems& i) { i.scale = i.scale.first(499); }));
  CHECK(refused([](SequenceItems& i) { i.listeners = {}; }));
  CHECK(refused([&](SequenceItems& i) { i.text_scale = i.scale; }));
  CHECK(refused([&](SequenceItems& i) { i.artist = two; }));
}

}  // namespace
}  // namespace ossicle
