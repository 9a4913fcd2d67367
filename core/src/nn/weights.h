#ifndef OSSICLE_NN_WEIGHTS_H_
#define OSSICLE_NN_WEIGHTS_H_

// Int8 weights in a safetensors file, as every bundle with a Transformer keeps them.
//   a product [out, in]: NAME.panels I8 [packed_linear_bytes(in, out)]
//                        NAME.scale, NAME.offset, NAME.bias F32 [out]
//   a norm: NAME.weight, NAME.bias F32 [C]
//   layer n: layer.<n>.qkv|out|up|down (products), layer.<n>.norm1|norm2
// Views into the file's bytes, which must be aligned to 64 and stay.
//
// Errors: missing, corrupt (another shape, or packed weights that break PackedLinear's rules),
// not_finite (`at` = the index in its tensor).

#include <cstdint>
#include <span>
#include <string>

#include "io/safetensors.h"
#include "kernels/linear.h"
#include "nn/stack.h"
#include "ossicle/status.h"

namespace ossicle::nn {

std::string layer_part(std::uint32_t layer, const char* part);

/// NAME F32 [n], finite.
Status read_floats(const io::Safetensors& file, const std::string& name, std::uint64_t n,
                   std::span<const float>& out);

/// A product. `check` says whether its packed weights are looked at here; those of layers are
/// looked at when a stack is opened.
enum class PanelCheck : bool { kLater, kNow };
Status read_linear(const io::Safetensors& file, const std::string& name, std::size_t in,
                   std::size_t out, PanelCheck check, kernels::PackedLinear& linear);

Status read_norm(const io::Safetensors& file, const std::string& name, std::size_t channels,
                 std::span<const float>& weight, std::span<const float>& bias);

/// Layer n, of C channels and F in its feed-forward half.
Status read_layer(const io::Safetensors& file, std::uint32_t n, std::size_t channels,
                  std::size_t feed_forward, Int8Layer& layer);

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_WEIGHTS_H_
