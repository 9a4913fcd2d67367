#ifndef OSSICLE_TOOLS_MODEL_ENCODER_BUNDLE_H_
#define OSSICLE_TOOLS_MODEL_ENCODER_BUNDLE_H_

#include <optional>
#include <string>

#include "ossicle/encoder.h"
#include "problem.h"

namespace ossicle::tools {

/// DIR/bundle.json and the two files it names, bundle.json last.
Problem write_encoder_bundle(const std::string& folder, const EncoderBundleBytes& bytes,
                             std::span<const std::byte> tokenizer);

Problem open_encoder(const std::string& folder, std::optional<Encoder>& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_ENCODER_BUNDLE_H_
