#include "ossicle/selftest.h"

#include "kernels/selftest/selftest.h"

namespace ossicle {

Status run_selftest(std::uint32_t rounds) { return kernels::selftest(rounds); }

}  // namespace ossicle
