#include <catch2/catch.hpp>
#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "bundle_editor.h"
#include "ossicle/catalogue.h"
#include "synthetic_catalogue.h"

namespace ossicle {
namespace {

using testing::read_bundle;
using testing::signed_manifest;

BundleBytes bundle_of(const Catalogue& catalogue) {
  return write_catalogue(catalogue, {.name = "n", .licence = "l", .source = "s", .recipe = "r"})
      .value();
}

template <class T>
bool same(std::span<const T> a, std::span<const T> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

void check_same(const Catalogue& a, const Catalogue& b) {
  CHECK(a.n_items == b.n_items);
  CHECK(a.n_factors == b.n_factors);
  CHECK(a.row_stride == b.row_stride);
  CHECK(a.model.mu == b.model.mu);
  CHECK(a.model.alpha0 == b.model.alpha0);
  CHECK(a.model.user_lambda == b.model.user_lambda);
  CHECK(a.model.user_bias == b.model.user_bias);
  CHECK(same(a.q, b.q));
  CHECK(same(a.scale, b.scale));
  CHECK(same(a.bias, b.bias));
  CHECK(same(a.rowsum, b.rowsum));
  CHECK(same(a.listeners, b.listeners));
  CHECK(same(a.id, b.id));
  CHECK(same(a.gram, b.gram));
  CHECK(same(a.name_offset, b.name_offset));
  CHECK(same(a.name_bytes, b.name_bytes));
  CHECK(same(a.tag_offset, b.tag_offset));
  CHECK(same(a.item_tag, b.item_tag));
  CHECK(same(a.tag_name_offset, b.tag_name_offset));
  CHECK(same(a.tag_name_bytes, b.tag_name_bytes));
  CHECK(same(a.by_id, b.by_id));
  CHECK(same(a.factor_sum, b.factor_sum));
  CHECK(same(a.offset_sum, b.offset_sum));
}

TEST_CASE("a weighted catalogue is written in version 2 and read back, its Gram matrix in f32") {
  const CatalogueData made = testing::synthetic_catalogue(
      {.n_items = 200, .n_factors = 17, .model = testing::weighted_model()});
  const BundleBytes bundle = bundle_of(made.view);
  const std::string json(reinterpret_cast<const char*>(bundle.bundle_json.data()),
                         bundle.bundle_json.size());
  CHECK(json.find("\"version\": 2") != std::string::npos);
  const Result<CatalogueData> read = read_bundle(bundle.bundle_json, std::span(&bundle.shard, 1));
  REQUIRE(read.ok());
  const Catalogue& c = read.value().view;
  CHECK(c.model.weighted);
  CHECK(c.model.confidence.scale == made.view.model.confidence.scale);
  CHECK(c.model.negative_popularity == made.view.model.negative_popularity);
  CHECK(same(c.q, made.view.q));
  REQUIRE(c.gram.size() == made.view.gram.size());
  for (std::size_t at = 0; at < c.gram.size(); ++at) {
    CHECK(c.gram[at] == static_cast<double>(static_cast<float>(made.view.gram[at])));
  }
  REQUIRE(c.negative.size() == 200);
  REQUIRE(c.discount.size() == 200);
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(c.negative[i] == Approx(made.view.negative[i]).epsilon(1e-14));
    CHECK(c.discount[i] == Approx(made.view.discount[i]).epsilon(1e-14));
  }
}

TEST_CASE("cold items are written in 4 bits, in version 3, and read back as they were") {
  for (const std::uint32_t d : {1u, 16u, 17u, 128u}) {
    CAPTURE(d);
    CatalogueData made = testing::cold_catalogue(60, d, 25);
    std::vector<float> map;
    for (std::uint32_t i = 0; i < 5 * d; ++i) map.push_back(static_cast<float>(i) / 7);
    made.view.text_size = 4;
    made.view.text_map = map;
    made.view.text_encoder.fill(0xab);
    const BundleBytes bundle = bundle_of(made.view);
    const std::string json(reinterpret_cast<const char*>(bundle.bundle_json.data()),
                           bundle.bundle_json.size());
    CHECK(json.find("\"version\": 3") != std::string::npos);
    testing::Shard shard(bundle.shard);
    CHECK(shard.column("item.q").shape == std::vector<std::uint64_t>{35, d});
    CHECK(shard.column("item.q4").shape == std::vector<std::uint64_t>{25, (d + 1) / 2});
    const Result<CatalogueData> read = read_bundle(bundle.bundle_json, std::span(&bundle.shard, 1));
    REQUIRE(read.ok());
    const Catalogue& c = read.value().view;
    CHECK(same(c.q, made.view.q));
    CHECK(c.model.warm_listeners == 25);
    CHECK(!c.is_cold(34));
    CHECK(c.is_cold(35));
    CHECK(c.text_size == 4);
    CHECK(same(c.text_map, made.view.text_map));
    CHECK(c.text_encoder == made.view.text_encoder);
    for (std::size_t i = 0; i < 60; ++i) {
      CHECK(c.negative[i] == Approx(made.view.negative[i]).epsilon(1e-14));
    }
    CHECK(c.negative[34] > 0);
    CHECK(c.negative[35] == 0);
    CHECK(c.discount[59] == 1);
  }
}

TEST_CASE("cold items may lie in several shards") {
  const CatalogueData made = testing::cold_catalogue(60, 6, 25);
  const BundleBytes bundle = bundle_of(made.view);
  const std::vector<std::vector<std::byte>> shards = {testing::cut_shard(bundle.shard, 0, 20),
                                                      testing::cut_shard(bundle.shard, 20, 50),
                                                      testing::cut_shard(bundle.shard, 50, 60)};
  const Result<CatalogueData> read =
      read_bundle(signed_manifest(bundle.bundle_json, shards), shards);
  REQUIRE(read.ok());
  CHECK(same(read.value().view.q, made.view.q));
}

TEST_CASE("a damaged cold item or text map is refused") {
  CatalogueData made = testing::cold_catalogue(30, 5, 10);
  const std::vector<float> map(3 * 5, 0.5f);
  made.view.text_size = 2;
  made.view.text_map = map;
  const BundleBytes bundle = bundle_of(made.view);
  const auto refusal = [&](auto change) {
    testing::Shard shard(bundle.shard);
    change(shard);
    const std::vector<std::byte> file = shard.write();
    const Result<CatalogueData> read =
        read_bundle(signed_manifest(bundle.bundle_json, std::span(&file, 1)), std::span(&file, 1));
    REQUIRE_FALSE(read.ok());
    return read.error();
  };
  // A nibble of 0 would be -8, and the half byte past an odd number of factors is that of 0.
  Error error = refusal([](auto& s) { s.set("item.q4", 3 * 2, std::uint8_t{0x80}); });
  CHECK(error.code == Code::kOutOfRange);
  CHECK(error.at == 22);
  error = refusal([](auto& s) { s.set("item.q4", 3 * 0 + 2, std::uint8_t{0x98}); });
  CHECK(error.code == Code::kOutOfRange);
  CHECK(error.at == 20);
  CHECK(refusal([](auto& s) { s.remove("item.q4"); }).code == Code::kMissing);
  CHECK(refusal([](auto& s) { s.remove("text.map"); }).code == Code::kMissing);
  error = refusal([](auto& s) { s.set("text.map", 7, std::numeric_limits<float>::quiet_NaN()); });
  CHECK(error.code == Code::kNotFinite);
  CHECK(error.at == 7);

  made.view.model.warm_listeners = 0;
  CHECK(write_catalogue(made.view, {}).error().code == Code::kInvalidArgument);
  ModelConstants model = testing::weighted_model();
  model.warm_listeners = 12;
  made = testing::synthetic_catalogue({.n_items = 30, .n_factors = 5, .model = model});
  CHECK(write_catalogue(made.view, {}).error().at == 19);  // a cold row of 8 bits
}

TEST_CASE("a weighted catalogue with an item that nobody played is refused") {
  testing::CatalogueContents contents = testing::synthetic_contents(
      {.n_items = 5, .n_factors = 4, .model = testing::weighted_model()});
  contents.listeners = {9, 5, 3, 1, 0};
  const CatalogueData made = testing::build_catalogue(std::move(contents));
  const auto written =
      write_catalogue(made.view, {.name = "n", .licence = "l", .source = "s", .recipe = "r"});
  REQUIRE(!written.ok());
  CHECK(written.error().at == 4);
}

TEST_CASE("a written catalogue is read back, whatever its number of factors") {
  for (const std::uint32_t d : {1u, 15u, 16u, 17u, 64u}) {
    CAPTURE(d);
    const CatalogueData made = testing::synthetic_catalogue(
        {.n_items = 200,
         .n_factors = d,
         .model = {.mu = 0.1, .alpha0 = 0.05, .user_lambda = 2, .user_bias = true},
         .bias_sd = 0.3});
    const BundleBytes bundle = bundle_of(made.view);
    const Result<CatalogueData> read = read_bundle(bundle.bundle_json, std::span(&bundle.shard, 1));
    REQUIRE(read.ok());
    check_same(read.value().view, made.view);
    CHECK(reinterpret_cast<std::uintptr_t>(read.value().view.q.data()) % 64 == 0);
  }
}

TEST_CASE("the same catalogue gives the same bytes") {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 50, .n_factors = 8});
  const BundleBytes first = bundle_of(made.view);
  const BundleBytes second = bundle_of(made.view);
  CHECK(first.bundle_json == second.bundle_json);
  CHECK(first.shard == second.shard);
}

TEST_CASE("a catalogue cut into shards is the same catalogue") {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 100, .n_factors = 20});
  const BundleBytes bundle = bundle_of(made.view);
  const std::vector<std::vector<std::byte>> shards = {testing::cut_shard(bundle.shard, 0, 1),
                                                      testing::cut_shard(bundle.shard, 1, 60),
                                                      testing::cut_shard(bundle.shard, 60, 100)};
  const std::vector<std::byte> manifest = signed_manifest(bundle.bundle_json, shards);
  const Result<CatalogueData> read = read_bundle(manifest, shards);
  REQUIRE(read.ok());
  check_same(read.value().view, made.view);

  SECTION("a shard too few is missing rows") {
    const auto fewer = std::span(shards).first(2);
    const Result<CatalogueData> part =
        read_bundle(signed_manifest(bundle.bundle_json, fewer), fewer);
    REQUIRE_FALSE(part.ok());
    CHECK((part.error().code == Code::kMissing || part.error().code == Code::kCorrupt));
  }
  SECTION("a shard that was not given is missing") {
    CatalogueReader reader;
    REQUIRE(reader.begin(manifest).ok());
    REQUIRE(reader.add_file(0, shards[0]).ok());
    const Result<CatalogueData> part = std::move(reader).finish();
    REQUIRE_FALSE(part.ok());
    CHECK(part.error().code == Code::kMissing);
    CHECK(part.error().at == 1);
  }
  SECTION("shards in another order are refused") {
    CatalogueReader reader;
    REQUIRE(reader.begin(manifest).ok());
    CHECK(reader.add_file(1, shards[1]).error().code == Code::kInvalidArgument);
  }
  SECTION("the same rows twice are refused") {
    const std::vector<std::vector<std::byte>> twice = {shards[0], shards[0], shards[2]};
    CHECK_FALSE(read_bundle(signed_manifest(bundle.bundle_json, twice), twice).ok());
  }
}

TEST_CASE("an item is found by its id, and only by it") {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 300, .n_factors = 4});
  for (std::uint32_t i = 0; i < 300; ++i) REQUIRE(find_item(made.view, made.view.id[i]) == i);
  for (std::uint32_t i = 0; i < 50; ++i) {
    CHECK(find_item(made.view, testing::unknown_item_id(i)) == kNoItem);
  }
  CHECK(find_item(made.view, ItemId{}) == kNoItem);
  ItemId last;
  last.fill(0xff);
  CHECK(find_item(made.view, last) == kNoItem);
}

TEST_CASE("a shard's digest may come from the caller, and must be bundle.json's") {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 10, .n_factors = 4});
  const BundleBytes bundle = bundle_of(made.view);
  CatalogueReader reader;
  REQUIRE(reader.begin(bundle.bundle_json).ok());
  FileDigest digest = base::sha256(bundle.shard);
  CHECK(reader.add_file(0, bundle.shard, digest).ok());
  REQUIRE(reader.begin(bundle.bundle_json).ok());
  digest->front() ^= 1;
  CHECK(reader.add_file(0, bundle.shard, digest).error().code == Code::kChecksumMismatch);
}

TEST_CASE("a reader can be used again after begin") {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 10, .n_factors = 4});
  const BundleBytes bundle = bundle_of(made.view);
  CatalogueReader reader;
  CHECK(reader.add_file(0, bundle.shard).error().code == Code::kInvalidArgument);
  REQUIRE(reader.begin(bundle.bundle_json).ok());
  std::vector<std::byte> altered = bundle.shard;
  altered.back() ^= std::byte{1};
  CHECK(reader.add_file(0, altered).error().code == Code::kChecksumMismatch);
  // After an error nothing goes on half-open.
  CHECK(reader.add_file(0, bundle.shard).error().code == Code::kInvalidArgument);
  REQUIRE(reader.begin(bundle.bundle_json).ok());
  CHECK(reader.files().size() == 1);
  CHECK(reader.files()[0].path == "catalogue-0.safetensors");
  REQUIRE(reader.add_file(0, bundle.shard).ok());
  CHECK(reader.add_file(1, bundle.shard).error().code == Code::kInvalidArgument);
  REQUIRE(reader.begin(bundle.bundle_json).ok());
  REQUIRE(reader.add_file(0, bundle.shard).ok());
  CHECK(std::move(reader).finish().ok());
}

TEST_CASE("a catalogue that could not be read is not written") {
  CatalogueData made = testing::synthetic_catalogue({.n_items = 10, .n_factors = 4});
  const auto code = [](const Catalogue& catalogue) {
    return write_catalogue(catalogue, {}).error().code;
  };
  Catalogue wrong = made.view;
  wrong.bias = wrong.bias.first(9);
  CHECK(code(wrong) == Code::kInvalidArgument);
  wrong = made.view;
  const std::vector<ItemId> ids(10);
  wrong.id = ids;
  CHECK(code(wrong) == Code::kInvalidArgument);
}

TEST_CASE("the starter catalogue's size opens quickly") {
  const CatalogueData made = testing::synthetic_catalogue({.n_items = 17632, .n_factors = 64});
  const BundleBytes bundle = bundle_of(made.view);
  const auto start = std::chrono::steady_clock::now();
  const Result<CatalogueData> read = read_bundle(bundle.bundle_json, std::span(&bundle.shard, 1));
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  REQUIRE(read.ok());
  WARN("17,632 x 64, " << bundle.shard.size() << " bytes, opened in " << ms << " ms");
  // Loose: sanitizers are on in the native build, and machines are shared.
  CHECK(ms < 2000);
}

}  // namespace
}  // namespace ossicle
