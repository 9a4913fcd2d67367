#ifndef OSSICLE_NN_STACK_H_
#define OSSICLE_NN_STACK_H_

#include <cstdint>
#include <memory>
#include <span>

#include "kernels/linear.h"
#include "ossicle/status.h"
#include "ossicle/transformer.h"

namespace ossicle::nn {

/// Shape of a stack of post-norm Transformer layers (BERT's order: attention, add, norm,
/// feed-forward, add, norm; GELU).
struct StackShape {
  std::uint32_t layers = 0;        ///< 1..48
  std::uint32_t channels = 0;      ///< C, a multiple of 16 up to 4096
  std::uint32_t heads = 0;         ///< H, divides C
  std::uint32_t feed_forward = 0;  ///< F, a multiple of 16 up to 16384
  std::uint32_t max_rows = 0;      ///< tokens of one batch, all sequences together, 1..16384
  std::uint32_t max_sequence = 0;  ///< tokens of one sequence, 1..512
  float layer_norm_epsilon = 1e-12f;
  /// Int8Stack: how the relaxed build multiplies. The same results, another speed.
  kernels::Dot dot = kernels::Dot::kPairs;
};

/// Weights of one int8 layer: views, e.g. into the bundle; they must outlive the stack.
struct Int8Layer {
  kernels::PackedLinear qkv;                        ///< [3C, C]: query, key, value
  kernels::PackedLinear out;                        ///< [C, C]
  kernels::PackedLinear up;                         ///< [F, C]
  kernels::PackedLinear down;                       ///< [C, F]
  std::span<const float> norm1_weight, norm1_bias;  ///< [C], after attention
  std::span<const float> norm2_weight, norm2_bias;  ///< [C], after feed-forward
};

/// The layers on 8-bit weights and 7-bit activations; attention is int8 too. The same bytes out on
/// every build. All memory is taken at open; run() allocates nothing.
class Int8Stack {
 public:
  /// Errors: invalid_argument (a shape out of range, or weights of another shape), not_finite (a
  /// scale, offset, bias or norm), corrupt (weights that break PackedLinear's rules; `at` is the
  /// layer), out_of_memory.
  static Result<Int8Stack> open(const StackShape& shape, std::span<const Int8Layer> layers);
  ~Int8Stack();
  Int8Stack(Int8Stack&&) noexcept;
  Int8Stack& operator=(Int8Stack&&) noexcept;

  /// `state` [rows, C] is replaced by the last layer's output. `lengths`: the tokens of each
  /// sequence, back to back in `state` without padding; a sequence attends only to itself, and its
  /// result does not depend on the others. Errors: invalid_argument (a length outside
  /// 0..max_sequence, more than max_rows, lengths that do not sum to the rows); state is then
  /// unchanged.
  Status run(std::span<float> state, std::span<const std::uint32_t> lengths);

  /// Another StackShape::dot from now on.
  void use(kernels::Dot dot);
  /// The first product of the first layer's feed-forward half on `x` [rows, C], at most 64 rows and
  /// max_rows of it, for nothing but the time that it takes.
  void rehearse(std::span<const float> x, kernels::Dot dot);

 private:
  struct State;
  explicit Int8Stack(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The same layers in f32 on XNNPACK: the reference that int8 is measured against.
class F32Stack {
 public:
  /// Weights are copied. Errors: as TransformerBlock::open, and invalid_argument (no layers).
  static Result<F32Stack> open(const StackShape& shape, std::span<const BlockWeights> layers);
  ~F32Stack();
  F32Stack(F32Stack&&) noexcept;
  F32Stack& operator=(F32Stack&&) noexcept;

  /// As Int8Stack::run.
  Status run(std::span<float> state, std::span<const std::uint32_t> lengths);

 private:
  struct State;
  explicit F32Stack(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_STACK_H_
