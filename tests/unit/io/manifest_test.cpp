#include "io/manifest.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

namespace ossicle::io {
namespace {

constexpr const char* kGood = R"({
  "format": "ossicle-bundle", "version": 1, "kind": "catalogue",
  "name": "n", "licence": "l", "source": "s", "recipe": "r",
  "files": [{"path": "a/b-0.safetensors", "bytes": 100,
    "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}],
  "catalogue": {"items": 2, "factors": 3, "tags": 0, "mu": -0.5, "alpha0": 0.05, "user_lambda": 2,
    "user_bias": true}
})";

Result<Manifest> read(std::string_view json) {
  return read_manifest(std::as_bytes(std::span(json)));
}

std::string with(std::string_view from, std::string_view to) {
  std::string json = kGood;
  const std::size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  return json.replace(at, from.size(), to);
}

TEST_CASE("a manifest is read") {
  const Result<Manifest> manifest = read(kGood);
  REQUIRE(manifest.ok());
  CHECK(manifest.value().name == "n");
  CHECK(manifest.value().recipe == "r");
  REQUIRE(manifest.value().files.size() == 1);
  CHECK(manifest.value().files[0].path == "a/b-0.safetensors");
  CHECK(manifest.value().files[0].bytes == 100);
  CHECK(manifest.value().files[0].sha256[0] == 0xe3);
  CHECK(manifest.value().catalogue.items == 2);
  CHECK(manifest.value().catalogue.mu == -0.5);
  CHECK(manifest.value().catalogue.user_bias);
}

TEST_CASE("fields that this version does not know are passed over") {
  CHECK(read(with("\"name\"", R"("later": [{"x": 1}], "name")")).ok());
}

struct BadCase {
  const char* from;
  const char* to;
  Code code;
  const char* what;
};
const BadCase kBad[] = {
    {"\"name\": \"n\",", "\"name\": \"n\"", Code::kCorrupt, "not well formed"},
    {"ossicle-bundle", "other-bundle", Code::kUnknownFormat, "format is not"},
    {"\"format\"", "\"f\"", Code::kUnknownFormat, "format is not"},
    {"\"version\": 1", "\"version\": 0", Code::kCorrupt, "version"},
    {"\"version\": 1", "\"version\": \"1\"", Code::kCorrupt, "version"},
    {"\"version\": 1", "\"version\": 1.5", Code::kCorrupt, "version"},
    {"\"version\": 1", "\"version\": 4", Code::kUnsupportedVersion, "newer"},
    {"\"kind\": \"catalogue\"", "\"kind\": \"encoder\"", Code::kUnknownFormat, "kind"},
    {"\"licence\": \"l\"", "\"licence\": 5", Code::kMissing, "licence"},
    {"\"source\"", "\"s\"", Code::kMissing, "source"},
    {"\"recipe\"", "\"name\"", Code::kCorrupt, "same name twice"},
    {"\"files\": [", "\"files\": [5, ", Code::kMissing, "path, bytes or sha256"},
    {"\"files\"", "\"file\"", Code::kMissing, "no files"},
    {"\"bytes\": 100", "\"bytes\": -1", Code::kMissing, "path, bytes or sha256"},
    {"\"bytes\": 100", "\"bytes\": 1e2", Code::kMissing, "path, bytes or sha256"},
    {"\"bytes\": 100", "\"bytes\": 18446744073709551615", Code::kOutOfRange, "too large"},
    {"e3b0", "e3b", Code::kCorrupt, "sha256"},
    {"e3b0", "zzzz", Code::kCorrupt, "sha256"},
    {"\"catalogue\": {", "\"cat\": {", Code::kMissing, "no catalogue"},
    {"\"items\": 2", "\"items\": 0", Code::kOutOfRange, "catalogue.items"},
    {"\"items\": 2", "\"items\": 4294967297", Code::kOutOfRange, "catalogue.items"},
    {"\"items\": 2", "\"items\": 2.0", Code::kCorrupt, "catalogue.items"},
    {"\"factors\": 3", "\"factors\": 1025", Code::kOutOfRange, "catalogue.factors"},
    {"\"factors\": 3", "\"factor\": 3", Code::kMissing, "catalogue.factors"},
    {"\"tags\": 0", "\"tags\": 65536", Code::kOutOfRange, "catalogue.tags"},
    {"-0.5", "NaN", Code::kCorrupt, "not well formed"},
    {"-0.5", "null", Code::kCorrupt, "catalogue.mu"},
    {"-0.5", "1e999", Code::kCorrupt, "not well formed"},
    {"0.05", "-0.05", Code::kOutOfRange, "catalogue.alpha0"},
    {"\"user_lambda\": 2", "\"user_lambda\": -2", Code::kOutOfRange, "catalogue.user_lambda"},
    {"true", "1", Code::kMissing, "catalogue.user_bias"},
};

TEST_CASE("a manifest that cannot be trusted is refused with a code and the field") {
  for (const BadCase& c : kBad) {
    CAPTURE(c.from, c.to);
    const Result<Manifest> manifest = read(with(c.from, c.to));
    REQUIRE_FALSE(manifest.ok());
    CHECK(manifest.error().code == c.code);
    CHECK_THAT(manifest.error().what, Catch::Contains(c.what));
  }
  CHECK(read(with("\"version\": 1", "\"version\": 7")).error().at == 7);
}

TEST_CASE("no path leaves the bundle's folder") {
  for (const char* path : {"", "/a", "../a", "a/../b", "a/..", "./a", "a//b", "a/", "a\\\\b", "C:a",
                           "a%2e%2e/b", "a?b", "a#b", "http://x/a", "a b", "a\\u0000", "\\u00e9"}) {
    CAPTURE(path);
    const Result<Manifest> manifest = read(with("a/b-0.safetensors", path));
    REQUIRE_FALSE(manifest.ok());
    CHECK(manifest.error().code == Code::kCorrupt);
  }
  CHECK_FALSE(safe_path(std::string(256, 'a')));
  CHECK(safe_path("a/b.c/d-1_2.safetensors"));
  CHECK(safe_path("..a/b.."));
}

TEST_CASE("the same path twice and too many bytes together are refused") {
  const std::string entry = std::string(kGood).substr(std::string_view(kGood).find("{\"path\""));
  const std::string file = entry.substr(0, entry.find('}') + 1);
  const Result<Manifest> twice = read(with(file, file + "," + file));
  CHECK(twice.error().code == Code::kCorrupt);
  CHECK(twice.error().at == 1);
  std::string large = file;
  large.replace(large.find("100"), 3, "300000000");
  std::string other = large;
  other.replace(other.find("b-0"), 3, "b-1");
  CHECK(read(with(file, large)).ok());
  CHECK(read(with(file, large + "," + other)).error().code == Code::kOutOfRange);
}

// kGood as version 2, with a weighted model that has `weighted` as its object.
std::string weighted(const std::string& object) {
  std::string json = with("\"version\": 1", "\"version\": 2");
  json.replace(json.find("true}"), 5, "false, \"weighted\": " + object + "}");
  return json;
}

constexpr const char* kWeights =
    R"({"spread": 0.3, "popularity": 0.1, "scale": 1.4, "sd_floor": 0.3, "clip": 2.5,
    "negative_popularity": 0.15})";

TEST_CASE("version 2 is a weighted model's, and keeps its constants when written again") {
  const Result<Manifest> manifest = read(weighted(kWeights));
  REQUIRE(manifest.ok());
  CHECK(manifest.value().catalogue.weighted);
  CHECK(manifest.value().catalogue.confidence_scale == 1.4);
  const std::string json = write_manifest(manifest.value()).value();
  const Result<Manifest> back = read(json);
  REQUIRE(back.ok());
  CHECK(back.value().catalogue.negative_popularity == 0.15);
  CHECK(write_manifest(back.value()).value() == json);
  CHECK_FALSE(read(kGood).value().catalogue.weighted);
}

TEST_CASE("weights that are missing or out of range are refused") {
  const auto refused = [](std::string_view from, std::string_view to) {
    std::string object = kWeights;
    object.replace(object.find(from), from.size(), to);
    return read(weighted(object)).error().code;
  };
  CHECK(refused("\"clip\"", "\"clap\"") == Code::kMissing);
  CHECK(refused("0.3", "-0.3") == Code::kOutOfRange);
  CHECK(refused("0.1,", "11,") == Code::kOutOfRange);
  CHECK(refused("1.4", "0") == Code::kOutOfRange);
  CHECK(refused("0.15", "\"x\"") == Code::kCorrupt);
  CHECK(read(weighted("[]")).error().code == Code::kMissing);
  std::string biased = weighted(kWeights);
  biased.replace(biased.find("false, \"weighted\""), 5, "true");
  CHECK(read(biased).error().code == Code::kCorrupt);
}

TEST_CASE("a manifest longer than 1 MiB is refused") {
  CHECK(read(std::string(kGood) + std::string(1 << 20, ' ')).error().code ==
        Code::kCapacityExceeded);
}

TEST_CASE("a written manifest is read back, the same every time") {
  Manifest manifest = read(kGood).value();
  manifest.name = "quotes \" and \u00e9";
  manifest.catalogue.alpha0 = 1.0 / 3;
  const Result<std::string> json = write_manifest(manifest);
  REQUIRE(json.ok());
  const Result<Manifest> back = read(json.value());
  REQUIRE(back.ok());
  CHECK(back.value().name == manifest.name);
  CHECK(back.value().catalogue.alpha0 == manifest.catalogue.alpha0);
  CHECK(write_manifest(back.value()).value() == json.value());
}

TEST_CASE("what cannot be read is not written") {
  Manifest manifest = read(kGood).value();
  manifest.files[0].path = "../x";
  CHECK(write_manifest(manifest).error().code == Code::kInvalidArgument);
  manifest = read(kGood).value();
  manifest.catalogue.mu = std::nan("");
  CHECK(write_manifest(manifest).error().code == Code::kInvalidArgument);
}

}  // namespace
}  // namespace ossicle::io
