#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "ossicle/search.h"
#include "text/lexical/state.h"
#include "text/lexical/words.h"

namespace ossicle {
namespace {

using text::Posting;
using text::TermBytes;
using text::Word;
using text::WordKind;
using text::WordsOf;
using text::WordSplitter;

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

struct Field {
  std::string_view Document::* text;
  double LexicalSettings::* weight;
};
constexpr std::array kFields = {
    Field{&Document::title, &LexicalSettings::title_weight},
    Field{&Document::artist, &LexicalSettings::artist_weight},
    Field{&Document::album, &LexicalSettings::album_weight},
    Field{&Document::tags, &LexicalSettings::tags_weight},
    Field{&Document::text, &LexicalSettings::text_weight},
};

/// Distinct words, numbered in order of first appearance: open addressing over one run of bytes.
class Vocabulary {
 public:
  /// The number of `word`; kNone when it is not there.
  std::uint32_t find(std::string_view word) const {
    return slots_.empty() ? kNone : slots_[slot_of(word)];
  }

  /// The number of `word`, which is added when it is not there; kNone when there is no room.
  std::uint32_t add(std::string_view word) {
    if (size() + size() / 2 >= slots_.size()) grow();
    std::uint32_t& slot = slots_[slot_of(word)];
    if (slot != kNone) return slot;
    if (word.size() > kNone - bytes_.size()) return kNone;
    slot = static_cast<std::uint32_t>(size());
    bytes_.append(word);
    end_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    return slot;
  }

  std::size_t size() const { return end_.size(); }
  std::size_t bytes() const { return bytes_.size(); }
  std::string_view word(std::uint32_t number) const {
    const std::size_t begin = number == 0 ? 0 : end_[number - 1];
    return std::string_view(bytes_).substr(begin, end_[number] - begin);
  }

 private:
  // FNV-1a, 64 bits, the upper half.
  static std::uint32_t hash(std::string_view word) {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (const char c : word) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return static_cast<std::uint32_t>(h >> 32);
  }

  std::size_t slot_of(std::string_view sought) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash(sought) & mask;
    while (slots_[at] != kNone && word(slots_[at]) != sought) at = (at + 1) & mask;
    return at;
  }

  void grow() {
    slots_.assign(std::max<std::size_t>(1024, slots_.size() * 2), kNone);
    for (std::uint32_t number = 0; number < size(); ++number)
      slots_[slot_of(word(number))] = number;
  }

  std::string bytes_;
  std::vector<std::uint32_t> end_;
  std::vector<std::uint32_t> slots_;  // a power of two, at most 2/3 full
};

/// What the first pass finds out.
struct Statistics {
  Vocabulary vocabulary;
  std::vector<std::uint32_t> documents_with;           // [terms]
  std::vector<std::uint32_t> last_row;                 // [terms], that the term was counted for
  std::array<std::uint64_t, kFields.size()> length{};  // words, all documents together
  std::array<std::uint64_t, kFields.size()> filled{};  // documents that have the field
  std::uint64_t postings = 0;
  bool full = false;
};

/// Words that count towards the length of a field: each place of the text once.
bool counts(WordKind kind) { return kind != WordKind::kJoined && kind != WordKind::kCharacter; }

template <class Sink>
void split_field(const Document& document, const Field& field, const LexicalSettings& settings,
                 Sink& sink) {
  if (settings.*field.weight == 0) return;
  WordSplitter<Sink>(WordsOf::kDocument, sink)
      .split(text::cut_at_point(document.*field.text, LexicalIndex::kMaxFieldBytes));
}

struct CountWords {
  Statistics& statistics;
  std::uint32_t row;
  std::uint64_t length = 0;

  void operator()(const Word& word) {
    length += counts(word.kind) ? 1 : 0;
    const std::uint32_t term = statistics.vocabulary.add(TermBytes(word).view());
    if (term == kNone) {
      statistics.full = true;
      return;
    }
    if (term == statistics.documents_with.size()) {
      statistics.documents_with.push_back(0);
      statistics.last_row.push_back(kNone);
    }
    if (statistics.last_row[term] == row) return;
    statistics.last_row[term] = row;
    ++statistics.documents_with[term];
    ++statistics.postings;
  }
};

void count_document(const Document& document, std::uint32_t row, const LexicalSettings& settings,
                    Statistics& statistics) {
  for (std::size_t f = 0; f < kFields.size(); ++f) {
    CountWords sink{statistics, row};
    split_field(document, kFields[f], settings, sink);
    statistics.length[f] += sink.length;
    statistics.filled[f] += sink.length > 0 ? 1 : 0;
  }
}

/// The words of one document, as the second pass meets them.
struct CollectWords {
  const Vocabulary& vocabulary;
  std::vector<std::uint32_t>& terms;
  std::uint64_t length = 0;

  void operator()(const Word& word) {
    length += counts(word.kind) ? 1 : 0;
    terms.push_back(vocabulary.find(TermBytes(word).view()));
  }
};

class PostingsWriter {
 public:
  PostingsWriter(const Statistics& statistics, const LexicalSettings& settings,
                 std::vector<std::uint32_t> place, std::span<Posting> out)
      : statistics_(statistics), settings_(settings), place_(std::move(place)), out_(out) {}

  void add(const Document& document, std::uint32_t row) {
    frequency_.clear();
    for (std::size_t f = 0; f < kFields.size(); ++f) add_field(document, f);
    std::sort(frequency_.begin(), frequency_.end());
    for (std::size_t i = 0; i < frequency_.size();) {
      const std::uint32_t term = frequency_[i].first;
      double tf = 0;
      for (; i < frequency_.size() && frequency_[i].first == term; ++i) tf += frequency_[i].second;
      out_[place_[term]++] = Posting(row, impact(tf));
    }
  }

 private:
  void add_field(const Document& document, std::size_t f) {
    terms_.clear();
    CollectWords sink{statistics_.vocabulary, terms_};
    split_field(document, kFields[f], settings_, sink);
    const double mean = static_cast<double>(statistics_.length[f]) /
                        static_cast<double>(std::max<std::uint64_t>(statistics_.filled[f], 1));
    const double length = static_cast<double>(sink.length);
    const double norm = 1 - settings_.b + settings_.b * length / std::max(mean, 1.0);
    std::sort(terms_.begin(), terms_.end());
    for (std::size_t i = 0; i < terms_.size();) {
      const std::size_t first = i;
      while (i < terms_.size() && terms_[i] == terms_[first]) ++i;
      const double count = static_cast<double>(i - first);
      frequency_.emplace_back(terms_[first], settings_.*kFields[f].weight * count / norm);
    }
  }

  std::uint32_t impact(double tf) const {
    const double quotient = tf / (settings_.k1 + tf);
    const auto rounded = static_cast<std::uint32_t>(std::lround(quotient * Posting::kMaxImpact));
    return std::clamp<std::uint32_t>(rounded, 1, Posting::kMaxImpact);
  }

  const Statistics& statistics_;
  const LexicalSettings& settings_;
  std::vector<std::uint32_t> place_;  // [terms], where the next posting of a term goes
  std::span<Posting> out_;
  std::vector<std::uint32_t> terms_;
  std::vector<std::pair<std::uint32_t, double>> frequency_;
};

bool in_range(double value, double low, double high) { return value >= low && value <= high; }

Status check(std::size_t n_documents, const LexicalSettings& settings) {
  if (n_documents > LexicalIndex::kMaxDocuments) {
    return Error{Code::kCapacityExceeded, n_documents, "search: too many documents"};
  }
  if (!in_range(settings.k1, 0.01, 100) || !in_range(settings.b, 0, 1)) {
    return Error{Code::kInvalidArgument, 0, "search: k1 or b out of range"};
  }
  for (std::size_t f = 0; f < kFields.size(); ++f) {
    if (!in_range(settings.*kFields[f].weight, 0, 100)) {
      return Error{Code::kInvalidArgument, f, "search: weight of a field out of range (index)"};
    }
  }
  return {};
}

std::size_t shared_bytes(std::string_view a, std::string_view b) {
  const std::size_t n = std::min(a.size(), b.size());
  const auto differs =
      std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(n), b.begin());
  return static_cast<std::size_t>(differs.first - a.begin());
}

/// The arrays of an index, writable.
struct Arrays {
  std::span<std::uint32_t> term_offset, posting_offset;
  std::span<Posting> postings;
  std::span<std::uint8_t> shared;
  std::span<char> bytes;
};

Arrays allocate(const Statistics& statistics, OwnedBytes& memory) {
  const std::size_t terms = statistics.vocabulary.size();
  const auto postings = static_cast<std::size_t>(statistics.postings);
  const std::size_t text = statistics.vocabulary.bytes();
  memory = OwnedBytes::allocate(2 * 4 * (terms + 1) + 4 * postings + terms + text);
  Arrays arrays;
  if (!memory.ok()) return arrays;
  std::byte* at = memory.data();
  const auto take = [&at]<class T>(std::size_t n, std::span<T>& out) {
    out = {reinterpret_cast<T*>(at), n};
    at += n * sizeof(T);
  };
  take(terms + 1, arrays.term_offset);
  take(terms + 1, arrays.posting_offset);
  take(postings, arrays.postings);
  take(terms, arrays.shared);
  take(text, arrays.bytes);
  return arrays;
}

/// Fills all but the postings; returns where the postings of each term (by its number) begin.
std::vector<std::uint32_t> write_terms(const Statistics& statistics, const Arrays& arrays) {
  const Vocabulary& vocabulary = statistics.vocabulary;
  std::vector<std::uint32_t> order(vocabulary.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return vocabulary.word(a) < vocabulary.word(b);
  });
  std::vector<std::uint32_t> place(order.size());
  std::uint32_t bytes = 0;
  std::uint32_t postings = 0;
  std::string_view before;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::string_view term = vocabulary.word(order[i]);
    arrays.term_offset[i] = bytes;
    arrays.posting_offset[i] = postings;
    arrays.shared[i] = static_cast<std::uint8_t>(shared_bytes(before, term));
    std::memcpy(arrays.bytes.data() + bytes, term.data(), term.size());
    place[order[i]] = postings;
    bytes += static_cast<std::uint32_t>(term.size());
    postings += statistics.documents_with[order[i]];
    before = term;
  }
  arrays.term_offset[order.size()] = bytes;
  arrays.posting_offset[order.size()] = postings;
  return place;
}

}  // namespace

Result<LexicalIndex> LexicalIndex::build(std::span<const Document> documents,
                                         const LexicalSettings& settings) {
  OSL_TRY(check(documents.size(), settings));
  const auto n = static_cast<std::uint32_t>(documents.size());
  Statistics statistics;
  for (std::uint32_t row = 0; row < n; ++row) {
    count_document(documents[row], row, settings, statistics);
  }
  if (statistics.full || statistics.postings >= kNone) {
    return Error{Code::kCapacityExceeded, n, "search: too many words"};
  }
  auto state = std::make_unique<State>();
  text::InvertedIndex& index = state->index;
  const Arrays arrays = allocate(statistics, index.memory);
  if (!index.memory.ok()) return Error{Code::kOutOfMemory, 0, "search: no memory"};
  PostingsWriter writer(statistics, settings, write_terms(statistics, arrays), arrays.postings);
  for (std::uint32_t row = 0; row < n; ++row) writer.add(documents[row], row);
  index.n_documents = n;
  index.terms = {arrays.bytes, arrays.term_offset, arrays.shared};
  index.posting_offset = arrays.posting_offset;
  index.postings = arrays.postings;
  return LexicalIndex(std::move(state));
}

LexicalIndex::LexicalIndex(std::unique_ptr<State> state) : state_(std::move(state)) {}
LexicalIndex::~LexicalIndex() = default;
LexicalIndex::LexicalIndex(LexicalIndex&&) noexcept = default;
LexicalIndex& LexicalIndex::operator=(LexicalIndex&&) noexcept = default;

std::uint32_t LexicalIndex::size() const { return state_->index.n_documents; }
std::uint32_t LexicalIndex::terms() const {
  return static_cast<std::uint32_t>(state_->index.terms.size());
}
std::size_t LexicalIndex::bytes() const { return state_->index.memory.size(); }

}  // namespace ossicle
