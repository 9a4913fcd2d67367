#ifndef OSSICLE_SYNC_SCALE_H_
#define OSSICLE_SYNC_SCALE_H_

#include <cstdint>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"
#include "ossicle/sync.h"

namespace ossicle::sync {

/// The sizes that limits are relative to.
struct Scale {
  double longest = 0;       ///< row
  double rms = 0;           ///< length of the warm rows
  double largest_bias = 0;  ///< absolute
  double rms_bias = 0;      ///< of the warm rows
};
Scale scale_of(const Catalogue& catalogue);

/// |q_i|.
double norm_of(const Catalogue& catalogue, std::uint32_t row);

/// Errors: invalid_argument.
Status check_limits(const SnapshotLimits& limits);

}  // namespace ossicle::sync

#endif  // OSSICLE_SYNC_SCALE_H_
