#include <algorithm>
#include <cmath>
#include <deque>
#include <string>
#include <utility>

#include "base/sha256.h"
#include "io/manifest.h"
#include "io/safetensors.h"
#include "nn/weight_tensors.h"
#include "nn/weights.h"
#include "ossicle/encoder.h"
#include "text/encoder_parts.h"

namespace ossicle {
namespace {

struct Sized {
  std::span<const float> values;
  std::uint64_t size;
  const char* what;
};

Status check(std::span<const Sized> arrays) {
  for (const Sized& array : arrays) {
    if (array.values.size() != array.size) {
      return Error{Code::kInvalidArgument, array.values.size(), array.what};
    }
    const auto bad =
        std::ranges::find_if_not(array.values, [](float v) { return std::isfinite(v); });
    if (bad != array.values.end()) {
      return Error{Code::kNotFinite, static_cast<std::uint64_t>(bad - array.values.begin()),
                   array.what};
    }
  }
  return {};
}

Status check_weights(const EncoderShape& s, const EncoderWeights& w) {
  const std::uint64_t c = s.channels, e = s.word_size, f = s.feed_forward;
  const Sized whole[] = {
      {w.word, s.vocabulary * e, "encoder: word is not a finite [V, E]"},
      {w.word_projection, e == c ? 0 : c * e, "encoder: word_projection is not a finite [C, E]"},
      {w.position, s.max_tokens * c, "encoder: position is not a finite [T, C]"},
      {w.norm_weight, c, "encoder: norm_weight is not a finite [C]"},
      {w.norm_bias, c, "encoder: norm_bias is not a finite [C]"},
      {w.projection, s.projection * c, "encoder: projection is not a finite [D, C]"},
  };
  OSL_TRY(check(whole));
  if (w.layers.size() != s.layers) {
    return Error{Code::kInvalidArgument, w.layers.size(), "encoder: number of layers"};
  }
  for (const EncoderWeights::Layer& l : w.layers) {
    const Sized layer[] = {
        {l.query_weight, c * c, "encoder: query_weight is not a finite [C, C]"},
        {l.query_bias, c, "encoder: query_bias is not a finite [C]"},
        {l.key_weight, c * c, "encoder: key_weight is not a finite [C, C]"},
        {l.key_bias, c, "encoder: key_bias is not a finite [C]"},
        {l.value_weight, c * c, "encoder: value_weight is not a finite [C, C]"},
        {l.value_bias, c, "encoder: value_bias is not a finite [C]"},
        {l.out_weight, c * c, "encoder: out_weight is not a finite [C, C]"},
        {l.out_bias, c, "encoder: out_bias is not a finite [C]"},
        {l.norm1_weight, c, "encoder: norm1_weight is not a finite [C]"},
        {l.norm1_bias, c, "encoder: norm1_bias is not a finite [C]"},
        {l.up_weight, f * c, "encoder: up_weight is not a finite [F, C]"},
        {l.up_bias, f, "encoder: up_bias is not a finite [F]"},
        {l.down_weight, c * f, "encoder: down_weight is not a finite [C, F]"},
        {l.down_bias, c, "encoder: down_bias is not a finite [C]"},
        {l.norm2_weight, c, "encoder: norm2_weight is not a finite [C]"},
        {l.norm2_bias, c, "encoder: norm2_bias is not a finite [C]"},
    };
    OSL_TRY(check(layer));
  }
  return {};
}

std::vector<float> joined(std::initializer_list<std::span<const float>> parts) {
  std::vector<float> out;
  for (const std::span<const float> part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

void add_layer(const EncoderShape& s, std::uint32_t n, const EncoderWeights::Layer& l,
               std::deque<std::vector<float>>& kept, nn::WeightTensors& out) {
  const std::size_t c = s.channels, f = s.feed_forward;
  const std::vector<float> qkv = joined({l.query_weight, l.key_weight, l.value_weight});
  const std::vector<float>& qkv_bias =
      kept.emplace_back(joined({l.query_bias, l.key_bias, l.value_bias}));
  out.add_linear(nn::layer_part(n, "qkv"), c, 3 * c, qkv, qkv_bias);
  out.add_linear(nn::layer_part(n, "out"), c, c, l.out_weight, l.out_bias);
  out.add_linear(nn::layer_part(n, "up"), c, f, l.up_weight, l.up_bias);
  out.add_linear(nn::layer_part(n, "down"), f, c, l.down_weight, l.down_bias);
  out.add_floats(nn::layer_part(n, "norm1.weight"), l.norm1_weight);
  out.add_floats(nn::layer_part(n, "norm1.bias"), l.norm1_bias);
  out.add_floats(nn::layer_part(n, "norm2.weight"), l.norm2_weight);
  out.add_floats(nn::layer_part(n, "norm2.bias"), l.norm2_bias);
}

}  // namespace

Result<EncoderBundleBytes> write_encoder(const EncoderShape& s, const EncoderWeights& w,
                                         std::span<const std::byte> tokenizer,
                                         const BundleFacts& facts) {
  io::Manifest manifest;
  manifest.kind = io::BundleKind::kEncoder;
  manifest.name = facts.name;
  manifest.licence = facts.licence;
  manifest.source = facts.source;
  manifest.recipe = facts.recipe;
  manifest.encoder = text::manifest_of(s);
  manifest.files = {{text::kWeightsPath, 0, {}},
                    {text::kTokenizerPath, tokenizer.size(), base::sha256(tokenizer)}};
  // The shape first: nothing below is safe with one that the reader would refuse.
  if (const Result<std::string> draft = io::write_manifest(manifest); !draft) return draft.error();
  OSL_TRY(check_weights(s, w));

  nn::WeightTensors tensors;
  std::deque<std::vector<float>> kept;
  tensors.add_rows(text::kWord, s.word_size, w.word);
  tensors.add_rows(text::kPosition, s.channels, w.position);
  if (!w.word_projection.empty()) {
    tensors.add_linear(text::kWordProject, s.word_size, s.channels, w.word_projection, {});
  }
  tensors.add_floats(std::string(text::kNorm) + ".weight", w.norm_weight);
  tensors.add_floats(std::string(text::kNorm) + ".bias", w.norm_bias);
  for (std::uint32_t n = 0; n < s.layers; ++n) add_layer(s, n, w.layers[n], kept, tensors);
  if (s.projection != 0) {
    tensors.add_linear(text::kHead, s.channels, s.projection, w.projection, {});
  }
  Result<std::vector<std::byte>> file = io::write_safetensors(tensors.all());
  if (!file) return file.error();

  Result<std::vector<std::byte>> json = io::sign_manifest(std::move(manifest), file.value());
  if (!json) return json.error();
  return EncoderBundleBytes{std::move(json).value(), std::move(file).value()};
}

}  // namespace ossicle
