#ifndef OSSICLE_TEXT_NORMALIZER_H_
#define OSSICLE_TEXT_NORMALIZER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/sentencepiece_model.h"

namespace ossicle::text {

/// A sentencepiece model's normalisation of text: the longest rule at each place, spaces as U+2581,
/// and U+FFFD for each byte that is not UTF-8. For models without user-defined pieces.
class Normalizer {
 public:
  /// Copies what it needs of the model.
  explicit Normalizer(const SentencepieceModel& model);

  /// Replaces `out`.
  void run(std::string_view text, std::string& out) const;

 private:
  struct Step {
    std::string_view text;  ///< what comes out
    std::size_t bytes = 0;  ///< of the text that it stands for
  };
  Step step(std::string_view text) const;

  std::vector<std::uint32_t> units_;  ///< the Darts double array of the rules
  std::string replacements_;
  std::string_view space_;  ///< what a space becomes
  bool add_dummy_prefix_, remove_extra_spaces_;
};

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_NORMALIZER_H_
