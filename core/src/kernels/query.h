#ifndef OSSICLE_KERNELS_QUERY_H_
#define OSSICLE_KERNELS_QUERY_H_

#include <cstdint>
#include <span>

namespace ossicle::kernels {

/// Writes `x`, [n], in 7 bits with zero point 64 to `u7`, [>= n], which is padded with 64, and
/// returns the scale: x ~ scale * (u7 - 64); 0 when x is all zeros. The same on every build.
float quantise_query(std::span<const double> x, std::span<std::uint8_t> u7);
/// The same for a text or sequence vector, in f32, rounding half up.
float quantise_query(std::span<const float> x, std::span<std::uint8_t> u7);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_QUERY_H_
