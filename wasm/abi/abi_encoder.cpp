// The text encoder.

#include "abi_encoder.h"

#include <array>
#include <new>
#include <string_view>
#include <utility>

#include "abi.h"

using ossicle::Code;
using ossicle::abi::as_bytes;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;
using ossicle::abi::tell_file;

namespace {

constexpr std::uint32_t kMostTexts = 256;
constexpr std::size_t kMostDimensions = std::size(osl_encoder_info{}.dimensions);

osl_code with_products(osl_encoder* encoder, uint32_t products,
                       void (ossicle::Encoder::*act)(ossicle::Encoder::Products),
                       osl_error* error) {
  if (encoder == nullptr) return missing_argument(error);
  if (!encoder->encoder) return fail({Code::kInvalidArgument, 0, "the encoder is not open"}, error);
  if (products > 1) return fail({Code::kInvalidArgument, products, "no way to multiply"}, error);
  (*encoder->encoder.*act)(static_cast<ossicle::Encoder::Products>(products));
  return 0;
}

}  // namespace

extern "C" {

osl_code osl_encoder_begin(const uint8_t* bundle_json, uint32_t n, osl_encoder** out,
                           osl_error* error) {
  if (bundle_json == nullptr || out == nullptr) return missing_argument(error);
  const std::span<const std::byte> json = as_bytes(bundle_json, n);
  const auto files = ossicle::encoder_files(json);
  if (!files) return fail(files.error(), error);
  *out = new (std::nothrow) osl_encoder{{json.begin(), json.end()}, files.value(), {}, {}, {}};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the encoder"}, error);
  return 0;
}

osl_code osl_encoder_file(const osl_encoder* encoder, uint32_t index, char* path, uint32_t cap,
                          uint32_t* path_n, uint64_t* bytes) {
  if (encoder == nullptr || path_n == nullptr || bytes == nullptr) return missing_argument(nullptr);
  if (index >= encoder->files.size()) return static_cast<osl_code>(Code::kOutOfRange);
  return tell_file(encoder->files[index], path, cap, path_n, bytes);
}

osl_code osl_encoder_room(osl_encoder* encoder, uint32_t index, uint8_t** out, osl_error* error) {
  if (encoder == nullptr || out == nullptr) return missing_argument(error);
  if (index >= encoder->files.size() || encoder->encoder) {
    return fail({Code::kInvalidArgument, index, "no file of the encoder waits for room"}, error);
  }
  // The manifest holds sizes to half a gigabyte.
  const auto bytes = static_cast<std::size_t>(encoder->files[index].bytes);
  ossicle::OwnedBytes& room = encoder->rooms[index];
  if (!room.ok()) room = ossicle::OwnedBytes::allocate(bytes);
  if (!room.ok()) return fail({Code::kOutOfMemory, bytes, "no memory for the encoder"}, error);
  *out = reinterpret_cast<uint8_t*>(room.data());
  return 0;
}

osl_code osl_encoder_digest(osl_encoder* encoder, uint32_t index, const uint8_t digest[32],
                            osl_error* error) {
  if (encoder == nullptr || digest == nullptr) return missing_argument(error);
  if (index >= encoder->files.size() || encoder->encoder) {
    return fail({Code::kInvalidArgument, index, "no file of the encoder waits for a digest"},
                error);
  }
  encoder->digests[index] = ossicle::abi::file_digest(digest);
  return 0;
}

osl_code osl_encoder_open(osl_encoder* encoder, osl_encoder_info* out, osl_error* error) {
  if (encoder == nullptr || out == nullptr) return missing_argument(error);
  auto& [weights, tokenizer] = encoder->rooms;
  if (!weights.ok() || !tokenizer.ok()) {
    return fail({Code::kMissing, 0, "a file of the encoder was not given"}, error);
  }
  auto opened = ossicle::Encoder::open(encoder->bundle_json, std::move(weights), tokenizer.span(),
                                       encoder->digests);
  if (!opened) return fail(opened.error(), error);
  encoder->encoder = std::move(opened).value();
  tokenizer = {};
  const ossicle::EncoderShape& shape = encoder->encoder->shape();
  *out = {.vocabulary = shape.vocabulary,
          .max_tokens = shape.max_tokens,
          .vector_size = shape.vector_size(),
          .dimensions_n = static_cast<uint32_t>(shape.dimensions.size()),
          .dimensions = {}};
  for (std::size_t i = 0; i < shape.dimensions.size() && i < kMostDimensions; ++i) {
    out->dimensions[i] = shape.dimensions[i];
  }
  return 0;
}

osl_code osl_encoder_run(osl_encoder* encoder, const char* texts, const uint32_t* text_n,
                         uint32_t n, uint32_t dimensions, float* out, osl_error* error) {
  if (encoder == nullptr || texts == nullptr || text_n == nullptr || out == nullptr) {
    return missing_argument(error);
  }
  if (!encoder->encoder) return fail({Code::kInvalidArgument, 0, "the encoder is not open"}, error);
  if (n > kMostTexts) return fail({Code::kInvalidArgument, n, "more than 256 texts"}, error);
  std::array<std::string_view, kMostTexts> views;
  for (uint32_t i = 0; i < n; ++i) {
    views[i] = {texts, text_n[i]};
    texts += text_n[i];
  }
  const std::span<float> vectors(out, std::size_t{n} * dimensions);
  return finish(encoder->encoder->encode(std::span(views).first(n), dimensions, vectors), error);
}

osl_code osl_encoder_use(osl_encoder* encoder, uint32_t products, osl_error* error) {
  return with_products(encoder, products, &ossicle::Encoder::use, error);
}

osl_code osl_encoder_rehearse(osl_encoder* encoder, uint32_t products, osl_error* error) {
  return with_products(encoder, products, &ossicle::Encoder::rehearse, error);
}

void osl_encoder_close(osl_encoder* encoder) { delete encoder; }

}  // extern "C"
