#ifndef OSSICLE_TOOLS_ARGS_H_
#define OSSICLE_TOOLS_ARGS_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "problem.h"

namespace ossicle::tools {

enum class Takes { kNothing, kOne, kMany };

/// One `--name VALUE` of a verb. `fallback` is the default's text, "" = none.
struct Option {
  const char* name;
  Takes takes;
  const char* value;
  const char* fallback;
  const char* text;
  bool required = false;
};

class Args;

/// One command of the tool, with everything --help needs.
struct Verb {
  const char* name;
  const char* summary;
  const char* positional;  ///< its one positional argument, "" = none
  const char* notes;
  std::span<const Option> options;
  Problem (*run)(const Args& args);
};

/// The arguments of one verb, checked against its options: unknown, missing and repeated ones are
/// problems.
class Args {
 public:
  Problem parse(const Verb& verb, std::span<const std::string_view> words);

  bool has(const std::string& name) const { return given_.contains(name); }
  /// The value given, or the default.
  const std::string& text(const std::string& name) const;
  const std::vector<std::string>& all(const std::string& name) const;
  const std::string& positional() const { return positional_; }

  /// Numbers, with the option named in the problem when it is none or outside [low, high].
  Problem number(const std::string& name, double low, double high, double& out) const;
  Problem count(const std::string& name, std::uint64_t low, std::uint64_t high,
                std::uint64_t& out) const;
  Problem count(const std::string& name, std::uint32_t low, std::uint32_t high,
                std::uint32_t& out) const;
  /// "1,2,3"
  Problem counts(const std::string& name, std::vector<std::uint64_t>& out) const;
  /// The value is one of `allowed`.
  Problem choice(const std::string& name, std::span<const std::string_view> allowed,
                 std::string& out) const;

 private:
  std::map<std::string, std::vector<std::string>> given_, fallback_;
  std::string positional_;
};

/// Whole-text numbers; false when `text` is anything else.
bool parse_number(const std::string& text, double& out);
bool parse_count(std::string_view text, std::uint64_t& out);

std::string help(const Verb& verb);
std::string help(std::span<const Verb* const> verbs);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_ARGS_H_
