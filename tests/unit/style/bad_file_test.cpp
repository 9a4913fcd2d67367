#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "ossicle/style.h"
#include "style_file.h"

namespace ossicle {
namespace {

using io::Dtype;
using testing::StyleFile;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr std::uint64_t kAnywhere = ~std::uint64_t{0};

// One change to the file of 4 labels, 4 dimensions and 1 trained row, and what is said about it.
struct Case {
  const char* name;
  std::function<void(StyleFile&)> change;
  Code code;
  const char* what;
  std::uint64_t at;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"a newer version", [](StyleFile& f) { f.put("style.version", 0, 2U); },
       Code::kUnsupportedVersion, "version", 2},
      {"version 0", [](StyleFile& f) { f.put("style.version", 0, 0U); }, Code::kCorrupt, "version",
       0},
      {"no version", [](StyleFile& f) { f.tensors.erase("style.version"); }, Code::kMissing,
       "missing", 0},
      {"no vectors", [](StyleFile& f) { f.tensors.erase("style.vector"); }, Code::kMissing,
       "no tensor of rows", 0},
      {"no names", [](StyleFile& f) { f.tensors.erase("style.label.bytes"); }, Code::kMissing,
       "style.label.bytes", 0},
      {"no calibration", [](StyleFile& f) { f.tensors.erase("style.vector.bias"); }, Code::kMissing,
       "missing", 0},
      {"vectors as a list", [](StyleFile& f) { f.tensors["style.vector"].shape = {16}; },
       Code::kCorrupt, "not a matrix", kAnywhere},
      {"vectors of no dimensions",
       [](StyleFile& f) { f.set<std::int8_t>("style.vector", Dtype::kI8, {4, 0}, {}); },
       Code::kCapacityExceeded, "absurd", kAnywhere},
      {"vectors of too many dimensions",
       [](StyleFile& f) {
         f.set<std::int8_t>("style.vector", Dtype::kI8, {4, 1025},
                            std::vector<std::int8_t>(4 * 1025));
       },
       Code::kCapacityExceeded, "absurd", kAnywhere},
      {"too many labels",
       [](StyleFile& f) {
         f.set<std::int8_t>("style.vector", Dtype::kI8, {65536, 1},
                            std::vector<std::int8_t>(65536));
       },
       Code::kCapacityExceeded, "absurd", kAnywhere},
      {"vectors of another type",
       [](StyleFile& f) { f.tensors["style.vector"].dtype = Dtype::kU8; }, Code::kCorrupt,
       "another dtype", kAnywhere},
      {"vectors for other labels", [](StyleFile& f) { f.tensors["style.vector"].shape = {2, 8}; },
       Code::kCorrupt, "another shape", kAnywhere},
      {"a value of -128", [](StyleFile& f) { f.put("style.vector", 9, std::int8_t{-128}); },
       Code::kOutOfRange, "-128", 2},
      {"a scale of NaN", [](StyleFile& f) { f.put("style.vector.scale", 1, kNan); },
       Code::kNotFinite, "not finite", 1},
      {"a bias of infinity",
       [](StyleFile& f) { f.put("style.vector.bias", 3, std::numeric_limits<float>::infinity()); },
       Code::kNotFinite, "not finite", 3},
      {"a negative scale", [](StyleFile& f) { f.put("style.vector.row_scale", 2, -1.0F); },
       Code::kCorrupt, "negative", 2},
      {"names that do not begin at 0", [](StyleFile& f) { f.put("style.label.offset", 0, 1U); },
       Code::kCorrupt, "does not cover", 4},
      {"names that end early", [](StyleFile& f) { f.put("style.label.offset", 4, 23U); },
       Code::kCorrupt, "does not cover", 4},
      {"names that turn back", [](StyleFile& f) { f.put("style.label.offset", 2, 3U); },
       Code::kCorrupt, "not in order", 1},
      {"an empty name", [](StyleFile& f) { f.put("style.label.offset", 2, 5U); }, Code::kCorrupt,
       "not in order", 1},
      {"a name past the end", [](StyleFile& f) { f.put("style.label.offset", 2, 0xffffffffU); },
       Code::kCorrupt, "not in order", 1},
      {"a name of broken UTF-8", [](StyleFile& f) { f.put("style.label.bytes", 17, '\xff'); },
       Code::kCorrupt, "not UTF-8", 2},
      {"a kind that is not known", [](StyleFile& f) { f.put("style.kind", 2, std::uint8_t{3}); },
       Code::kCorrupt, "kind is not known", 2},
      {"a label that is its own parent", [](StyleFile& f) { f.put("style.parent", 1, 1U); },
       Code::kCorrupt, "come before", 1},
      {"a parent past the end", [](StyleFile& f) { f.put("style.parent", 1, 4U); }, Code::kCorrupt,
       "come before", 1},
      {"a parent of another kind", [](StyleFile& f) { f.put("style.parent", 3, 2U); },
       Code::kCorrupt, "another kind", 3},
      {"a head for no label", [](StyleFile& f) { f.put("style.head.label", 0, 4U); },
       Code::kOutOfRange, "no label", 0},
      {"a head of other dimensions", [](StyleFile& f) { f.tensors["style.head"].shape = {2, 2}; },
       Code::kCorrupt, "head of another shape", 2},
      {"a head without rows", [](StyleFile& f) { f.tensors.erase("style.head"); }, Code::kMissing,
       "head without rows", 0},
      {"a head without labels", [](StyleFile& f) { f.tensors.erase("style.head.label"); },
       Code::kMissing, "missing", 0},
      {"a head of NaN", [](StyleFile& f) { f.put("style.head.bias", 0, kNan); }, Code::kNotFinite,
       "not finite", 0},
      {"a label with two heads",
       [](StyleFile& f) {
         f.set<std::int8_t>("style.head", Dtype::kI8, {2, 4}, std::vector<std::int8_t>(8));
         for (const char* column : {"row_scale", "scale", "bias"}) {
           f.set<float>("style.head." + std::string(column), Dtype::kF32, {2}, {1, 1});
         }
         f.set<std::uint32_t>("style.head.label", Dtype::kU32, {2}, {3, 3});
       },
       Code::kCorrupt, "not rising", 1},
  };
  return all;
}

TEST_CASE("a style file with a bad column is refused with a code and the place") {
  for (const Case& c : cases()) {
    CAPTURE(c.name);
    StyleFile file;
    c.change(file);
    const Result<StyleData> read = read_style(file.write());
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == c.code);
    CHECK_THAT(read.error().what, Catch::Contains(c.what));
    if (c.at != kAnywhere) CHECK(read.error().at == c.at);
  }
}

TEST_CASE("a style file cut anywhere is refused") {
  const std::vector<std::byte> file = StyleFile().write();
  for (std::size_t size = 0; size < file.size(); ++size) {
    CHECK_FALSE(read_style(std::span(file).first(size)).ok());
  }
}

TEST_CASE("tensors that are not known are passed over") {
  StyleFile file;
  file.set<float>("style.audio", Dtype::kF32, {2}, {1, 2});
  CHECK(read_style(file.write()).ok());
}

}  // namespace
}  // namespace ossicle
