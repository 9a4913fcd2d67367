#ifndef OSSICLE_SELFTEST_H_
#define OSSICLE_SELFTEST_H_

#include <cstdint>

#include "ossicle/status.h"

namespace ossicle {

/// Known-answer test of every kernel, bit for bit, `rounds` times over. Some engines compile a
/// wrong relaxed dot product in their baseline compiler, so a build must pass cold (1 round) and
/// again once it has tiered up. Errors: internal (`at` = number of the wrong answer, `what` = the
/// kernel).
Status run_selftest(std::uint32_t rounds);

}  // namespace ossicle

#endif  // OSSICLE_SELFTEST_H_
