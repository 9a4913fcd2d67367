#include <bit>
#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "golden_file.h"
#include "sequence_checkpoint.h"

namespace ossicle {
namespace {

constexpr const char* kFolder = "sequence-v1/";
constexpr std::uint32_t kItems = 40;

CatalogueData catalogue() {
  return testing::synthetic_catalogue({.n_items = kItems, .n_factors = 16});
}

std::string bits(float value) {
  char text[16];
  std::snprintf(text, sizeof(text), "%08x", std::bit_cast<std::uint32_t>(value));
  return text;
}

// Lists and a distribution, scores as their bits.
std::string answers(SequenceModel& model, const SequenceItems& items) {
  const std::vector<std::uint32_t> recent = {3, 1, 4, 15, 9, 2, 6};
  std::string text;
  for (std::uint32_t n = 0; n < 4; ++n) {
    PlaylistRequest request;
    request.seed = n;
    request.adventure = n / 3.0;
    if (n % 2 == 1) request.recent = recent;
    if (n >= 2) request.to = 20 + n;
    std::vector<PlaylistItem> list(12);
    if (!write_playlist(model, items, request, list).ok()) return "no list\n";
    for (const PlaylistItem& item : list) {
      text += std::to_string(item.item) + " " + bits(item.score) + " ";
    }
    text.back() = '\n';
  }
  std::vector<float> p(kItems);
  if (!next_distribution(model, items, recent, {}, p).ok()) return "no distribution\n";
  for (const float value : p) text += bits(value) + " ";
  text.back() = '\n';
  return text;
}

Result<SequenceModel> open(const Catalogue& catalogue) {
  return SequenceModel::open(
      testing::read_bytes(std::string(kFolder) + "bundle.json"),
      testing::owned_bytes(testing::read_bytes(std::string(kFolder) + "sequence.safetensors")),
      catalogue, kItems);
}

TEST_CASE("a sequence bundle of format version 1 is read and answers as it always did") {
  const CatalogueData data = catalogue();
  auto model = open(data.view);
  REQUIRE(model.ok());
  CHECK(answers(model.value(), sequence_items(data.view)) ==
        testing::read_text(std::string(kFolder) + "expected.txt"));
}

// Run by hand, once for a version: golden_test "[.golden-sequence]"
TEST_CASE("writes the golden sequence model", "[.golden-sequence]") {
  const CatalogueData data = catalogue();
  SequenceShape shape = testing::small_sequence(data.view);
  shape.text = 0;
  shape.channels = shape.feed_forward = 32;
  shape.heads = 2;
  shape.layers = 1;
  shape.max_items = 8;
  const SequenceBundleBytes bundle = testing::SequenceCheckpoint(shape).pack().value();
  std::filesystem::create_directories(kFolder);
  const auto save = [](const char* name, std::span<const std::byte> bytes) {
    std::ofstream file(std::string(kFolder) + name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  };
  save("bundle.json", bundle.bundle_json);
  save("sequence.safetensors", bundle.weights);
  auto model = open(data.view);
  REQUIRE(model.ok());
  const std::string text = answers(model.value(), sequence_items(data.view));
  save("expected.txt", std::as_bytes(std::span(text)));
}

}  // namespace
}  // namespace ossicle
