#ifndef OSSICLE_PROFILE_USER_STEP_H_
#define OSSICLE_PROFILE_USER_STEP_H_

#include <cstddef>
#include <span>

#include "ossicle/pipeline.h"

namespace ossicle::profile {

// What solving from the whole history and following it share.

/// Errors: those of fold_in's arguments.
Status check_observations(const Catalogue& catalogue, std::span<const Observation> observations);

/// Fills what follows from p, [k]: b_u = 0 where m = d, p_u7, p_scale and n_observations.
void finish(const Catalogue& catalogue, std::size_t n_observations, UserModel& user);

}  // namespace ossicle::profile

#endif  // OSSICLE_PROFILE_USER_STEP_H_
