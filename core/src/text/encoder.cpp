#include "ossicle/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "base/sha256.h"
#include "io/manifest.h"
#include "io/safetensors.h"
#include "kernels/elementwise.h"
#include "kernels/linear.h"
#include "nn/stack.h"
#include "nn/weights.h"
#include "ossicle/tokenizer.h"
#include "text/encoder_parts.h"

namespace ossicle {
namespace {

using io::Dtype;
using io::Safetensors;
using kernels::PackedLinear;

constexpr std::size_t kWeights = 0, kTokenizer = 1;

/// Rows of s8 with a scale each.
struct QuantisedRows {
  std::size_t columns = 0;
  const std::int8_t* q = nullptr;
  std::span<const float> scale;

  void dequantise(std::size_t row, float* out) const {
    const std::int8_t* from = q + row * columns;
    const float s = scale[row];
    for (std::size_t i = 0; i < columns; ++i) out[i] = static_cast<float>(from[i]) * s;
  }
};

Status read_rows(const Safetensors& file, const std::string& name, std::size_t rows,
                 std::size_t columns, QuantisedRows& out) {
  const auto q = file.get(name + ".q", Dtype::kI8, {rows, columns});
  if (!q.ok()) return q.error();
  out.columns = columns;
  out.q = reinterpret_cast<const std::int8_t*>(q.value().data());
  return nn::read_floats(file, name + ".scale", rows, out.scale);
}

Status check_file(const io::ManifestFile& file, std::uint64_t index,
                  std::span<const std::byte> bytes, const FileDigest& digest) {
  if (bytes.size() != file.bytes) {
    return Error{Code::kChecksumMismatch, bytes.size(),
                 "encoder: file of another size than bundle.json says (bytes)"};
  }
  if ((digest ? *digest : base::sha256(bytes)) != file.sha256) {
    return Error{Code::kChecksumMismatch, index, "encoder: file altered, wrong SHA-256 (index)"};
  }
  return {};
}

Result<io::Manifest> read_encoder_manifest(std::span<const std::byte> bundle_json) {
  Result<io::Manifest> manifest = io::read_manifest(bundle_json, io::BundleKind::kEncoder);
  if (!manifest) return manifest;
  const std::vector<io::ManifestFile>& files = manifest.value().files;
  if (files.size() != 2 || files[kWeights].path != text::kWeightsPath ||
      files[kTokenizer].path != text::kTokenizerPath) {
    return Error{Code::kMissing, files.size(),
                 "bundle.json: files are not encoder.safetensors and tokenizer.model"};
  }
  return manifest;
}

/// x / |x|, summed in double in order. False when there is no such vector.
bool normalise(std::span<float> x) {
  double sum = 0;
  for (const float v : x) sum += double{v} * double{v};
  const double inverse = 1.0 / std::sqrt(sum);
  if (!(sum > 0) || !std::isfinite(inverse) || !std::isfinite(sum)) return false;
  for (float& v : x) v = static_cast<float>(double{v} * inverse);
  return true;
}

}  // namespace

namespace text {

EncoderShape shape_of(const io::ManifestEncoder& m) {
  EncoderShape s;
  s.vocabulary = m.vocabulary;
  s.word_size = m.word_size;
  s.channels = m.channels;
  s.layers = m.layers;
  s.heads = m.heads;
  s.feed_forward = m.feed_forward;
  s.max_tokens = m.max_tokens;
  s.projection = m.projection;
  s.pooling = m.pool_first ? EncoderShape::Pooling::kFirst : EncoderShape::Pooling::kMean;
  s.begin_id = static_cast<std::int32_t>(m.begin_id);
  s.end_id = static_cast<std::int32_t>(m.end_id);
  s.layer_norm_epsilon = m.layer_norm_epsilon;
  s.dimensions = m.dimensions;
  return s;
}

io::ManifestEncoder manifest_of(const EncoderShape& s) {
  io::ManifestEncoder m;
  m.vocabulary = s.vocabulary;
  m.word_size = s.word_size;
  m.channels = s.channels;
  m.layers = s.layers;
  m.heads = s.heads;
  m.feed_forward = s.feed_forward;
  m.max_tokens = s.max_tokens;
  m.projection = s.projection;
  m.pool_first = s.pooling == EncoderShape::Pooling::kFirst;
  m.begin_id = static_cast<std::uint32_t>(s.begin_id);
  m.end_id = static_cast<std::uint32_t>(s.end_id);
  m.layer_norm_epsilon = s.layer_norm_epsilon;
  m.dimensions = s.dimensions;
  return m;
}

}  // namespace text

struct Encoder::State {
  EncoderShape shape;
  OwnedBytes weights;  // what the views below look at
  Tokenizer tokenizer;
  QuantisedRows word;
  PackedLinear word_project, head;
  std::span<const float> norm_weight, norm_bias;
  nn::Int8Stack stack;

  OwnedBytes memory;
  std::span<float> position;  // [T, C]
  std::span<float> words;     // [rows, E]
  std::span<float> state;     // [rows, C]
  std::span<float> pooled;    // [texts of a batch, C]
  std::span<float> vectors;   // [texts of a batch, D]
  std::span<std::int32_t> ids;
  std::span<std::uint32_t> lengths;  // [texts of a batch]
  std::span<std::byte> scratch;

  Status take_memory(const QuantisedRows& positions);
  Result<std::uint32_t> tokenize(std::string_view text, std::span<std::int32_t> out) const;
  void embed(std::size_t first_row, std::uint32_t tokens);
  Status finish(std::size_t first_text, std::size_t texts, std::uint32_t dimensions,
                std::span<float> out);

  std::size_t max_batch_texts() const { return kMaxBatchTokens / 2; }  // a text has two tokens
};

namespace {

struct Views {
  QuantisedRows word, position;
  PackedLinear word_project, head;
  std::span<const float> norm_weight, norm_bias;
  std::vector<nn::Int8Layer> layers;
};

Status read_views(const Safetensors& file, const EncoderShape& s, Views& out) {
  const std::size_t c = s.channels;
  OSL_TRY(read_rows(file, text::kWord, s.vocabulary, s.word_size, out.word));
  OSL_TRY(read_rows(file, text::kPosition, s.max_tokens, c, out.position));
  if (s.word_size != c) {
    OSL_TRY(nn::read_linear(file, text::kWordProject, s.word_size, c, nn::PanelCheck::kNow,
                            out.word_project));
  }
  if (s.projection != 0) {
    OSL_TRY(nn::read_linear(file, text::kHead, c, s.projection, nn::PanelCheck::kNow, out.head));
  }
  OSL_TRY(nn::read_norm(file, text::kNorm, c, out.norm_weight, out.norm_bias));
  out.layers.resize(s.layers);
  for (std::uint32_t n = 0; n < s.layers; ++n) {
    OSL_TRY(nn::read_layer(file, n, c, s.feed_forward, out.layers[n]));
  }
  return {};
}

}  // namespace

Status Encoder::State::take_memory(const QuantisedRows& positions) {
  const std::size_t c = shape.channels, rows = kMaxBatchTokens, texts = max_batch_texts();
  const std::size_t d = shape.vector_size();
  const std::size_t scratch_bytes =
      std::max(kernels::linear_bytes(shape.word_size), kernels::linear_bytes(c));
  constexpr std::size_t kLine = OwnedBytes::kAlignment;
  const auto room = [](std::size_t bytes) { return (bytes + 2 * kLine - 1) / kLine * kLine; };
  std::size_t total = 0;
  const auto plan = [&](std::size_t bytes) {
    const std::size_t at = total;
    total += room(bytes);
    return at;
  };
  const std::size_t at_position = plan(shape.max_tokens * c * sizeof(float));
  const std::size_t at_words = plan(rows * shape.word_size * sizeof(float));
  const std::size_t at_state = plan(rows * c * sizeof(float));
  const std::size_t at_pooled = plan(texts * c * sizeof(float));
  const std::size_t at_vectors = plan(texts * d * sizeof(float));
  const std::size_t at_ids = plan(rows * sizeof(std::int32_t));
  const std::size_t at_lengths = plan(texts * sizeof(std::uint32_t));
  const std::size_t at_scratch = plan(scratch_bytes);
  memory = OwnedBytes::allocate(total);
  if (!memory.ok()) return Error{Code::kOutOfMemory, total, "encoder: no memory"};
  std::byte* base = memory.data();
  position = {reinterpret_cast<float*>(base + at_position), shape.max_tokens * c};
  words = {reinterpret_cast<float*>(base + at_words), rows * shape.word_size};
  state = {reinterpret_cast<float*>(base + at_state), rows * c};
  pooled = {reinterpret_cast<float*>(base + at_pooled), texts * c};
  vectors = {reinterpret_cast<float*>(base + at_vectors), texts * d};
  ids = {reinterpret_cast<std::int32_t*>(base + at_ids), rows};
  lengths = {reinterpret_cast<std::uint32_t*>(base + at_lengths), texts};
  scratch = {base + at_scratch, scratch_bytes};
  for (std::size_t t = 0; t < shape.max_tokens; ++t) {
    positions.dequantise(t, position.data() + t * c);
  }
  return {};
}

Result<std::uint32_t> Encoder::State::tokenize(std::string_view text,
                                               std::span<std::int32_t> out) const {
  const Result<std::uint32_t> n = tokenizer.encode(text, out.subspan(1, shape.max_tokens - 2));
  if (!n) return n;
  out[0] = shape.begin_id;
  out[n.value() + 1] = shape.end_id;
  return n.value() + 2;
}

// ids -> state: LN(word projection + position) of one text's tokens.
void Encoder::State::embed(std::size_t first_row, std::uint32_t tokens) {
  const std::size_t c = shape.channels, e = shape.word_size;
  float* rows = state.data() + first_row * c;
  float* from = e == c ? rows : words.data();
  for (std::uint32_t t = 0; t < tokens; ++t) {
    word.dequantise(static_cast<std::size_t>(ids[first_row + t]), from + t * e);
  }
  if (e != c) kernels::linear(word_project, from, e, tokens, rows, c, scratch.data());
  kernels::add_layer_norm(rows, position.data(), tokens, c, norm_weight.data(), norm_bias.data(),
                          static_cast<float>(shape.layer_norm_epsilon));
}

// state -> out: pooled, projected, cut and normalised.
Status Encoder::State::finish(std::size_t first_text, std::size_t texts, std::uint32_t dimensions,
                              std::span<float> out) {
  const std::size_t c = shape.channels, d = shape.vector_size();
  const float* row = state.data();
  for (std::size_t i = 0; i < texts; ++i) {
    float* mean = pooled.data() + i * c;
    std::copy_n(row, c, mean);
    if (shape.pooling == EncoderShape::Pooling::kMean) {
      for (std::uint32_t t = 1; t < lengths[i]; ++t) {
        for (std::size_t j = 0; j < c; ++j) mean[j] += row[t * c + j];
      }
      const float inverse = 1.0f / static_cast<float>(lengths[i]);
      for (std::size_t j = 0; j < c; ++j) mean[j] *= inverse;
    }
    row += lengths[i] * c;
  }
  const float* result = pooled.data();
  if (shape.projection != 0) {
    kernels::linear(head, pooled.data(), c, texts, vectors.data(), d, scratch.data());
    result = vectors.data();
  }
  for (std::size_t i = 0; i < texts; ++i) {
    const std::span<float> vector = out.subspan((first_text + i) * dimensions, dimensions);
    std::copy_n(result + i * d, dimensions, vector.begin());
    if (!normalise(vector)) {
      return Error{Code::kNotFinite, first_text + i, "encoder: no finite vector (text)"};
    }
  }
  return {};
}

Encoder::Encoder(std::unique_ptr<State> state) : state_(std::move(state)) {}
Encoder::~Encoder() = default;
Encoder::Encoder(Encoder&&) noexcept = default;
Encoder& Encoder::operator=(Encoder&&) noexcept = default;

const EncoderShape& Encoder::shape() const { return state_->shape; }

Result<Encoder> Encoder::open(std::span<const std::byte> bundle_json, OwnedBytes weights,
                              std::span<const std::byte> tokenizer_model,
                              const std::array<FileDigest, 2>& digests) {
  const Result<io::Manifest> manifest = read_encoder_manifest(bundle_json);
  if (!manifest) return manifest.error();
  const std::vector<io::ManifestFile>& files = manifest.value().files;
  OSL_TRY(check_file(files[kWeights], kWeights, weights.span(), digests[kWeights]));
  OSL_TRY(check_file(files[kTokenizer], kTokenizer, tokenizer_model, digests[kTokenizer]));
  const EncoderShape shape = text::shape_of(manifest.value().encoder);
  const Result<Safetensors> file = Safetensors::parse(weights.span());
  if (!file) return file.error();
  Views views;
  OSL_TRY(read_views(file.value(), shape, views));

  Result<Tokenizer> tokenizer = Tokenizer::open(tokenizer_model);
  if (!tokenizer) return tokenizer.error();
  if (tokenizer.value().vocabulary_size() > shape.vocabulary) {
    return Error{Code::kCorrupt, tokenizer.value().vocabulary_size(),
                 "encoder: the tokenizer has more pieces than the word table"};
  }
  Result<nn::Int8Stack> stack =
      nn::Int8Stack::open({.layers = shape.layers,
                           .channels = shape.channels,
                           .heads = shape.heads,
                           .feed_forward = shape.feed_forward,
                           .max_rows = kMaxBatchTokens,
                           .max_sequence = shape.max_tokens,
                           .layer_norm_epsilon = static_cast<float>(shape.layer_norm_epsilon)},
                          views.layers);
  if (!stack) return stack.error();
  std::unique_ptr<State> state(new (std::nothrow) State{.shape = shape,
                                                        .weights = std::move(weights),
                                                        .tokenizer = std::move(tokenizer).value(),
                                                        .word = views.word,
                                                        .word_project = views.word_project,
                                                        .head = views.head,
                                                        .norm_weight = views.norm_weight,
                                                        .norm_bias = views.norm_bias,
                                                        .stack = std::move(stack).value(),
                                                        .memory = {},
                                                        .position = {},
                                                        .words = {},
                                                        .state = {},
                                                        .pooled = {},
                                                        .vectors = {},
                                                        .ids = {},
                                                        .lengths = {},
                                                        .scratch = {}});
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "encoder: no memory"};
  OSL_TRY(state->take_memory(views.position));
  return Encoder(std::move(state));
}

Status Encoder::encode(std::span<const std::string_view> texts, std::uint32_t dimensions,
                       std::span<float> out) {
  State& s = *state_;
  if (std::ranges::find(s.shape.dimensions, dimensions) == s.shape.dimensions.end()) {
    return Error{Code::kInvalidArgument, dimensions,
                 "encoder: a length its vectors are not made for"};
  }
  if (out.size() != texts.size() * dimensions) {
    return Error{Code::kInvalidArgument, out.size(), "encoder: out is not [texts, dimensions]"};
  }
  std::size_t done = 0;
  while (done < texts.size()) {
    // As many whole texts as fit; the next always might need max_tokens.
    std::size_t batch = 0, rows = 0;
    while (done + batch < texts.size() && batch < s.max_batch_texts() &&
           rows + s.shape.max_tokens <= kMaxBatchTokens) {
      const Result<std::uint32_t> n = s.tokenize(texts[done + batch], s.ids.subspan(rows));
      if (!n) return n.error();
      s.embed(rows, n.value());
      s.lengths[batch++] = n.value();
      rows += n.value();
    }
    OSL_TRY(s.stack.run(s.state.first(rows * s.shape.channels), s.lengths.first(batch)));
    OSL_TRY(s.finish(done, batch, dimensions, out));
    done += batch;
  }
  return {};
}

namespace {

kernels::Dot dot_of(Encoder::Products products) {
  return products == Encoder::Products::kPairs ? kernels::Dot::kPairs : kernels::Dot::kQuads;
}

}  // namespace

void Encoder::use(Products products) { state_->stack.use(dot_of(products)); }

void Encoder::rehearse(Products products) {
  constexpr std::size_t kTokens = 16;
  State& s = *state_;
  s.stack.rehearse(s.state.first(kTokens * s.shape.channels), dot_of(products));
}

Result<std::array<BundleFile, 2>> encoder_files(std::span<const std::byte> bundle_json) {
  const Result<io::Manifest> manifest = read_encoder_manifest(bundle_json);
  if (!manifest) return manifest.error();
  std::array<BundleFile, 2> out;
  const char* const paths[] = {text::kWeightsPath, text::kTokenizerPath};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const io::ManifestFile& file = manifest.value().files[i];
    out[i] = {paths[i], file.bytes, file.sha256};
  }
  return out;
}

}  // namespace ossicle
