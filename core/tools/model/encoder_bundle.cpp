#include "model/encoder_bundle.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "files.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

// Texts between two looks at Ctrl-C, and between two lines of progress.
constexpr std::size_t kStep = 256, kTellEvery = 16 * kStep;

}  // namespace

Problem write_encoder_bundle(const std::string& folder, const EncoderBundleBytes& bytes,
                             std::span<const std::byte> tokenizer) {
  const std::string json = folder + "/bundle.json";
  const auto files = encoder_files(bytes.bundle_json);
  if (!files) return problem(json, files.error());
  OSL_TOOL_TRY(write_file(folder + "/" + std::string(files.value()[0].path), bytes.weights));
  OSL_TOOL_TRY(write_file(folder + "/" + std::string(files.value()[1].path), tokenizer));
  return write_file(json, bytes.bundle_json);
}

Problem open_encoder(const std::string& folder, std::optional<Encoder>& out) {
  const std::string json_path = folder + "/bundle.json";
  std::vector<std::byte> json, weights, tokenizer;
  OSL_TOOL_TRY(read_file(json_path, json));
  const auto files = encoder_files(json);
  if (!files) return problem(json_path, files.error());
  OSL_TOOL_TRY(read_file(folder + "/" + std::string(files.value()[0].path), weights));
  OSL_TOOL_TRY(read_file(folder + "/" + std::string(files.value()[1].path), tokenizer));
  OwnedBytes owned = OwnedBytes::allocate(weights.size());
  if (!owned.ok()) return problem(folder + ": not enough memory");
  if (!weights.empty()) std::memcpy(owned.data(), weights.data(), weights.size());
  Result<Encoder> encoder = Encoder::open(json, std::move(owned), tokenizer);
  if (!encoder) return problem(folder, encoder.error());
  out = std::move(encoder).value();
  return {};
}

Problem encoder_digest(const std::string& folder, std::array<std::uint8_t, 32>& out) {
  const std::string json_path = folder + "/bundle.json";
  std::vector<std::byte> json;
  OSL_TOOL_TRY(read_file(json_path, json));
  const auto files = encoder_files(json);
  if (!files) return problem(json_path, files.error());
  out = files.value()[0].sha256;
  return {};
}

Problem encode_all(Encoder& encoder, std::span<const std::string_view> texts,
                   std::uint32_t dimensions, const std::string& where,
                   std::vector<float>& vectors) {
  vectors.assign(texts.size() * dimensions, 0);
  catch_interrupt();
  const Progress progress(where, static_cast<std::uint32_t>(texts.size()));
  for (std::size_t at = 0; at < texts.size(); at += kStep) {
    if (interrupted()) return {where + ": interrupted, nothing was written", kExitInterrupted};
    const std::size_t n = std::min(kStep, texts.size() - at);
    const Status done = encoder.encode(texts.subspan(at, n), dimensions,
                                       std::span(vectors).subspan(at * dimensions, n * dimensions));
    if (!done) return problem(where, done.error());
    if ((at + kStep) % kTellEvery == 0) progress.step(static_cast<std::uint32_t>(at + n));
  }
  return {};
}

}  // namespace ossicle::tools
