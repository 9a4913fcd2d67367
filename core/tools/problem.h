#ifndef OSSICLE_TOOLS_PROBLEM_H_
#define OSSICLE_TOOLS_PROBLEM_H_

#include <string>
#include <utility>

#include "ossicle/status.h"

namespace ossicle::tools {

inline constexpr int kExitError = 2;
inline constexpr int kExitInterrupted = 130;  // as a shell reports a program ended by Ctrl-C

/// What went wrong, in words for the person at the terminal: where, then what. exit_code 0 =
/// nothing.
struct [[nodiscard]] Problem {
  std::string text;
  int exit_code = 0;

  explicit operator bool() const { return exit_code != 0; }
};

inline Problem problem(std::string text) { return {std::move(text), kExitError}; }

/// A core error met in `where` (a path or a step).
Problem problem(const std::string& where, const Error& error);

/// Returns the problem of `expr` from the enclosing function, if there is one.
#define OSL_TOOL_TRY(expr)                             \
  do {                                                 \
    if (auto osl_problem = (expr)) return osl_problem; \
  } while (false)

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_PROBLEM_H_
