#include "model/encoder_bundle.h"

#include <cstring>
#include <utility>
#include <vector>

#include "files.h"

namespace ossicle::tools {

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

}  // namespace ossicle::tools
