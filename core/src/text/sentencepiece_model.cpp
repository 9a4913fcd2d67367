#include "text/sentencepiece_model.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace ossicle::text {
namespace {

constexpr std::size_t kMaxModelBytes = 64u << 20;
constexpr std::uint32_t kMaxPieces = 1u << 20;
constexpr std::size_t kMaxPieceBytes = 1024;

// Field numbers of sentencepiece_model.proto.
constexpr std::uint32_t kModelPieces = 1, kModelTrainer = 2, kModelNormalizer = 3,
                        kModelSamples = 4, kModelDenormalizer = 5;
constexpr std::uint32_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint32_t kTrainerAlgorithm = 3, kTrainerSpaceAsSuffix = 24,
                        kTrainerByteFallback = 35;
constexpr std::uint32_t kNormalizerRules = 2, kNormalizerDummyPrefix = 3,
                        kNormalizerRemoveExtraSpaces = 4, kNormalizerEscapeSpaces = 5;

using Model = SentencepieceModel;

Error corrupt(std::size_t at, const char* what) { return {Code::kCorrupt, at, what}; }

struct Field {
  std::uint32_t number = 0;
  std::uint32_t wire = 0;
  std::uint64_t value = 0;           // of a varint
  std::span<const std::byte> bytes;  // of a length-delimited or a fixed field
  std::size_t at = 0;                // of those bytes in the file
};

// Walks the fields of one protobuf message, [begin, begin + size) of the file.
class Fields {
 public:
  Fields(std::span<const std::byte> message, std::size_t begin) : left_(message), at_(begin) {}

  bool done() const { return left_.empty(); }

  Result<Field> next() {
    std::uint64_t key = 0;
    OSL_TRY(varint(key));
    Field field{
        static_cast<std::uint32_t>(key >> 3), static_cast<std::uint32_t>(key & 7), 0, {}, at_};
    std::uint64_t n = 0;
    switch (field.wire) {
      case 0:
        OSL_TRY(varint(field.value));
        return field;
      case 1:
        n = 8;
        break;
      case 2:
        OSL_TRY(varint(n));
        break;
      case 5:
        n = 4;
        break;
      default:
        return corrupt(at_, "model: a field of an unknown kind");
    }
    if (n > left_.size()) return corrupt(at_, "model: it ends inside a field");
    field.at = at_;
    field.bytes = left_.first(static_cast<std::size_t>(n));
    skip(static_cast<std::size_t>(n));
    return field;
  }

 private:
  void skip(std::size_t n) {
    left_ = left_.subspan(n);
    at_ += n;
  }

  Status varint(std::uint64_t& value) {
    // Nearly all have one byte, and a model has some 200,000.
    if (!left_.empty() && left_[0] < std::byte{0x80}) {
      value = std::to_integer<std::uint64_t>(left_[0]);
      skip(1);
      return {};
    }
    value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (left_.empty()) return corrupt(at_, "model: it ends inside a number");
      const auto byte = std::to_integer<std::uint64_t>(left_[0]);
      skip(1);
      value |= (byte & 0x7f) << (shift < 63 ? shift : 63);
      if (byte < 0x80) return {};
    }
    return corrupt(at_, "model: a number is too long");
  }

  std::span<const std::byte> left_;
  std::size_t at_;
};

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Status read_piece(std::span<const std::byte> message, std::size_t begin, Model::Piece& piece) {
  Fields fields(message, begin);
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const auto& [number, wire, value, bytes, at] = field.value();
    if (number == kPieceText && wire == 2) {
      if (bytes.empty() || bytes.size() > kMaxPieceBytes) {
        return corrupt(at, "model: a piece must have 1 to 1024 bytes");
      }
      piece.text = text_of(bytes);
      if (piece.text.find('\0') != std::string_view::npos) {
        return corrupt(at, "model: a piece contains a NUL");
      }
    } else if (number == kPieceScore && wire == 5) {
      std::memcpy(&piece.score, bytes.data(), sizeof piece.score);
      if (!std::isfinite(piece.score)) {
        return Error{Code::kNotFinite, at, "model: the score of a piece"};
      }
    } else if (number == kPieceType && wire == 0 && value >= 1 && value <= 6) {
      piece.type = static_cast<Model::Type>(value);
    }
  }
  if (piece.text.empty()) return corrupt(begin, "model: a piece without text");
  return {};
}

Status read_trainer(std::span<const std::byte> message, std::size_t begin, Model& model) {
  Fields fields(message, begin);
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const Field& f = field.value();
    if (f.wire != 0) continue;
    if (f.number == kTrainerAlgorithm && f.value >= 1 && f.value <= 4) {
      model.algorithm = static_cast<Model::Algorithm>(f.value);
    } else if (f.number == kTrainerSpaceAsSuffix) {
      model.space_as_suffix = f.value != 0;
    } else if (f.number == kTrainerByteFallback) {
      model.byte_fallback = f.value != 0;
    }
  }
  return {};
}

// The rules are a u32 size, a Darts double array of that size, and NUL-terminated replacements. A
// unit of the array leads to the units whose index is its own, xor its offset, xor one byte of
// text; a unit with the top bit set is a value: a place in the replacements.
Status read_rules(std::span<const std::byte> rules, std::size_t begin, Model& model) {
  model.rules_trie = {};
  model.replacements = {};
  if (rules.empty()) return {};
  std::uint32_t size = 0;
  if (rules.size() <= sizeof size) return corrupt(begin, "model: normalisation rules too short");
  std::memcpy(&size, rules.data(), sizeof size);
  const std::span<const std::byte> rest = rules.subspan(sizeof size);
  if (size == 0 || size % 4 != 0 || size >= rest.size()) {
    return corrupt(begin, "model: size of the normalisation trie");
  }
  const std::span<const std::byte> replacements = rest.subspan(size);
  if (replacements.back() != std::byte{0}) {
    return corrupt(begin + rules.size(), "model: the last replacement has no end");
  }
  const std::uint32_t units = size / 4;
  for (std::uint32_t i = 0; i < units; ++i) {
    std::uint32_t unit = 0;
    std::memcpy(&unit, rest.data() + std::size_t{i} * 4, sizeof unit);
    const std::size_t at = begin + sizeof size + std::size_t{i} * 4;
    if (unit >> 31 != 0) {
      if ((unit & 0x7fffffffu) >= replacements.size()) {
        return corrupt(at, "model: a normalisation rule points outside");
      }
      continue;
    }
    if (((i ^ rule_offset(unit)) | 0xffu) >= units) {
      return corrupt(at, "model: the normalisation trie points outside");
    }
  }
  model.rules_trie = rest.first(size);
  model.replacements = text_of(replacements);
  return {};
}

Status read_normalizer(std::span<const std::byte> message, std::size_t begin, Model& model) {
  Fields fields(message, begin);
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const Field& f = field.value();
    if (f.number == kNormalizerRules && f.wire == 2) {
      OSL_TRY(read_rules(f.bytes, f.at, model));
    } else if (f.wire == 0 && f.number == kNormalizerDummyPrefix) {
      model.add_dummy_prefix = f.value != 0;
    } else if (f.wire == 0 && f.number == kNormalizerRemoveExtraSpaces) {
      model.remove_extra_spaces = f.value != 0;
    } else if (f.wire == 0 && f.number == kNormalizerEscapeSpaces) {
      model.escape_spaces = f.value != 0;
    }
  }
  return {};
}

}  // namespace

Result<SentencepieceModel> read_sentencepiece_model(std::span<const std::byte> model) {
  static_assert(std::endian::native == std::endian::little);
  if (model.empty()) return corrupt(0, "model: it is empty");
  if (model.size() > kMaxModelBytes) return corrupt(model.size(), "model: larger than 64 MB");
  Fields fields(model, 0);
  Model read, for_decoding;
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const Field& f = field.value();
    if (f.wire != 2) continue;
    switch (f.number) {
      case kModelPieces:
        if (read.pieces.size() == kMaxPieces) return corrupt(f.at, "model: more than 2^20 pieces");
        OSL_TRY(read_piece(f.bytes, f.at, read.pieces.emplace_back()));
        break;
      case kModelTrainer:
        OSL_TRY(read_trainer(f.bytes, f.at, read));
        break;
      case kModelNormalizer:
        OSL_TRY(read_normalizer(f.bytes, f.at, read));
        break;
      case kModelSamples:
        read.has_samples = !f.bytes.empty();
        break;
      case kModelDenormalizer:
        OSL_TRY(read_normalizer(f.bytes, f.at, for_decoding));
        break;
      default:
        break;
    }
  }
  if (read.pieces.empty()) return corrupt(0, "model: it has no pieces");
  return read;
}

}  // namespace ossicle::text
