#include "args.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace ossicle::tools {
namespace {

std::string number_text(double x) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, x);
  return {buffer, end.ptr};
}

std::string pad(std::string text, std::size_t width) {
  text.resize(std::max(text.size() + 2, width), ' ');
  return text;
}

const Option* find(const Verb& verb, std::string_view name) {
  for (const Option& option : verb.options) {
    if (name == option.name) return &option;
  }
  return nullptr;
}

}  // namespace

Problem problem(const std::string& where, const Error& error) {
  return problem(where + ": " + error.what + " (" + code_name(error.code) + ", at " +
                 std::to_string(error.at) + ")");
}

bool parse_number(const std::string& text, double& out) {
  if (text.empty() || text.front() == ' ' || text.front() == '\t') return false;
  char* end = nullptr;
  out = std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

bool parse_count(std::string_view text, std::uint64_t& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

Problem Args::parse(const Verb& verb, std::span<const std::string_view> words) {
  const std::string see = "; see ossicle " + std::string(verb.name) + " --help";
  const auto refused = [&see](std::string_view before, std::string_view name,
                              std::string_view after) {
    return problem(std::string(before).append(name).append(after).append(see));
  };
  for (const Option& option : verb.options) {
    if (*option.fallback != '\0') fallback_[option.name] = {option.fallback};
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view word = words[i];
    if (!word.starts_with("--")) {
      if (*verb.positional == '\0' || !positional_.empty()) {
        return refused("'", word, "' is not expected here");
      }
      positional_ = word;
      continue;
    }
    word.remove_prefix(2);
    std::string value;
    const std::size_t equals = word.find('=');
    const bool inline_value = equals != std::string_view::npos;
    const std::string name(word.substr(0, equals));
    const Option* option = find(verb, name);
    if (option == nullptr) return refused("--", name, " is not an option");
    if (option->takes == Takes::kNothing) {
      if (inline_value) return refused("--", name, " takes no value");
    } else if (inline_value) {
      value = word.substr(equals + 1);
    } else if (i + 1 < words.size()) {
      value = words[++i];
    } else {
      return refused("--", name, " needs a value");
    }
    std::vector<std::string>& values = given_[name];
    if (!values.empty() && option->takes != Takes::kMany) {
      return refused("--", name, " is given twice");
    }
    values.push_back(value);
  }
  for (const Option& option : verb.options) {
    if (option.required && !has(option.name)) {
      return refused("--", option.name, " is needed");
    }
  }
  if (*verb.positional != '\0' && positional_.empty()) {
    return refused("", verb.positional, " is needed");
  }
  return {};
}

const std::vector<std::string>& Args::all(const std::string& name) const {
  static const std::vector<std::string> none;
  if (const auto it = given_.find(name); it != given_.end()) return it->second;
  if (const auto it = fallback_.find(name); it != fallback_.end()) return it->second;
  return none;
}

const std::string& Args::text(const std::string& name) const {
  static const std::string empty;
  const std::vector<std::string>& values = all(name);
  return values.empty() ? empty : values.front();
}

Problem Args::number(const std::string& name, double low, double high, double& out) const {
  if (parse_number(text(name), out) && std::isfinite(out) && out >= low && out <= high) return {};
  return problem("--" + name + " '" + text(name) + "' must be a number in " + number_text(low) +
                 ".." + number_text(high));
}

Problem Args::count(const std::string& name, std::uint64_t low, std::uint64_t high,
                    std::uint64_t& out) const {
  if (parse_count(text(name), out) && out >= low && out <= high) return {};
  return problem("--" + name + " '" + text(name) + "' must be a whole number in " +
                 std::to_string(low) + ".." + std::to_string(high));
}

Problem Args::count(const std::string& name, std::uint32_t low, std::uint32_t high,
                    std::uint32_t& out) const {
  std::uint64_t wide = 0;
  OSL_TOOL_TRY(count(name, std::uint64_t{low}, std::uint64_t{high}, wide));
  out = static_cast<std::uint32_t>(wide);
  return {};
}

Problem Args::counts(const std::string& name, std::vector<std::uint64_t>& out) const {
  std::string_view rest = text(name);
  while (true) {
    const std::size_t comma = rest.find(',');
    std::uint64_t value = 0;
    if (!parse_count(rest.substr(0, comma), value)) {
      return problem("--" + name + " '" + text(name) + "' must be whole numbers like 1,2,3");
    }
    out.push_back(value);
    if (comma == std::string_view::npos) return {};
    rest.remove_prefix(comma + 1);
  }
}

Problem Args::choice(const std::string& name, std::span<const std::string_view> allowed,
                     std::string& out) const {
  out = text(name);
  std::string list;
  for (const std::string_view one : allowed) {
    if (out == one) return {};
    list += (list.empty() ? "" : " | ") + std::string(one);
  }
  return problem("--" + name + " '" + out + "' must be " + list);
}

std::string help(const Verb& verb) {
  std::string out = "ossicle " + std::string(verb.name);
  for (const Option& option : verb.options) {
    if (option.required) out += " --" + std::string(option.name) + " " + option.value;
  }
  if (*verb.positional != '\0') out += " " + std::string(verb.positional);
  out += " [options]\n  " + std::string(verb.summary) + "\n\n";
  for (const Option& option : verb.options) {
    std::string left = "  --" + std::string(option.name);
    if (option.takes != Takes::kNothing) left += " " + std::string(option.value);
    out += pad(left, 28) + option.text;
    if (*option.fallback != '\0') out += " [" + std::string(option.fallback) + "]";
    if (option.takes == Takes::kMany) out += " (may be repeated)";
    out += "\n";
  }
  out += pad("  --help", 28) + "this text\n";
  if (*verb.notes != '\0') out += "\n" + std::string(verb.notes) + "\n";
  return out;
}

std::string help(std::span<const Verb* const> verbs) {
  std::string out =
      "ossicle: train, evaluate, inspect and use Ossicle catalogues. Nothing is sent anywhere.\n\n";
  for (const Verb* verb : verbs) {
    out += pad("  ossicle " + std::string(verb->name), 22) + verb->summary + "\n";
  }
  out +=
      "\nossicle VERB --help tells a verb's options. Results go to stdout, progress and errors to "
      "stderr;\nexit code 0 = done, 2 = error, 3 = a gate of learn refuses, 130 = interrupted.\n"
      "The npm package has one more: ossicle audit, which checks what a log of snapshots claims.\n";
  return out;
}

}  // namespace ossicle::tools
