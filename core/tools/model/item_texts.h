#ifndef OSSICLE_TOOLS_MODEL_ITEM_TEXTS_H_
#define OSSICLE_TOOLS_MODEL_ITEM_TEXTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/training.h"
#include "ossicle/encoder.h"
#include "problem.h"
#include "ratings.h"

namespace ossicle::tools {

/// Tags in the text of an item, as many as a catalogue has of it.
inline constexpr std::uint32_t kTagsPerText = 5;

/// Each item's name and tags in one text, as the package's search makes it: "name, tag, tag".
/// `names` is [N]; the most given of the tags that `may_count` allows, at most tags_per_item of
/// each item; `tags` may be null.
std::vector<std::string> texts_of_items(std::span<const std::string> names,
                                        const TagAssignments* tags, const MayCount& may_count,
                                        std::uint32_t tags_per_item);

/// Their vectors.
Problem make_item_texts(Encoder& encoder, std::span<const std::string> names,
                        const TagAssignments* tags, const MayCount& may_count,
                        std::uint32_t tags_per_item, ItemTexts& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_ITEM_TEXTS_H_
