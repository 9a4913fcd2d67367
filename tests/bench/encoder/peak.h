#ifndef OSSICLE_TESTS_BENCH_ENCODER_PEAK_H_
#define OSSICLE_TESTS_BENCH_ENCODER_PEAK_H_

#include <cstdint>

namespace ossicle::bench {

/// What bounds an int8 product on this machine: the kernels' instructions on registers, without a
/// load. Kinds: 0 = the build's own kernel (simd: i32x4.dot_i16x8 and an addition; relaxed: four
/// 16-bit dot products added before they are widened), 1 = i32x4.relaxed_dot_i8x16_i7x16_add.
/// Returns the multiplications done.
double multiply_peak(std::uint32_t kind, std::uint32_t rounds);

}  // namespace ossicle::bench

#endif  // OSSICLE_TESTS_BENCH_ENCODER_PEAK_H_
