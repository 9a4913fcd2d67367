#include <utility>

#include "base/sha256.h"
#include "io/manifest.h"
#include "io/safetensors.h"
#include "nn/weights.h"
#include "sequence/state.h"

namespace ossicle {
namespace {

constexpr const char* kPath = "sequence.safetensors";

Result<io::Manifest> read_manifest(std::span<const std::byte> bundle_json) {
  Result<io::Manifest> manifest = io::read_manifest(bundle_json, io::BundleKind::kSequence);
  if (!manifest) return manifest;
  const std::vector<io::ManifestFile>& files = manifest.value().files;
  if (files.size() != 1 || files[0].path != kPath) {
    return Error{Code::kMissing, files.size(), "bundle.json: its file is not sequence.safetensors"};
  }
  return manifest;
}

}  // namespace

namespace sequence {

SequenceShape shape_of(const io::ManifestSequence& m) {
  return {.factors = m.factors,
          .text = m.text,
          .channels = m.channels,
          .layers = m.layers,
          .heads = m.heads,
          .feed_forward = m.feed_forward,
          .max_items = m.max_items,
          .factor_scale = m.factor_scale,
          .popularity = m.popularity,
          .layer_norm_epsilon = m.layer_norm_epsilon,
          .factor_space = m.factor_space};
}

io::ManifestSequence manifest_of(const SequenceShape& s) {
  return {.factors = s.factors,
          .text = s.text,
          .channels = s.channels,
          .layers = s.layers,
          .heads = s.heads,
          .feed_forward = s.feed_forward,
          .max_items = s.max_items,
          .factor_scale = s.factor_scale,
          .popularity = s.popularity,
          .layer_norm_epsilon = s.layer_norm_epsilon,
          .factor_space = s.factor_space};
}

Status read_parts(std::span<const std::byte> bytes, const SequenceShape& s, Parts& out) {
  const Result<io::Safetensors> parsed = io::Safetensors::parse(bytes);
  if (!parsed) return parsed.error();
  const io::Safetensors& file = parsed.value();
  const std::size_t c = s.channels, in = std::size_t{s.factors} + s.text;
  OSL_TRY(nn::read_floats(file, "begin", in, out.begin));
  if (s.text > 0) OSL_TRY(nn::read_floats(file, "absent", s.text, out.absent));
  if (file.find("position") != nullptr) {
    OSL_TRY(nn::read_floats(file, "position", std::uint64_t{s.max_items} * c, out.position));
  }
  OSL_TRY(nn::read_linear(file, "input", in, c, nn::PanelCheck::kNow, out.input));
  OSL_TRY(nn::read_norm(file, "norm", c, out.norm_weight, out.norm_bias));
  OSL_TRY(nn::read_linear(file, "head", c, s.factors, nn::PanelCheck::kNow, out.head));
  out.layers.resize(s.layers);
  for (std::uint32_t n = 0; n < s.layers; ++n) {
    OSL_TRY(nn::read_layer(file, n, c, s.feed_forward, out.layers[n]));
  }
  return {};
}

}  // namespace sequence

std::array<std::uint8_t, 32> factor_space(const Catalogue& catalogue) {
  return base::sha256(std::as_bytes(catalogue.gram));
}

Result<BundleFile> sequence_file(std::span<const std::byte> bundle_json) {
  const Result<io::Manifest> manifest = read_manifest(bundle_json);
  if (!manifest) return manifest.error();
  const io::ManifestFile& file = manifest.value().files[0];
  return BundleFile{kPath, file.bytes, file.sha256};
}

Result<SequenceModel> SequenceModel::open(std::span<const std::byte> bundle_json,
                                          OwnedBytes weights, const Catalogue& catalogue,
                                          std::uint32_t most_items, const FileDigest& digest) {
  const Result<io::Manifest> manifest = read_manifest(bundle_json);
  if (!manifest) return manifest.error();
  const io::ManifestFile& file = manifest.value().files[0];
  if (weights.size() != file.bytes) {
    return Error{Code::kChecksumMismatch, weights.size(), "sequence: file of another size (bytes)"};
  }
  if ((digest ? *digest : base::sha256(weights.span())) != file.sha256) {
    return Error{Code::kChecksumMismatch, 0, "sequence: file altered, wrong SHA-256"};
  }
  const SequenceShape shape = sequence::shape_of(manifest.value().sequence);
  if (shape.factors != catalogue.n_factors || shape.factor_space != factor_space(catalogue)) {
    return Error{Code::kChecksumMismatch, shape.factors, "sequence: made for another catalogue"};
  }
  if (most_items < 1 || most_items > io::Manifest::kMaxItems) {
    return Error{Code::kInvalidArgument, most_items, "sequence: most_items is not 1 to 2^24"};
  }
  sequence::Parts parts;
  OSL_TRY(sequence::read_parts(weights.span(), shape, parts));
  Result<nn::Int8Decoder> decoder =
      nn::Int8Decoder::open({.layers = shape.layers,
                             .channels = shape.channels,
                             .heads = shape.heads,
                             .feed_forward = shape.feed_forward,
                             .max_rows = sequence::kRows,
                             .max_sequence = shape.max_items,
                             .layer_norm_epsilon = static_cast<float>(shape.layer_norm_epsilon)},
                            parts.layers, kMaxBeams);
  if (!decoder) return decoder.error();
  std::unique_ptr<State> state(new (std::nothrow) State(shape, std::move(weights), std::move(parts),
                                                        std::move(decoder).value(), most_items));
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "sequence: no memory"};
  OSL_TRY(state->take_memory());
  return SequenceModel(std::move(state));
}

}  // namespace ossicle
