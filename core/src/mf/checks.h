#ifndef OSSICLE_MF_CHECKS_H_
#define OSSICLE_MF_CHECKS_H_

#include "ossicle/status.h"
#include "ossicle/train.h"

namespace ossicle::mf {

/// Errors: invalid_argument (`at` = the first bad user, or U when arrays do not fit).
Status check(const Interactions& x);

/// Errors: invalid_argument (`what`, a literal) unless x is a finite number above 0.
Status check_positive(double x, const char* what);

}  // namespace ossicle::mf

#endif  // OSSICLE_MF_CHECKS_H_
