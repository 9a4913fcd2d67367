#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "io/manifest.h"
#include "sequence_checkpoint.h"

namespace ossicle {
namespace {

using testing::SequenceCheckpoint;
using testing::SequenceFixture;

/// The tensors of a packed file, each changeable, signed again.
struct Bundle {
  struct Tensor {
    io::Dtype dtype;
    std::vector<std::uint64_t> shape;
    std::vector<std::byte> bytes;
  };
  std::map<std::string, Tensor> tensors;
  io::Manifest manifest;

  explicit Bundle(const SequenceBundleBytes& bytes)
      : manifest(io::read_manifest(bytes.bundle_json, io::BundleKind::kSequence).value()) {
    const io::Safetensors file = io::Safetensors::parse(bytes.weights).value();
    for (const io::Tensor& t : file.tensors()) {
      tensors[t.name] = {
          t.dtype, {t.shape.begin(), t.shape.begin() + t.rank}, {t.bytes.begin(), t.bytes.end()}};
    }
  }

  template <class T>
  void put(const std::string& name, std::size_t index, T value) {
    std::memcpy(tensors.at(name).bytes.data() + index * sizeof(T), &value, sizeof(T));
  }

  Status open(const Catalogue& catalogue) {
    std::vector<io::TensorSource> sources;
    for (const auto& [name, t] : tensors) sources.push_back({name, t.dtype, t.shape, t.bytes});
    const std::vector<std::byte> file = io::write_safetensors(sources).value();
    manifest.files[0].bytes = file.size();
    manifest.files[0].sha256 = base::sha256(file);
    const std::string json = io::write_manifest(manifest).value();
    const auto model = SequenceModel::open(std::as_bytes(std::span(json)),
                                           testing::owned_bytes(file), catalogue, 500);
    return model.ok() ? Status() : model.error();
  }
};

TEST_CASE("a sequence file with a bad tensor is refused with a code") {
  const SequenceFixture f;
  CHECK(Bundle(f.bundle).open(f.catalogue.view).ok());
  struct Case {
    const char* name;
    Code code;
    std::function<void(Bundle&)> change;
  };
  const auto without = [](const char* tensor) {
    return [tensor](Bundle& b) { b.tensors.erase(tensor); };
  };
  const Case cases[] = {
      {"no begin", Code::kMissing, without("begin")},
      {"no absent", Code::kMissing, without("absent")},
      {"no head", Code::kMissing, without("head.panels")},
      {"no offset", Code::kMissing, without("input.offset")},
      {"no layer", Code::kMissing, without("layer.1.qkv.panels")},
      {"no norm", Code::kMissing, without("layer.0.norm2.bias")},
      {"a position of another shape", Code::kCorrupt,
       [](Bundle& b) { b.tensors["position"].shape = {48, 24}; }},
      {"a begin of another type", Code::kCorrupt,
       [](Bundle& b) { b.tensors["begin"].dtype = io::Dtype::kI32; }},
      {"a scale of NaN", Code::kNotFinite,
       [](Bundle& b) { b.put("head.scale", 3, std::nanf("")); }},
      {"a position of infinity", Code::kNotFinite,
       [](Bundle& b) { b.put("position", 3, INFINITY); }},
      {"a layer's bias of NaN", Code::kNotFinite,
       [](Bundle& b) { b.put("layer.1.down.bias", 0, std::nanf("")); }},
      {"a weight of -128 outside the layers", Code::kCorrupt,
       [](Bundle& b) { b.put("input.panels", 0, std::int8_t{-128}); }},
      {"a weight of -128 in a layer", Code::kCorrupt,
       [](Bundle& b) { b.put("layer.0.up.panels", 0, std::int8_t{-128}); }},
      {"more layers than weights", Code::kMissing,
       [](Bundle& b) { b.manifest.sequence.layers = 3; }},
      {"other channels", Code::kCorrupt, [](Bundle& b) { b.manifest.sequence.channels = 96; }},
      {"longer sequences", Code::kCorrupt, [](Bundle& b) { b.manifest.sequence.max_items = 25; }},
      {"another factor space", Code::kChecksumMismatch,
       [](Bundle& b) { b.manifest.sequence.factor_space[31] ^= 1; }},
      {"other factors", Code::kChecksumMismatch,
       [](Bundle& b) { b.manifest.sequence.factors = 16; }},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Bundle bundle(f.bundle);
    c.change(bundle);
    const Status status = bundle.open(f.catalogue.view);
    REQUIRE_FALSE(status.ok());
    CHECK(status.error().code == c.code);
  }
}

TEST_CASE("a model without positions is read") {
  SequenceFixture f;
  f.checkpoint.tensors.erase("position");
  const SequenceBundleBytes bytes = f.checkpoint.pack().value();
  CHECK(Bundle(bytes).open(f.catalogue.view).ok());
}

TEST_CASE("a file that was altered, cut or is of another kind is refused") {
  const SequenceFixture f;
  const auto code = [&](std::span<const std::byte> json, std::span<const std::byte> file,
                        std::uint32_t most = 500) {
    return SequenceModel::open(json, testing::owned_bytes(file), f.catalogue.view, most)
        .error()
        .code;
  };
  std::vector<std::byte> file = f.bundle.weights;
  file.back() ^= std::byte{1};
  CHECK(code(f.bundle.bundle_json, file) == Code::kChecksumMismatch);
  file.pop_back();
  CHECK(code(f.bundle.bundle_json, file) == Code::kChecksumMismatch);
  CHECK(code(f.bundle.bundle_json, f.bundle.weights, 0) == Code::kInvalidArgument);
  std::string json(reinterpret_cast<const char*>(f.bundle.bundle_json.data()),
                   f.bundle.bundle_json.size());
  const std::size_t at = json.find("\"kind\": \"sequence\"");
  REQUIRE(at != std::string::npos);
  json.replace(at, 18, "\"kind\": \"style\"");
  CHECK(code(std::as_bytes(std::span(json)), f.bundle.weights) == Code::kUnknownFormat);
  CHECK(sequence_file(f.bundle.bundle_json).value().bytes == f.bundle.weights.size());
}

TEST_CASE("weights so large that nothing comes out are an error, not a list") {
  SequenceFixture f;
  std::vector<float>& head = f.checkpoint.tensors["head.weight"].second;
  for (std::size_t i = 0; i < head.size(); ++i) head[i] = i % 2 == 0 ? 8e37F : -8e37F;
  const SequenceBundleBytes bytes = f.checkpoint.pack().value();
  auto model = SequenceModel::open(bytes.bundle_json, testing::owned_bytes(bytes.weights),
                                   f.catalogue.view, 500)
                   .value();
  std::vector<PlaylistItem> out(5);
  CHECK(write_playlist(model, f.items, {}, out).error().code == Code::kNotFinite);
}

TEST_CASE("a checkpoint that is not whole is not packed") {
  const SequenceFixture f;
  const auto code = [&](auto change) {
    SequenceCheckpoint checkpoint = f.checkpoint;
    change(checkpoint);
    return checkpoint.pack().error().code;
  };
  CHECK(code([](SequenceCheckpoint& c) { c.tensors.erase("head.bias"); }) == Code::kMissing);
  CHECK(code([](SequenceCheckpoint& c) { c.tensors["begin"].first = {2, 24}; }) == Code::kCorrupt);
  CHECK(code([](SequenceCheckpoint& c) { c.tensors["begin"].second[0] = INFINITY; }) ==
        Code::kNotFinite);
  for (const auto& change : std::vector<std::function<void(SequenceShape&)>>{
           [](SequenceShape& s) { s.channels = 40; }, [](SequenceShape& s) { s.heads = 5; },
           [](SequenceShape& s) { s.layers = 13; }, [](SequenceShape& s) { s.max_items = 1; },
           [](SequenceShape& s) { s.factor_scale = 0; },
           [](SequenceShape& s) { s.popularity = std::nan(""); },
           [](SequenceShape& s) { s.layer_norm_epsilon = 2; }}) {
    CHECK(code([&](SequenceCheckpoint& c) { change(c.shape); }) == Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ossicle
