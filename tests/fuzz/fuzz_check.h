#ifndef OSSICLE_TESTS_FUZZ_FUZZ_CHECK_H_
#define OSSICLE_TESTS_FUZZ_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>

/// Stops the fuzzer with the broken promise; assert() is gone in release builds.
#define OSL_FUZZ_CHECK(condition)                                                  \
  do {                                                                             \
    if (!(condition)) {                                                            \
      std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                \
    }                                                                              \
  } while (false)

#endif  // OSSICLE_TESTS_FUZZ_FUZZ_CHECK_H_
