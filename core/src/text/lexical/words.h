#ifndef OSSICLE_TEXT_LEXICAL_WORDS_H_
#define OSSICLE_TEXT_LEXICAL_WORDS_H_

// From text to the words of the lexical index (ossicle/search.h says what a word is). No memory is
// taken.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/fold.h"
#include "base/utf8.h"
#include "ossicle/search.h"

namespace ossicle::text {

enum class WordKind : std::uint8_t {
  kLetters,    ///< of a script that writes spaces
  kJoined,     ///< the words of a name with punctuation inside, as one; documents only
  kPair,       ///< two neighbouring CJK characters
  kCharacter,  ///< the last CJK character of a run; in a query the only one of its run
  kSymbol,     ///< a pictograph, or the characters of a text without words
};

/// Folded points. A word longer than the array is cut.
struct Word {
  std::array<char32_t, LexicalIndex::kMaxWordPoints> points{};
  std::size_t size = 0;
  WordKind kind = WordKind::kLetters;

  std::span<const char32_t> span() const { return {points.data(), size}; }
  void add(char32_t point) {
    if (size < points.size()) points[size++] = point;
  }
};

enum class WordsOf : std::uint8_t { kDocument, kQuery };

/// A folded point that stands alone or begins a character of Han, kana or Hangul.
bool begins_cjk(char32_t point);
/// A folded point that belongs to the CJK character before it: Hangul vowels and finals, kana
/// voicing.
bool continues_cjk(char32_t point);
bool is_pictograph(char32_t point);
/// White space as opposed to punctuation; both fold to ' '.
bool is_white_space(char32_t point);
/// Punctuation that is written inside names: "AC/DC", "don't", "hip-hop", "R.E.M.", "P!nk".
bool is_joiner(char32_t point);

/// The first max_bytes of a text, or up to 3 fewer so that no character is cut in two.
std::string_view cut_at_point(std::string_view text, std::size_t max_bytes);

/// Splits one text, point after point; each word goes to sink(const Word&).
template <class Sink>
class WordSplitter {
 public:
  WordSplitter(WordsOf of, Sink& sink) : of_(of), sink_(sink) {}

  /// Whether the text ends inside its last word, so that more of it may follow.
  bool split(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const base::DecodedPoint decoded = base::decode_point(text, at);
      at += decoded.bytes;
      for (const char32_t point : base::fold_point(decoded.point)) {
        if (point == ' ') {
          end_part();
          if (!is_joiner(decoded.point)) end_name();
        } else {
          add(point);
        }
      }
    }
    const bool inside = letters_.size > 0 || characters_ > 0;
    end_part();
    end_name();
    return any_ ? inside : split_symbols(text);
  }

 private:
  void add(char32_t point) {
    if (begins_cjk(point)) {
      end_letters();
      end_name();
      next_character(point);
    } else if (characters_ > 0 && continues_cjk(point)) {
      current_.add(point);
    } else if (is_pictograph(point)) {
      end_part();
      end_name();
      Word symbol{.kind = WordKind::kSymbol};
      symbol.add(point);
      emit(symbol);
    } else {
      end_run();
      letters_.add(point);
    }
  }

  void end_part() {
    end_letters();
    end_run();
  }

  void end_letters() {
    if (letters_.size == 0) return;
    letters_.kind = WordKind::kLetters;
    emit(letters_);
    // A name that does not fit is not joined: its beginning is a word already.
    if (name_.size + letters_.size > name_.points.size()) name_fits_ = false;
    for (const char32_t point : letters_.span()) name_.add(point);
    ++parts_;
    letters_.size = 0;
  }

  void end_name() {
    if (parts_ > 1 && name_fits_ && of_ == WordsOf::kDocument) {
      name_.kind = WordKind::kJoined;
      emit(name_);
    }
    name_.size = 0;
    name_fits_ = true;
    parts_ = 0;
  }

  void next_character(char32_t point) {
    emit_pair();
    previous_ = current_;
    current_.size = 0;
    current_.add(point);
    ++characters_;
  }

  void emit_pair() {
    if (characters_ < 2) return;
    Word pair = previous_;
    for (const char32_t point : current_.span()) pair.add(point);
    pair.kind = WordKind::kPair;
    emit(pair);
  }

  void end_run() {
    if (characters_ == 0) return;
    emit_pair();
    if (characters_ == 1 || of_ == WordsOf::kDocument) {
      current_.kind = WordKind::kCharacter;
      emit(current_);
    }
    characters_ = 0;
    current_.size = 0;
  }

  bool split_symbols(std::string_view text) {
    Word symbol{.kind = WordKind::kSymbol};
    for (std::size_t at = 0; at < text.size();) {
      const base::DecodedPoint decoded = base::decode_point(text, at);
      at += decoded.bytes;
      if (!is_white_space(decoded.point)) {
        symbol.add(decoded.point);
      } else if (symbol.size > 0) {
        emit(symbol);
        symbol.size = 0;
      }
    }
    const bool inside = symbol.size > 0;
    if (inside) emit(symbol);
    return inside;
  }

  void emit(const Word& word) {
    any_ = true;
    sink_(word);
  }

  const WordsOf of_;
  Sink& sink_;
  Word letters_;           // the part being read
  Word name_;              // the parts since the last white space
  std::size_t parts_ = 0;  // of name_
  bool name_fits_ = true;
  Word previous_, current_;     // CJK characters
  std::size_t characters_ = 0;  // of the run being read
  bool any_ = false;
};

/// The bytes of a term of the index, UTF-8. At most 4 bytes a point.
class TermBytes {
 public:
  explicit TermBytes(const Word& word);
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 4 * LexicalIndex::kMaxWordPoints> bytes_;
  std::size_t size_ = 0;
};

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_LEXICAL_WORDS_H_
