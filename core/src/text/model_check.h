#ifndef OSSICLE_TEXT_MODEL_CHECK_H_
#define OSSICLE_TEXT_MODEL_CHECK_H_

#include <cstddef>
#include <span>

#include "ossicle/status.h"

namespace ossicle::text {

/// Checks a serialised sentencepiece model for what sentencepiece 0.1.97 trusts: it follows the
/// double-array trie of the normalisation rules without bounds, and stops the program when a piece
/// cannot be put into its own trie. Errors: corrupt (`at` = byte offset), not_finite (a score).
Status check_model(std::span<const std::byte> model);

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_MODEL_CHECK_H_
