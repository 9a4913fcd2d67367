#ifndef OSSICLE_TEXT_SENTENCEPIECE_MODEL_H_
#define OSSICLE_TEXT_SENTENCEPIECE_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "ossicle/status.h"

namespace ossicle::text {

/// What sentencepiece_model.proto says that is needed to encode; views into the model's bytes.
struct SentencepieceModel {
  /// The numbers of the proto.
  enum class Algorithm : std::uint8_t { kUnigram = 1, kBpe = 2, kWord = 3, kChar = 4 };
  enum class Type : std::uint8_t {
    kNormal = 1,
    kUnknown = 2,
    kControl = 3,
    kUserDefined = 4,
    kUnused = 5,
    kByte = 6,
  };
  struct Piece {
    std::string_view text;  ///< 1..1024 bytes, no NUL
    float score = 0;        ///< finite
    Type type = Type::kNormal;
  };

  std::vector<Piece> pieces;  ///< at least one; the index is the id
  Algorithm algorithm = Algorithm::kUnigram;
  bool byte_fallback = false;
  bool space_as_suffix = false;

  bool add_dummy_prefix = true;
  bool remove_extra_spaces = true;
  bool escape_spaces = true;
  /// Normalisation: the units of a Darts double array, 4 bytes each, and the NUL-terminated
  /// replacements that its values are places in. Both empty when there are no rules.
  std::span<const std::byte> rules_trie;
  std::string_view replacements;

  bool has_samples = false;  ///< of its own encoding, which the library verifies
};

/// How far a unit of SentencepieceModel::rules_trie that is no value leads: to the units whose
/// index is its own, xor this, xor one byte of text.
constexpr std::uint32_t rule_offset(std::uint32_t unit) {
  return (unit >> 10) << ((unit & (1u << 9)) >> 6);
}

/// Reads a serialised model, and checks all that sentencepiece 0.1.97 trusts: it follows the double
/// array of the normalisation rules without bounds, and stops the program when a piece cannot be
/// put into its own trie. Errors: corrupt (`at` = byte offset), not_finite (a score).
Result<SentencepieceModel> read_sentencepiece_model(std::span<const std::byte> model);

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_SENTENCEPIECE_MODEL_H_
