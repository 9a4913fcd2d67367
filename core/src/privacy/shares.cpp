#include <algorithm>

#include "ossicle/privacy.h"
#include "privacy/field.h"
#include "privacy/field_stream.h"

namespace ossicle {
namespace {

Error other_sizes(std::size_t size) {
  return {Code::kInvalidArgument, size, "shares: tables and shares must have the same size"};
}

}  // namespace

namespace privacy::field {

Status check_numbers(std::span<const std::uint32_t> share) {
  std::uint32_t largest = 0;
  for (const std::uint32_t x : share) largest = std::max(largest, x);
  if (largest < kQ) return {};
  const auto bad = std::ranges::find_if(share, [](std::uint32_t x) { return x >= kQ; });
  return Error{Code::kCorrupt, static_cast<std::uint64_t>(bad - share.begin()),
               "shares: a number is not below the modulus (index)"};
}

}  // namespace privacy::field

void expand_share(const SecretSeed& seed, std::span<std::uint32_t> share) {
  privacy::field::FieldStream(seed, "osl-field-v1").fill(share);
}

Status split(std::span<const std::int32_t> table, const SecretSeed& seed,
             std::span<std::uint32_t> other) {
  if (table.size() != other.size()) return other_sizes(other.size());
  expand_share(seed, other);
  for (std::size_t i = 0; i < table.size(); ++i) {
    other[i] = privacy::field::subtract(privacy::field::from_signed(table[i]), other[i]);
  }
  return {};
}

Status add_share(std::span<std::uint32_t> sum, std::span<const std::uint32_t> share) {
  if (sum.size() != share.size()) return other_sizes(share.size());
  OSL_TRY(privacy::field::check_numbers(share));
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] = privacy::field::add(sum[i], share[i]);
  return {};
}

Status join(std::span<const std::uint32_t> first, std::span<const std::uint32_t> second,
            std::span<std::int32_t> table) {
  if (first.size() != table.size()) return other_sizes(first.size());
  if (second.size() != table.size()) return other_sizes(second.size());
  OSL_TRY(privacy::field::check_numbers(first));
  OSL_TRY(privacy::field::check_numbers(second));
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = privacy::field::to_signed(privacy::field::add(first[i], second[i]));
  }
  return {};
}

}  // namespace ossicle
