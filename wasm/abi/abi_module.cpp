// The module itself, names, tokenizer and Transformer block.

#include <new>
#include <optional>

#include "abi.h"
#include "abi_layout.gen.h"
#include "ossicle/history.h"
#include "ossicle/selftest.h"
#include "ossicle/tokenizer.h"
#include "ossicle/transformer.h"

using ossicle::Code;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;

struct osl_tokenizer {
  ossicle::Tokenizer tokenizer;
};

struct osl_block {
  ossicle::TransformerBlock block;
};

extern "C" {

uint64_t osl_abi_hash(void) { return kOslAbiHash; }

osl_code osl_version_get(char* out, uint32_t cap, uint32_t* n) {
  if (n == nullptr) return missing_argument(nullptr);
  constexpr std::string_view kVersion = OSSICLE_VERSION;
  ossicle::abi::copy_text(kVersion, out, cap);
  *n = static_cast<uint32_t>(kVersion.size());
  return 0;
}

osl_code osl_selftest_run(uint32_t rounds, osl_error* error) {
  return finish(ossicle::run_selftest(rounds), error);
}

osl_code osl_artist_id(const char* name, uint32_t name_n, uint8_t out[16]) {
  if (name == nullptr || out == nullptr) return missing_argument(nullptr);
  const ossicle::ItemId id = ossicle::artist_id({name, name_n});
  std::memcpy(out, id.data(), id.size());
  return 0;
}

osl_code osl_track_hash(const char* title, uint32_t title_n, uint64_t* out) {
  if (title == nullptr || out == nullptr) return missing_argument(nullptr);
  *out = ossicle::track_hash({title, title_n});
  return 0;
}

osl_code osl_tokenizer_open(const uint8_t* model, uint32_t n, osl_tokenizer** out,
                            osl_error* error) {
  if (model == nullptr || out == nullptr) return missing_argument(error);
  auto opened = ossicle::Tokenizer::open({reinterpret_cast<const std::byte*>(model), n});
  if (!opened) return fail(opened.error(), error);
  *out = new (std::nothrow) osl_tokenizer{std::move(opened).value()};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the tokenizer"}, error);
  return 0;
}

osl_code osl_tokenizer_encode(const osl_tokenizer* tokenizer, const char* text, uint32_t n,
                              int32_t* out, uint32_t cap, uint32_t* out_n, osl_error* error) {
  if (tokenizer == nullptr || text == nullptr || out == nullptr || out_n == nullptr) {
    return missing_argument(error);
  }
  const auto encoded = tokenizer->tokenizer.encode({text, n}, {out, cap});
  if (!encoded) return fail(encoded.error(), error);
  *out_n = encoded.value();
  return 0;
}

void osl_tokenizer_close(osl_tokenizer* tokenizer) { delete tokenizer; }

osl_code osl_block_open(uint32_t channels, uint32_t heads, uint32_t feed_forward,
                        uint32_t max_tokens, const float* weights, uint32_t n, osl_block** out,
                        osl_error* error) {
  if (weights == nullptr || out == nullptr) return missing_argument(error);
  constexpr uint64_t kMostChannels = 1u << 16;  // keeps the sizes below far from overflow
  if (channels > kMostChannels || feed_forward > kMostChannels) {
    return fail({Code::kInvalidArgument, channels, "the block's shape is too large"}, error);
  }
  const uint64_t c = channels, f = feed_forward;
  const uint64_t sizes[] = {3 * c * c, 3 * c, c * c, c, c, c, f * c, f, c * f, c, c, c};
  uint64_t total = 0;
  for (const uint64_t size : sizes) total += size;
  if (total != n) {
    return fail({Code::kInvalidArgument, n, "the weights do not fit the shape (at = floats)"},
                error);
  }
  ossicle::BlockWeights w;
  std::span<const float>* const arrays[] = {
      &w.qkv_weight, &w.qkv_bias, &w.out_weight,  &w.out_bias,  &w.norm1_weight, &w.norm1_bias,
      &w.up_weight,  &w.up_bias,  &w.down_weight, &w.down_bias, &w.norm2_weight, &w.norm2_bias};
  const float* at = weights;
  for (std::size_t i = 0; i < std::size(sizes); ++i) {
    const auto size = static_cast<std::size_t>(sizes[i]);
    *arrays[i] = {at, size};
    at += size;
  }
  const ossicle::BlockShape shape = {
      .channels = channels, .heads = heads, .feed_forward = feed_forward, .max_tokens = max_tokens};
  auto opened = ossicle::TransformerBlock::open(shape, w);
  if (!opened) return fail(opened.error(), error);
  *out = new (std::nothrow) osl_block{std::move(opened).value()};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the block"}, error);
  return 0;
}

osl_code osl_block_run(osl_block* block, float* x, uint32_t n, uint32_t tokens, osl_error* error) {
  if (block == nullptr || x == nullptr) return missing_argument(error);
  return finish(block->block.run({x, n}, tokens), error);
}

void osl_block_close(osl_block* block) { delete block; }

}  // extern "C"
