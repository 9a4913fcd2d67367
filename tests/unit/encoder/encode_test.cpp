#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "encoder_input.h"

namespace ossicle {
namespace {

using testing::EncoderInput;

Encoder open_encoder(const EncoderInput& input) {
  const auto bundle = input.write();
  REQUIRE(bundle.ok());
  auto encoder = testing::open(bundle.value(), input.tokenizer);
  REQUIRE(encoder.ok());
  return std::move(encoder).value();
}

std::vector<float> encode(Encoder& encoder, const std::vector<std::string>& texts,
                          std::uint32_t dimensions) {
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  std::vector<float> out(texts.size() * dimensions, 9);
  const Status done = encoder.encode(views, dimensions, out);
  INFO(done.error().what);
  REQUIRE(done.ok());
  return out;
}

std::vector<std::string> many_texts() {
  std::vector<std::string> texts = testing::mixed_lines();
  for (int i = 0; i < 150; ++i) {
    texts.push_back("song number " + std::to_string(i) +
                    std::string(static_cast<std::size_t>(i), 'a'));
  }
  return texts;
}

double length(std::span<const float> v) {
  double sum = 0;
  for (const float x : v) sum += double{x} * double{x};
  return std::sqrt(sum);
}

TEST_CASE("either way to multiply gives the same vectors, and rehearsing changes none") {
  Encoder encoder = open_encoder(EncoderInput());
  const std::vector<float> pairs = encode(encoder, many_texts(), 48);
  encoder.use(Encoder::Products::kQuads);
  CHECK(encode(encoder, many_texts(), 48) == pairs);
  encoder.rehearse(Encoder::Products::kPairs);
  encoder.rehearse(Encoder::Products::kQuads);
  CHECK(encode(encoder, many_texts(), 48) == pairs);
}

TEST_CASE("every text has a vector of unit length, broken and empty ones too") {
  Encoder encoder = open_encoder(EncoderInput());
  std::vector<std::string> texts = many_texts();
  texts.push_back(std::string(1 << 20, 'x'));
  texts.push_back(std::string(1 << 20, '\0'));
  for (const std::uint32_t d : {16u, 48u}) {
    const std::vector<float> out = encode(encoder, texts, d);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      INFO("text " << i);
      CHECK(length(std::span(out).subspan(i * d, d)) == Approx(1).margin(1e-6));
    }
  }
}

TEST_CASE("a text has the same vector alone and among others") {
  Encoder encoder = open_encoder(EncoderInput());
  const std::vector<std::string> texts = many_texts();
  const std::vector<float> together = encode(encoder, texts, 48);
  for (std::size_t i = 0; i < texts.size(); i += 7) {
    const std::vector<float> alone = encode(encoder, {texts[i]}, 48);
    INFO("text " << i);
    CHECK(std::equal(alone.begin(), alone.end(), together.begin() + static_cast<long>(48 * i)));
  }
}

TEST_CASE("a shorter vector is the beginning of the long one, of unit length again") {
  Encoder encoder = open_encoder(EncoderInput());
  const std::vector<float> whole = encode(encoder, {"a sad song"}, 48);
  const std::vector<float> cut = encode(encoder, {"a sad song"}, 16);
  const double scale = length(std::span(whole).first(16));
  for (std::size_t i = 0; i < cut.size(); ++i) {
    CHECK(double{cut[i]} == Approx(double{whole[i]} / scale).margin(1e-6));
  }
}

TEST_CASE("other texts have other vectors, and the order of words counts") {
  Encoder encoder = open_encoder(EncoderInput());
  const std::vector<float> out = encode(encoder, {"sad piano", "piano sad", "sad piano"}, 48);
  const std::span<const float> v(out);
  CHECK_FALSE(std::ranges::equal(v.subspan(0, 48), v.subspan(48, 48)));
  CHECK(std::ranges::equal(v.subspan(0, 48), v.subspan(96, 48)));
}

TEST_CASE("native, simd and relaxed builds give the same vectors") {
  std::uint64_t digest = 1469598103934665603u;  // FNV-1a
  for (const bool factorised : {true, false}) {
    EncoderInput input;
    if (!factorised) {
      input.shape.word_size = input.shape.channels;
      input.shape.projection = 0;
      input.shape.pooling = EncoderShape::Pooling::kFirst;
      input.shape.dimensions = {64};
      input.fill();
    }
    Encoder encoder = open_encoder(input);
    for (const float v : encode(encoder, many_texts(), input.shape.vector_size())) {
      digest = (digest ^ std::bit_cast<std::uint32_t>(v)) * 1099511628211u;
    }
  }
  // Made by the native build; every other build must make it too.
  CHECK(digest == 0x78c061dcdf47f2c9u);
}

TEST_CASE("what encode does not offer is refused") {
  Encoder encoder = open_encoder(EncoderInput());
  const std::string_view text = "song";
  std::vector<float> out(48);
  CHECK(encoder.encode({&text, 1}, 17, out).error().code == Code::kInvalidArgument);
  CHECK(encoder.encode({&text, 1}, 16, out).error().code == Code::kInvalidArgument);
  CHECK(encoder.encode({}, 48, {}).ok());
}

}  // namespace
}  // namespace ossicle
