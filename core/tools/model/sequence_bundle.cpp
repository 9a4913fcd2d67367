#include "model/sequence_bundle.h"

#include <cstring>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "files.h"

namespace ossicle::tools {

Problem read_sequence_checkpoint(const std::string& folder, const Catalogue& catalogue,
                                 SequenceShape& shape, std::vector<std::byte>& weights) {
  const std::string path = folder + "/config.json";
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  base::JsonDocument document;
  const Status parsed = document.parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!parsed) return problem(path, parsed.error());
  const base::JsonValue root = document.root();
  const std::pair<const char*, std::uint32_t*> counts[] = {
      {"factors", &shape.factors},     {"text", &shape.text},
      {"channels", &shape.channels},   {"layers", &shape.layers},
      {"heads", &shape.heads},         {"feed_forward", &shape.feed_forward},
      {"max_items", &shape.max_items},
  };
  for (const auto& [name, out] : counts) {
    const auto n = root.get(name).unsigned_integer();
    if (!n || *n > 1U << 20) return problem(path + ": " + name + " is missing or no size");
    *out = static_cast<std::uint32_t>(*n);
  }
  const std::pair<const char*, double*> numbers[] = {
      {"factor_scale", &shape.factor_scale},
      {"popularity", &shape.popularity},
      {"layer_norm_epsilon", &shape.layer_norm_epsilon},
  };
  for (const auto& [name, out] : numbers) {
    const auto number = root.get(name).number();
    if (!number) return problem(path + ": " + name + " is missing or no number");
    *out = *number;
  }
  if (shape.factors != catalogue.n_factors) {
    return problem(path + ": factors are not the catalogue's");
  }
  shape.factor_space = factor_space(catalogue);
  return read_file(folder + "/model.safetensors", weights);
}

Problem write_sequence_bundle(const std::string& folder, const SequenceBundleBytes& bytes) {
  const std::string json = folder + "/bundle.json";
  const Result<BundleFile> file = sequence_file(bytes.bundle_json);
  if (!file) return problem(json, file.error());
  OSL_TOOL_TRY(write_file(folder + "/" + std::string(file.value().path), bytes.weights));
  return write_file(json, bytes.bundle_json);
}

Problem open_sequence(const std::string& folder, const Catalogue& catalogue,
                      std::optional<SequenceModel>& out) {
  const std::string json_path = folder + "/bundle.json";
  std::vector<std::byte> json, weights;
  OSL_TOOL_TRY(read_file(json_path, json));
  const Result<BundleFile> file = sequence_file(json);
  if (!file) return problem(json_path, file.error());
  OSL_TOOL_TRY(read_file(folder + "/" + std::string(file.value().path), weights));
  OwnedBytes owned = OwnedBytes::allocate(weights.size());
  if (!owned.ok()) return problem(folder + ": not enough memory");
  if (!weights.empty()) std::memcpy(owned.data(), weights.data(), weights.size());
  Result<SequenceModel> model =
      SequenceModel::open(json, std::move(owned), catalogue, catalogue.n_items);
  if (!model) return problem(folder, model.error());
  out = std::move(model).value();
  return {};
}

}  // namespace ossicle::tools
