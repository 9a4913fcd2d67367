#ifndef OSSICLE_TEXT_UNIGRAM_H_
#define OSSICLE_TEXT_UNIGRAM_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/status.h"
#include "text/normalizer.h"
#include "text/sentencepiece_model.h"

namespace ossicle::text {

/// The pieces of a vocabulary by their bytes. Nodes are numbered in the order they were made; a
/// hash table leads from a node and a byte to the next, which costs no sorting to build.
class PieceTrie {
 public:
  static constexpr std::uint32_t kRoot = 0;
  static constexpr std::uint32_t kNowhere = 0xffffffffu;
  static constexpr std::int32_t kNoPiece = -1;

  /// Room to begin with; it grows.
  explicit PieceTrie(std::size_t pieces);

  /// False when the piece is there already. `piece` holds no NUL; fewer than 2^24 bytes in all.
  bool insert(std::string_view piece, std::int32_t id);
  std::uint32_t next(std::uint32_t node, char byte) const;
  std::int32_t piece(std::uint32_t node) const { return piece_[node]; }

 private:
  struct Entry {
    std::uint32_t key = 0;  ///< node << 8 | byte; 0 is free, since no byte is 0
    std::uint32_t node = 0;
  };
  std::size_t slot(std::uint32_t key) const;
  void grow();

  std::vector<Entry> table_;  ///< a power of two, at most 3/4 full
  int shift_ = 0;             ///< 32 - log2 of its size
  std::vector<std::int32_t> piece_;
};

/// Encodes as sentencepiece 0.1.97 does with a unigram model (Kudo 2018): the same ids, from
/// scores added in the same order and precision. It opens faster than the library, most of
/// whose time goes into a double array, and takes no memory for a text of up to kUsualBytes, nor
/// for one no longer than the longest before.
class Unigram {
 public:
  /// Of normalised text: room that is taken when the model is opened.
  static constexpr std::size_t kUsualBytes = 4096;

  /// Whether it is for this model; the library reads the others.
  static bool can_encode(const SentencepieceModel& model);
  /// A model it is for. Errors: corrupt (`at` = piece), as the library refuses.
  static Result<Unigram> open(const SentencepieceModel& model);

  std::size_t size() const { return scores_.size(); }

  /// Writes at most out.size() ids, the first of the text, and returns how many.
  std::size_t encode(std::string_view text, std::span<std::int32_t> out);

 private:
  explicit Unigram(const SentencepieceModel& model);

  /// The best way to the end of a character, and where the path on it goes on.
  struct Node {
    std::int32_t id = 0;
    float score = 0;
    std::uint32_t from = kUnreached;
    std::uint32_t to = 0;
  };
  static constexpr std::uint32_t kUnreached = 0xffffffffu;
  void find_path();

  Normalizer normalizer_;
  PieceTrie trie_;
  std::vector<float> scores_;
  float unknown_score_ = 0;
  std::int32_t unknown_id_ = PieceTrie::kNoPiece;
  bool byte_fallback_ = false;
  std::array<std::int32_t, 256> byte_id_{};

  std::string text_;         ///< normalised
  std::vector<Node> nodes_;  ///< [bytes of text_ + 1]
};

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_UNIGRAM_H_
