#include <bit>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "golden_file.h"
#include "ossicle/style.h"

namespace ossicle {
namespace {

std::string bits(float value) {
  char text[16];
  std::snprintf(text, sizeof(text), "%08x", std::bit_cast<std::uint32_t>(value));
  return text;
}

std::string describe(const StyleRows& rows, std::size_t i, std::size_t dimensions) {
  std::string out = "row_scale " + bits(rows.row_scale[i]) + " scale " + bits(rows.scale[i]) +
                    " bias " + bits(rows.bias[i]) + " row";
  for (std::size_t k = 0; k < dimensions; ++k) {
    out += " " + std::to_string(rows.rows[i * dimensions + k]);
  }
  return out + "\n";
}

// Everything a style file says, numbers as their bits, and what it makes of one vector.
std::string describe(const StyleModel& m) {
  std::string out;
  for (std::uint32_t label = 0; label < m.n_labels; ++label) {
    out += std::string(m.name(label)) + " | kind " + std::to_string(m.kind[label]) + " parent " +
           std::to_string(m.parent[label]) + " | " + describe(m.zero_shot, label, m.n_dimensions);
  }
  for (std::size_t i = 0; i < m.head_label.size(); ++i) {
    out += "head " + std::to_string(m.head_label[i]) + " | " + describe(m.head, i, m.n_dimensions);
  }
  const std::vector<float> vector = {0.1F, 0.7F, 0.5F, 0.5F};
  std::vector<float> probabilities(m.n_labels);
  if (!style_probabilities(m, vector, probabilities).ok()) return out + "no probabilities\n";
  out += "probabilities";
  for (const float p : probabilities) out += " " + bits(p);
  return out + "\n";
}

TEST_CASE("a style file of format version 1 is read as it always was") {
  const Result<StyleData> data = read_style(testing::read_bytes("style-v1/style.safetensors"));
  REQUIRE(data.ok());
  CHECK(describe(data.value().view) == testing::read_text("style-v1/expected.txt"));
}

TEST_CASE("a style bundle of format version 1 is read as it always was") {
  const std::vector<std::byte> json = testing::read_bytes("style-v1/bundle.json");
  const Result<StyleBundle> bundle = read_style_bundle(json);
  REQUIRE(bundle.ok());
  CHECK(bundle.value().encoder[0] == 0x83);
  const Result<StyleData> data =
      read_style(json, testing::read_bytes("style-v1/style.safetensors"), bundle.value().encoder);
  REQUIRE(data.ok());
  CHECK(data.value().view.n_labels == bundle.value().n_labels);
}

}  // namespace
}  // namespace ossicle
