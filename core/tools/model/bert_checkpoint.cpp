#include "model/bert_checkpoint.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "base/json.h"
#include "files.h"
#include "io/safetensors.h"

namespace ossicle::tools {
namespace {

using base::JsonValue;

// Files of other programs start their data at a multiple of this.
constexpr std::size_t kForeignAlignment = 8;

}  // namespace

struct BertCheckpoint::Config {
  std::uint32_t vocabulary = 0, channels = 0, layers = 0, heads = 0, feed_forward = 0;
  std::uint32_t positions = 0, word_size = 0, projection = 0, begin_id = 0, end_id = 0;
  std::uint32_t token_types = 1;
  bool roberta = false, pool_first = false;
  double epsilon = 1e-12;
  std::vector<std::uint32_t> dimensions;
};

class BertCheckpoint::Reader {
 public:
  Problem open(std::string path, std::span<const std::byte> bytes) {
    path_ = std::move(path);
    Result<io::Safetensors> file = io::Safetensors::parse(bytes, kForeignAlignment);
    if (!file) return problem(path_, file.error());
    file_ = std::move(file).value();
    for (const char* prefix : {"", "bert.", "roberta.", "model."}) {
      if (file_.find(prefix + std::string("embeddings.LayerNorm.weight")) != nullptr) {
        prefix_ = prefix;
        return {};
      }
    }
    return problem(path_ + ": no embeddings.LayerNorm.weight: not a BERT-type encoder");
  }

  /// The tensor `name` as float32 of this shape.
  Problem get(const std::string& name, std::initializer_list<std::uint64_t> shape,
              std::span<const float>& out) const {
    const Result<std::span<const std::byte>> bytes =
        file_.get(prefix_ + name, io::Dtype::kF32, shape);
    if (!bytes) return problem(path_ + ": " + prefix_ + name, bytes.error());
    out = {reinterpret_cast<const float*>(bytes.value().data()),
           bytes.value().size() / sizeof(float)};
    return {};
  }

 private:
  std::string path_, prefix_;
  io::Safetensors file_;
};

Problem BertCheckpoint::read_config(const std::string& path, Config& config) {
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  base::JsonDocument document;
  const Status parsed = document.parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!parsed) return problem(path, parsed.error());
  const JsonValue root = document.root();
  const std::optional<std::string_view> type = root.get("model_type").string();
  if (type != "bert" && type != "xlm-roberta") {
    return problem(path + ": model_type is neither bert nor xlm-roberta");
  }
  config.roberta = type == "xlm-roberta";
  if (root.get("hidden_act").string() != "gelu") return problem(path + ": hidden_act is not gelu");
  struct Count {
    const char* name;
    std::uint32_t* out;
    bool required;
  };
  config.begin_id = fairseq_order_ ? 1 : 2;  // as the sentencepiece model counts
  config.end_id = fairseq_order_ ? 2 : 3;
  const Count counts[] = {
      {"vocab_size", &config.vocabulary, true},
      {"hidden_size", &config.channels, true},
      {"num_hidden_layers", &config.layers, true},
      {"num_attention_heads", &config.heads, true},
      {"intermediate_size", &config.feed_forward, true},
      {"max_position_embeddings", &config.positions, true},
      {"type_vocab_size", &config.token_types, false},
      {"embedding_size", &config.word_size, false},
      {"projection_size", &config.projection, false},
      {"bos_piece_id", &config.begin_id, false},
      {"eos_piece_id", &config.end_id, false},
  };
  for (const Count& count : counts) {
    const JsonValue value = root.get(count.name);
    if (!value.exists() && !count.required) continue;
    const std::optional<std::uint64_t> n = value.unsigned_integer();
    if (!n || *n > 1U << 24) return problem(path + ": " + count.name + " is missing or no size");
    *count.out = static_cast<std::uint32_t>(*n);
  }
  if (config.word_size == 0) config.word_size = config.channels;
  config.epsilon = root.get("layer_norm_eps").number().value_or(1e-12);
  const std::string_view pooling = root.get("pooling").string().value_or("mean");
  if (pooling != "mean" && pooling != "cls") {
    return problem(path + ": pooling is neither mean nor cls");
  }
  config.pool_first = pooling == "cls";
  for (JsonValue v = root.get("matryoshka_dims").first(); v.exists(); v = v.next()) {
    config.dimensions.push_back(static_cast<std::uint32_t>(v.unsigned_integer().value_or(0)));
  }
  if (config.dimensions.empty()) {
    config.dimensions = {config.projection != 0 ? config.projection : config.channels};
  }
  return {};
}

Problem BertCheckpoint::read_weights(const Config& config, Reader& reader) {
  const std::uint64_t c = config.channels, f = config.feed_forward, e = config.word_size;
  OSL_TOOL_TRY(
      reader.get("embeddings.word_embeddings.weight", {config.vocabulary, e}, weights_.word));
  if (e != c) {
    OSL_TOOL_TRY(reader.get("embeddings.word_projection.weight", {c, e}, weights_.word_projection));
  }
  std::span<const float> position, type;
  OSL_TOOL_TRY(
      reader.get("embeddings.position_embeddings.weight", {config.positions, c}, position));
  OSL_TOOL_TRY(
      reader.get("embeddings.token_type_embeddings.weight", {config.token_types, c}, type));
  OSL_TOOL_TRY(reader.get("embeddings.LayerNorm.weight", {c}, weights_.norm_weight));
  OSL_TOOL_TRY(reader.get("embeddings.LayerNorm.bias", {c}, weights_.norm_bias));
  // The first two rows of xlm-roberta's positions stand for padding.
  const std::size_t skipped = config.roberta ? 2 * config.channels : 0;
  std::vector<float>& sums =
      made_.emplace_back(position.begin() + static_cast<std::ptrdiff_t>(skipped), position.end());
  sums.resize(std::size_t{shape_.max_tokens} * config.channels);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += type[i % config.channels];
  weights_.position = sums;
  weights_.layers.resize(config.layers);
  for (std::uint32_t n = 0; n < config.layers; ++n) {
    EncoderWeights::Layer& layer = weights_.layers[n];
    struct Part {
      const char* name;
      std::uint64_t out, in;
      std::span<const float>*weight, *bias;
    };
    const Part parts[] = {
        {"attention.self.query", c, c, &layer.query_weight, &layer.query_bias},
        {"attention.self.key", c, c, &layer.key_weight, &layer.key_bias},
        {"attention.self.value", c, c, &layer.value_weight, &layer.value_bias},
        {"attention.output.dense", c, c, &layer.out_weight, &layer.out_bias},
        {"attention.output.LayerNorm", c, 0, &layer.norm1_weight, &layer.norm1_bias},
        {"intermediate.dense", f, c, &layer.up_weight, &layer.up_bias},
        {"output.dense", c, f, &layer.down_weight, &layer.down_bias},
        {"output.LayerNorm", c, 0, &layer.norm2_weight, &layer.norm2_bias},
    };
    for (const Part& part : parts) {
      const std::string name = "encoder.layer." + std::to_string(n) + "." + part.name;
      if (part.in == 0) {
        OSL_TOOL_TRY(reader.get(name + ".weight", {part.out}, *part.weight));
      } else {
        OSL_TOOL_TRY(reader.get(name + ".weight", {part.out, part.in}, *part.weight));
      }
      OSL_TOOL_TRY(reader.get(name + ".bias", {part.out}, *part.bias));
    }
  }
  if (config.projection != 0) {
    OSL_TOOL_TRY(reader.get("head.projection.weight", {config.projection, c}, weights_.projection));
  }
  return {};
}

Problem BertCheckpoint::open(const std::string& folder) {
  const std::string own = folder + "/tokenizer.model";
  const std::string foreign = folder + "/sentencepiece.bpe.model";
  fairseq_order_ = !file_exists(own);
  if (fairseq_order_ && !file_exists(foreign)) {
    return problem(folder + ": no tokenizer.model and no sentencepiece.bpe.model");
  }
  OSL_TOOL_TRY(read_file(fairseq_order_ ? foreign : own, tokenizer_));
  Config config;
  OSL_TOOL_TRY(read_config(folder + "/config.json", config));
  const std::string path = folder + "/model.safetensors";
  OSL_TOOL_TRY(read_file(path, file_));
  Reader reader;
  OSL_TOOL_TRY(reader.open(path, file_));

  const std::uint32_t skipped = config.roberta ? 2 : 0;
  if (config.positions < skipped + 3) return problem(folder + ": max_position_embeddings");
  shape_ = {
      .vocabulary = config.vocabulary,
      .word_size = config.word_size,
      .channels = config.channels,
      .layers = config.layers,
      .heads = config.heads,
      .feed_forward = config.feed_forward,
      .max_tokens = std::min(config.positions - skipped, 512U),
      .projection = config.projection,
      .pooling = config.pool_first ? EncoderShape::Pooling::kFirst : EncoderShape::Pooling::kMean,
      .begin_id = static_cast<std::int32_t>(config.begin_id),
      .end_id = static_cast<std::int32_t>(config.end_id),
      .layer_norm_epsilon = config.epsilon,
      .dimensions = config.dimensions};
  OSL_TOOL_TRY(read_weights(config, reader));
  if (fairseq_order_) reorder_vocabulary();
  return {};
}

// fairseq's ids: 0 <s>, 1 padding, 2 </s>, 3 unknown, then the pieces from sentencepiece's third
// on. sentencepiece's own: 0 unknown, 1 <s>, 2 </s>, then the same pieces.
void BertCheckpoint::reorder_vocabulary() {
  const std::size_t e = shape_.word_size;
  const std::size_t rows = shape_.vocabulary;
  std::vector<float>& out = made_.emplace_back(rows * e);
  for (std::size_t piece = 0; piece < rows; ++piece) {
    const std::size_t fairseq = piece == 0 ? 3 : piece == 1 ? 0 : piece == 2 ? 2 : piece + 1;
    if (fairseq >= rows) continue;
    std::copy_n(weights_.word.begin() + static_cast<std::ptrdiff_t>(fairseq * e), e,
                out.begin() + static_cast<std::ptrdiff_t>(piece * e));
  }
  weights_.word = out;
}

}  // namespace ossicle::tools
