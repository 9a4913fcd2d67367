#include <algorithm>
#include <limits>
#include <unordered_map>

#include "ratings.h"

namespace ossicle::tools {
namespace {

std::unordered_map<std::string_view, std::uint32_t> numbers_of(
    const std::vector<std::string>& ids) {
  std::unordered_map<std::string_view, std::uint32_t> number;
  for (std::uint32_t i = 0; i < ids.size(); ++i) number[ids[i]] = i;
  return number;
}

}  // namespace

Problem read_tags(const std::string& path, const std::string& names_path, const Ratings& ratings,
                  TagAssignments& out) {
  out = TagAssignments();
  std::map<std::string, std::string> names;
  if (!names_path.empty()) OSL_TOOL_TRY(read_names(names_path, names));
  const auto item_number = numbers_of(ratings.items);
  const auto user_number = numbers_of(ratings.users);
  std::unordered_map<std::string, std::uint32_t> tag_number;

  TsvFile file;
  OSL_TOOL_TRY(file.open(path));
  for (bool first = true; file.next(); first = false) {
    const std::vector<std::string_view>& fields = file.fields();
    if (fields.size() < 3) {
      return file.bad("has fewer than 3 columns; user, item and tag are needed");
    }
    if (first && (fields[0].starts_with("user") || fields[0].starts_with("User"))) continue;
    const auto item = item_number.find(fields[1]);
    if (item == item_number.end()) continue;
    std::string tag(fields[2]);
    if (!names_path.empty()) {
      const auto name = names.find(tag);
      if (name == names.end()) {
        return file.bad(
            std::string("tag '").append(tag).append("' has no name in ").append(names_path));
      }
      tag = name->second;
    }
    const auto [it, added] =
        tag_number.try_emplace(tag, static_cast<std::uint32_t>(out.names.size()));
    if (added) out.names.push_back(tag);
    const auto user = user_number.find(fields[0]);
    out.all.push_back({user == user_number.end() ? TagAssignments::kNobody : user->second,
                       item->second, it->second});
  }
  return {};
}

Problem strongest_tags(const TagAssignments& tags, std::uint32_t n_items, const TagLimits& limits,
                       TagFacts& out) {
  std::vector<std::map<std::uint32_t, std::uint32_t>> count(n_items);
  for (const TagAssignments::Assignment& one : tags.all) ++count[one.item][one.tag];
  std::vector<std::uint32_t> spread(tags.names.size(), 0);
  for (const auto& of_item : count) {
    for (const auto& [tag, n] : of_item) ++spread[tag];
  }
  out = TagFacts();
  out.of_item.assign(n_items, {});
  std::map<std::uint32_t, std::uint16_t> number;
  for (std::size_t i = 0; i < n_items; ++i) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> kept;
    for (const auto& [tag, n] : count[i]) {
      if (spread[tag] >= limits.min_items) kept.emplace_back(tag, n);
    }
    // Most given first; of two given as often the more widely used, then by name.
    std::sort(kept.begin(), kept.end(), [&](const auto& a, const auto& b) {
      if (a.second != b.second) return a.second > b.second;
      const std::uint32_t spread_a = spread[a.first];
      const std::uint32_t spread_b = spread[b.first];
      return spread_a != spread_b ? spread_a > spread_b : tags.names[a.first] < tags.names[b.first];
    });
    if (kept.size() > limits.per_item) kept.resize(limits.per_item);
    for (const auto& [tag, n] : kept) {
      const auto [it, added] =
          number.try_emplace(tag, static_cast<std::uint16_t>(out.names.size()));
      if (added && out.names.size() >= std::numeric_limits<std::uint16_t>::max()) {
        return problem("more than 65,535 tags are left; raise --tag-min-items");
      }
      if (added) out.names.push_back(tags.names[tag]);
      out.of_item[i].push_back(it->second);
    }
  }
  return {};
}

}  // namespace ossicle::tools
