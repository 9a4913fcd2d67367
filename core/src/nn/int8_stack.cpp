#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/attention.h"
#include "kernels/elementwise.h"
#include "nn/sequences.h"
#include "nn/stack.h"

namespace ossicle::nn {
namespace {

using kernels::PackedLinear;

/// Rows that go through the feed-forward half together: enough to reuse each panel of weights, few
/// enough for the hidden rows to stay in the second-level cache.
constexpr std::size_t kFeedForwardRows = 64;
/// Short sequences go through a layer together up to this many rows.
constexpr std::size_t kGroupRows = 96;

Error invalid(std::uint64_t at, const char* what) { return {Code::kInvalidArgument, at, what}; }

bool finite(const float* x, std::size_t n) {
  return std::all_of(x, x + n, [](float v) { return std::isfinite(v); });
}

Status check_linear(const PackedLinear& l, std::size_t out, std::size_t in, std::uint64_t layer) {
  if (l.in != in || l.out != out) return invalid(layer, "a product of the layer has another shape");
  if (l.panels == nullptr || l.scale == nullptr || l.offset == nullptr || l.bias == nullptr) {
    return invalid(layer, "a product of the layer lacks an array");
  }
  if (!finite(l.scale, out) || !finite(l.offset, out) || !finite(l.bias, out)) {
    return Error{Code::kNotFinite, layer, "a scale, offset or bias of the layer is not finite"};
  }
  if (!kernels::obeys_group_rule(l)) {
    return Error{Code::kCorrupt, layer, "packed weights of the layer exceed 127, or a group's sum"};
  }
  return {};
}

Status check_layer(const StackShape& s, const Int8Layer& layer, std::uint64_t at) {
  const std::size_t c = s.channels, f = s.feed_forward;
  OSL_TRY(check_linear(layer.qkv, 3 * c, c, at));
  OSL_TRY(check_linear(layer.out, c, c, at));
  OSL_TRY(check_linear(layer.up, f, c, at));
  OSL_TRY(check_linear(layer.down, c, f, at));
  for (const std::span<const float> norm :
       {layer.norm1_weight, layer.norm1_bias, layer.norm2_weight, layer.norm2_bias}) {
    if (norm.size() != c) return invalid(at, "a norm of the layer is not [C]");
    if (!finite(norm.data(), c)) return Error{Code::kNotFinite, at, "a norm is not finite"};
  }
  return {};
}

/// What a group of sequences needs between the products. C = channels, F = feed-forward channels.
struct Buffers {
  OwnedBytes memory;
  std::byte* product = nullptr;  // linear()
  float* qkv = nullptr;          // [group, 3C]
  float* context = nullptr;      // [group, C]
  float* branch = nullptr;       // [group, C], what is added to the state
  float* hidden = nullptr;       // [kFeedForwardRows, F]
  std::byte* cache = nullptr;    // one head of one sequence
  std::byte* scratch = nullptr;  // attend()

  Status take(const StackShape& s, std::size_t group) {
    const std::size_t c = s.channels, f = s.feed_forward, d = c / s.heads;
    const auto floats = [](std::size_t n) { return n * sizeof(float); };
    const std::size_t sizes[] = {kernels::linear_bytes(std::max(c, f)),
                                 floats(group * 3 * c),
                                 floats(group * c),
                                 floats(group * c),
                                 floats(std::min(group, kFeedForwardRows) * f),
                                 kernels::key_values_bytes(d, s.max_sequence),
                                 kernels::attend_bytes(d, s.max_sequence)};
    constexpr std::size_t kLine = OwnedBytes::kAlignment;
    const auto room = [](std::size_t n) { return (n + kLine - 1) / kLine * kLine; };
    std::size_t total = 0;
    for (const std::size_t n : sizes) total += room(n);
    memory = OwnedBytes::allocate(total);
    if (!memory.ok()) return Error{Code::kOutOfMemory, total, "the stack's buffers"};
    std::byte* parts[std::size(sizes)];
    std::byte* at = memory.data();
    for (std::size_t i = 0; i < std::size(sizes); at += room(sizes[i++])) parts[i] = at;
    product = parts[0];
    qkv = reinterpret_cast<float*>(parts[1]);
    context = reinterpret_cast<float*>(parts[2]);
    branch = reinterpret_cast<float*>(parts[3]);
    hidden = reinterpret_cast<float*>(parts[4]);
    cache = parts[5];
    scratch = parts[6];
    return {};
  }
};

}  // namespace

// Three steps, so that a causal decoder can share them: project() and feed_forward() work on rows
// alone, and only attend() knows that keys and queries are the same tokens.
struct Int8Stack::State {
  StackShape shape;
  std::vector<Int8Layer> layers;
  Buffers buffer;

  void project(const Int8Layer& layer, const float* x, std::size_t rows);
  void attend(std::size_t from, std::size_t tokens);
  void add_context(const Int8Layer& layer, float* x, std::size_t rows);
  void feed_forward(const Int8Layer& layer, float* x, std::size_t rows);
  void run_group(const Int8Layer& layer, float* x, std::span<const std::uint32_t> lengths,
                 std::size_t rows);
};

// x [rows, C] -> qkv [rows, 3C].
void Int8Stack::State::project(const Int8Layer& layer, const float* x, std::size_t rows) {
  const std::size_t c = shape.channels;
  kernels::linear(layer.qkv, x, c, rows, buffer.qkv, 3 * c, buffer.product, shape.dot);
}

// Rows from.. of qkv, one sequence -> the same rows of context, heads side by side.
void Int8Stack::State::attend(std::size_t from, std::size_t tokens) {
  const std::size_t c = shape.channels, d = c / shape.heads, stride = 3 * c;
  const kernels::KeyValues cache = {d, shape.max_sequence, buffer.cache};
  for (std::size_t h = 0; h < shape.heads; ++h) {
    const float* query = buffer.qkv + from * stride + h * d;
    kernels::append_key_values(cache, 0, query + c, query + 2 * c, stride, tokens);
    kernels::attend(cache, query, stride, tokens, {.first = tokens, .step = 0},
                    buffer.context + from * c + h * d, c, buffer.scratch, shape.dot);
  }
}

// x = LN(x + W context).
void Int8Stack::State::add_context(const Int8Layer& layer, float* x, std::size_t rows) {
  const std::size_t c = shape.channels;
  kernels::linear(layer.out, buffer.context, c, rows, buffer.branch, c, buffer.product, shape.dot);
  kernels::add_layer_norm(x, buffer.branch, rows, c, layer.norm1_weight.data(),
                          layer.norm1_bias.data(), shape.layer_norm_epsilon);
}

// x = LN(x + W2 gelu(W1 x)).
void Int8Stack::State::feed_forward(const Int8Layer& layer, float* x, std::size_t rows) {
  const std::size_t c = shape.channels, f = shape.feed_forward;
  for (std::size_t r = 0; r < rows; r += kFeedForwardRows, x += kFeedForwardRows * c) {
    const std::size_t n = std::min(kFeedForwardRows, rows - r);
    kernels::linear(layer.up, x, c, n, buffer.hidden, f, buffer.product, shape.dot);
    kernels::gelu(buffer.hidden, n * f);
    kernels::linear(layer.down, buffer.hidden, f, n, buffer.branch, c, buffer.product, shape.dot);
    kernels::add_layer_norm(x, buffer.branch, n, c, layer.norm2_weight.data(),
                            layer.norm2_bias.data(), shape.layer_norm_epsilon);
  }
}

void Int8Stack::State::run_group(const Int8Layer& layer, float* x,
                                 std::span<const std::uint32_t> lengths, std::size_t rows) {
  project(layer, x, rows);
  std::size_t from = 0;
  for (const std::uint32_t tokens : lengths) {
    if (tokens > 0) attend(from, tokens);
    from += tokens;
  }
  add_context(layer, x, rows);
  feed_forward(layer, x, rows);
}

Int8Stack::Int8Stack(std::unique_ptr<State> state) : state_(std::move(state)) {}
Int8Stack::~Int8Stack() = default;
Int8Stack::Int8Stack(Int8Stack&&) noexcept = default;
Int8Stack& Int8Stack::operator=(Int8Stack&&) noexcept = default;

Result<Int8Stack> Int8Stack::open(const StackShape& shape, std::span<const Int8Layer> layers) {
  OSL_TRY(check_stack_shape(shape, layers.size()));
  if (shape.channels % 16 != 0) return invalid(shape.channels, "channels must be a multiple of 16");
  if (shape.feed_forward % 16 != 0) {
    return invalid(shape.feed_forward, "feed_forward must be a multiple of 16");
  }
  for (std::size_t i = 0; i < layers.size(); ++i) OSL_TRY(check_layer(shape, layers[i], i));
  Buffers buffer;
  const std::size_t group = std::max<std::size_t>(shape.max_sequence, kGroupRows);
  OSL_TRY(buffer.take(shape, std::min<std::size_t>(group, shape.max_rows)));
  std::unique_ptr<State> state(new (std::nothrow) State{
      shape, std::vector<Int8Layer>(layers.begin(), layers.end()), std::move(buffer)});
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "the stack's state"};
  return Int8Stack(std::move(state));
}

Status Int8Stack::run(std::span<float> state, std::span<const std::uint32_t> lengths) {
  State& s = *state_;
  OSL_TRY(check_lengths(s.shape, state.size(), lengths));
  const std::size_t group = std::max<std::size_t>(s.shape.max_sequence, kGroupRows);
  for (const Int8Layer& layer : s.layers) {
    float* x = state.data();
    for (std::size_t first = 0; first < lengths.size();) {
      std::size_t rows = 0, end = first;
      while (end < lengths.size() && rows + lengths[end] <= group) rows += lengths[end++];
      s.run_group(layer, x, lengths.subspan(first, end - first), rows);
      x += rows * s.shape.channels;
      first = end;
    }
  }
  return {};
}

void Int8Stack::use(kernels::Dot dot) { state_->shape.dot = dot; }

void Int8Stack::rehearse(std::span<const float> x, kernels::Dot dot) {
  State& s = *state_;
  const std::size_t c = s.shape.channels, rows = std::min(x.size() / c, kFeedForwardRows);
  kernels::linear(s.layers[0].up, x.data(), c, rows, s.buffer.hidden, s.shape.feed_forward,
                  s.buffer.product, dot);
}

}  // namespace ossicle::nn
