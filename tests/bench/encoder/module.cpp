// The int8 stack as a flat C surface for the glue-less WebAssembly module of `make bench-encoder`,
// and loops that do nothing but the integer product, for the machine's peak.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/dot.h"
#include "nn/stack.h"
#include "peak.h"

#define OSL_BENCH_EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace {

using ossicle::nn::Int8Layer;
using ossicle::nn::Int8Stack;
using ossicle::nn::StackShape;

/// One product's own memory.
struct Linear {
  std::vector<std::int8_t> panels;
  std::vector<float> scale, offset;
  ossicle::kernels::PackedLinear pack(const float* weight, const float* bias, std::size_t in,
                                      std::size_t out) {
    std::vector<std::int8_t> q(in * out);
    scale.resize(out);
    offset.resize(out);
    ossicle::kernels::quantise_weight(weight, in, out, q.data(), scale.data(), offset.data());
    panels.resize(ossicle::kernels::packed_linear_bytes(in, out));
    ossicle::kernels::pack_linear(q.data(), in, out, panels.data());
    return {in, out, panels.data(), scale.data(), offset.data(), bias};
  }
};

StackShape shape;
std::vector<float> weights, state, input;
std::vector<Linear> linears;
std::optional<Int8Stack> stack;

}  // namespace

/// The address of kernels_isa(), ended by a zero byte.
OSL_BENCH_EXPORT(encoder_isa) const char* encoder_isa() { return ossicle::kernels::kernels_isa(); }

/// Room for the weights of these layers, f32 in the order of BlockWeights. Returns its address.
OSL_BENCH_EXPORT(encoder_take)
float* encoder_take(std::uint32_t layers, std::uint32_t c, std::uint32_t heads, std::uint32_t f,
                    std::uint32_t tokens) {
  shape = {.layers = layers,
           .channels = c,
           .heads = heads,
           .feed_forward = f,
           .max_rows = tokens,
           .max_sequence = tokens};
  stack.reset();
  linears.clear();
  weights.resize(std::size_t{layers} * (4 * c * c + 2 * c * f + 9 * c + f));
  return weights.data();
}

/// Quantises, packs and opens, to multiply as `dot` (kernels::Dot) says. 0 = ok.
OSL_BENCH_EXPORT(encoder_open) std::int32_t encoder_open(std::uint32_t dot) {
  shape.dot = dot == 0 ? ossicle::kernels::Dot::kPairs : ossicle::kernels::Dot::kQuads;
  const std::size_t c = shape.channels, f = shape.feed_forward;
  linears.resize(4 * shape.layers);
  std::vector<Int8Layer> layers;
  const float* at = weights.data();
  const auto take = [&at](std::size_t n) {
    const float* part = at;
    at += n;
    return part;
  };
  for (std::size_t i = 0; i < shape.layers; ++i) {
    const auto linear = [&](std::size_t slot, std::size_t in, std::size_t out) {
      const float* weight = take(in * out);
      return linears[4 * i + slot].pack(weight, take(out), in, out);
    };
    const auto norm = [&] { return std::span(take(c), c); };
    Int8Layer layer;
    layer.qkv = linear(0, c, 3 * c);
    layer.out = linear(1, c, c);
    layer.norm1_weight = norm();
    layer.norm1_bias = norm();
    layer.up = linear(2, c, f);
    layer.down = linear(3, f, c);
    layer.norm2_weight = norm();
    layer.norm2_bias = norm();
    layers.push_back(layer);
  }
  auto opened = Int8Stack::open(shape, layers);
  if (!opened) return static_cast<std::int32_t>(opened.error().code);
  stack.emplace(std::move(opened).value());
  state.resize(std::size_t{shape.max_rows} * c);
  input.resize(state.size());
  return 0;
}

/// [tokens, channels]: what encoder_run() reads and what it leaves.
OSL_BENCH_EXPORT(encoder_input) float* encoder_input() { return input.data(); }
OSL_BENCH_EXPORT(encoder_output) float* encoder_output() { return state.data(); }

/// 0 = ok.
OSL_BENCH_EXPORT(encoder_run) std::int32_t encoder_run(std::uint32_t tokens) {
  const std::size_t n = std::size_t{tokens} * shape.channels;
  std::copy_n(input.data(), n, state.data());
  const std::uint32_t lengths[] = {tokens};
  return static_cast<std::int32_t>(stack->run(std::span(state).first(n), lengths).error().code);
}

/// Products done in `rounds` rounds of the loop `kind` (peak.h), from registers alone; 0 = no such.
OSL_BENCH_EXPORT(encoder_peak) double encoder_peak(std::uint32_t kind, std::uint32_t rounds) {
  return ossicle::bench::multiply_peak(kind, rounds);
}
