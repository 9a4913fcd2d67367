#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "bundle_editor.h"
#include "ossicle/catalogue.h"
#include "synthetic_catalogue.h"

namespace ossicle {
namespace {

using testing::read_bundle;
using testing::Shard;
using testing::signed_manifest;

BundleBytes small_bundle() {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 20, .n_factors = 5});
  return write_catalogue(made.view, {}).value();
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

// One change to a shard of 20 rows, 5 factors and 4 tags, signed again, and what is said about it.
struct ShardCase {
  const char* name;
  std::function<void(Shard&)> change;
  Code code;
  const char* what;
  std::uint64_t at;  // kAnywhere where the place is a byte of the file
};
constexpr std::uint64_t kAnywhere = ~std::uint64_t{0};

const std::vector<ShardCase>& shard_cases() {
  static const std::vector<ShardCase> cases = {
      {"a scale of NaN", [](Shard& s) { s.set("item.scale", 3, kNan); }, Code::kNotFinite,
       "scale or bias", 3},
      {"a scale of infinity", [](Shard& s) { s.set("item.scale", 19, kInfinity); },
       Code::kNotFinite, "scale or bias", 19},
      {"a negative scale", [](Shard& s) { s.set("item.scale", 0, -1.0f); }, Code::kCorrupt,
       "scale is negative", 0},
      {"a bias of NaN", [](Shard& s) { s.set("item.bias", 7, kNan); }, Code::kNotFinite,
       "scale or bias", 7},
      {"a bias of minus infinity", [](Shard& s) { s.set("item.bias", 7, -kInfinity); },
       Code::kNotFinite, "scale or bias", 7},
      {"a q of -128", [](Shard& s) { s.set("item.q", 2 * 5 + 4, std::int8_t{-128}); },
       Code::kOutOfRange, "q is -128", 2},
      {"a wrong row sum",
       [](Shard& s) { s.set("item.rowsum", 5, s.get<std::int32_t>("item.rowsum", 5) + 1); },
       Code::kCorrupt, "wrong rowsum", 5},
      {"rows that are not in order of listeners",
       [](Shard& s) { s.set("item.listeners", 6, std::uint32_t{1000}); }, Code::kCorrupt,
       "most-listened first", 6},
      {"an id twice", [](Shard& s) { s.set("item.id", 9, s.get<ItemId>("item.id", 4)); },
       Code::kCorrupt, "id twice", 9},
      {"a name of broken UTF-8", [](Shard& s) { s.set("item.name.bytes", 0, '\xff'); },
       Code::kCorrupt, "name is not UTF-8", 0},
      {"names that do not begin at 0",
       [](Shard& s) { s.set("item.name.offset", 0, std::uint32_t{1}); }, Code::kCorrupt,
       "item.name.offset", 0},
      {"names that turn back", [](Shard& s) { s.set("item.name.offset", 4, std::uint32_t{0}); },
       Code::kCorrupt, "item.name.offset", 4},
      {"a name past the end",
       [](Shard& s) { s.set("item.name.offset", 19, std::uint32_t{0xfffffff0}); }, Code::kCorrupt,
       "item.name.offset", 20},
      {"names that end early",
       [](Shard& s) {
         s.set("item.name.offset", 20, s.get<std::uint32_t>("item.name.offset", 20) - 1);
       },
       Code::kCorrupt, "item.name.offset", 20},
      {"tags that turn back", [](Shard& s) { s.set("item.tag.offset", 8, std::uint32_t{2}); },
       Code::kCorrupt, "item.tag.offset", 8},
      {"a tag that does not exist", [](Shard& s) { s.set("item.tag", 11, std::uint16_t{4}); },
       Code::kOutOfRange, "no such tag", 11},
      {"tag names that end early", [](Shard& s) { s.set("tag.name.offset", 4, std::uint32_t{21}); },
       Code::kCorrupt, "tag.name.offset", 4},
      {"a tag name of broken UTF-8", [](Shard& s) { s.set("tag.name.bytes", 4, '\xc3'); },
       Code::kCorrupt, "tag name is not UTF-8", 1},
      {"a gram of NaN",
       [](Shard& s) { s.set("gram", 3 * 5 + 1, std::numeric_limits<double>::quiet_NaN()); },
       Code::kNotFinite, "gram is not finite", 3},
      {"a gram of infinity off the diagonal",
       [](Shard& s) { s.set("gram", 1, std::numeric_limits<double>::infinity()); }, Code::kCorrupt,
       "gram is not symmetric", 1},
      {"a gram that is not symmetric", [](Shard& s) { s.set("gram", 4, 0.5); }, Code::kCorrupt,
       "gram is not symmetric", 4},
      {"a gram of other vectors", [](Shard& s) { s.set("gram", 12, 1e6); }, Code::kCorrupt,
       "gram is not that of the rows", 2},
      {"no scales", [](Shard& s) { s.remove("item.scale"); }, Code::kMissing, "item.scale", 0},
      {"no vectors", [](Shard& s) { s.remove("item.q"); }, Code::kMissing, "missing", 0},
      {"no names", [](Shard& s) { s.remove("item.name.bytes"); }, Code::kMissing, "missing", 0},
      {"no gram", [](Shard& s) { s.remove("gram"); }, Code::kMissing, "missing", 0},
      {"vectors of another length", [](Shard& s) { s.column("item.q").shape = {10, 10}; },
       Code::kCorrupt, "another shape", kAnywhere},
      {"scales of another type", [](Shard& s) { s.column("item.scale").dtype = io::Dtype::kI32; },
       Code::kCorrupt, "another dtype", kAnywhere},
      {"scales as a matrix", [](Shard& s) { s.column("item.scale").shape = {4, 5}; },
       Code::kCorrupt, "item.scale is not a list", kAnywhere},
      {"names as a matrix",
       [](Shard& s) {
         s.column("item.name.bytes").shape.insert(s.column("item.name.bytes").shape.begin(), 1);
       },
       Code::kCorrupt, "text tensor is not a list", kAnywhere},
  };
  return cases;
}

TEST_CASE("a shard with a bad column is refused with a code and the row") {
  const BundleBytes bundle = small_bundle();
  for (const ShardCase& c : shard_cases()) {
    CAPTURE(c.name);
    Shard shard(bundle.shard);
    c.change(shard);
    const std::vector<std::byte> file = shard.write();
    const auto manifest = signed_manifest(bundle.bundle_json, std::span(&file, 1));
    const Result<CatalogueData> read = read_bundle(manifest, std::span(&file, 1));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == c.code);
    CHECK_THAT(read.error().what, Catch::Contains(c.what));
    if (c.at != kAnywhere) CHECK(read.error().at == c.at);
  }
}

TEST_CASE("an unchanged shard, signed again, is read") {
  const BundleBytes bundle = small_bundle();
  const std::vector<std::byte> file = Shard(bundle.shard).write();
  CHECK(file == bundle.shard);
  CHECK(read_bundle(signed_manifest(bundle.bundle_json, std::span(&file, 1)), std::span(&file, 1))
            .ok());
}

TEST_CASE("a shard that is not the one the manifest names is refused before it is parsed") {
  const BundleBytes bundle = small_bundle();
  std::vector<std::byte> file = bundle.shard;
  const auto error = [&] { return read_bundle(bundle.bundle_json, std::span(&file, 1)).error(); };
  SECTION("altered, at any byte") {
    for (std::size_t i = 0; i < file.size(); i += 37) {
      file[i] ^= std::byte{0x10};
      REQUIRE(error().code == Code::kChecksumMismatch);
      file[i] ^= std::byte{0x10};
    }
  }
  SECTION("truncated") {
    file.pop_back();
    CHECK(error().code == Code::kChecksumMismatch);
    CHECK(error().at == file.size());
  }
  SECTION("longer") {
    file.push_back(std::byte{0});
    CHECK(error().code == Code::kChecksumMismatch);
  }
  SECTION("empty") {
    file.clear();
    CHECK(error().code == Code::kChecksumMismatch);
  }
}

TEST_CASE("a truncated shard is refused even when the manifest was made for it") {
  const BundleBytes bundle = small_bundle();
  for (std::size_t size = 0; size < bundle.shard.size(); size += 11) {
    const std::vector<std::byte> file(bundle.shard.begin(),
                                      bundle.shard.begin() + static_cast<std::ptrdiff_t>(size));
    const auto manifest = signed_manifest(bundle.bundle_json, std::span(&file, 1));
    CHECK_FALSE(read_bundle(manifest, std::span(&file, 1)).ok());
  }
}

std::vector<std::byte> manifest_with(const BundleBytes& bundle, std::string_view from,
                                     std::string_view to) {
  std::string json(reinterpret_cast<const char*>(bundle.bundle_json.data()),
                   bundle.bundle_json.size());
  json.replace(json.find(from), from.size(), to);
  const auto bytes = std::as_bytes(std::span(json));
  return {bytes.begin(), bytes.end()};
}

TEST_CASE("a manifest that promises other shapes than the shard has is refused") {
  const BundleBytes bundle = small_bundle();
  struct Case {
    const char* from;
    const char* to;
    Code code;
  };
  for (const Case& c : {Case{"\"items\": 20", "\"items\": 19", Code::kOutOfRange},
                        Case{"\"items\": 20", "\"items\": 21", Code::kCorrupt},
                        Case{"\"items\": 20", "\"items\": 16000000", Code::kCorrupt},
                        Case{"\"factors\": 5", "\"factors\": 4", Code::kCorrupt},
                        Case{"\"factors\": 5", "\"factors\": 1024", Code::kCorrupt},
                        Case{"\"tags\": 4", "\"tags\": 5", Code::kCorrupt},
                        Case{"\"version\": 1", "\"version\": 4", Code::kUnsupportedVersion}}) {
    CAPTURE(c.from, c.to);
    const Result<CatalogueData> read =
        read_bundle(manifest_with(bundle, c.from, c.to), std::span(&bundle.shard, 1));
    REQUIRE_FALSE(read.ok());
    CHECK(read.error().code == c.code);
  }
}

}  // namespace
}  // namespace ossicle
