#ifndef OSSICLE_TOOLS_EVALUATION_SPLIT_EXPORT_H_
#define OSSICLE_TOOLS_EVALUATION_SPLIT_EXPORT_H_

#include <cstdint>
#include <string>

#include "evaluation/split.h"

namespace ossicle::tools {

/// One split and its iALS model as files, for recipes that train on top of it (models/sequence):
///   DIR/seed-S/split.safetensors
///       train, validation, test U32 [pairs, 2]: user and item, as numbers into names.json
///       plays F32 [pairs of train]: weights as written
///       items U32 [n]: the item of each row of the model
///       factors F32 [n, d]: rows of the model as a catalogue holds them (int8 times scale)
///       users F32 [U, d]: every user solved from the train part against `factors`, as a device
///       does
///   DIR/seed-S/names.json
///       {"users": [ids], "items": [ids]} of the ratings file
/// `int8` has its item vectors rounded (with_int8_items).
Problem export_split(const std::string& folder, std::uint64_t seed, const EvalRequest& request,
                     const Split& split, const TrainingSet& set, const IalsModel& int8);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_SPLIT_EXPORT_H_
