#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "io/manifest.h"
#include "ossicle/style.h"
#include "style_file.h"

namespace ossicle {
namespace {

constexpr std::array<std::uint8_t, 32> kEncoder = {1, 2, 3};

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string bundle_json(std::span<const std::byte> file) {
  return R"({"format": "ossicle-bundle", "version": 1, "kind": "style", "name": "n", "licence": "l",
    "source": "s", "recipe": "r", "files": [{"path": "style.safetensors", "bytes": )" +
         std::to_string(file.size()) + R"(, "sha256": ")" + base::to_hex(base::sha256(file)) +
         R"("}], "style": {"labels": 4, "dimensions": 4, "encoder": ")" + base::to_hex(kEncoder) +
         "\"}}";
}

std::string with(std::string json, const std::string& from, const std::string& to) {
  const std::size_t at = json.find(from);
  REQUIRE(at != std::string::npos);
  return json.replace(at, from.size(), to);
}

TEST_CASE("a style bundle is read for the encoder that it was made for") {
  const std::vector<std::byte> file = testing::StyleFile().write();
  const std::string json = bundle_json(file);
  const Result<StyleBundle> bundle = read_style_bundle(bytes_of(json));
  REQUIRE(bundle.ok());
  CHECK(bundle.value().file.path == "style.safetensors");
  CHECK(bundle.value().file.bytes == file.size());
  CHECK(bundle.value().n_labels == 4);
  CHECK(bundle.value().encoder == kEncoder);
  const Result<StyleData> data = read_style(bytes_of(json), file, kEncoder);
  REQUIRE(data.ok());
  CHECK(data.value().view.name(1) == "death metal");
}

TEST_CASE("a style bundle of another encoder, or with another file, is refused") {
  const std::vector<std::byte> file = testing::StyleFile().write();
  const std::string json = bundle_json(file);
  std::array<std::uint8_t, 32> other = kEncoder;
  other[31] = 1;
  const Result<StyleData> foreign = read_style(bytes_of(json), file, other);
  CHECK(foreign.error().code == Code::kChecksumMismatch);
  CHECK(std::string(foreign.error().what) == "style: made for another encoder");

  std::vector<std::byte> altered = file;
  altered.back() ^= std::byte{1};
  CHECK(read_style(bytes_of(json), altered, kEncoder).error().code == Code::kChecksumMismatch);
  altered.pop_back();
  CHECK(read_style(bytes_of(json), altered, kEncoder).error().code == Code::kChecksumMismatch);
  CHECK(read_style(bytes_of(json), {}, kEncoder).error().code == Code::kChecksumMismatch);

  const std::string wrong_shape = with(json, "\"labels\": 4", "\"labels\": 5");
  CHECK(read_style(bytes_of(wrong_shape), file, kEncoder).error().code == Code::kCorrupt);
}

TEST_CASE("a written style manifest is read back, the same every time") {
  const std::string json = bundle_json(testing::StyleFile().write());
  const auto read = [](const std::string& text) {
    return io::read_manifest(bytes_of(text), io::BundleKind::kStyle);
  };
  const Result<std::string> written = io::write_manifest(read(json).value());
  REQUIRE(written.ok());
  const Result<io::Manifest> back = read(written.value());
  REQUIRE(back.ok());
  CHECK(back.value().style.labels == 4);
  CHECK(back.value().style.encoder == kEncoder);
  CHECK(io::write_manifest(back.value()).value() == written.value());
}

TEST_CASE("a style manifest with a field missing or out of range is refused") {
  const std::string json = bundle_json(testing::StyleFile().write());
  struct Bad {
    const char* from;
    const char* to;
    Code code;
  };
  for (const Bad& bad : {
           Bad{"\"style\", \"name\"", "\"encoder\", \"name\"", Code::kUnknownFormat},
           {"\"version\": 1", "\"version\": 2", Code::kUnsupportedVersion},
           {"\"style\": {", "\"stile\": {", Code::kMissing},
           {"\"labels\": 4", "\"labels\": 0", Code::kOutOfRange},
           {"\"labels\": 4", "\"labels\": 65536", Code::kOutOfRange},
           {"\"dimensions\": 4", "\"dimensions\": 1025", Code::kOutOfRange},
           {"\"dimensions\": 4", "\"dimensions\": \"4\"", Code::kCorrupt},
           {"\"encoder\": \"01", "\"encoder\": \"0x", Code::kCorrupt},
           {"\"encoder\": \"", "\"coder\": \"", Code::kMissing},
           {"style.safetensors", "other.safetensors", Code::kMissing},
       }) {
    CAPTURE(bad.to);
    const std::string text = with(json, bad.from, bad.to);
    CHECK(read_style_bundle(bytes_of(text)).error().code == bad.code);
  }
}

}  // namespace
}  // namespace ossicle
