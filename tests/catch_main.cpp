#define CATCH_CONFIG_MAIN
#define CATCH_CONFIG_NO_POSIX_SIGNALS  // the sanitizers report signals themselves
#include <catch2/catch.hpp>
