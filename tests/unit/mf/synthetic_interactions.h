#ifndef OSSICLE_TESTS_UNIT_MF_SYNTHETIC_INTERACTIONS_H_
#define OSSICLE_TESTS_UNIT_MF_SYNTHETIC_INTERACTIONS_H_

#include <cstdint>

#include "base/rng.h"
#include "ossicle/train.h"

namespace ossicle::testing {

/// Each user plays each item with a chance that falls with the item's number, and a random weight;
/// some users have nothing.
inline Interactions random_interactions(std::uint64_t seed, std::uint32_t n_users,
                                        std::uint32_t n_items) {
  Interactions x;
  x.n_users = n_users;
  x.n_items = n_items;
  x.offset = {0};
  for (std::uint32_t u = 0; u < n_users; ++u) {
    for (std::uint32_t i = 0; i < n_items && u % 17 != 3; ++i) {
      if (base::uniform(seed) > 2.0 / (2.0 + i)) continue;
      x.item.push_back(i);
      x.weight.push_back(static_cast<float>(0.5 + 2 * base::uniform(seed)));
    }
    x.offset.push_back(x.item.size());
  }
  return x;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_MF_SYNTHETIC_INTERACTIONS_H_
