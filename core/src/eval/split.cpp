#include <utility>

#include "base/rng.h"
#include "ossicle/eval.h"

namespace ossicle {

void split_811(std::uint32_t n, std::uint64_t& rng_state, std::vector<std::uint8_t>& part) {
  std::uint32_t validation = n / 10;
  std::uint32_t test = n / 10;
  std::uint32_t train = n - validation - test;
  if (test == 0 && train > 1) {
    ++test;
    --train;
  }
  if (validation == 0 && train > 1) {
    ++validation;
    --train;
  }
  part.assign(n, 0);
  for (std::uint32_t i = train; i < n; ++i) part[i] = i < train + validation ? 1 : 2;
  for (std::uint32_t i = n; i > 1; --i) std::swap(part[i - 1], part[base::below(rng_state, i)]);
}

}  // namespace ossicle
