#ifndef OSSICLE_WASM_ABI_ABI_ENCODER_H_
#define OSSICLE_WASM_ABI_ABI_ENCODER_H_

// The encoder's handle, which style asks for the weights it was opened on.

#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "ossicle.h"
#include "ossicle/encoder.h"

struct osl_encoder {
  std::vector<std::byte> bundle_json;
  std::array<ossicle::BundleFile, 2> files;  ///< weights, tokenizer
  std::array<ossicle::OwnedBytes, 2> rooms;
  std::array<ossicle::FileDigest, 2> digests;
  std::optional<ossicle::Encoder> encoder;
};

#endif  // OSSICLE_WASM_ABI_ABI_ENCODER_H_
