#include "ossicle/search.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "base/math.h"
#include "text/lexical/state.h"
#include "text/lexical/words.h"

namespace ossicle {
namespace {

using text::InvertedIndex;
using text::Posting;
using text::SimilarTerms;
using text::TermBytes;
using text::TermRange;
using text::TermTable;
using text::Word;
using text::WordKind;
using text::WordsOf;
using text::WordSplitter;

/// How much a match counts, best kind first.
enum Tier : std::uint32_t { kSame = 0, kLonger = 1, kOneEdit = 2, kTwoEdits = 3, kTiers = 4 };
constexpr std::array<double, kTiers> kQuality = {1, 0.8, 0.5, 0.3};
static_assert(kTwoEdits - kOneEdit + 1 == text::kMaxEdits);

constexpr double kWeightSteps = 2048;
// That of one document among kMaxDocuments, rounded up. Totals must fit 32 bits.
constexpr double kMaxIdf = 18;
static_assert(LexicalIndex::kMaxQueryWords * Posting::kMaxImpact * kMaxIdf * kWeightSteps <
              4294967296.0);

struct QueryWord {
  Word word;
  bool as_prefix = false;
};

struct QueryWords {
  std::array<QueryWord, LexicalIndex::kMaxQueryWords> word;
  std::size_t size = 0;
  bool cut = false;  // there were more

  void operator()(const Word& next) {
    cut = size == word.size();
    // Pairs begin with their first character: so a character is found wherever it stands.
    if (!cut) word[size++] = {next, next.kind == WordKind::kCharacter};
  }
};

struct Match {
  TermRange terms;
  Tier tier = kSame;
};

std::uint32_t edits_allowed(const Word& word) {
  const auto is_digit = [](char32_t point) { return point >= '0' && point <= '9'; };
  const std::span<const char32_t> points = word.span();
  if (word.kind != WordKind::kLetters || std::any_of(points.begin(), points.end(), is_digit)) {
    return 0;
  }
  return points.size() >= 8 ? 2 : points.size() >= 4 ? 1 : 0;
}

double inverse_document_frequency(std::uint64_t documents, std::uint64_t matched) {
  constexpr double kLn2 = 0x1.62e42fefa39efp-1;
  const double n = static_cast<double>(std::min(matched, documents));
  return kLn2 * base::det_log2(1 + (static_cast<double>(documents) - n + 0.5) / (n + 0.5));
}

// Ranges of similar terms beyond these are left out.
constexpr std::size_t kMaxSimilar = 4096;

struct Buffers {
  std::uint32_t n_documents = 0;
  std::span<std::uint32_t> total;  // [N], of the words so far
  std::span<std::uint32_t> best;   // [N], of the word that is being looked up
  OwnedBytes memory;
  std::array<SimilarTerms, kMaxSimilar> similar;
  std::array<Match, kMaxSimilar + 2> matches;
  QueryWords query;
};

std::span<const Match> find_matches(const TermTable& terms, const QueryWord& query,
                                    Buffers& buffers) {
  std::size_t n = 0;
  const TermBytes bytes(query.word);
  const TermRange same = text::find_exact(terms, bytes.view());
  buffers.matches[n++] = {same, kSame};
  if (query.as_prefix) {
    const TermRange longer = {same.last, text::find_prefix(terms, bytes.view()).last};
    const bool character = query.word.kind == WordKind::kCharacter;
    buffers.matches[n++] = {longer, character ? kSame : kLonger};
  }
  const std::uint32_t edits = edits_allowed(query.word);
  if (edits > 0) {
    const std::size_t similar =
        text::find_similar(terms, query.word.span(), edits, query.as_prefix, buffers.similar);
    for (const SimilarTerms& found : std::span(buffers.similar).first(similar)) {
      buffers.matches[n++] = {found.terms, found.edits == 1 ? kOneEdit : kTwoEdits};
    }
  }
  return std::span(buffers.matches).first(n);
}

/// Adds what a word brings to the totals; returns what it could bring at most, for an impact of 1.
std::uint32_t add_word(const InvertedIndex& index, const QueryWord& query, Buffers& buffers) {
  const std::span<const Match> matches = find_matches(index.terms, query, buffers);
  std::fill_n(buffers.best.begin(), index.n_documents, 0U);
  std::uint64_t matched = 0;
  std::uint32_t attainable = 0;
  for (std::uint32_t tier = kSame; tier < kTiers; ++tier) {
    const auto in_tier = [tier](const Match& match) { return match.tier == tier; };
    for (const Match& match : matches) {
      if (in_tier(match)) matched += index.postings_of(match.terms).size();
    }
    const double idf = inverse_document_frequency(index.n_documents, matched);
    const auto weight =
        static_cast<std::uint32_t>(std::lround(kQuality[tier] * idf * kWeightSteps));
    attainable = std::max(attainable, weight);
    for (const Match& match : matches) {
      if (!in_tier(match)) continue;
      for (const Posting posting : index.postings_of(match.terms)) {
        const std::uint32_t score = weight * posting.impact();
        std::uint32_t& best = buffers.best[posting.row()];
        if (score <= best) continue;
        buffers.total[posting.row()] += score - best;
        best = score;
      }
    }
  }
  return attainable;
}

float to_score(std::uint32_t total) {
  return static_cast<float>(total) / static_cast<float>(kWeightSteps * Posting::kMaxImpact);
}

/// The rows with the highest totals, best first.
std::uint32_t select_top(std::span<const std::uint32_t> total, std::span<SearchHit> out) {
  const auto better = [total](const SearchHit& a, const SearchHit& b) {
    return total[a.row] != total[b.row] ? total[a.row] > total[b.row] : a.row < b.row;
  };
  // A heap whose root is the worst; rows come in order, so that a later one must have more.
  if (out.empty()) return 0;
  std::size_t n = 0;
  std::uint32_t least = 0;
  for (std::uint32_t row = 0; row < total.size(); ++row) {
    if (total[row] <= least) continue;
    if (n < out.size()) {
      out[n++] = {row, 0};
      std::push_heap(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(n), better);
    } else {
      std::pop_heap(out.begin(), out.end(), better);
      out.back() = {row, 0};
      std::push_heap(out.begin(), out.end(), better);
    }
    if (n == out.size()) least = total[out.front().row];
  }
  const std::span<SearchHit> found = out.first(n);
  std::sort_heap(found.begin(), found.end(), better);
  for (SearchHit& hit : found) {
    hit.score =
        static_cast<float>(total[hit.row]) / static_cast<float>(kWeightSteps * Posting::kMaxImpact);
  }
  return static_cast<std::uint32_t>(n);
}

}  // namespace

struct LexicalScratch::State {
  Buffers buffers;
};

Result<LexicalScratch> LexicalScratch::open(std::uint32_t documents) {
  auto state = std::make_unique<State>();
  Buffers& buffers = state->buffers;
  buffers.memory = OwnedBytes::allocate(std::size_t{documents} * 2 * sizeof(std::uint32_t));
  if (!buffers.memory.ok()) return Error{Code::kOutOfMemory, 0, "search: no memory"};
  buffers.n_documents = documents;
  buffers.total = buffers.memory.as<std::uint32_t>().first(documents);
  buffers.best = buffers.memory.as<std::uint32_t>().subspan(documents);
  return LexicalScratch(std::move(state));
}

LexicalScratch::LexicalScratch(std::unique_ptr<State> state) : state_(std::move(state)) {}
LexicalScratch::~LexicalScratch() = default;
LexicalScratch::LexicalScratch(LexicalScratch&&) noexcept = default;
LexicalScratch& LexicalScratch::operator=(LexicalScratch&&) noexcept = default;

Result<LexicalFound> LexicalIndex::search(std::string_view query, SearchMode mode,
                                          LexicalScratch& scratch, std::span<SearchHit> out) const {
  const InvertedIndex& index = state_->index;
  Buffers& buffers = scratch.state_->buffers;
  if (buffers.n_documents < index.n_documents) {
    return Error{Code::kInvalidArgument, buffers.n_documents,
                 "search: scratch is for fewer documents"};
  }
  QueryWords& words = buffers.query;
  words.size = 0;
  words.cut = false;
  const bool inside = WordSplitter<QueryWords>(WordsOf::kQuery, words)
                          .split(text::cut_at_point(query, kMaxQueryBytes));
  if (mode == SearchMode::kAsTyped && inside && !words.cut) {
    words.word[words.size - 1].as_prefix = true;
  }
  std::fill_n(buffers.total.begin(), index.n_documents, 0U);
  std::uint32_t attainable = 0;
  for (const QueryWord& word : std::span(words.word).first(words.size)) {
    attainable += add_word(index, word, buffers);
  }
  LexicalFound found;
  found.count = select_top(buffers.total.first(index.n_documents), out);
  found.attainable = to_score(attainable * Posting::kMaxImpact);
  return found;
}

}  // namespace ossicle
