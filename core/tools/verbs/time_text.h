#ifndef OSSICLE_TOOLS_VERBS_TIME_TEXT_H_
#define OSSICLE_TOOLS_VERBS_TIME_TEXT_H_

#include <cstdint>
#include <string_view>

namespace ossicle::tools {

/// "2026-01-31", "2026-01-31T12:00:00Z" or whole seconds since 1970-01-01 UTC; false for anything
/// else.
bool parse_time(std::string_view text, std::int64_t& seconds);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_VERBS_TIME_TEXT_H_
