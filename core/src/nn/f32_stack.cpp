#include <utility>
#include <vector>

#include "nn/sequences.h"
#include "nn/stack.h"

namespace ossicle::nn {

struct F32Stack::State {
  StackShape shape;
  std::vector<TransformerBlock> blocks;
};

F32Stack::F32Stack(std::unique_ptr<State> state) : state_(std::move(state)) {}
F32Stack::~F32Stack() = default;
F32Stack::F32Stack(F32Stack&&) noexcept = default;
F32Stack& F32Stack::operator=(F32Stack&&) noexcept = default;

Result<F32Stack> F32Stack::open(const StackShape& shape, std::span<const BlockWeights> layers) {
  OSL_TRY(check_stack_shape(shape, layers.size()));
  std::unique_ptr<State> state(new (std::nothrow) State{shape, {}});
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "the stack's state"};
  state->blocks.reserve(layers.size());
  const BlockShape block_shape = {.channels = shape.channels,
                                  .heads = shape.heads,
                                  .feed_forward = shape.feed_forward,
                                  .max_tokens = shape.max_sequence,
                                  .layer_norm_epsilon = shape.layer_norm_epsilon};
  for (const BlockWeights& weights : layers) {
    auto block = TransformerBlock::open(block_shape, weights);
    if (!block) return block.error();
    state->blocks.push_back(std::move(block).value());
  }
  return F32Stack(std::move(state));
}

Status F32Stack::run(std::span<float> state, std::span<const std::uint32_t> lengths) {
  const StackShape& shape = state_->shape;
  OSL_TRY(check_lengths(shape, state.size(), lengths));
  for (TransformerBlock& block : state_->blocks) {
    std::size_t at = 0;
    for (const std::uint32_t tokens : lengths) {
      const std::size_t n = std::size_t{tokens} * shape.channels;
      if (tokens > 0) OSL_TRY(block.run(state.subspan(at, n), tokens));
      at += n;
    }
  }
  return {};
}

}  // namespace ossicle::nn
