#include <bit>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "../unit/encoder/encoder_input.h"
#include "golden_file.h"
#include "ossicle/encoder.h"

namespace ossicle {
namespace {

constexpr const char* kFolder = "encoder-v1/";
constexpr std::uint32_t kDimensions = 8;

// The bits of a vector a line, one line a text.
std::string vectors_of(Encoder& encoder) {
  const std::vector<std::string> lines = testing::mixed_lines();
  const std::vector<std::string_view> texts(lines.begin(), lines.end());
  std::vector<float> out(texts.size() * kDimensions);
  if (!encoder.encode(texts, kDimensions, out).ok()) return "no vectors\n";
  std::string text;
  for (std::size_t i = 0; i < out.size(); ++i) {
    char bits[16];
    std::snprintf(bits, sizeof(bits), "%08x", std::bit_cast<std::uint32_t>(out[i]));
    text += bits;
    text += (i + 1) % kDimensions == 0 ? "\n" : " ";
  }
  return text;
}

TEST_CASE("an encoder bundle of format version 1 is read and encodes as it always did") {
  const std::vector<std::byte> weights =
      testing::read_bytes(std::string(kFolder) + "encoder.safetensors");
  auto encoder = Encoder::open(testing::read_bytes(std::string(kFolder) + "bundle.json"),
                               testing::owned(weights), testing::bytes_of(testing::tiny_model()));
  REQUIRE(encoder.ok());
  CHECK(vectors_of(encoder.value()) == testing::read_text(std::string(kFolder) + "expected.txt"));
}

// Run by hand, once for a version: golden_test "[.golden]"
TEST_CASE("writes the golden encoder", "[.golden]") {
  testing::EncoderInput input;
  input.shape.channels = 32;
  input.shape.feed_forward = 64;
  input.shape.layers = 1;
  input.shape.max_tokens = 16;
  input.shape.projection = 16;
  input.shape.dimensions = {kDimensions, 16};
  input.fill();
  const EncoderBundleBytes bundle = input.write().value();
  const auto save = [](const char* name, std::span<const std::byte> bytes) {
    std::ofstream file(std::string(kFolder) + name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  };
  save("bundle.json", bundle.bundle_json);
  save("encoder.safetensors", bundle.weights);
  auto encoder = testing::open(bundle, input.tokenizer);
  save("expected.txt", testing::bytes_of(vectors_of(encoder.value())));
}

}  // namespace
}  // namespace ossicle
