// A sequence bundle in one file: the length of bundle.json (4 bytes, little-endian, two of them
// read), bundle.json and the weights. Size, SHA-256 and factor space are put right first, or no
// mutation would get past them. What opens must score, and write valid lists.
#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "fuzz_check.h"
#include "io/manifest.h"
#include "sequence_checkpoint.h"

using namespace ossicle;

namespace {

constexpr std::uint64_t kMostWork = std::uint64_t{1} << 22;  // speed, not safety
constexpr std::uint32_t kItems = 40;

void check_lists(SequenceModel& model, const SequenceItems& items) {
  for (std::uint32_t n = 0; n < 4; ++n) {
    const std::vector<std::uint32_t> recent = {1, 2, 3, 4, 5, 6, 7};
    PlaylistRequest request;
    request.recent = std::span(recent).first(n == 0 ? 0 : 7);
    request.seed = n;
    request.beams = 1 + n;
    if (n == 2) request.to = 39;
    std::vector<PlaylistItem> list(20);
    const Status written = write_playlist(model, items, request, list);
    if (!written.ok()) {
      OSL_FUZZ_CHECK(written.error().code == Code::kNotFinite);
      continue;
    }
    std::set<std::uint32_t> seen;
    for (const PlaylistItem& item : list) {
      OSL_FUZZ_CHECK(item.item < kItems && seen.insert(item.item).second);
    }
    OSL_FUZZ_CHECK(n != 2 || list.back().item == 39);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const CatalogueData catalogue =
      testing::synthetic_catalogue({.n_items = kItems, .n_factors = 16});
  if (size < 4) return 0;
  const std::size_t json_bytes = std::min(data[0] + std::size_t{256} * data[1], size - 4);
  const std::span<const std::byte> all = std::as_bytes(std::span(data, size));
  const std::span<const std::byte> json = all.subspan(4, json_bytes);
  const std::span<const std::byte> weights = all.subspan(4 + json_bytes);

  Result<io::Manifest> manifest = io::read_manifest(json, io::BundleKind::kSequence);
  if (!manifest.ok() || manifest.value().files.size() != 1) {
    OSL_FUZZ_CHECK(!sequence_file(json).ok());
    return 0;
  }
  io::ManifestSequence& shape = manifest.value().sequence;
  if (std::uint64_t{shape.channels} * (shape.feed_forward + shape.max_items) * shape.layers >
      kMostWork) {
    return 0;
  }
  shape.factor_space = factor_space(catalogue.view);
  manifest.value().files[0].bytes = weights.size();
  manifest.value().files[0].sha256 = base::sha256(weights);
  const Result<std::string> fixed = io::write_manifest(manifest.value());
  OSL_FUZZ_CHECK(fixed.ok());
  auto model = SequenceModel::open(std::as_bytes(std::span(fixed.value())),
                                   testing::owned_bytes(weights), catalogue.view, kItems);
  if (!model.ok()) {
    OSL_FUZZ_CHECK(shape.factors != 16 || model.error().code != Code::kChecksumMismatch);
    OSL_FUZZ_CHECK(model.error().what[0] != '\0');
    return 0;
  }
  check_lists(model.value(), sequence_items(catalogue.view));
  return 0;
}
