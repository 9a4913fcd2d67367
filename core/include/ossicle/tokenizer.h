#ifndef OSSICLE_TOKENIZER_H_
#define OSSICLE_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "ossicle/status.h"

namespace ossicle {

/// Text to piece ids, by a sentencepiece model used as it is: unigram models by this code, which
/// opens faster and keeps its memory, the others by the library.
class Tokenizer {
 public:
  /// `model` is a serialised sentencepiece .model. Errors: corrupt, out_of_memory.
  static Result<Tokenizer> open(std::span<const std::byte> model);
  ~Tokenizer();
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;

  std::uint32_t vocabulary_size() const;

  /// No more of a text than this is looked at; it is cut at white space where there is some near
  /// the limit. A bound on time and memory.
  static constexpr std::size_t kMaxTextBytes = 64u << 10;

  /// Writes at most out.size() ids (the rest of a longer text is cut off) and returns how many: the
  /// ids of the sentencepiece library. Broken UTF-8 is replaced, never fatal.
  Result<std::uint32_t> encode(std::string_view text, std::span<std::int32_t> out) const;

 private:
  struct State;
  explicit Tokenizer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ossicle

#endif  // OSSICLE_TOKENIZER_H_
