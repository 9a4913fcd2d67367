#ifndef OSSICLE_KERNELS_SELFTEST_H_
#define OSSICLE_KERNELS_SELFTEST_H_

#include <cstddef>
#include <cstdint>

#include "ossicle/status.h"

namespace ossicle::kernels {

/// What the self-test runs; a test replaces a member by a wrong one to see it rejected.
struct SelftestKernels {
  std::int32_t (*dot)(const std::int8_t* a, const std::uint8_t* b, std::size_t n);
};

/// Runs every kernel on known inputs and compares with committed answers of the scalar oracle, bit
/// for bit; `rounds` times over, so that an engine's baseline and optimising compilers are both
/// seen. Errors: internal, `at` = index of the failed answer (kSelftestAnswers), `what` = the
/// kernel.
Status selftest(std::uint32_t rounds);
Status selftest(std::uint32_t rounds, const SelftestKernels& kernels);

}  // namespace ossicle::kernels

#endif  // OSSICLE_KERNELS_SELFTEST_H_
