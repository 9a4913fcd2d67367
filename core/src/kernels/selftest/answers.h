#ifndef OSSICLE_KERNELS_SELFTEST_ANSWERS_H_
#define OSSICLE_KERNELS_SELFTEST_ANSWERS_H_

#include <array>
#include <cstdint>

#include "kernels/selftest/selftest.h"

namespace ossicle::kernels {

/// What the scalar oracle answers, as the unit test "the committed answers are the oracle's" prints
/// it. They only change when selftest.cpp asks something else.
inline constexpr std::array<std::uint64_t, kSelftestAnswers> kCommittedAnswers = {
    0x00000000fffffd30, 0x00000000000fc040, 0x00000000fff03fc0, 0x00000000000bd820,
    0x00000000fff85740, 0x00000000fffffb88, 0x00000000ffffe2d8, 0x0000000000002731,
    0x0000000000000000, 0x00000000fffff82f, 0x0000000000000594, 0x00000000ffffc1bb,
    0x0000000000001538, 0x0000000000004f85, 0x0000000000003acc, 0x0000000000002334,
    0xca48eb64c0bad295, 0x8cd4e0ed9b2c4aa4, 0x01f1926cdfe7554d, 0x5ad343a3041f9864,
    0xd8d4cde7eb3d9502, 0x51a42dd6cab7912b, 0xd0f19b10729de63a, 0x3ff6a09e667f3bcd,
    0x4012762762762762, 0x0000000000000000, 0x0000000000000000, 0x0000000000000001,
    0x0000000000000000, 0xefa044abb0939411, 0x393b137dccbbead7, 0x581f7c2d9e3d5efe,
    0xefa044abb0939411, 0x393b137dccbbead7, 0x581f7c2d9e3d5efe, 0x3210dfe5fe1696d3,
    0x3c402e96f10b0feb,
};

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_SELFTEST_ANSWERS_H_
