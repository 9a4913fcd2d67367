#ifndef OSSICLE_TOOLS_MODEL_ENCODER_BUNDLE_H_
#define OSSICLE_TOOLS_MODEL_ENCODER_BUNDLE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ossicle/encoder.h"
#include "problem.h"

namespace ossicle::tools {

/// DIR/bundle.json and the two files it names, bundle.json last.
Problem write_encoder_bundle(const std::string& folder, const EncoderBundleBytes& bytes,
                             std::span<const std::byte> tokenizer);

Problem open_encoder(const std::string& folder, std::optional<Encoder>& out);

/// SHA-256 of the weights, as DIR/bundle.json has it.
Problem encoder_digest(const std::string& folder, std::array<std::uint8_t, 32>& out);

/// vectors [texts, dimensions], with progress on stderr under this name. Problems: `where` and the
/// core's error; interrupted by Ctrl-C.
Problem encode_all(Encoder& encoder, std::span<const std::string_view> texts,
                   std::uint32_t dimensions, const std::string& where, std::vector<float>& vectors);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_ENCODER_BUNDLE_H_
