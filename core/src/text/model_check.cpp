#include "text/model_check.h"

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
constexpr std::uint32_t kModelPieces = 1, kModelNormalizer = 3, kModelDenormalizer = 5;
constexpr std::uint32_t kPieceText = 1, kPieceScore = 2;
constexpr std::uint32_t kNormalizerRules = 2;

Error corrupt(std::size_t at, const char* what) { return {Code::kCorrupt, at, what}; }

struct Field {
  std::uint32_t number = 0;
  std::uint32_t wire = 0;
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
    Field field{static_cast<std::uint32_t>(key >> 3), static_cast<std::uint32_t>(key & 7), {}, at_};
    std::uint64_t n = 0;
    switch (field.wire) {
      case 0:
        OSL_TRY(varint(n));
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

Status check_piece(std::span<const std::byte> message, std::size_t begin) {
  Fields fields(message, begin);
  bool has_text = false;
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const auto& [number, wire, bytes, at] = field.value();
    if (number == kPieceText && wire == 2) {
      has_text = true;
      if (bytes.empty() || bytes.size() > kMaxPieceBytes) {
        return corrupt(at, "model: a piece must have 1 to 1024 bytes");
      }
      if (std::memchr(bytes.data(), 0, bytes.size()) != nullptr) {
        return corrupt(at, "model: a piece contains a NUL");
      }
    } else if (number == kPieceScore && wire == 5) {
      float score = 0;
      std::memcpy(&score, bytes.data(), sizeof score);
      if (!std::isfinite(score)) {
        return Error{Code::kNotFinite, at, "model: the score of a piece"};
      }
    }
  }
  if (!has_text) return corrupt(begin, "model: a piece without text");
  return {};
}

// The rules are a u32 size, a Darts double array of that size, and NUL-terminated replacements. A
// unit of the array leads to the units whose index is its own, xor its offset, xor one byte of
// text; a unit with the top bit set is a value: a place in the replacements.
Status check_rules(std::span<const std::byte> rules, std::size_t begin) {
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
    const std::uint32_t offset = (unit >> 10) << ((unit & (1u << 9)) >> 6);
    if (((i ^ offset) | 0xffu) >= units) {
      return corrupt(at, "model: the normalisation trie points outside");
    }
  }
  return {};
}

Status check_normalizer(std::span<const std::byte> message, std::size_t begin) {
  Fields fields(message, begin);
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const Field& f = field.value();
    if (f.number == kNormalizerRules && f.wire == 2) OSL_TRY(check_rules(f.bytes, f.at));
  }
  return {};
}

}  // namespace

Status check_model(std::span<const std::byte> model) {
  static_assert(std::endian::native == std::endian::little);
  if (model.empty()) return corrupt(0, "model: it is empty");
  if (model.size() > kMaxModelBytes) return corrupt(model.size(), "model: larger than 64 MB");
  Fields fields(model, 0);
  std::uint32_t pieces = 0;
  while (!fields.done()) {
    const Result<Field> field = fields.next();
    if (!field) return field.error();
    const Field& f = field.value();
    if (f.wire != 2) continue;
    if (f.number == kModelPieces) {
      if (++pieces > kMaxPieces) return corrupt(f.at, "model: more than 2^20 pieces");
      OSL_TRY(check_piece(f.bytes, f.at));
    } else if (f.number == kModelNormalizer || f.number == kModelDenormalizer) {
      OSL_TRY(check_normalizer(f.bytes, f.at));
    }
  }
  if (pieces == 0) return corrupt(0, "model: it has no pieces");
  return {};
}

}  // namespace ossicle::text
