#include "text/unigram.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace ossicle::text {
namespace {

using Type = SentencepieceModel::Type;

constexpr std::size_t kMostBytes = 1u << 24;  // of pieces: a node has 24 bits
constexpr float kUnknownPenalty = 10;         // below the rarest piece

/// How many bytes a character takes, by its first.
std::size_t character_bytes(char first) {
  const auto byte = static_cast<std::uint8_t>(first);
  if (byte < 0xc0) return 1;
  if (byte < 0xe0) return 2;
  return byte < 0xf0 ? 3 : 4;
}

/// The byte that a piece like <0x1F> stands for, or -1.
int byte_of(std::string_view piece) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  const std::size_t high = kDigits.find(piece[3]), low = kDigits.find(piece[4]);
  if (high == std::string_view::npos || low == std::string_view::npos) return -1;
  return static_cast<int>(high * 16 + low);
}

Error refused(std::size_t piece, const char* what) { return {Code::kCorrupt, piece, what}; }

}  // namespace

PieceTrie::PieceTrie(std::size_t pieces) : piece_(1, kNoPiece) {
  // Some 2.2 nodes a piece in the released model.
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(3 * pieces, 16));
  table_.resize(size);
  shift_ = 32 - std::countr_zero(size);
  piece_.reserve(size / 4 * 3);
}

std::size_t PieceTrie::slot(std::uint32_t key) const {
  std::size_t at = (key * 0x9e3779b1u) >> shift_;
  while (table_[at].key != key && table_[at].key != 0) at = (at + 1) & (table_.size() - 1);
  return at;
}

void PieceTrie::grow() {
  const std::vector<Entry> before = std::exchange(table_, std::vector<Entry>(2 * table_.size()));
  --shift_;
  for (const Entry& entry : before) {
    if (entry.key != 0) table_[slot(entry.key)] = entry;
  }
}

bool PieceTrie::insert(std::string_view piece, std::int32_t id) {
  std::uint32_t node = kRoot;
  for (const char c : piece) {
    const std::uint32_t key = node << 8 | static_cast<std::uint8_t>(c);
    std::size_t at = slot(key);
    if (table_[at].key == 0) {
      if (piece_.size() >= table_.size() / 4 * 3) {
        grow();
        at = slot(key);
      }
      table_[at] = {key, static_cast<std::uint32_t>(piece_.size())};
      piece_.push_back(kNoPiece);
    }
    node = table_[at].node;
  }
  if (piece_[node] != kNoPiece) return false;
  piece_[node] = id;
  return true;
}

std::uint32_t PieceTrie::next(std::uint32_t node, char byte) const {
  if (byte == '\0') return kNowhere;
  const Entry& entry = table_[slot(node << 8 | static_cast<std::uint8_t>(byte))];
  return entry.key == 0 ? kNowhere : entry.node;
}

bool Unigram::can_encode(const SentencepieceModel& model) {
  if (model.algorithm != SentencepieceModel::Algorithm::kUnigram || model.space_as_suffix ||
      model.has_samples) {
    return false;
  }
  std::size_t bytes = 0;
  for (const auto& piece : model.pieces) {
    if (piece.type == Type::kUserDefined || piece.type == Type::kUnused) return false;
    bytes += piece.text.size();
  }
  return bytes < kMostBytes;
}

Unigram::Unigram(const SentencepieceModel& model)
    : normalizer_(model), trie_(model.pieces.size()), byte_fallback_(model.byte_fallback) {
  scores_.reserve(model.pieces.size());
  text_.reserve(kUsualBytes);
  nodes_.reserve(kUsualBytes + 1);
  byte_id_.fill(PieceTrie::kNoPiece);
}

Result<Unigram> Unigram::open(const SentencepieceModel& model) {
  Unigram made(model);
  float least = std::numeric_limits<float>::max();
  bool any = false;
  for (std::size_t i = 0; i < model.pieces.size(); ++i) {
    const auto& [piece, score, type] = model.pieces[i];
    const auto id = static_cast<std::int32_t>(i);
    made.scores_.push_back(score);
    if (type == Type::kNormal) {
      if (!made.trie_.insert(piece, id)) return refused(i, "model: a piece is there twice (piece)");
      least = std::min(least, score);
      any = true;
    } else if (type == Type::kUnknown) {
      if (made.unknown_id_ >= 0) return refused(i, "model: a second unknown piece (piece)");
      made.unknown_id_ = id;
    } else if (type == Type::kByte) {
      const int byte = byte_of(piece);
      if (!model.byte_fallback || byte < 0) return refused(i, "model: a byte piece (piece)");
      std::int32_t& place = made.byte_id_[static_cast<std::size_t>(byte)];
      if (place >= 0) return refused(i, "model: a byte is there twice (piece)");
      place = id;
    }
  }
  if (!any) return refused(0, "model: no piece of text");
  if (made.unknown_id_ < 0) return refused(0, "model: no unknown piece");
  if (model.byte_fallback && std::ranges::find(made.byte_id_, -1) != made.byte_id_.end()) {
    return refused(0, "model: not all bytes are there");
  }
  made.unknown_score_ = least - kUnknownPenalty;
  return made;
}

// Viterbi. A path's score is an f32, but what a piece makes of it is compared in f64: as the
// library does it, where ties and near ties are decided.
void Unigram::find_path() {
  const std::size_t size = text_.size();
  nodes_.assign(size + 1, Node{});
  nodes_[0].from = 0;
  std::size_t from = 0;
  while (from < size) {
    const float here = nodes_[from].score;
    const std::size_t character = std::min(character_bytes(text_[from]), size - from);
    bool has_character = false;
    std::uint32_t node = PieceTrie::kRoot;
    for (std::size_t to = from; to < size;) {
      node = trie_.next(node, text_[to++]);
      if (node == PieceTrie::kNowhere) break;
      const std::int32_t id = trie_.piece(node);
      if (id == PieceTrie::kNoPiece) continue;
      const double score = double{scores_[static_cast<std::size_t>(id)]} + double{here};
      Node& end = nodes_[to];
      if (end.from == kUnreached || score > double{end.score}) {
        end = {id, static_cast<float>(score), static_cast<std::uint32_t>(from), 0};
      }
      has_character = has_character || to - from == character;
    }
    if (!has_character) {
      const float score = unknown_score_ + here;
      Node& end = nodes_[from + character];
      if (end.from == kUnreached || score > end.score) {
        end = {unknown_id_, score, static_cast<std::uint32_t>(from), 0};
      }
    }
    from += character;
  }
  for (auto to = static_cast<std::uint32_t>(size); to > 0;) {
    nodes_[nodes_[to].from].to = to;
    to = nodes_[to].from;
  }
}

std::size_t Unigram::encode(std::string_view text, std::span<std::int32_t> out) {
  normalizer_.run(text, text_);
  if (text_.empty()) return 0;
  find_path();
  std::size_t n = 0;
  bool after_unknown = false;
  for (std::size_t at = 0; at < text_.size() && n < out.size(); at = nodes_[at].to) {
    const Node& piece = nodes_[nodes_[at].to];
    const bool unknown = piece.id == unknown_id_;
    if (unknown && byte_fallback_) {
      for (std::size_t i = at; i < nodes_[at].to && n < out.size(); ++i) {
        out[n++] = byte_id_[static_cast<std::uint8_t>(text_[i])];
      }
    } else if (!unknown || !after_unknown) {
      out[n++] = piece.id;  // unknown characters in a row are one
    }
    after_unknown = unknown;
  }
  return n;
}

}  // namespace ossicle::text
