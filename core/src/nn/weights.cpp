#include "nn/weights.h"

#include <algorithm>
#include <cmath>

namespace ossicle::nn {

using io::Dtype;
using io::Safetensors;

std::string layer_part(std::uint32_t layer, const char* part) {
  return "layer." + std::to_string(layer) + "." + part;
}

Status read_floats(const Safetensors& file, const std::string& name, std::uint64_t n,
                   std::span<const float>& out) {
  const auto bytes = file.get(name, Dtype::kF32, {n});
  if (!bytes.ok()) return bytes.error();
  out = {reinterpret_cast<const float*>(bytes.value().data()), static_cast<std::size_t>(n)};
  const auto bad = std::ranges::find_if_not(out, [](float v) { return std::isfinite(v); });
  if (bad == out.end()) return {};
  return Error{Code::kNotFinite, static_cast<std::uint64_t>(bad - out.begin()),
               "weights: a number is not finite (index)"};
}

Status read_linear(const Safetensors& file, const std::string& name, std::size_t in,
                   std::size_t out, PanelCheck check, kernels::PackedLinear& linear) {
  const auto panels =
      file.get(name + ".panels", Dtype::kI8, {kernels::packed_linear_bytes(in, out)});
  if (!panels.ok()) return panels.error();
  std::span<const float> scale, offset, bias;
  OSL_TRY(read_floats(file, name + ".scale", out, scale));
  OSL_TRY(read_floats(file, name + ".offset", out, offset));
  OSL_TRY(read_floats(file, name + ".bias", out, bias));
  linear = {
      in,           out,           reinterpret_cast<const std::int8_t*>(panels.value().data()),
      scale.data(), offset.data(), bias.data()};
  if (check == PanelCheck::kLater || kernels::obeys_group_rule(linear)) return {};
  return Error{Code::kCorrupt, 0, "weights: packed weights exceed 127, or a group's sum"};
}

Status read_norm(const Safetensors& file, const std::string& name, std::size_t channels,
                 std::span<const float>& weight, std::span<const float>& bias) {
  OSL_TRY(read_floats(file, name + ".weight", channels, weight));
  return read_floats(file, name + ".bias", channels, bias);
}

Status read_layer(const Safetensors& file, std::uint32_t n, std::size_t channels,
                  std::size_t feed_forward, Int8Layer& layer) {
  const std::size_t c = channels, f = feed_forward;
  constexpr PanelCheck kLater = PanelCheck::kLater;
  OSL_TRY(read_linear(file, layer_part(n, "qkv"), c, 3 * c, kLater, layer.qkv));
  OSL_TRY(read_linear(file, layer_part(n, "out"), c, c, kLater, layer.out));
  OSL_TRY(read_linear(file, layer_part(n, "up"), c, f, kLater, layer.up));
  OSL_TRY(read_linear(file, layer_part(n, "down"), f, c, kLater, layer.down));
  OSL_TRY(read_norm(file, layer_part(n, "norm1"), c, layer.norm1_weight, layer.norm1_bias));
  return read_norm(file, layer_part(n, "norm2"), c, layer.norm2_weight, layer.norm2_bias);
}

}  // namespace ossicle::nn
