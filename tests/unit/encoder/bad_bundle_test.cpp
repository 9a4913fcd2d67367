#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "bundle_editor.h"
#include "encoder_input.h"
#include "io/manifest.h"
#include "io/safetensors.h"

namespace ossicle {
namespace {

using io::BundleKind;
using testing::EncoderInput;

EncoderBundleBytes good() { return EncoderInput().write().value(); }

Error refusal(const EncoderBundleBytes& bundle) {
  const std::string tokenizer = testing::tiny_model();
  const auto opened = testing::open(bundle, tokenizer);
  REQUIRE_FALSE(opened.ok());
  return opened.error();
}

/// bundle.json changed and signed for the weights as they are.
void sign(EncoderBundleBytes& bundle, const std::function<void(io::Manifest&)>& change = {}) {
  io::Manifest manifest = io::read_manifest(bundle.bundle_json, BundleKind::kEncoder).value();
  manifest.files[0].bytes = bundle.weights.size();
  manifest.files[0].sha256 = base::sha256(bundle.weights);
  if (change) change(manifest);
  const std::string json = io::write_manifest(manifest).value();
  const auto bytes = std::as_bytes(std::span(json));
  bundle.bundle_json.assign(bytes.begin(), bytes.end());
}

EncoderBundleBytes changed(const std::function<void(testing::Shard&)>& change) {
  EncoderBundleBytes bundle = good();
  testing::Shard file(bundle.weights);
  change(file);
  bundle.weights = file.write();
  sign(bundle);
  return bundle;
}

std::string replaced(const EncoderBundleBytes& bundle, const std::string& from,
                     const std::string& to) {
  std::string json(reinterpret_cast<const char*>(bundle.bundle_json.data()),
                   bundle.bundle_json.size());
  const std::size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  return json.replace(at, from.size(), to);
}

TEST_CASE("weights that are altered, cut short or too long are refused before they are read") {
  EncoderBundleBytes bundle = good();
  SECTION("altered") { bundle.weights[bundle.weights.size() / 2] ^= std::byte{1}; }
  SECTION("cut short") { bundle.weights.pop_back(); }
  SECTION("too long") { bundle.weights.push_back({}); }
  SECTION("gone") { bundle.weights.clear(); }
  CHECK(refusal(bundle).code == Code::kChecksumMismatch);
}

TEST_CASE("another tokenizer than the bundle's is refused") {
  const EncoderBundleBytes bundle = good();
  std::string other = testing::tiny_model();
  other.back() = static_cast<char>(other.back() ^ 1);
  CHECK(testing::open(bundle, other).error().code == Code::kChecksumMismatch);
}

TEST_CASE(
    "a digest that the caller computed takes the place of hashing, and a wrong one is refused") {
  const EncoderBundleBytes bundle = good();
  const std::string tokenizer = testing::tiny_model();
  const auto open = [&](const std::array<FileDigest, 2>& digests) {
    return Encoder::open(bundle.bundle_json, testing::owned(bundle.weights),
                         testing::bytes_of(tokenizer), digests);
  };
  const std::array<FileDigest, 2> right = {base::sha256(bundle.weights), base::sha256(tokenizer)};
  CHECK(open(right).ok());
  CHECK(open({right[0], std::nullopt}).ok());
  for (std::size_t i = 0; i < right.size(); ++i) {
    std::array<FileDigest, 2> wrong = right;
    wrong[i]->back() ^= 1;
    const auto refused = open(wrong);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == Code::kChecksumMismatch);
    CHECK(refused.error().at == i);
  }
}

TEST_CASE("a bundle of another kind or of a newer version is named as such") {
  EncoderBundleBytes bundle = good();
  const auto with = [&](const std::string& from, const std::string& to) {
    const std::string json = replaced(bundle, from, to);
    EncoderBundleBytes other = bundle;
    const auto bytes = std::as_bytes(std::span(json));
    other.bundle_json.assign(bytes.begin(), bytes.end());
    return refusal(other).code;
  };
  CHECK(with("\"kind\": \"encoder\"", "\"kind\": \"catalogue\"") == Code::kUnknownFormat);
  CHECK(with("\"version\": 1", "\"version\": 2") == Code::kUnsupportedVersion);
  CHECK(with("\"layers\": 2", "\"layers\": 4000000000") == Code::kOutOfRange);
  CHECK(with("\"layers\": 2", "\"layers\": 0") == Code::kOutOfRange);
  CHECK(with("\"heads\": 2", "\"heads\": 3") == Code::kOutOfRange);
  CHECK(with("\"channels\": 64", "\"channels\": 65") == Code::kOutOfRange);
  CHECK(with("\"channels\": 64", "\"channels\": -64") == Code::kCorrupt);
  CHECK(with("\"end_id\": 2", "\"end_id\": 312") == Code::kOutOfRange);
  CHECK(with("[16, 48]", "[16, 64]") == Code::kOutOfRange);
  CHECK(with("[16, 48]", "[48, 48]") == Code::kOutOfRange);
  CHECK(with("[16, 48]", "[]") == Code::kMissing);
  CHECK(with("\"mean\"", "\"max\"") == Code::kCorrupt);
}

TEST_CASE("a shape that the weights do not have is refused") {
  EncoderBundleBytes bundle = good();
  SECTION("more layers") {
    sign(bundle, [](io::Manifest& m) { m.encoder.layers = 3; });
    CHECK(refusal(bundle).code == Code::kMissing);
  }
  SECTION("a larger feed-forward") {
    sign(bundle, [](io::Manifest& m) { m.encoder.feed_forward = 16384; });
    CHECK(refusal(bundle).code == Code::kCorrupt);
  }
  SECTION("a smaller word table than the tokenizer's") {
    EncoderInput input;
    input.shape.vocabulary = 100;
    input.fill();
    bundle = input.write().value();
    CHECK(refusal(bundle).code == Code::kCorrupt);
  }
}

TEST_CASE("numbers that are not finite, and packed weights out of range, are refused") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const char* name :
       {"word.scale", "position.scale", "norm.weight", "layer.1.norm2.bias", "layer.0.qkv.scale",
        "layer.0.up.offset", "layer.1.down.bias", "head.scale", "word.project.offset"}) {
    INFO(name);
    CHECK(refusal(changed([&](testing::Shard& s) { s.set(name, 3, nan); })).code ==
          Code::kNotFinite);
  }
  for (const char* name : {"layer.0.out.panels", "head.panels", "word.project.panels"}) {
    INFO(name);
    CHECK(refusal(changed([&](testing::Shard& s) { s.set(name, 3, std::int8_t{-128}); })).code ==
          Code::kCorrupt);
  }
}

TEST_CASE("a weight that is missing or has another type is refused") {
  CHECK(refusal(changed([](testing::Shard& s) { s.remove("layer.1.up.panels"); })).code ==
        Code::kMissing);
  CHECK(refusal(changed([](testing::Shard& s) {
          s.column("word.q").dtype = io::Dtype::kU8;
        })).code == Code::kCorrupt);
}

TEST_CASE("weights so large that nothing finite comes out are an error, not a vector") {
  const EncoderBundleBytes bundle = changed([](testing::Shard& s) {
    for (std::size_t i = 0; i < 48; ++i) s.set("head.scale", i, 3e38f);
  });
  const std::string tokenizer = testing::tiny_model();
  auto encoder = testing::open(bundle, tokenizer);
  REQUIRE(encoder.ok());
  std::vector<float> out(48);
  const std::string_view text = "song";
  CHECK(encoder.value().encode({&text, 1}, 48, out).error().code == Code::kNotFinite);
}

TEST_CASE("a writer refuses weights of another size or with a NaN") {
  EncoderInput input;
  SECTION("size") {
    input.weights.layers[1].key_bias = input.weights.layers[1].key_bias.first(63);
    CHECK(input.write().error().code == Code::kInvalidArgument);
  }
  SECTION("NaN") {
    std::vector<float> word(input.weights.word.begin(), input.weights.word.end());
    word[5] = std::nanf("");
    input.weights.word = word;
    CHECK(input.write().error().code == Code::kNotFinite);
    CHECK(input.write().error().at == 5);
  }
  SECTION("shape") {
    input.shape.channels = 72;
    CHECK(input.write().error().code == Code::kInvalidArgument);
  }
}

}  // namespace
}  // namespace ossicle
