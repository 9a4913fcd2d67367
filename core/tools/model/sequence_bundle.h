#ifndef OSSICLE_TOOLS_MODEL_SEQUENCE_BUNDLE_H_
#define OSSICLE_TOOLS_MODEL_SEQUENCE_BUNDLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "ossicle/sequence.h"
#include "problem.h"

namespace ossicle::tools {

/// What training leaves: DIR/config.json (the fields of SequenceShape, but factor_space) and
/// DIR/model.safetensors (see write_sequence). factor_space is that of `catalogue`.
Problem read_sequence_checkpoint(const std::string& folder, const Catalogue& catalogue,
                                 SequenceShape& shape, std::vector<std::byte>& weights);

/// DIR/bundle.json and the file it names, bundle.json last.
Problem write_sequence_bundle(const std::string& folder, const SequenceBundleBytes& bytes);

/// The model of a bundle, for the items of `catalogue`.
Problem open_sequence(const std::string& folder, const Catalogue& catalogue,
                      std::optional<SequenceModel>& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_SEQUENCE_BUNDLE_H_
