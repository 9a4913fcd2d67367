#include <algorithm>

#include "privacy/field_secrets.h"
#include "privacy/field_stream.h"
#include "privacy/norm_proof_statement.h"

namespace ossicle::privacy {
namespace {

constexpr std::size_t kGroup = 8;   // numbers whose coins for one row share a byte
constexpr std::size_t kGroups = 8;  // tables of 2 kB at a time: they stay in the cache
constexpr std::size_t kSubsets = 1 << kGroup;
constexpr std::size_t kBatch = 2 * kGroup * kGroups;  // its coins are a whole number of batches
constexpr std::size_t kBatchWords = kBatch / kGroup * kCoins / 4;
static_assert(kBatchWords % field::Keystream::kWords == 0);

using Subsets = std::array<std::uint64_t, kSubsets>;

// The sum of each subset of up to 8 numbers, below 2^35.
void fill_subsets(std::span<const std::uint32_t> numbers, Subsets& subsets) {
  subsets[0] = 0;
  for (std::size_t bit = 0; bit < kGroup; ++bit) {
    const std::uint64_t x = bit < numbers.size() ? numbers[bit] : 0;
    const std::size_t half = std::size_t{1} << bit;
    for (std::size_t i = 0; i < half; ++i) subsets[half + i] = subsets[i] + x;
  }
}

}  // namespace

// The method of four Russians: one look-up adds what 8 coins of a row choose. The sums are below
// 2^20 q < 2^52 and are reduced once.
void coin_sums(std::span<const std::uint32_t> numbers, const Digest& key,
               std::span<std::uint32_t, kCoins> sums) {
  field::Keystream keystream(key, "osl-tests-v1", field::Rounds::kPublic);
  std::array<std::uint32_t, kBatchWords> words;
  std::array<std::uint64_t, kCoins> totals{};
  std::array<Subsets, kGroups> subsets;
  for (std::size_t at = 0; at < numbers.size(); at += kBatch) {
    for (std::size_t w = 0; w < kBatchWords; w += field::Keystream::kWords) {
      keystream.next(std::span(words).subspan(w).first<field::Keystream::kWords>());
    }
    const std::span<const std::byte> coins = std::as_bytes(std::span(words));
    for (std::size_t half = 0; half < 2; ++half) {
      for (std::size_t g = 0; g < kGroups; ++g) {
        const std::size_t from = std::min(numbers.size(), at + (half * kGroups + g) * kGroup);
        fill_subsets(numbers.subspan(from, std::min(kGroup, numbers.size() - from)), subsets[g]);
      }
      const std::byte* row = coins.data() + half * kGroups * kCoins;
      for (std::size_t j = 0; j < kCoins; ++j) {
        std::uint64_t total = totals[j];
        for (std::size_t g = 0; g < kGroups; ++g) {
          total += subsets[g][std::to_integer<std::size_t>(row[g * kCoins + j])];
        }
        totals[j] = total;
      }
    }
  }
  for (std::size_t j = 0; j < kCoins; ++j) sums[j] = field::reduce(totals[j]);
  // On the client these are secrets.
  field::wipe(std::span<Subsets>(subsets));
  field::wipe(std::span<std::uint64_t>(totals));
}

}  // namespace ossicle::privacy
