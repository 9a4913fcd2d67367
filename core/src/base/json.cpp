#include "base/json.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace ossicle::base {

/// Receives nlohmann's parser events and fills a JsonDocument. A callback that returns false stops
/// the parser.
class JsonBuilder {
 public:
  JsonBuilder(JsonDocument& document, const JsonLimits& limits)
      : document_(document), limits_(limits) {}

  const Error& error() const { return error_; }

  bool null() { return add(JsonDocument::Kind::kNull); }
  bool boolean(bool value) {
    return add(value ? JsonDocument::Kind::kTrue : JsonDocument::Kind::kFalse);
  }
  bool number_integer(std::int64_t value) {
    return add(JsonDocument::Kind::kNegative, static_cast<std::uint64_t>(value));
  }
  bool number_unsigned(std::uint64_t value) { return add(JsonDocument::Kind::kUnsigned, value); }
  bool number_float(double value, const std::string&) {
    return add(JsonDocument::Kind::kFloat, std::bit_cast<std::uint64_t>(value));
  }
  bool string(std::string& value) {
    const JsonDocument::Text text = keep(value);
    if (!add(JsonDocument::Kind::kString)) return false;
    document_.nodes_.back().text = text;
    return true;
  }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open(JsonDocument::Kind::kObject); }
  bool start_array(std::size_t) { return open(JsonDocument::Kind::kArray); }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  bool key(std::string& value) {
    key_ = keep(value);
    return true;
  }
  bool end_object() {
    // Sorted, because an object of many names would cost the square of their number otherwise.
    keys_.clear();
    const Open object = open_.back();
    for (std::uint32_t i = document_.nodes_[object.node].first; i != 0;
         i = document_.nodes_[i].next) {
      keys_.push_back(document_.view(document_.nodes_[i].key));
    }
    std::sort(keys_.begin(), keys_.end());
    if (std::adjacent_find(keys_.begin(), keys_.end()) != keys_.end()) {
      return fail({Code::kCorrupt, 0, "JSON: an object has the same name twice"});
    }
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) {
    return fail({Code::kCorrupt, position == 0 ? 0 : position - 1, "JSON: not well formed (byte)"});
  }

 private:
  struct Open {
    std::uint32_t node = 0;
    std::uint32_t last = 0;  // child added last; 0 = none
  };

  bool fail(Error error) {
    error_ = error;
    return false;
  }

  JsonDocument::Text keep(const std::string& value) {
    const auto offset = static_cast<std::uint32_t>(document_.text_.size());
    document_.text_ += value;
    return {offset, static_cast<std::uint32_t>(value.size())};
  }

  bool add(JsonDocument::Kind kind, std::uint64_t bits = 0) {
    auto& nodes = document_.nodes_;
    if (nodes.size() >= limits_.max_values) {
      return fail({Code::kCapacityExceeded, 0, "JSON: too many values"});
    }
    const auto index = static_cast<std::uint32_t>(nodes.size());
    JsonDocument::Node node;
    node.kind = kind;
    node.bits = bits;
    nodes.push_back(node);
    if (!open_.empty()) {
      Open& parent = open_.back();
      if (parent.last == 0) {
        nodes[parent.node].first = index;
      } else {
        nodes[parent.last].next = index;
      }
      parent.last = index;
      ++nodes[parent.node].size;
      if (nodes[parent.node].kind == JsonDocument::Kind::kObject) nodes[index].key = key_;
    }
    return true;
  }

  bool open(JsonDocument::Kind kind) {
    if (open_.size() >= limits_.max_depth) {
      return fail({Code::kCapacityExceeded, 0, "JSON: nested too deeply"});
    }
    if (!add(kind)) return false;
    open_.push_back({static_cast<std::uint32_t>(document_.nodes_.size() - 1), 0});
    return true;
  }

  JsonDocument& document_;
  const JsonLimits& limits_;
  std::vector<Open> open_;
  std::vector<std::string_view> keys_;
  JsonDocument::Text key_;
  Error error_{Code::kCorrupt, 0, "JSON: not well formed"};
};

Status JsonDocument::parse(std::string_view text, const JsonLimits& limits) {
  nodes_.clear();
  text_.clear();
  // Offsets inside the document are 32-bit.
  if (text.size() > std::min<std::size_t>(limits.max_bytes, 0x7fffffff)) {
    return Error{Code::kCapacityExceeded, limits.max_bytes, "JSON: text too long (byte)"};
  }
  // Unescaped strings are never longer than their escaped form, so the text never moves and the
  // views that JsonBuilder sorts stay good.
  text_.reserve(text.size());
  JsonBuilder builder(*this, limits);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    nodes_.clear();
    text_.clear();
    return builder.error();
  }
  return {};
}

JsonValue JsonDocument::root() const { return nodes_.empty() ? JsonValue() : JsonValue(this, 0); }

bool JsonValue::is_object() const {
  return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::kObject;
}

bool JsonValue::is_array() const {
  return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::kArray;
}

bool JsonValue::is_null() const {
  return exists() && document_->nodes_[node_].kind == JsonDocument::Kind::kNull;
}

JsonValue JsonValue::get(std::string_view key) const {
  if (!is_object()) return {};
  for (JsonValue member = first(); member.exists(); member = member.next()) {
    if (member.key() == key) return member;
  }
  return {};
}

std::string_view JsonValue::key() const {
  return exists() ? document_->view(document_->nodes_[node_].key) : std::string_view();
}

std::optional<std::string_view> JsonValue::string() const {
  if (!exists() || document_->nodes_[node_].kind != JsonDocument::Kind::kString) return {};
  return document_->view(document_->nodes_[node_].text);
}

std::optional<bool> JsonValue::boolean() const {
  if (!exists()) return {};
  const JsonDocument::Kind kind = document_->nodes_[node_].kind;
  if (kind == JsonDocument::Kind::kTrue) return true;
  if (kind == JsonDocument::Kind::kFalse) return false;
  return {};
}

std::optional<double> JsonValue::number() const {
  if (!exists()) return {};
  const JsonDocument::Node& node = document_->nodes_[node_];
  switch (node.kind) {
    case JsonDocument::Kind::kUnsigned:
      return static_cast<double>(node.bits);
    case JsonDocument::Kind::kNegative:
      return static_cast<double>(static_cast<std::int64_t>(node.bits));
    case JsonDocument::Kind::kFloat:
      return std::bit_cast<double>(node.bits);
    default:
      return {};
  }
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (!exists()) return {};
  const JsonDocument::Node& node = document_->nodes_[node_];
  if (node.kind == JsonDocument::Kind::kNegative) return static_cast<std::int64_t>(node.bits);
  if (node.kind == JsonDocument::Kind::kUnsigned && node.bits <= 0x7fffffffffffffffu) {
    return static_cast<std::int64_t>(node.bits);
  }
  return {};
}

std::optional<std::uint64_t> JsonValue::unsigned_integer() const {
  if (!exists() || document_->nodes_[node_].kind != JsonDocument::Kind::kUnsigned) return {};
  return document_->nodes_[node_].bits;
}

std::size_t JsonValue::size() const { return exists() ? document_->nodes_[node_].size : 0; }

JsonValue JsonValue::first() const {
  if (!exists()) return {};
  const std::uint32_t child = document_->nodes_[node_].first;
  return child == 0 ? JsonValue() : JsonValue(document_, child);
}

JsonValue JsonValue::next() const {
  if (!exists()) return {};
  const std::uint32_t sibling = document_->nodes_[node_].next;
  return sibling == 0 ? JsonValue() : JsonValue(document_, sibling);
}

void append_json_string(std::string_view text, std::string& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string clean;
  append_sanitised(text, clean);
  out.push_back('"');
  for (const char c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out += "\\u00";
      out.push_back(kDigits[byte >> 4]);
      out.push_back(kDigits[byte & 15]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_json_number(double value, std::string& out) {
  char buffer[32];
  const std::to_chars_result end = std::to_chars(buffer, buffer + sizeof(buffer), value);
  out.append(buffer, end.ptr);
}

}  // namespace ossicle::base
