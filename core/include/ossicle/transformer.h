#ifndef OSSICLE_TRANSFORMER_H_
#define OSSICLE_TRANSFORMER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// Shape of one Transformer block. C = channels, H = heads, C % H == 0, F = feed-forward channels.
struct BlockShape {
  std::uint32_t channels = 0;      ///< C
  std::uint32_t heads = 0;         ///< H
  std::uint32_t feed_forward = 0;  ///< F
  std::uint32_t max_tokens = 0;    ///< T at most, 1..512
  float layer_norm_epsilon = 1e-12f;
};

/// Weights of one BERT-type (post-norm) block, f32, row-major [out, in]; copied at open.
struct BlockWeights {
  std::span<const float> qkv_weight, qkv_bias;      ///< [3C, C], [3C]: query, key, value
  std::span<const float> out_weight, out_bias;      ///< [C, C], [C]
  std::span<const float> norm1_weight, norm1_bias;  ///< [C], after attention
  std::span<const float> up_weight, up_bias;        ///< [F, C], [F]
  std::span<const float> down_weight, down_bias;    ///< [C, F], [C]
  std::span<const float> norm2_weight, norm2_bias;  ///< [C], after feed-forward
};

/// y = LN(x + Attention(x)); z = LN(y + W2 gelu(W1 y)), f32, matrix products and softmax on
/// XNNPACK; exact (erf) GELU. Memory is taken at open; run() allocates nothing. Source: Vaswani et
/// al. 2017; Devlin et al. 2019.
class TransformerBlock {
 public:
  /// Errors: invalid_argument (a shape out of range, or a span of the wrong size), not_finite,
  /// out_of_memory, internal (XNNPACK).
  static Result<TransformerBlock> open(const BlockShape& shape, const BlockWeights& weights);
  ~TransformerBlock();
  TransformerBlock(TransformerBlock&&) noexcept;
  TransformerBlock& operator=(TransformerBlock&&) noexcept;

  /// `x` is [tokens, C], replaced by the block's output. Errors: invalid_argument (tokens
  /// outside 1..max_tokens, wrong span size).
  Status run(std::span<float> x, std::uint32_t tokens);

 private:
  struct State;
  explicit TransformerBlock(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ossicle

#endif  // OSSICLE_TRANSFORMER_H_
