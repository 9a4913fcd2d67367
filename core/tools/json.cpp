#include "json.h"

#include <cmath>

#include "base/json.h"

namespace ossicle::tools {

void JsonOut::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonOut& JsonOut::open(char c) {
  separate();
  out_ += c;
  first_ = true;
  return *this;
}

JsonOut& JsonOut::close(char c) {
  out_ += c;
  first_ = false;
  return *this;
}

JsonOut& JsonOut::raw(std::string_view value) {
  separate();
  out_ += value;
  return *this;
}

JsonOut& JsonOut::key(std::string_view name) {
  separate();
  base::append_json_string(name, out_);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonOut& JsonOut::text(std::string_view value) {
  separate();
  base::append_json_string(value, out_);
  return *this;
}

JsonOut& JsonOut::number(double value) {
  if (!std::isfinite(value)) return raw("null");
  separate();
  base::append_json_number(value, out_);
  return *this;
}

JsonOut& JsonOut::integer(std::int64_t value) { return raw(std::to_string(value)); }
JsonOut& JsonOut::count(std::uint64_t value) { return raw(std::to_string(value)); }
JsonOut& JsonOut::boolean(bool value) { return raw(value ? "true" : "false"); }

}  // namespace ossicle::tools
