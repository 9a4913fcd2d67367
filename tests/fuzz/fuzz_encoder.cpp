// An encoder bundle in one file: the length of bundle.json (4 bytes, little-endian, two of them
// read), bundle.json and the weights. Size and SHA-256 are put right first, or no mutation would
// get past them. What opens must encode.
#include <algorithm>
#include <cstdint>
#include <string>

#include "base/sha256.h"
#include "golden_encoder.h"
#include "io/manifest.h"

using namespace ossicle;

namespace {

constexpr std::uint64_t kMostWork = std::uint64_t{1} << 22;  // speed, not safety

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string tokenizer = fuzz::read_golden("tokenizer/tiny.model");
  if (size < 4) return 0;
  const std::size_t json_bytes = std::min(data[0] + std::size_t{256} * data[1], size - 4);
  const std::span<const std::byte> all = std::as_bytes(std::span(data, size));
  const std::span<const std::byte> json = all.subspan(4, json_bytes);
  const std::span<const std::byte> weights = all.subspan(4 + json_bytes);

  Result<io::Manifest> manifest = io::read_manifest(json, io::BundleKind::kEncoder);
  if (!manifest.ok() || manifest.value().files.size() != 2) {
    OSL_FUZZ_CHECK(!encoder_files(json).ok());
    return 0;
  }
  const io::ManifestEncoder& shape = manifest.value().encoder;
  if (std::uint64_t{shape.channels} * (shape.feed_forward + shape.max_tokens) > kMostWork) return 0;
  auto& files = manifest.value().files;
  files[0].bytes = weights.size();
  files[0].sha256 = base::sha256(weights);
  files[1].bytes = tokenizer.size();
  files[1].sha256 = base::sha256(fuzz::bytes_of(tokenizer));
  const Result<std::string> fixed = io::write_manifest(manifest.value());
  OSL_FUZZ_CHECK(fixed.ok());
  auto encoder =
      Encoder::open(fuzz::bytes_of(fixed.value()), fuzz::owned(weights), fuzz::bytes_of(tokenizer));
  if (!encoder.ok()) {
    OSL_FUZZ_CHECK(encoder.error().code != Code::kChecksumMismatch);
    OSL_FUZZ_CHECK(encoder.error().what[0] != '\0');
    return 0;
  }
  const std::string_view texts[] = {"the piano plays a sad song", "", "\xe9\x9b\xa8 \xff"};
  fuzz::check_encode(encoder.value(), texts, true);
  return 0;
}
