#ifndef OSSICLE_KERNELS_LINEAR_H_
#define OSSICLE_KERNELS_LINEAR_H_

#include <cstddef>
#include <cstdint>

namespace ossicle::kernels {

// y = x W' + b with 8-bit weights and 7-bit activations. The integer sums are exact on every build;
// what surrounds them is IEEE f32 in a fixed order without contraction, so y is bit-identical too.
// `<name>_scalar` is the oracle, always compiled. Nothing allocates.

/// Weights of one product, packed offline: views, nothing is owned. One layout for every build:
///   panels [ceil(out / 8)][K / 4][8][4] s8, K = `in` rounded up to 16; what is padded is 0,
/// so that four neighbouring weights of a channel meet four neighbouring activations.
///
/// The weights obey two rules, which quantise_weight() keeps and obeys_group_rule() checks: they
/// lie in -127..127, and of the 8 weights of a channel that share k / 16 and (k % 4) / 2 the
/// positive ones sum to at most 258, and the negative ones to at least -258. Times a 7-bit
/// activation such a group fits 16 bits, so that engines without a 32-bit int8 dot product may add
/// four 16-bit ones before they widen.
struct PackedLinear {
  std::size_t in = 0, out = 0;
  const std::int8_t* panels = nullptr;  ///< packed_linear_bytes(in, out)
  const float* scale = nullptr;         ///< [out]: weight ~ scale * s8
  const float* offset = nullptr;        ///< [out]: scale * sum of the channel's s8
  const float* bias = nullptr;          ///< [out]
};

/// The size of `panels`.
std::size_t packed_linear_bytes(std::size_t in, std::size_t out);

/// `weight` [out, in] into `panels`.
void pack_linear(const std::int8_t* weight, std::size_t in, std::size_t out, std::int8_t* panels);

/// Quantises `weight` [out, in] per channel, symmetric, rounding to nearest even: `q` [out, in],
/// `scale` [out] and `offset` [out] as in PackedLinear. The scale is the smallest that keeps the
/// rules: max(largest |w| / 127, largest one-signed sum of a group / 254); 254 and not 258 because
/// each of 8 weights may round up by 1/2. Weights must be finite.
void quantise_weight(const float* weight, std::size_t in, std::size_t out, std::int8_t* q,
                     float* scale, float* offset);

/// Whether packed weights keep the rules above. O(in out), a fraction of one row's product.
[[nodiscard]] bool obeys_group_rule(const PackedLinear& linear);

/// Which relaxed instruction multiplies; the results are the same. Only the relaxed build has the
/// choice, and it cannot see the processor: whoever has a clock measures both.
enum class Dot : std::uint8_t {
  kPairs,  ///< 16-bit sums of two products: faster where the engine has no 32-bit dot product
  kQuads,  ///< 32-bit sums of four: faster on x86 with AVX-VNNI and on Arm with dot products
};

/// The scratch memory of linear(), in bytes.
std::size_t linear_bytes(std::size_t in);

/// y [rows, out], rows `y_stride` floats apart, from x [rows, in], rows `x_stride` apart. Each row
/// is quantised by its own minimum and maximum, x ~ scale * u7 + zero:
///   scale = max / 127 - min / 127, zero = min, u7 = round_to_even((x - min) * (1 / scale)),
/// where a row whose scale is below 1e-30 is its minimum alone; then
///   y = f32(sum of s8 * u7) * (scale * scale_n) + (zero * offset_n + bias_n).
/// Finite x and weights give finite y as long as f32 holds it. A row with a NaN still gives 7-bit
/// integers, which is all that memory safety needs. linear.in is 1..2^17; `scratch` is aligned to
/// 64; x and y do not overlap.
void linear(const PackedLinear& linear, const float* x, std::size_t x_stride, std::size_t rows,
            float* y, std::size_t y_stride, std::byte* scratch, Dot dot = Dot::kPairs);

/// The oracle, for x [rows, in] and y [rows, out] without gaps.
void linear_scalar(const PackedLinear& linear, const float* x, std::size_t rows, float* y);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_LINEAR_H_
