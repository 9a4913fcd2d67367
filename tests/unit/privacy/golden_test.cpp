#include <bit>
#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/rng.h"
#include "base/sha256.h"
#include "ossicle/privacy.h"
#include "ossicle/sync.h"

namespace ossicle {
namespace {

template <class T>
std::string digest(const std::vector<T>& numbers) {
  std::vector<std::uint8_t> bytes;
  for (const T number : numbers) {
    for (std::size_t i = 0; i < sizeof(T); ++i) {
      bytes.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(number) >> (8 * i)));
    }
  }
  return base::to_hex(base::sha256(std::as_bytes(std::span(bytes))));
}

std::uint64_t bits(const Result<double>& value) {
  REQUIRE(value.ok());
  return std::bit_cast<std::uint64_t>(value.value());
}

// Both builds run this against the same file: native and WebAssembly give the same bytes.
TEST_CASE("every build gives the same tables, shares, noise, figures and records") {
  std::ifstream file(OSL_GOLDEN "/bytes.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  base::JsonDocument document;
  REQUIRE(document.parse(text).ok());
  const auto want = [&](const char* key) {
    return std::string(document.root().get(key).string().value_or("missing"));
  };

  std::uint64_t random = 1;
  std::vector<double> units(TableShape{}.numbers());
  for (double& x : units) x = 0.05 * base::normal(random);
  std::vector<std::int32_t> table(units.size());
  REQUIRE(quantise(units, table).ok());
  CHECK(digest(table) == want("quantised"));
  REQUIRE(clip(table, 6477).ok());
  CHECK(digest(table) == want("clipped"));

  SecretSeed seed;
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i);
  std::vector<std::uint32_t> share(table.size());
  expand_share(seed, share);
  CHECK(digest(share) == want("share"));
  REQUIRE(split(table, seed, share).ok());
  CHECK(digest(share) == want("other_share"));
  share.resize(5000);
  REQUIRE(add_noise(share, {51816 * std::uint64_t{51816}, 1}, seed).ok());
  CHECK(digest(share) == want("noised"));

  // As the module ossicle-private makes it: web/engine/test/privacy.test.ts has the same listener.
  std::vector<double> p(TableShape{}.factors);
  for (std::size_t k = 0; k < p.size(); ++k) p[k] = static_cast<double>(37 * k % 101) - 50;
  Heard heard{};
  for (std::size_t i = 0; i < heard.size(); ++i) heard[i] = 7 * i % 11 == 0 ? 1 : 0;
  REQUIRE(fill_block(p, heard, 1, 42, units).ok());
  REQUIRE(quantise(units, table).ok());
  REQUIRE(clip(table, kStepsPerUnit).ok());
  CHECK(digest(table) == want("filled"));

  std::vector<std::uint64_t> figures;
  for (double rho = 1e-6; rho < 1e3; rho *= 3.3) {
    figures.push_back(bits(epsilon_proven(rho, 1e-8)));
    figures.push_back(bits(epsilon_gaussian(rho, 1e-8)));
    figures.push_back(bits(best_membership_auc(rho)));
  }
  CHECK(digest(figures) == want("figures"));

  BudgetRecord record;
  for (const std::int64_t now : {1'800'000'000, 1'805'000'000, 1'790'000'000}) {
    const Result<BudgetRecord> next = reserve(record, now, 8192, {.rho = 98304, .reports = 12});
    REQUIRE(next.ok());
    record = next.value();
  }
  CHECK(base::to_hex(encode(record)) == want("budget"));
}

}  // namespace
}  // namespace ossicle
