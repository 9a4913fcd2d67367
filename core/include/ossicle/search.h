#ifndef OSSICLE_SEARCH_H_
#define OSSICLE_SEARCH_H_

// Finding tracks by words: a lexical index (which words a track has), and its fusion with the
// cosines of text vectors (what a track is about).
//
//   documents --LexicalIndex::build--> index
//   query --LexicalIndex::search--> lexical hits --fuse--> hits
//   query vector . track vectors (kernels/scan.h) --> dense hits --^

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "ossicle/pipeline.h"
#include "ossicle/status.h"

namespace ossicle {

/// What can be searched of one track, in UTF-8; any field may be empty. Broken UTF-8 is replaced.
struct Document {
  std::string_view title = {};
  std::string_view artist = {};
  std::string_view album = {};
  std::string_view tags = {};  ///< in any order, separated by anything that is not part of a word
  std::string_view text = {};  ///< lyrics, comments, a description
};

/// Constants of BM25F: a field of weight w counts as if it were written w times.
struct LexicalSettings {
  double k1 = 1.2;  ///< [0.01, 100]; how soon more of the same word stops counting
  double b = 0.75;  ///< [0, 1]; how much a word in a long field counts less than in a short one
  double title_weight = 2;  ///< each weight in [0, 100]; 0 = the field is not indexed
  double artist_weight = 2;
  double album_weight = 1;
  double tags_weight = 1;
  double text_weight = 1;
};

struct SearchHit {
  std::uint32_t row = 0;
  float score = 0;
};

enum class SearchMode : std::uint32_t {
  kWhole = 0,    ///< the query is complete
  kAsTyped = 1,  ///< a person is typing: the last word may go on, unless white space ends it
};

/// What a lexical search found.
struct LexicalFound {
  std::uint32_t count = 0;  ///< hits written
  float attainable = 0;     ///< sum of the idf of the query's words; no row can score more
};

class LexicalScratch;

/// An inverted index over words, in memory and immutable.
///
/// Words are what lies between white space and punctuation, folded (base/fold.h): case, diacritics
/// and width do not matter, nothing is transliterated. A name with punctuation inside is also found
/// by its letters alone ("acdc" finds "AC/DC"). Runs of Han, kana and Hangul are indexed as pairs
/// of neighbouring characters, so that no dictionary is needed; a query of one character finds it
/// anywhere. A text with no letters at all ("!!!") is found by its own characters.
///
/// A query word matches a term of the index, best first: the same word; a longer one that begins
/// with it (only where SearchMode says so); one that is 1 edit away (words of at least 4 letters
/// without a digit) or 2 (at least 8): a letter put in, left out, replaced, or two neighbours
/// swapped. Of several matches in one track the best counts.
///
///   score(row) = sum over query words of max over matches of quality * idf * tf / (k1 + tf)
///   tf = sum over fields f of weight_f count_f / (1 - b + b length_f / mean length_f)
///   idf = ln(1 + (N - n + 1/2) / (n + 1/2)), n = tracks with a match at least this good
///
/// The quotient is kept in 8 bits and quality * idf in steps of 2^-11, so that scores are sums of
/// whole numbers: the same on every build, whatever the order. Source: Robertson, Zaragoza, Taylor,
/// CIKM 2004 (BM25F); Damerau, CACM 1964, in the restricted form (no letter is edited twice).
class LexicalIndex {
 public:
  static constexpr std::size_t kMaxDocuments = std::size_t{1} << 24;
  /// No more of a field, a query or a word is looked at.
  static constexpr std::size_t kMaxFieldBytes = std::size_t{64} << 10;
  static constexpr std::size_t kMaxQueryBytes = 4096;
  static constexpr std::size_t kMaxQueryWords = 64;
  static constexpr std::size_t kMaxWordPoints = 32;

  /// Row i of the index is documents[i]; nothing of them is kept. O(bytes), two passes. Errors:
  /// invalid_argument (a setting outside its range), capacity_exceeded (too many documents, or more
  /// than 2^32 bytes of distinct words or postings), out_of_memory.
  static Result<LexicalIndex> build(std::span<const Document> documents,
                                    const LexicalSettings& settings = {});
  ~LexicalIndex();
  LexicalIndex(LexicalIndex&&) noexcept;
  LexicalIndex& operator=(LexicalIndex&&) noexcept;

  std::uint32_t size() const;   ///< documents, N
  std::uint32_t terms() const;  ///< distinct words
  std::size_t bytes() const;    ///< memory held

  /// Writes the best out.size() rows with a match, best first, ties to the lower row. Nothing is
  /// allocated. Errors: invalid_argument (scratch opened for fewer documents).
  Result<LexicalFound> search(std::string_view query, SearchMode mode, LexicalScratch& scratch,
                              std::span<SearchHit> out) const;

 private:
  friend class LexicalScratch;
  struct State;
  explicit LexicalIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The buffers of a search: 8 bytes a document and 110 KB. One for each thread that searches.
class LexicalScratch {
 public:
  /// For an index of up to `documents`. Errors: out_of_memory.
  static Result<LexicalScratch> open(std::uint32_t documents);
  ~LexicalScratch();
  LexicalScratch(LexicalScratch&&) noexcept;
  LexicalScratch& operator=(LexicalScratch&&) noexcept;

 private:
  friend class LexicalIndex;
  struct State;
  explicit LexicalScratch(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Text vectors of tracks as int8 rows, N rows of D dimensions, of unit length before they were
/// quantised (quantise_rows in train.h).
struct TextVectors {
  static constexpr std::uint32_t kMaxDimensions = 1024;

  std::uint32_t dimensions = 0;          ///< D, 1..kMaxDimensions
  std::uint32_t row_stride = 0;          ///< D rounded up to a multiple of 16, padded with zeros
  std::span<const std::int8_t> rows;     ///< [N, row_stride] in -127..127
  std::span<const float> scale;          ///< [N]; row i is scale[i] * rows[i]
  std::span<const float> bias;           ///< [N], added to the cosine of a row; zeros for none
  std::span<const std::int32_t> rowsum;  ///< [N], sum of each row's bytes
};

/// The rows nearest to `query`, [D], of unit length: the best out.size() (at most 4096) by a scan
/// of all rows in integers of 8 and 7 bits, then their cosines in f64, best first, ties to the
/// lower row. Returns how many. `room` is as long as `out`. Nothing is allocated. O(N D). Errors:
/// invalid_argument (sizes that do not fit), not_finite (at = index in `query`).
/// (core/src/candidates)
Result<std::uint32_t> search_vectors(const TextVectors& vectors, std::span<const float> query,
                                     std::span<Candidate> room, std::span<SearchHit> out);

/// How much words and vectors count. MusicCaps aspects -> caption, R@1 over 498 candidates, lexical
/// alone 0.946: with all-MiniLM-L6-v2 (alone 0.540) 0.944, with multilingual-e5-small (0.924)
/// 0.958, with Universal Sentence Encoder multilingual (0.566) 0.942. Half as much weight on
/// vectors gives 0.948, 0.952 and 0.946; twice as much 0.914, 0.958 and 0.912.
struct FusionWeights {
  float lexical = 0.8F;  ///< >= 0
  float dense = 0.2F;    ///< >= 0
};

/// One list out of two:
///   score(row) = lexical * BM25(row) / attainable + dense * cos(row)
/// BM25 is measured against what the query could get at most, not against the best row: where few
/// of the words are found (a query in another language), vectors decide. A row that `lexical` lacks
/// has 0 there; one that `dense` lacks has the last cosine of `dense`, which it cannot exceed. In
/// each list a row stands once. Best first, ties to the lower row; returns how many were written.
/// `room` has lexical.size() + dense.size() places and overlaps nothing. Nothing is allocated.
std::uint32_t fuse(std::span<const SearchHit> lexical, float attainable,
                   std::span<const SearchHit> dense, const FusionWeights& weights,
                   std::span<SearchHit> room, std::span<SearchHit> out);

}  // namespace ossicle

#endif  // OSSICLE_SEARCH_H_
