#ifndef OSSICLE_PRIVACY_NTT_H_
#define OSSICLE_PRIVACY_NTT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "privacy/field.h"

namespace ossicle::privacy::field {

/// The powers 1, w, w^2, ... of the 2 N-th root of unity w modulo q that kGenerator gives. N is a
/// power of two, 2..2^19.
std::vector<std::uint32_t> roots_of_unity(std::size_t n);

/// `values` [N] are those of a polynomial of degree below N at the even powers of w, in order; they
/// are replaced by its values at the odd ones. `roots` is roots_of_unity(N). Two number-theoretic
/// transforms, 2 N log2 N multiplications of an element by a number.
void to_odd_powers(std::span<Element> values, std::span<const std::uint32_t> roots);

}  // namespace ossicle::privacy::field

#endif  // OSSICLE_PRIVACY_NTT_H_
