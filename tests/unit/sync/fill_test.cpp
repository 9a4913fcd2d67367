#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "ossicle/sync.h"

using namespace ossicle;

namespace {

constexpr std::size_t kFactors = 5;
constexpr std::size_t kColumns = kFactors + 1;
const std::vector<double> kUser = {3, 0, -4, 0, 0};

std::vector<double> filled(const std::vector<std::uint32_t>& listened, std::uint32_t block,
                           std::uint64_t seed = 1, const std::vector<double>& p = kUser) {
  std::vector<double> table(kBlockRows * kColumns, 99);
  CHECK(fill_block(p, heard_of(listened), block, seed, table).ok());
  return table;
}

std::vector<std::uint32_t> rows_of(const std::vector<double>& table) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < kBlockRows; ++row) {
    if (table[row * kColumns + kFactors] != 0) rows.push_back(row);
  }
  return rows;
}

// Items of block 1, every seventh.
std::vector<std::uint32_t> first_items(std::uint32_t n) {
  std::vector<std::uint32_t> items;
  for (std::uint32_t i = 0; i < n; ++i) items.push_back(block_item(1, 7 * i));
  return items;
}

}  // namespace

TEST_CASE("an item of the block has the unit vector and a count; all else is zero") {
  const std::vector<double> table = filled({8, 9, kBlocks * kBlockRows + 1}, 1);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const double wanted[] = {0.6, 0, -0.8, 0, 0, 0.25};
    CHECK(table[i] == (i / kColumns == 4 ? wanted[i % kColumns] : 0));
  }
}

TEST_CASE("the head is dealt to the blocks in turn, each of its items once") {
  std::vector<int> dealt(kBlocks * kBlockRows);
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    for (std::uint32_t row = 0; row < kBlockRows; ++row) ++dealt[block_item(block, row)];
  }
  CHECK(std::count(dealt.begin(), dealt.end(), 1) == kBlocks * kBlockRows);
  for (const std::uint32_t n : {0U, 1U, 2U, 7U, 1023U, 1024U, 50000U}) {
    std::uint32_t rows = 0;
    for (std::uint32_t block = 0; block < kBlocks; ++block) {
      const std::uint32_t size = block_size(n, block);
      CHECK((size == 0 || block_item(block, size - 1) < n));
      CHECK((size == kBlockRows || block_item(block, size) >= n));
      rows += size;
    }
    CHECK(rows == std::min(n, kBlocks * kBlockRows));
  }
}

TEST_CASE("who listened to nothing of the block, or to nothing at all, sends zeros") {
  const std::vector<double> zeros(kBlockRows * kColumns);
  CHECK(filled({}, 0) == zeros);
  CHECK(filled({1, 3}, 0) == zeros);
  CHECK(filled({1, 2}, 0, 1, {0, 0, 0, 0, 0}) == zeros);
}

TEST_CASE("the order of the items and repeated ones change nothing") {
  std::vector<std::uint32_t> items = first_items(60);
  const std::vector<double> table = filled(items, 1);
  std::reverse(items.begin(), items.end());
  items.insert(items.end(), items.begin(), items.begin() + 30);
  CHECK(filled(items, 1) == table);
}

TEST_CASE("of too many items the seed takes as many as are allowed, each with the same chance") {
  const std::vector<std::uint32_t> items = first_items(60);
  CHECK(rows_of(filled(first_items(20), 1)).size() == 20);
  CHECK(rows_of(filled(items, 1, 5)) == rows_of(filled(items, 1, 5)));
  CHECK(rows_of(filled(items, 1, 5)) != rows_of(filled(items, 1, 6)));
  std::vector<int> taken(kBlockRows);
  for (std::uint64_t seed = 0; seed < 900; ++seed) {
    const auto rows = rows_of(filled(items, 1, seed * 0x9e3779b97f4a7c15U));
    CHECK(rows.size() == kRowsPerContribution);
    for (const std::uint32_t row : rows) ++taken[row];
  }
  // 300 expected of each, with a standard deviation of 14.
  for (const std::uint32_t item : items) {
    CHECK(taken[item / kBlocks] > 230);
    CHECK(taken[item / kBlocks] < 370);
  }
}

TEST_CASE("what one listener adds is bounded, whatever was heard") {
  const std::vector<double> table = filled(first_items(60), 1, 3, {1e150, 1, 2, 3, 4});
  double squares = 0;
  for (const double x : table) squares += x * x;
  CHECK(squares == Approx((1 + 0.25 * 0.25) * kRowsPerContribution));
}

TEST_CASE("a table of another size, no block and a vector that is not finite are refused") {
  std::vector<double> table(kBlockRows * kColumns - 1);
  CHECK(fill_block(kUser, Heard{}, 0, 1, table).error().code == Code::kInvalidArgument);
  table.push_back(0);
  CHECK(fill_block(kUser, Heard{}, kBlocks, 1, table).error().code == Code::kOutOfRange);
  std::vector<double> p = kUser;
  p[3] = std::numeric_limits<double>::infinity();
  const Error error = fill_block(p, Heard{}, 0, 1, table).error();
  CHECK(error.code == Code::kNotFinite);
  CHECK(error.at == 3);
}
