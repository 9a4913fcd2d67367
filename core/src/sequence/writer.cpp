#include <cmath>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

#include "io/manifest.h"
#include "io/safetensors.h"
#include "nn/weight_tensors.h"
#include "nn/weights.h"
#include "sequence/state.h"

namespace ossicle {
namespace {

// Files of other programs start their data at a multiple of this.
constexpr std::size_t kForeignAlignment = 8;

/// From the tensors of a checkpoint to those of a bundle.
class Packing {
 public:
  explicit Packing(const io::Safetensors& file) : file_(file) {}

  /// A copy of tensor `name`, finite.
  Status get(const std::string& name, std::initializer_list<std::uint64_t> shape,
             std::vector<float>*& out) {
    const Result<std::span<const std::byte>> bytes = file_.get(name, io::Dtype::kF32, shape);
    if (!bytes) return bytes.error();
    std::vector<float>& values = kept_.emplace_back(bytes.value().size() / sizeof(float));
    std::memcpy(values.data(), bytes.value().data(), bytes.value().size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) {
        return Error{Code::kNotFinite, i, "sequence: a number of a weight is not finite (index)"};
      }
    }
    out = &values;
    return {};
  }

  /// As it is, but of rank 1.
  Status add_floats(const std::string& name, std::initializer_list<std::uint64_t> shape) {
    std::vector<float>* values = nullptr;
    OSL_TRY(get(name, shape, values));
    tensors_.add_floats(name, *values);
    return {};
  }

  Status add_norm(const std::string& name, std::uint64_t channels) {
    OSL_TRY(add_floats(name + ".weight", {channels}));
    return add_floats(name + ".bias", {channels});
  }

  /// The products `parts`, [out, in] each, one below the other, as `name`.
  Status add_linear(const std::string& name, std::initializer_list<std::string> parts,
                    std::size_t in, std::size_t out) {
    std::vector<float> weight;
    std::vector<float>& bias = kept_.emplace_back();
    for (const std::string& part : parts) {
      std::vector<float>*w = nullptr, *b = nullptr;
      OSL_TRY(get(part + ".weight", {out, in}, w));
      OSL_TRY(get(part + ".bias", {out}, b));
      weight.insert(weight.end(), w->begin(), w->end());
      bias.insert(bias.end(), b->begin(), b->end());
    }
    tensors_.add_linear(name, in, out * parts.size(), weight, bias);
    return {};
  }

  std::span<const io::TensorSource> all() const { return tensors_.all(); }

 private:
  const io::Safetensors& file_;
  std::deque<std::vector<float>> kept_;
  nn::WeightTensors tensors_;
};

Status pack_layer(Packing& packing, std::uint32_t n, std::size_t c, std::size_t f) {
  const auto part = [n](const char* name) { return nn::layer_part(n, name); };
  OSL_TRY(packing.add_linear(part("qkv"), {part("query"), part("key"), part("value")}, c, c));
  OSL_TRY(packing.add_linear(part("out"), {part("out")}, c, c));
  OSL_TRY(packing.add_linear(part("up"), {part("up")}, c, f));
  OSL_TRY(packing.add_linear(part("down"), {part("down")}, f, c));
  OSL_TRY(packing.add_norm(part("norm1"), c));
  return packing.add_norm(part("norm2"), c);
}

Status pack(const io::Safetensors& file, const SequenceShape& s, Packing& packing) {
  const std::size_t c = s.channels, in = std::size_t{s.factors} + s.text;
  OSL_TRY(packing.add_floats("begin", {in}));
  if (s.text > 0) OSL_TRY(packing.add_floats("absent", {s.text}));
  if (file.find("position") != nullptr) {
    OSL_TRY(packing.add_floats("position", {s.max_items, c}));
  }
  OSL_TRY(packing.add_linear("input", {"input"}, in, c));
  OSL_TRY(packing.add_norm("norm", c));
  OSL_TRY(packing.add_linear("head", {"head"}, c, s.factors));
  for (std::uint32_t n = 0; n < s.layers; ++n) OSL_TRY(pack_layer(packing, n, c, s.feed_forward));
  return {};
}

}  // namespace

Result<SequenceBundleBytes> write_sequence(const SequenceShape& shape,
                                           std::span<const std::byte> checkpoint,
                                           const BundleFacts& facts) {
  io::Manifest manifest;
  manifest.kind = io::BundleKind::kSequence;
  manifest.name = facts.name;
  manifest.licence = facts.licence;
  manifest.source = facts.source;
  manifest.recipe = facts.recipe;
  manifest.sequence = sequence::manifest_of(shape);
  manifest.files = {{"sequence.safetensors", 0, {}}};
  // The shape first: nothing below is safe with one that the reader would refuse.
  if (const Result<std::string> draft = io::write_manifest(manifest); !draft) return draft.error();

  const Result<io::Safetensors> parsed = io::Safetensors::parse(checkpoint, kForeignAlignment);
  if (!parsed) return parsed.error();
  Packing packing(parsed.value());
  OSL_TRY(pack(parsed.value(), shape, packing));
  Result<std::vector<std::byte>> file = io::write_safetensors(packing.all());
  if (!file) return file.error();

  Result<std::vector<std::byte>> json = io::sign_manifest(std::move(manifest), file.value());
  if (!json) return json.error();
  return SequenceBundleBytes{std::move(json).value(), std::move(file).value()};
}

}  // namespace ossicle
