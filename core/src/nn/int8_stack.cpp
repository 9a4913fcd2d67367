#include <algorithm>
#include <utility>

#include "kernels/attention.h"
#include "nn/int8_layers.h"
#include "nn/sequences.h"
#include "nn/stack.h"

namespace ossicle::nn {
namespace {

/// Short sequences go through a layer together up to this many rows.
constexpr std::size_t kGroupRows = 96;

}  // namespace

struct Int8Stack::State {
  Int8Layers parts;

  void attend(std::size_t from, std::size_t tokens);
  void run_group(const Int8Layer& layer, float* x, std::span<const std::uint32_t> lengths,
                 std::size_t rows);
};

// Rows from.. of qkv, one sequence -> the same rows of context, heads side by side.
void Int8Stack::State::attend(std::size_t from, std::size_t tokens) {
  const StackShape& shape = parts.shape;
  const std::size_t c = shape.channels, d = c / shape.heads, stride = 3 * c;
  const kernels::KeyValues cache = {d, shape.max_sequence, parts.cache};
  for (std::size_t h = 0; h < shape.heads; ++h) {
    const float* query = parts.qkv + from * stride + h * d;
    kernels::append_key_values(cache, 0, query + c, query + 2 * c, stride, tokens);
    kernels::attend(cache, query, stride, tokens, {.first = tokens, .step = 0},
                    parts.context + from * c + h * d, c, parts.scratch, shape.dot);
  }
}

void Int8Stack::State::run_group(const Int8Layer& layer, float* x,
                                 std::span<const std::uint32_t> lengths, std::size_t rows) {
  parts.project(layer, x, rows);
  std::size_t from = 0;
  for (const std::uint32_t tokens : lengths) {
    if (tokens > 0) attend(from, tokens);
    from += tokens;
  }
  parts.add_context(layer, x, rows);
  parts.feed_forward(layer, x, rows);
}

Int8Stack::Int8Stack(std::unique_ptr<State> state) : state_(std::move(state)) {}
Int8Stack::~Int8Stack() = default;
Int8Stack::Int8Stack(Int8Stack&&) noexcept = default;
Int8Stack& Int8Stack::operator=(Int8Stack&&) noexcept = default;

Result<Int8Stack> Int8Stack::open(const StackShape& shape, std::span<const Int8Layer> layers) {
  Result<Int8Layers> parts =
      Int8Layers::open(shape, layers, std::max<std::size_t>(shape.max_sequence, kGroupRows));
  if (!parts) return parts.error();
  std::unique_ptr<State> state(new (std::nothrow) State{std::move(parts).value()});
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "the stack's state"};
  return Int8Stack(std::move(state));
}

Status Int8Stack::run(std::span<float> state, std::span<const std::uint32_t> lengths) {
  State& s = *state_;
  const StackShape& shape = s.parts.shape;
  OSL_TRY(check_lengths(shape, state.size(), lengths));
  const std::size_t group = std::max<std::size_t>(shape.max_sequence, kGroupRows);
  for (const Int8Layer& layer : s.parts.layers) {
    float* x = state.data();
    for (std::size_t first = 0; first < lengths.size();) {
      std::size_t rows = 0, end = first;
      while (end < lengths.size() && rows + lengths[end] <= group) rows += lengths[end++];
      s.run_group(layer, x, lengths.subspan(first, end - first), rows);
      x += rows * shape.channels;
      first = end;
    }
  }
  return {};
}

void Int8Stack::use(kernels::Dot dot) { state_->parts.shape.dot = dot; }

void Int8Stack::rehearse(std::span<const float> x, kernels::Dot dot) {
  const Int8Layers& parts = state_->parts;
  const std::size_t c = parts.shape.channels, rows = std::min(x.size() / c, kFeedForwardRows);
  kernels::linear(parts.layers[0].up, x.data(), c, rows, parts.hidden, parts.shape.feed_forward,
                  parts.product, dot);
}

}  // namespace ossicle::nn
