#include "verbs/time_text.h"

#include <chrono>

#include "args.h"

namespace ossicle::tools {
namespace {

// Matches `text` against a pattern whose 'd' are digits, and gives the numbers in it.
bool match(std::string_view text, std::string_view pattern, std::uint64_t* numbers) {
  if (text.size() != pattern.size()) return false;
  std::size_t n = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (pattern[i] != 'd') {
      if (text[i] != pattern[i]) return false;
      continue;
    }
    std::size_t end = i;
    while (end < pattern.size() && pattern[end] == 'd') ++end;
    if (!parse_count(text.substr(i, end - i), numbers[n++])) return false;
    i = end - 1;
  }
  return true;
}

}  // namespace

bool parse_time(std::string_view text, std::int64_t& seconds) {
  std::uint64_t part[6] = {};
  if (!match(text, "dddd-dd-dd", part) && !match(text, "dddd-dd-ddTdd:dd:ddZ", part)) {
    std::uint64_t count = 0;
    if (!parse_count(text, count) || count > std::uint64_t{1} << 40) return false;
    seconds = static_cast<std::int64_t>(count);
    return true;
  }
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(part[0])),
                                        std::chrono::month(static_cast<unsigned>(part[1])),
                                        std::chrono::day(static_cast<unsigned>(part[2]))};
  if (!day.ok() || part[3] > 23 || part[4] > 59 || part[5] > 59) return false;
  const std::int64_t days = std::chrono::sys_days(day).time_since_epoch().count();
  const std::uint64_t of_day = part[3] * 3600 + part[4] * 60 + part[5];
  seconds = days * 86400 + static_cast<std::int64_t>(of_day);
  return seconds >= 0;
}

}  // namespace ossicle::tools
