#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "verbs.h"

namespace {

using ossicle::tools::Verb;

int fail(const std::string& who, const ossicle::tools::Problem& problem) {
  std::fflush(stdout);
  std::fprintf(stderr, "%s: %s\n", who.c_str(), problem.text.c_str());
  return problem.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  static constexpr const Verb* kVerbs[] = {
      &ossicle::tools::train_verb,         &ossicle::tools::eval_verb,
      &ossicle::tools::inspect_verb,       &ossicle::tools::recommend_verb,
      &ossicle::tools::search_verb,        &ossicle::tools::pack_verb,
      &ossicle::tools::embed_verb,         &ossicle::tools::style_verb,
      &ossicle::tools::pack_sequence_verb, &ossicle::tools::playlist_verb,
      &ossicle::tools::replay_verb,        &ossicle::tools::prior_verb,
      &ossicle::tools::learn_verb};
  const std::vector<std::string_view> words(argv + std::min(argc, 1), argv + argc);
  if (words.empty()) {
    return fail("ossicle", ossicle::tools::problem("which verb? see ossicle --help"));
  }
  if (words[0] == "--help" || words[0] == "help") {
    std::fputs(ossicle::tools::help(kVerbs).c_str(), stdout);
    return 0;
  }
  const auto* const verb = std::find_if(std::begin(kVerbs), std::end(kVerbs),
                                        [&](const Verb* v) { return words[0] == v->name; });
  if (verb == std::end(kVerbs)) {
    return fail("ossicle", ossicle::tools::problem("'" + std::string(words[0]) +
                                                   "' is not a verb; see ossicle --help"));
  }
  const std::span<const std::string_view> rest = std::span(words).subspan(1);
  if (std::find(rest.begin(), rest.end(), "--help") != rest.end()) {
    std::fputs(ossicle::tools::help(**verb).c_str(), stdout);
    return 0;
  }
  ossicle::tools::Args args;
  ossicle::tools::Problem problem = args.parse(**verb, rest);
  if (!problem) problem = (*verb)->run(args);
  if (problem) return fail("ossicle " + std::string((*verb)->name), problem);
  if (std::fflush(stdout) != 0) {
    return fail("ossicle", ossicle::tools::problem("stdout cannot be written"));
  }
  return 0;
}
