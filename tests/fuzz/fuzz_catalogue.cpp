// The whole reader on a bundle in one file: the length of bundle.json (4 bytes, little-endian, two
// of them read), bundle.json, and the shards one after another. Sizes and SHA-256 are put right
// first, or no mutation would get past them.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "base/utf8.h"
#include "fuzz_check.h"
#include "io/manifest.h"
#include "ossicle/catalogue.h"

using ossicle::Catalogue;
using ossicle::CatalogueReader;
using ossicle::Result;
using Bytes = std::span<const std::byte>;

namespace {

constexpr std::uint64_t kMostMemory = std::uint64_t{64} << 20;  // speed, not safety

// Everything that later stages rely on without looking.
void check(const Catalogue& c) {
  double sum = 0;
  for (std::uint32_t i = 0; i < c.n_items; ++i) {
    OSL_FUZZ_CHECK(std::isfinite(c.scale[i]) && c.scale[i] >= 0 && std::isfinite(c.bias[i]));
    std::int32_t rowsum = 0;
    for (std::uint32_t k = 0; k < c.row_stride; ++k) {
      const std::int8_t q = c.q[std::size_t{i} * c.row_stride + k];
      OSL_FUZZ_CHECK(q != -128 && (k < c.n_factors || q == 0));
      rowsum += q;
    }
    OSL_FUZZ_CHECK(rowsum == c.rowsum[i]);
    OSL_FUZZ_CHECK(ossicle::base::find_broken_utf8(c.name(i)) == std::string_view::npos);
    for (const std::uint16_t tag : c.tags(i)) sum += static_cast<double>(c.tag_name(tag).size());
    OSL_FUZZ_CHECK(ossicle::find_item(c, c.id[i]) == i);
  }
  for (const double value : c.gram) OSL_FUZZ_CHECK(std::isfinite(value));
  OSL_FUZZ_CHECK(sum >= 0 && c.factor_sum.size() == c.n_factors);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::size_t json_bytes = std::min(data[0] + std::size_t{256} * data[1], size - 4);
  const Bytes all = std::as_bytes(std::span(data, size));
  const Bytes json = all.subspan(4, json_bytes);
  Bytes rest = all.subspan(4 + json_bytes);

  CatalogueReader reader;
  Result<ossicle::io::Manifest> manifest = ossicle::io::read_manifest(json);
  if (!manifest.ok()) {
    OSL_FUZZ_CHECK(!reader.begin(json).ok());
    return 0;
  }
  auto& shape = manifest.value().catalogue;
  if (std::uint64_t{shape.items} * (shape.factors + 64) > kMostMemory) return 0;
  std::vector<Bytes> shards;
  auto& files = manifest.value().files;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool last = i + 1 == files.size();
    const auto bytes = static_cast<std::size_t>(
        last ? rest.size() : std::min<std::uint64_t>(files[i].bytes, rest.size()));
    shards.push_back(rest.first(bytes));
    rest = rest.subspan(bytes);
    files[i].bytes = bytes;
    files[i].sha256 = ossicle::base::sha256(shards.back());
  }
  const Result<std::string> fixed = ossicle::io::write_manifest(manifest.value());
  OSL_FUZZ_CHECK(fixed.ok());
  OSL_FUZZ_CHECK(reader.begin(std::as_bytes(std::span(fixed.value()))).ok());
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const ossicle::Status added = reader.add_file(i, shards[i]);
    if (added.ok()) continue;
    OSL_FUZZ_CHECK(added.error().code != ossicle::Code::kChecksumMismatch);
    OSL_FUZZ_CHECK(!std::move(reader).finish().ok());
    return 0;
  }
  const Result<ossicle::CatalogueData> read = std::move(reader).finish();
  if (!read.ok()) return 0;
  check(read.value().view);
  // Written and read again it is the same catalogue.
  const Result<ossicle::BundleBytes> written = ossicle::write_catalogue(read.value().view, {});
  OSL_FUZZ_CHECK(written.ok());
  CatalogueReader second;
  OSL_FUZZ_CHECK(second.begin(written.value().bundle_json).ok());
  OSL_FUZZ_CHECK(second.add_file(0, written.value().shard).ok());
  const Result<ossicle::CatalogueData> again = std::move(second).finish();
  OSL_FUZZ_CHECK(again.ok());
  OSL_FUZZ_CHECK(ossicle::write_catalogue(again.value().view, {}).value().shard ==
                 written.value().shard);
  return 0;
}
