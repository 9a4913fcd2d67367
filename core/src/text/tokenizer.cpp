#include "ossicle/tokenizer.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

#include "text/sentencepiece_model.h"
#include "text/unigram.h"

// From sentencepiece's common.h, which is not a public header: the only switch for its log.
namespace sentencepiece::logging {
void SetMinLogLevel(int level);  // NOLINT(readability-identifier-naming)
}

namespace ossicle {
namespace {

constexpr int kLogFatalOnly = 3;

// A longer text is cut at white space, if there is any in this many bytes before the limit.
constexpr std::size_t kCutWindow = 1024;

std::string_view cut(std::string_view text) {
  if (text.size() <= Tokenizer::kMaxTextBytes) return text;
  constexpr std::size_t kLow = Tokenizer::kMaxTextBytes - kCutWindow;
  const std::size_t space = text.find_last_of(" \n\t\r", Tokenizer::kMaxTextBytes);
  if (space != std::string_view::npos && space >= kLow) return text.substr(0, space);
  // Between two characters: a continuation byte may not begin the part that is cut off.
  std::size_t at = Tokenizer::kMaxTextBytes;
  for (int back = 0; back < 3 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80; ++back)
    --at;
  return text.substr(0, at);
}

}  // namespace

struct Tokenizer::State {
  /// The usual kind of model.
  std::unique_ptr<text::Unigram> unigram;
  /// Any other: the library, when `unigram` is null.
  sentencepiece::SentencePieceProcessor processor;
};

Tokenizer::Tokenizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

Result<Tokenizer> Tokenizer::open(std::span<const std::byte> model) {
  const Result<text::SentencepieceModel> read = text::read_sentencepiece_model(model);
  if (!read) return read.error();
  std::unique_ptr<State> state(new (std::nothrow) State);
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "the tokenizer's state"};
  if (text::Unigram::can_encode(read.value())) {
    Result<text::Unigram> unigram = text::Unigram::open(read.value());
    if (!unigram) return unigram.error();
    state->unigram.reset(new (std::nothrow) text::Unigram(std::move(unigram).value()));
    if (state->unigram != nullptr) return Tokenizer(std::move(state));
    return Error{Code::kOutOfMemory, sizeof(text::Unigram), "the tokenizer's state"};
  }
  sentencepiece::logging::SetMinLogLevel(kLogFatalOnly);  // the core prints nothing
  const auto status = state->processor.LoadFromSerializedProto(
      {reinterpret_cast<const char*>(model.data()), model.size()});
  if (!status.ok()) return Error{Code::kCorrupt, 0, "sentencepiece does not accept the model"};
  return Tokenizer(std::move(state));
}

std::uint32_t Tokenizer::vocabulary_size() const {
  const text::Unigram* unigram = state_->unigram.get();
  return static_cast<std::uint32_t>(
      unigram != nullptr ? unigram->size()
                         : static_cast<std::size_t>(state_->processor.GetPieceSize()));
}

Result<std::uint32_t> Tokenizer::encode(std::string_view text, std::span<std::int32_t> out) const {
  text = cut(text);
  if (state_->unigram != nullptr) {
    return static_cast<std::uint32_t>(state_->unigram->encode(text, out));
  }
  std::vector<int> ids;
  const auto status = state_->processor.Encode({text.data(), text.size()}, &ids);
  if (!status.ok()) return Error{Code::kInternal, 0, "sentencepiece cannot encode this text"};
  const std::size_t n = std::min(ids.size(), out.size());
  std::copy_n(ids.begin(), n, out.begin());
  return static_cast<std::uint32_t>(n);
}

}  // namespace ossicle
