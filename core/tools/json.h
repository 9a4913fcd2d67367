#ifndef OSSICLE_TOOLS_JSON_H_
#define OSSICLE_TOOLS_JSON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace ossicle::tools {

/// Writes JSON on one line. Numbers are the shortest text that reads back as the same double; NaN
/// and infinity become null. Broken UTF-8 becomes U+FFFD.
class JsonOut {
 public:
  JsonOut& begin_object() { return open('{'); }
  JsonOut& end_object() { return close('}'); }
  JsonOut& begin_array() { return open('['); }
  JsonOut& end_array() { return close(']'); }
  JsonOut& key(std::string_view name);
  JsonOut& text(std::string_view value);
  JsonOut& number(double value);
  JsonOut& integer(std::int64_t value);
  JsonOut& count(std::uint64_t value);
  JsonOut& boolean(bool value);

  const std::string& line() const { return out_; }

 private:
  JsonOut& open(char c);
  JsonOut& close(char c);
  JsonOut& raw(std::string_view value);
  void separate();

  std::string out_;
  bool first_ = true;
};

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_JSON_H_
