#ifndef OSSICLE_BASE_JSON_H_
#define OSSICLE_BASE_JSON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/status.h"

namespace ossicle::base {

/// What a JSON text may cost before it is refused.
struct JsonLimits {
  std::size_t max_bytes = std::size_t{1} << 20;
  std::size_t max_values = std::size_t{1} << 16;
  std::uint32_t max_depth = 32;
};

class JsonDocument;

/// A value inside a JsonDocument, or "missing" (the default, and what get() gives for an absent
/// name). Every call on a missing value or one of another kind answers empty, so that
/// get("a").get("b") needs no checks on the way. Valid until the document is parsed anew or goes.
class JsonValue {
 public:
  JsonValue() = default;

  bool exists() const { return document_ != nullptr; }
  bool is_object() const;
  bool is_array() const;
  bool is_null() const;

  /// The member `key` of an object.
  JsonValue get(std::string_view key) const;
  /// The name under which the value stands in its object.
  std::string_view key() const;

  std::optional<std::string_view> string() const;
  std::optional<bool> boolean() const;
  /// Any JSON number; finite.
  std::optional<double> number() const;
  /// A number written without fraction or exponent that fits.
  std::optional<std::int64_t> integer() const;
  std::optional<std::uint64_t> unsigned_integer() const;

  /// Members of an object or elements of an array.
  std::size_t size() const;
  /// for (JsonValue v = value.first(); v.exists(); v = v.next())
  JsonValue first() const;
  JsonValue next() const;

 private:
  friend class JsonDocument;
  JsonValue(const JsonDocument* document, std::uint32_t node) : document_(document), node_(node) {}

  const JsonDocument* document_ = nullptr;
  std::uint32_t node_ = 0;
};

/// The one JSON reader of the core (nlohmann/json underneath). Never throws; strict RFC 8259: no
/// comments, no trailing text, valid UTF-8 only, and no name twice in one object. Reusing a
/// document reuses its memory.
class JsonDocument {
 public:
  /// Errors: corrupt (`at` = byte offset), capacity_exceeded (a limit; `at` = byte offset or 0).
  Status parse(std::string_view text, const JsonLimits& limits = {});
  /// Missing before a successful parse().
  JsonValue root() const;

 private:
  friend class JsonValue;
  friend class JsonBuilder;

  enum class Kind : std::uint8_t {
    kNull,
    kFalse,
    kTrue,
    kUnsigned,
    kNegative,
    kFloat,
    kString,
    kArray,
    kObject
  };
  struct Text {
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
  };
  struct Node {
    Kind kind = Kind::kNull;
    std::uint32_t next = 0;   // sibling; 0 = none (node 0 is the root, nobody's sibling)
    std::uint32_t first = 0;  // child; 0 = none
    std::uint32_t size = 0;   // children
    Text key;
    Text text;
    std::uint64_t bits = 0;  // of the number
  };

  std::string_view view(Text text) const {
    return std::string_view(text_).substr(text.offset, text.size);
  }

  std::vector<Node> nodes_;
  std::string text_;
};

/// Appends `text` as a JSON string with its quotes. Broken UTF-8 becomes U+FFFD.
void append_json_string(std::string_view text, std::string& out);

/// Appends a finite number in the shortest decimal form that reads back to the same double.
void append_json_number(double value, std::string& out);

}  // namespace ossicle::base

#endif  // OSSICLE_BASE_JSON_H_
