#include "io/safetensors.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

namespace ossicle::io {
namespace {

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto span = std::as_bytes(std::span(text));
  return {span.begin(), span.end()};
}

// A file with this header, padded so that the data begins at a multiple of 64 plus `shift`.
std::vector<std::byte> file_of(std::string header, std::size_t data_bytes, std::size_t shift = 0) {
  while ((8 + header.size()) % 64 != shift) header += ' ';
  std::vector<std::byte> file;
  for (std::size_t i = 0; i < 8; ++i) {
    file.push_back(static_cast<std::byte>(std::uint64_t{header.size()} >> (8 * i)));
  }
  const std::vector<std::byte> text = bytes_of(header);
  file.insert(file.end(), text.begin(), text.end());
  file.resize(file.size() + data_bytes, std::byte{7});
  return file;
}

Error refused(const std::vector<std::byte>& file) {
  const Result<Safetensors> parsed = Safetensors::parse(file);
  REQUIRE_FALSE(parsed.ok());
  CHECK(std::string_view(parsed.error().what)
            .starts_with(std::string_view(parsed.error().what).starts_with("JSON")
                             ? "JSON: "
                             : "safetensors: "));
  return parsed.error();
}

TEST_CASE("written tensors are read back, aligned, whatever their order") {
  const float f32[] = {1.5f, -2, 0};
  const double f64[] = {0.25};
  const std::uint8_t u8[] = {1, 2, 3, 4, 5};
  const std::uint16_t u16[] = {9};
  const TensorSource tensors[] = {
      {"bytes", Dtype::kU8, {5}, std::as_bytes(std::span(u8))},
      {"words", Dtype::kU16, {1, 1, 1, 1}, std::as_bytes(std::span(u16))},
      {"numbers", Dtype::kF32, {3, 1}, std::as_bytes(std::span(f32))},
      {"one \"double\"", Dtype::kF64, {}, std::as_bytes(std::span(f64))},
      {"nothing", Dtype::kI8, {0, 7}, {}},
  };
  const Result<std::vector<std::byte>> file = write_safetensors(tensors);
  REQUIRE(file.ok());
  const Result<Safetensors> parsed = Safetensors::parse(file.value());
  REQUIRE(parsed.ok());
  CHECK(parsed.value().tensors().size() == 5);
  for (const TensorSource& source : tensors) {
    const Tensor* tensor = parsed.value().find(source.name);
    REQUIRE(tensor != nullptr);
    CHECK(tensor->dtype == source.dtype);
    CHECK(tensor->rank == source.shape.size());
    CHECK(tensor->offset % dtype_bytes(source.dtype) == 0);
    CHECK(std::equal(tensor->bytes.begin(), tensor->bytes.end(), source.bytes.begin(),
                     source.bytes.end()));
  }
  const Result<std::span<const std::byte>> numbers =
      parsed.value().get("numbers", Dtype::kF32, {3, 1});
  REQUIRE(numbers.ok());
  CHECK(numbers.value().size() == sizeof(f32));
  CHECK(parsed.value().get("absent", Dtype::kF32, {3}).error().code == Code::kMissing);
  CHECK(parsed.value().get("numbers", Dtype::kI32, {3, 1}).error().code == Code::kCorrupt);
  CHECK(parsed.value().get("numbers", Dtype::kF32, {3}).error().code == Code::kCorrupt);

  // The order of the arguments does not matter.
  const TensorSource turned[] = {tensors[4], tensors[2], tensors[0], tensors[3], tensors[1]};
  CHECK(write_safetensors(turned).value() == file.value());
}

TEST_CASE("a tensor that does not fit its shape is not written") {
  const std::uint8_t u8[] = {1, 2, 3};
  const auto bytes = std::as_bytes(std::span(u8));
  const auto code = [](std::vector<TensorSource> tensors) {
    return write_safetensors(tensors).error().code;
  };
  CHECK(code({{"a", Dtype::kU8, {4}, bytes}}) == Code::kInvalidArgument);
  CHECK(code({{"a", Dtype::kU8, {1, 1, 1, 1, 3}, bytes}}) == Code::kInvalidArgument);
  CHECK(code({{"a", Dtype::kU8, {3}, bytes}, {"a", Dtype::kU8, {3}, bytes}}) ==
        Code::kInvalidArgument);
  CHECK(code({{"__metadata__", Dtype::kU8, {3}, bytes}}) == Code::kInvalidArgument);
  CHECK(code({{"a", Dtype::kF64, {1ull << 61, 8}, {}}}) == Code::kInvalidArgument);
}

// What one hostile header claims over 64 bytes of data, and what is said about it.
struct HeaderCase {
  const char* name;
  const char* header;
  Code code;
  const char* what;
};
const HeaderCase kHeaders[] = {
    {"not JSON", R"({"a":)", Code::kCorrupt, "not well formed"},
    {"not an object", R"([1])", Code::kCorrupt, "header is not an object"},
    {"nested deeply", R"({"a":{"shape":[[[[1]]]]}})", Code::kCapacityExceeded, "nested"},
    {"a name twice",
     R"({"a":{"dtype":"U8","shape":[64],"data_offsets":[0,64]},"a":{"dtype":"U8","shape":[0],"data_offsets":[64,64]}})",
     Code::kCorrupt, "same name twice"},
    {"a tensor that is a number", R"({"a":5})", Code::kCorrupt, "tensor is not an object"},
    {"no dtype", R"({"a":{"shape":[64],"data_offsets":[0,64]}})", Code::kMissing, "without dtype"},
    {"no shape", R"({"a":{"dtype":"U8","data_offsets":[0,64]}})", Code::kMissing, "without dtype"},
    {"no offsets", R"({"a":{"dtype":"U8","shape":[64]}})", Code::kMissing, "without dtype"},
    {"a dtype of the future", R"({"a":{"dtype":"F4","shape":[64],"data_offsets":[0,64]}})",
     Code::kCorrupt, "dtype not known"},
    {"a shape that is a number", R"({"a":{"dtype":"U8","shape":64,"data_offsets":[0,64]}})",
     Code::kCorrupt, "shape is not an array"},
    {"a negative extent", R"({"a":{"dtype":"U8","shape":[-64],"data_offsets":[0,64]}})",
     Code::kCorrupt, "whole numbers"},
    {"a fraction as extent", R"({"a":{"dtype":"U8","shape":[6.4],"data_offsets":[0,64]}})",
     Code::kCorrupt, "whole numbers"},
    {"five extents", R"({"a":{"dtype":"U8","shape":[1,1,1,1,64],"data_offsets":[0,64]}})",
     Code::kCorrupt, "more than 4"},
    {"a product past 2^64",
     R"({"a":{"dtype":"F32","shape":[4294967296,1073741824,4],"data_offsets":[0,64]}})",
     Code::kOutOfRange, "overflows"},
    {"a product that wraps to the right size",
     R"({"a":{"dtype":"U8","shape":[9223372036854775840,2],"data_offsets":[0,64]}})",
     Code::kOutOfRange, "overflows"},
    {"a shape of another size", R"({"a":{"dtype":"U8","shape":[63],"data_offsets":[0,64]}})",
     Code::kCorrupt, "disagree"},
    {"offsets that turn back", R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[2,1]}})",
     Code::kCorrupt, "[begin, end]"},
    {"one offset", R"({"a":{"dtype":"U8","shape":[64],"data_offsets":[64]}})", Code::kCorrupt,
     "[begin, end]"},
    {"an end after the file", R"({"a":{"dtype":"U8","shape":[65],"data_offsets":[0,65]}})",
     Code::kOutOfRange, "after the file"},
    {"an end near 2^64",
     R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551614,18446744073709551615]}})",
     Code::kOutOfRange, "after the file"},
    {"an overlap",
     R"({"a":{"dtype":"U8","shape":[40],"data_offsets":[0,40]},"b":{"dtype":"U8","shape":[25],"data_offsets":[39,64]}})",
     Code::kCorrupt, "overlap"},
    {"two tensors on one place",
     R"({"a":{"dtype":"U8","shape":[64],"data_offsets":[0,64]},"b":{"dtype":"U8","shape":[64],"data_offsets":[0,64]}})",
     Code::kCorrupt, "overlap"},
    {"a hole",
     R"({"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[48],"data_offsets":[16,64]}})",
     Code::kCorrupt, "belong to no tensor"},
    {"a hole at the start", R"({"a":{"dtype":"U8","shape":[63],"data_offsets":[1,64]}})",
     Code::kCorrupt, "belong to no tensor"},
    {"a rest at the end", R"({"a":{"dtype":"U8","shape":[63],"data_offsets":[0,63]}})",
     Code::kCorrupt, "after the last tensor"},
    {"no tensors over data", R"({})", Code::kCorrupt, "after the last tensor"},
    {"a tensor off its alignment",
     R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"F32","shape":[15],"data_offsets":[2,62]},"c":{"dtype":"U8","shape":[2],"data_offsets":[62,64]}})",
     Code::kCorrupt, "not aligned"},
};

TEST_CASE("a header that claims what is not so is refused with a code and a place") {
  for (const HeaderCase& c : kHeaders) {
    CAPTURE(c.name);
    const std::vector<std::byte> file = file_of(c.header, 64);
    const Error error = refused(file);
    CHECK(error.code == c.code);
    CHECK_THAT(error.what, Catch::Contains(c.what));
    CHECK(error.at >= 8);
    CHECK(error.at <= file.size());
  }
}

TEST_CASE("the file around a header is checked") {
  const std::string header = R"({"a":{"dtype":"U8","shape":[64],"data_offsets":[0,64]}})";
  const std::vector<std::byte> good = file_of(header, 64);
  REQUIRE(Safetensors::parse(good).ok());

  SECTION("every truncation is refused") {
    for (std::size_t size = 0; size < good.size(); ++size) {
      CAPTURE(size);
      CHECK_FALSE(Safetensors::parse(std::span(good).first(size)).ok());
    }
  }
  SECTION("a byte more is refused") {
    CHECK_THAT(refused(file_of(header, 65)).what, Catch::Contains("after the last tensor"));
  }
  SECTION("data that is not aligned to 64 is refused") {
    const Error error = refused(file_of(header, 64, 8));
    CHECK_THAT(error.what, Catch::Contains("not aligned to 64"));
    CHECK(error.at % 64 == 8);
  }
  SECTION("header lengths past the file, past the limit and near 2^64 are refused") {
    for (const std::uint64_t length : {std::uint64_t{100000}, std::uint64_t{1} << 21,
                                       ~std::uint64_t{0}, ~std::uint64_t{0} - 7}) {
      std::vector<std::byte> file = good;
      std::memcpy(file.data(), &length, 8);
      CHECK_FALSE(Safetensors::parse(file).ok());
    }
  }
  SECTION("metadata is passed over") {
    CHECK(Safetensors::parse(file_of(R"({"__metadata__":{"format":"pt"},)" + header.substr(1), 64))
              .ok());
  }
}

TEST_CASE("more tensors than anyone needs are refused") {
  std::string header = "{";
  for (int i = 0; i < 4097; ++i) {
    header += (i == 0 ? "\"" : ",\"") + std::to_string(i) +
              R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
  }
  CHECK(refused(file_of(header + "}", 0)).code == Code::kCapacityExceeded);
}

}  // namespace
}  // namespace ossicle::io
