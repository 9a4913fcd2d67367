#include "ossicle/transformer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "nn/elementwise.h"
#include "nn/xnn.h"

namespace ossicle {
namespace {

constexpr std::uint32_t kMaxChannels = 4096;
constexpr std::uint32_t kMaxFeedForward = 4 * kMaxChannels;
constexpr std::uint32_t kMaxTokens = 512;

Error invalid(std::uint64_t at, const char* what) { return {Code::kInvalidArgument, at, what}; }

Status check_shape(const BlockShape& s) {
  if (s.channels < 1 || s.channels > kMaxChannels) {
    return invalid(s.channels, "channels must be 1 to 4096");
  }
  if (s.heads < 1 || s.heads > s.channels || s.channels % s.heads != 0) {
    return invalid(s.heads, "heads must divide channels");
  }
  if (s.feed_forward < 1 || s.feed_forward > kMaxFeedForward) {
    return invalid(s.feed_forward, "feed_forward must be 1 to 16384");
  }
  if (s.max_tokens < 1 || s.max_tokens > kMaxTokens) {
    return invalid(s.max_tokens, "max_tokens must be 1 to 512");
  }
  if (!(s.layer_norm_epsilon >= 0.0f && s.layer_norm_epsilon <= 1.0f)) {
    return invalid(0, "layer_norm_epsilon must be 0 to 1");
  }
  return {};
}

struct WeightArray {
  std::span<const float> values;
  std::size_t size;
  const char* wrong_size;
  const char* not_finite;
};

Status check_weights(const BlockShape& s, const BlockWeights& w) {
  const std::size_t c = s.channels, f = s.feed_forward;
  const WeightArray arrays[] = {
      {w.qkv_weight, 3 * c * c, "qkv_weight is not [3C, C]", "qkv_weight is not finite"},
      {w.qkv_bias, 3 * c, "qkv_bias is not [3C]", "qkv_bias is not finite"},
      {w.out_weight, c * c, "out_weight is not [C, C]", "out_weight is not finite"},
      {w.out_bias, c, "out_bias is not [C]", "out_bias is not finite"},
      {w.norm1_weight, c, "norm1_weight is not [C]", "norm1_weight is not finite"},
      {w.norm1_bias, c, "norm1_bias is not [C]", "norm1_bias is not finite"},
      {w.up_weight, f * c, "up_weight is not [F, C]", "up_weight is not finite"},
      {w.up_bias, f, "up_bias is not [F]", "up_bias is not finite"},
      {w.down_weight, c * f, "down_weight is not [C, F]", "down_weight is not finite"},
      {w.down_bias, c, "down_bias is not [C]", "down_bias is not finite"},
      {w.norm2_weight, c, "norm2_weight is not [C]", "norm2_weight is not finite"},
      {w.norm2_bias, c, "norm2_bias is not [C]", "norm2_bias is not finite"},
  };
  for (const WeightArray& array : arrays) {
    if (array.values.size() != array.size) return invalid(array.values.size(), array.wrong_size);
  }
  for (const WeightArray& array : arrays) {
    const auto bad = std::find_if_not(array.values.begin(), array.values.end(),
                                      [](float v) { return std::isfinite(v); });
    if (bad != array.values.end()) {
      const auto at = static_cast<std::uint64_t>(bad - array.values.begin());
      return Error{Code::kNotFinite, at, array.not_finite};
    }
  }
  return {};
}

// Copies of the small weights, and the room between the operators. D = C / H.
struct Buffers {
  OwnedBytes memory;
  std::span<float> norm1_weight, norm1_bias, norm2_weight, norm2_bias;  // [C]
  std::span<float> input;    // [T, C], a copy with readable bytes behind it
  std::span<float> qkv;      // [T, 3C]
  std::span<float> query;    // [H, T, D]
  std::span<float> key;      // [H, T, D]
  std::span<float> value;    // [H, T, D]
  std::span<float> weights;  // [H, T, T], attention before and after softmax
  std::span<float> context;  // [H, T, D]
  std::span<float> merged;   // [T, C]
  std::span<float> state;    // [T, C]
  std::span<float> hidden;   // [T, F]

  Status take(const BlockShape& s) {
    const std::size_t c = s.channels, t = s.max_tokens;
    const std::pair<std::span<float>*, std::size_t> parts[] = {
        {&norm1_weight, c}, {&norm1_bias, c},
        {&norm2_weight, c}, {&norm2_bias, c},
        {&input, t * c},    {&qkv, t * 3 * c},
        {&query, t * c},    {&key, t * c},
        {&value, t * c},    {&weights, s.heads * t * t},
        {&context, t * c},  {&merged, t * c},
        {&state, t * c},    {&hidden, t * s.feed_forward},
    };
    // Each part starts on a cache line and has kOverread bytes behind it.
    constexpr std::size_t kLine = OwnedBytes::kAlignment / sizeof(float);
    constexpr std::size_t kExtra = OwnedBytes::kOverread / sizeof(float);
    const auto room = [](std::size_t n) { return (n + kExtra + kLine - 1) / kLine * kLine; };
    std::uint64_t floats = 0;
    for (const auto& [part, n] : parts) floats += room(n);
    if (floats > SIZE_MAX / sizeof(float)) {
      return Error{Code::kOutOfMemory, floats * sizeof(float), "the block's buffers"};
    }
    memory = OwnedBytes::allocate(static_cast<std::size_t>(floats) * sizeof(float));
    if (!memory.ok()) {
      return Error{Code::kOutOfMemory, floats * sizeof(float), "the block's buffers"};
    }
    std::size_t at = 0;
    for (const auto& [part, n] : parts) {
      *part = memory.as<float>().subspan(at, n);
      at += room(n);
    }
    return {};
  }
};

}  // namespace

// Three steps, so that a causal decoder can share them: project() and feed_forward() work on rows
// alone, and only attend() knows that keys and queries are the same tokens.
struct TransformerBlock::State {
  BlockShape shape;
  std::size_t head_size;  // D
  nn::FullyConnected qkv, out, up, down;
  nn::BatchMatMul scores, mix;
  nn::Softmax softmax;
  Buffers buffer;

  Status project(std::size_t tokens);
  Status attend(std::size_t tokens);
  Status feed_forward(std::size_t tokens);
};

// input [T, C] -> query, key, value [H, T, D]; the query is scaled by 1 / sqrt(D).
Status TransformerBlock::State::project(std::size_t tokens) {
  OSL_TRY(qkv.run(buffer.input.data(), tokens, buffer.qkv.data()));
  const std::size_t c = shape.channels, d = head_size;
  const float scale = 1.0f / std::sqrt(static_cast<float>(d));
  for (std::size_t h = 0; h < shape.heads; ++h) {
    for (std::size_t t = 0; t < tokens; ++t) {
      const float* from = buffer.qkv.data() + t * 3 * c + h * d;
      const std::size_t to = (h * tokens + t) * d;
      for (std::size_t i = 0; i < d; ++i) buffer.query[to + i] = from[i] * scale;
      std::copy_n(from + c, d, buffer.key.data() + to);
      std::copy_n(from + 2 * c, d, buffer.value.data() + to);
    }
  }
  return {};
}

// query, key, value -> merged [T, C]: softmax(Q K') V of each head, heads side by side.
Status TransformerBlock::State::attend(std::size_t tokens) {
  const std::size_t heads = shape.heads, c = shape.channels, d = head_size;
  OSL_TRY(scores.run({heads, tokens, d, tokens}, buffer.query.data(), buffer.key.data(),
                     buffer.weights.data()));
  OSL_TRY(softmax.run(buffer.weights.data(), heads * tokens, tokens, buffer.weights.data()));
  OSL_TRY(mix.run({heads, tokens, tokens, d}, buffer.weights.data(), buffer.value.data(),
                  buffer.context.data()));
  for (std::size_t h = 0; h < heads; ++h) {
    for (std::size_t t = 0; t < tokens; ++t) {
      std::copy_n(buffer.context.data() + (h * tokens + t) * d, d,
                  buffer.merged.data() + t * c + h * d);
    }
  }
  return {};
}

// state [T, C] -> merged [T, C]: W2 gelu(W1 state).
Status TransformerBlock::State::feed_forward(std::size_t tokens) {
  OSL_TRY(up.run(buffer.state.data(), tokens, buffer.hidden.data()));
  nn::gelu(buffer.hidden.first(tokens * shape.feed_forward));
  return down.run(buffer.hidden.data(), tokens, buffer.merged.data());
}

TransformerBlock::TransformerBlock(std::unique_ptr<State> state) : state_(std::move(state)) {}
TransformerBlock::~TransformerBlock() = default;
TransformerBlock::TransformerBlock(TransformerBlock&&) noexcept = default;
TransformerBlock& TransformerBlock::operator=(TransformerBlock&&) noexcept = default;

Result<TransformerBlock> TransformerBlock::open(const BlockShape& shape,
                                                const BlockWeights& weights) {
  OSL_TRY(check_shape(shape));
  OSL_TRY(check_weights(shape, weights));
  const std::size_t c = shape.channels, f = shape.feed_forward, t = shape.max_tokens;
  const std::size_t heads = shape.heads, d = c / heads;

  Buffers buffer;
  OSL_TRY(buffer.take(shape));
  std::ranges::copy(weights.norm1_weight, buffer.norm1_weight.begin());
  std::ranges::copy(weights.norm1_bias, buffer.norm1_bias.begin());
  std::ranges::copy(weights.norm2_weight, buffer.norm2_weight.begin());
  std::ranges::copy(weights.norm2_bias, buffer.norm2_bias.begin());

  using nn::BatchMatMul;
  using nn::FullyConnected;
  auto qkv = FullyConnected::create(c, 3 * c, weights.qkv_weight, weights.qkv_bias);
  if (!qkv) return qkv.error();
  auto out = FullyConnected::create(c, c, weights.out_weight, weights.out_bias);
  if (!out) return out.error();
  auto up = FullyConnected::create(c, f, weights.up_weight, weights.up_bias);
  if (!up) return up.error();
  auto down = FullyConnected::create(f, c, weights.down_weight, weights.down_bias);
  if (!down) return down.error();
  auto scores = BatchMatMul::create({heads, t, d, t}, BatchMatMul::Right::kTransposed);
  if (!scores) return scores.error();
  auto mix = BatchMatMul::create({heads, t, t, d}, BatchMatMul::Right::kAsIs);
  if (!mix) return mix.error();
  auto softmax = nn::Softmax::create();
  if (!softmax) return softmax.error();

  std::unique_ptr<State> state(new (std::nothrow) State{
      shape, d, std::move(qkv).value(), std::move(out).value(), std::move(up).value(),
      std::move(down).value(), std::move(scores).value(), std::move(mix).value(),
      std::move(softmax).value(), std::move(buffer)});
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "the block's state"};
  return TransformerBlock(std::move(state));
}

Status TransformerBlock::run(std::span<float> x, std::uint32_t tokens) {
  State& s = *state_;
  if (tokens < 1 || tokens > s.shape.max_tokens) {
    return invalid(tokens, "tokens must be 1 to max_tokens");
  }
  const std::size_t n = std::size_t{tokens} * s.shape.channels;
  if (x.size() != n) return invalid(x.size(), "x is not [tokens, channels]");
  Buffers& b = s.buffer;
  const float epsilon = s.shape.layer_norm_epsilon;

  std::ranges::copy(x, b.input.begin());
  OSL_TRY(s.project(tokens));
  OSL_TRY(s.attend(tokens));
  OSL_TRY(s.out.run(b.merged.data(), tokens, b.state.data()));
  nn::add(b.state.first(n), b.input.first(n));
  nn::layer_norm(b.state.first(n), s.shape.channels, b.norm1_weight, b.norm1_bias, epsilon);
  OSL_TRY(s.feed_forward(tokens));
  nn::add(b.state.first(n), b.merged.first(n));
  nn::layer_norm(b.state.first(n), s.shape.channels, b.norm2_weight, b.norm2_bias, epsilon);
  std::ranges::copy(b.state.first(n), x.begin());
  return {};
}

}  // namespace ossicle
