#include "model/item_texts.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "model/encoder_bundle.h"

namespace ossicle::tools {

std::vector<std::string> texts_of_items(std::span<const std::string> names,
                                        const TagAssignments* tags, const MayCount& may_count,
                                        std::uint32_t tags_per_item) {
  std::vector<std::map<std::uint32_t, std::uint32_t>> count(names.size());
  if (tags != nullptr) {
    for (const TagAssignments::Assignment& one : tags->all) {
      if (may_count(one)) ++count[one.item][one.tag];
    }
  }
  std::vector<std::string> texts(names.begin(), names.end());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> strongest(count[i].begin(),
                                                                   count[i].end());
    std::sort(strongest.begin(), strongest.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (strongest.size() > tags_per_item) strongest.resize(tags_per_item);
    for (const auto& [tag, n] : strongest) texts[i] += ", " + tags->names[tag];
  }
  return texts;
}

Problem make_item_texts(Encoder& encoder, std::span<const std::string> names,
                        const TagAssignments* tags, const MayCount& may_count,
                        std::uint32_t tags_per_item, ItemTexts& out) {
  const std::vector<std::string> texts = texts_of_items(names, tags, may_count, tags_per_item);
  out.size = encoder.shape().vector_size();
  out.vectors.clear();
  return encode_all(encoder, std::vector<std::string_view>(texts.begin(), texts.end()), out.size,
                    "texts", out.vectors);
}

}  // namespace ossicle::tools
