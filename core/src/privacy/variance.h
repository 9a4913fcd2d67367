#ifndef OSSICLE_PRIVACY_VARIANCE_H_
#define OSSICLE_PRIVACY_VARIANCE_H_

#include "ossicle/privacy.h"

namespace ossicle::privacy {

/// Errors: invalid_argument (a part is 0, or above its limit).
Status check(const Variance& variance);

}  // namespace ossicle::privacy

#endif  // OSSICLE_PRIVACY_VARIANCE_H_
