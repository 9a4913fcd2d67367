#include "nn/int8_layers.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/attention.h"
#include "kernels/elementwise.h"
#include "nn/sequences.h"

namespace ossicle::nn {
namespace {

using kernels::PackedLinear;

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

Status take_buffers(const StackShape& s, std::size_t group, Int8Layers& out) {
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
  out.memory = OwnedBytes::allocate(total);
  if (!out.memory.ok()) return Error{Code::kOutOfMemory, total, "the stack's buffers"};
  std::byte* parts[std::size(sizes)];
  std::byte* at = out.memory.data();
  for (std::size_t i = 0; i < std::size(sizes); at += room(sizes[i++])) parts[i] = at;
  out.product = parts[0];
  out.qkv = reinterpret_cast<float*>(parts[1]);
  out.context = reinterpret_cast<float*>(parts[2]);
  out.branch = reinterpret_cast<float*>(parts[3]);
  out.hidden = reinterpret_cast<float*>(parts[4]);
  out.cache = parts[5];
  out.scratch = parts[6];
  return {};
}

}  // namespace

Result<Int8Layers> Int8Layers::open(const StackShape& shape, std::span<const Int8Layer> layers,
                                    std::size_t group) {
  OSL_TRY(check_stack_shape(shape, layers.size()));
  if (shape.channels % 16 != 0) return invalid(shape.channels, "channels must be a multiple of 16");
  if (shape.feed_forward % 16 != 0) {
    return invalid(shape.feed_forward, "feed_forward must be a multiple of 16");
  }
  for (std::size_t i = 0; i < layers.size(); ++i) OSL_TRY(check_layer(shape, layers[i], i));
  Int8Layers out;
  out.shape = shape;
  out.layers.assign(layers.begin(), layers.end());
  OSL_TRY(take_buffers(shape, std::min<std::size_t>(group, shape.max_rows), out));
  return out;
}

void Int8Layers::project(const Int8Layer& layer, const float* x, std::size_t rows) const {
  const std::size_t c = shape.channels;
  kernels::linear(layer.qkv, x, c, rows, qkv, 3 * c, product, shape.dot);
}

void Int8Layers::add_context(const Int8Layer& layer, float* x, std::size_t rows) const {
  const std::size_t c = shape.channels;
  kernels::linear(layer.out, context, c, rows, branch, c, product, shape.dot);
  kernels::add_layer_norm(x, branch, rows, c, layer.norm1_weight.data(), layer.norm1_bias.data(),
                          shape.layer_norm_epsilon);
}

void Int8Layers::feed_forward(const Int8Layer& layer, float* x, std::size_t rows) const {
  const std::size_t c = shape.channels, f = shape.feed_forward;
  for (std::size_t r = 0; r < rows; r += kFeedForwardRows, x += kFeedForwardRows * c) {
    const std::size_t n = std::min(kFeedForwardRows, rows - r);
    kernels::linear(layer.up, x, c, n, hidden, f, product, shape.dot);
    kernels::gelu(hidden, n * f);
    kernels::linear(layer.down, hidden, f, n, branch, c, product, shape.dot);
    kernels::add_layer_norm(x, branch, n, c, layer.norm2_weight.data(), layer.norm2_bias.data(),
                            shape.layer_norm_epsilon);
  }
}

}  // namespace ossicle::nn
