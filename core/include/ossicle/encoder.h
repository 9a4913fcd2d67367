#ifndef OSSICLE_ENCODER_H_
#define OSSICLE_ENCODER_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// What an encoder looks like; `bundle.json` field "encoder".
/// V pieces, E numbers a word vector, C channels, T tokens, D numbers a text vector.
struct EncoderShape {
  enum class Pooling : std::uint8_t {
    kMean,   ///< of all tokens, the first and the last included
    kFirst,  ///< the first token
  };

  std::uint32_t vocabulary = 0;    ///< V, 1..2^20
  std::uint32_t word_size = 0;     ///< E, a multiple of 16; below C the word table is factorised
  std::uint32_t channels = 0;      ///< C, a multiple of 16 up to 4096
  std::uint32_t layers = 0;        ///< 1..48
  std::uint32_t heads = 0;         ///< divides C
  std::uint32_t feed_forward = 0;  ///< a multiple of 16 up to 16384
  std::uint32_t max_tokens = 0;    ///< T with the two that frame a text, 3..512
  std::uint32_t projection = 0;    ///< D of a last product, or 0: then D = C
  Pooling pooling = Pooling::kMean;
  std::int32_t begin_id = 0;  ///< the piece before each text
  std::int32_t end_id = 0;    ///< the piece after each text
  double layer_norm_epsilon = 1e-12;
  /// Lengths at which a vector may be cut, ascending, the last one D (Matryoshka: Kusupati et al.
  /// 2022).
  std::vector<std::uint32_t> dimensions;

  std::uint32_t vector_size() const { return projection != 0 ? projection : channels; }
};

/// Weights of an encoder as training leaves them: f32, row-major [out, in].
struct EncoderWeights {
  struct Layer {
    std::span<const float> query_weight, query_bias;  ///< [C, C], [C]
    std::span<const float> key_weight, key_bias;
    std::span<const float> value_weight, value_bias;
    std::span<const float> out_weight, out_bias;
    std::span<const float> norm1_weight, norm1_bias;  ///< [C], after attention
    std::span<const float> up_weight, up_bias;        ///< [F, C], [F]
    std::span<const float> down_weight, down_bias;    ///< [C, F], [C]
    std::span<const float> norm2_weight, norm2_bias;  ///< [C], after feed-forward
  };
  std::span<const float> word;                    ///< [V, E]
  std::span<const float> word_projection;         ///< [C, E], or empty when E = C
  std::span<const float> position;                ///< [T, C], what is added to every token included
  std::span<const float> norm_weight, norm_bias;  ///< [C]
  std::vector<Layer> layers;
  std::span<const float> projection;  ///< [D, C], or empty
};

/// Text to one vector of unit length: a sentencepiece tokenizer and a post-norm Transformer in int8
/// (Devlin et al. 2019). The same text gives the same bytes on every build, alone or in a batch.
///
/// Text is UTF-8; the tokenizer's own rules normalise it (the released model: NFKC and case
/// folding), broken bytes become U+FFFD, and what does not fit into T tokens is cut off. An empty
/// text has a vector too. Distances mean something only between vectors of one bundle.
class Encoder {
 public:
  /// Tokens that are worked on together.
  static constexpr std::uint32_t kMaxBatchTokens = 1024;

  /// `files` are the bundle's: weights (which stay in use, where they are) and tokenizer model.
  /// `digests`: of the weights and the tokenizer.
  /// Errors: corrupt, missing, out_of_range, unsupported_version, unknown_format,
  /// checksum_mismatch, not_finite, out_of_memory; `at` as bundle.json, safetensors and Int8Stack
  /// say.
  static Result<Encoder> open(std::span<const std::byte> bundle_json, OwnedBytes weights,
                              std::span<const std::byte> tokenizer,
                              const std::array<FileDigest, 2>& digests = {});
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder& operator=(Encoder&&) noexcept;

  const EncoderShape& shape() const;

  /// How the layers multiply in the relaxed build; the others have one way only, and the vectors
  /// are the same. kPairs: 16-bit sums of two products, kQuads: 32-bit sums of four (ADR 0004).
  enum class Products : std::uint8_t { kPairs, kQuads };
  /// kPairs unless it is called.
  void use(Products products);
  /// Multiplies 16 tokens by the first layer's largest weight, for nothing but the time it takes: a
  /// caller with a clock can tell which of the two is faster here.
  void rehearse(Products products);

  /// out [texts, dimensions]: unit vectors, cut to `dimensions`, one of shape().dimensions. Takes
  /// no memory, but for the first text that is longer than 4 KB and than all before, and for a
  /// tokenizer that is not a plain unigram model. Errors: invalid_argument, not_finite (weights so
  /// large that no vector comes out; `at` = the text).
  Status encode(std::span<const std::string_view> texts, std::uint32_t dimensions,
                std::span<float> out);

 private:
  struct State;
  explicit Encoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The files of an encoder bundle, in the order of bundle.json. Errors: as Encoder::open has for
/// bundle.json.
Result<std::array<BundleFile, 2>> encoder_files(std::span<const std::byte> bundle_json);

struct EncoderBundleBytes {
  std::vector<std::byte> bundle_json;
  std::vector<std::byte> weights;  ///< encoder.safetensors
};

/// Quantises and packs: products s8 per output channel in the layout of the kernels, word and
/// position rows s8 per row. Deterministic; for training tools. Errors: invalid_argument (a shape
/// out of range or a weight of another size), not_finite (`at` = the index in that weight).
Result<EncoderBundleBytes> write_encoder(const EncoderShape& shape, const EncoderWeights& weights,
                                         std::span<const std::byte> tokenizer,
                                         const BundleFacts& facts);

}  // namespace ossicle

#endif  // OSSICLE_ENCODER_H_
