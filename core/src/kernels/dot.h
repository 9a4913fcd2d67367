#ifndef OSSICLE_KERNELS_DOT_H_
#define OSSICLE_KERNELS_DOT_H_

#include <cstddef>
#include <cstdint>

namespace ossicle::kernels {

// Names: <op>_<a><b>_<isa>. s8 = -127..127, u7 = 0..127. With b in 7 bits a relaxed SIMD dot is
// exact on every engine, so scalar, simd128 and relaxed agree bit for bit.

/// Sum of a[i] * b[i], [n]. Exact for n <= 2^17 (no 32-bit overflow). Reads no byte outside [0, n).
/// Compiled to the best instructions of the build.
std::int32_t dot_s8u7(const std::int8_t* a, const std::uint8_t* b, std::size_t n);

/// The oracle, always compiled.
std::int32_t dot_s8u7_scalar(const std::int8_t* a, const std::uint8_t* b, std::size_t n);

/// The instruction set dot_s8u7 and scan_top were compiled to: "scalar", "simd128" or "relaxed".
const char* kernels_isa();

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_DOT_H_
