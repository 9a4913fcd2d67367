#include <bit>
#include <catch2/catch.hpp>
#include <cstdio>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "golden_file.h"
#include "ossicle/catalogue.h"

namespace ossicle {
namespace {

std::string bits(float value) {
  char text[16];
  std::snprintf(text, sizeof(text), "%08x", std::bit_cast<std::uint32_t>(value));
  return text;
}

std::string bits(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%016llx",
                static_cast<unsigned long long>(std::bit_cast<std::uint64_t>(value)));
  return text;
}

// Everything a catalogue says, numbers as their bits.
std::string describe(const Catalogue& c) {
  std::string out = std::to_string(c.n_items) + " items, " + std::to_string(c.n_factors) +
                    " factors, mu " + bits(c.model.mu) + ", alpha0 " + bits(c.model.alpha0) +
                    ", user_lambda " + bits(c.model.user_lambda) + ", user_bias " +
                    (c.model.user_bias ? "true" : "false") + "\n";
  for (std::uint32_t i = 0; i < c.n_items; ++i) {
    out += std::string(c.name(i)) + " | " + base::to_hex(c.id[i]) + " | scale " + bits(c.scale[i]) +
           " bias " + bits(c.bias[i]) + " rowsum " + std::to_string(c.rowsum[i]) + " listeners " +
           std::to_string(c.listeners[i]) + " | q";
    for (std::uint32_t k = 0; k < c.row_stride; ++k) {
      out += " " + std::to_string(c.q[std::size_t{i} * c.row_stride + k]);
    }
    out += " |";
    for (const std::uint16_t tag : c.tags(i)) out += " " + std::string(c.tag_name(tag));
    out += "\n";
  }
  out += "by_id";
  for (const std::uint32_t row : c.by_id) out += " " + std::to_string(row);
  const auto numbers = [&](const char* name, std::span<const double> values) {
    out += std::string("\n") + name;
    for (const double value : values) out += " " + bits(value);
  };
  numbers("gram", c.gram);
  numbers("factor_sum", c.factor_sum);
  numbers("offset_sum", c.offset_sum);
  if (c.model.weighted) {
    const PlayConfidence& w = c.model.confidence;
    const double constants[] = {w.spread,   w.popularity, w.scale,
                                w.sd_floor, w.clip,       c.model.negative_popularity};
    numbers("weighted", constants);
    numbers("negative", c.negative);
    numbers("discount", c.discount);
  }
  if (c.model.warm_listeners > 0) {
    out += "\nwarm_listeners " + std::to_string(c.model.warm_listeners) + ", text_size " +
           std::to_string(c.text_size) + ", encoder " + base::to_hex(c.text_encoder) + "\ntext_map";
    for (const float value : c.text_map) out += " " + bits(value);
  }
  return out + "\n";
}

void check_golden(const std::string& folder, std::size_t n_files) {
  CatalogueReader reader;
  REQUIRE(reader.begin(testing::read_bytes(folder + "/bundle.json")).ok());
  REQUIRE(reader.files().size() == n_files);
  for (std::size_t i = 0; i < reader.files().size(); ++i) {
    const std::string path = folder + "/" + std::string(reader.files()[i].path);
    REQUIRE(reader.add_file(i, testing::read_bytes(path)).ok());
  }
  const Result<CatalogueData> data = std::move(reader).finish();
  REQUIRE(data.ok());
  CHECK(describe(data.value().view) == testing::read_text(folder + "/expected.txt"));
}

TEST_CASE("a catalogue of format version 1 is read as it always was") {
  check_golden("catalogue-v1", 2);
}

TEST_CASE("a catalogue of format version 2 is read as it always was") {
  check_golden("catalogue-v2", 1);
}

TEST_CASE("a catalogue of format version 3 is read as it always was") {
  check_golden("catalogue-v3", 1);
}

}  // namespace
}  // namespace ossicle
