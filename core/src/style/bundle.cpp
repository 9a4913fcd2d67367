#include "base/sha256.h"
#include "io/manifest.h"
#include "ossicle/style.h"

namespace ossicle {
namespace {

constexpr std::string_view kPath = "style.safetensors";

}  // namespace

Result<StyleBundle> read_style_bundle(std::span<const std::byte> bundle_json) {
  const Result<io::Manifest> manifest = io::read_manifest(bundle_json, io::BundleKind::kStyle);
  if (!manifest) return manifest.error();
  const std::vector<io::ManifestFile>& files = manifest.value().files;
  if (files.size() != 1 || files[0].path != kPath) {
    return Error{Code::kMissing, files.size(), "bundle.json: its file is not style.safetensors"};
  }
  const io::ManifestStyle& style = manifest.value().style;
  return StyleBundle{.file = {kPath, files[0].bytes, files[0].sha256},
                     .n_labels = style.labels,
                     .n_dimensions = style.dimensions,
                     .encoder = style.encoder};
}

Result<StyleData> read_style(std::span<const std::byte> bundle_json,
                             std::span<const std::byte> file,
                             const std::array<std::uint8_t, 32>& encoder) {
  const Result<StyleBundle> bundle = read_style_bundle(bundle_json);
  if (!bundle) return bundle.error();
  if (bundle.value().encoder != encoder) {
    return Error{Code::kChecksumMismatch, 0, "style: made for another encoder"};
  }
  if (file.size() != bundle.value().file.bytes) {
    return Error{Code::kChecksumMismatch, file.size(), "style: file of another size (bytes)"};
  }
  if (base::sha256(file) != bundle.value().file.sha256) {
    return Error{Code::kChecksumMismatch, 0, "style: file altered, wrong SHA-256"};
  }
  Result<StyleData> data = read_style(file);
  if (!data) return data;
  const StyleModel& model = data.value().view;
  if (model.n_labels != bundle.value().n_labels ||
      model.n_dimensions != bundle.value().n_dimensions) {
    return Error{Code::kCorrupt, model.n_labels, "style: not the shape of bundle.json (labels)"};
  }
  return data;
}

}  // namespace ossicle
