#include <algorithm>

#include "ossicle/privacy.h"
#include "privacy/chacha20.h"

namespace ossicle {
namespace {

constexpr std::string_view kNonce = "osl-share-v1";

Error other_sizes(std::size_t size) {
  return {Code::kInvalidArgument, size, "shares: tables and shares must have the same size"};
}

}  // namespace

void expand_share(const SecretSeed& seed, std::span<std::uint32_t> share) {
  privacy::ChaChaState state = privacy::chacha20_state(seed, kNonce);
  std::array<std::uint32_t, 16> block;
  for (std::size_t i = 0; i < share.size(); i += block.size()) {
    privacy::chacha20_block(state, block);
    const std::size_t n = std::min(block.size(), share.size() - i);
    std::copy_n(block.begin(), n, share.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

Status split(std::span<const std::int32_t> table, const SecretSeed& seed,
             std::span<std::uint32_t> other) {
  if (table.size() != other.size()) return other_sizes(other.size());
  expand_share(seed, other);
  for (std::size_t i = 0; i < table.size(); ++i) {
    other[i] = static_cast<std::uint32_t>(table[i]) - other[i];
  }
  return {};
}

Status add_share(std::span<std::uint32_t> sum, std::span<const std::uint32_t> share) {
  if (sum.size() != share.size()) return other_sizes(share.size());
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += share[i];
  return {};
}

Status join(std::span<const std::uint32_t> first, std::span<const std::uint32_t> second,
            std::span<std::int32_t> table) {
  if (first.size() != table.size()) return other_sizes(first.size());
  if (second.size() != table.size()) return other_sizes(second.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = static_cast<std::int32_t>(first[i] + second[i]);
  }
  return {};
}

}  // namespace ossicle
