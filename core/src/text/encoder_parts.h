#ifndef OSSICLE_TEXT_ENCODER_PARTS_H_
#define OSSICLE_TEXT_ENCODER_PARTS_H_

// The tensors of encoder.safetensors, version 1: one list of names for the reader and the writer.
//   word.q I8 [V,E]  word.scale F32 [V]        position.q I8 [T,C]  position.scale F32 [T]
//   norm.weight, norm.bias F32 [C]             layer.<n>.norm1.*, layer.<n>.norm2.* F32 [C]
//   a product [out, in], for word.project (E < C), layer.<n>.qkv|out|up|down, head (D > 0):
//     .panels I8 [packed_linear_bytes(in, out)]  .scale, .offset, .bias F32 [out]

#include <cstdint>
#include <string>

#include "io/manifest.h"
#include "ossicle/encoder.h"

namespace ossicle::text {

inline constexpr const char* kWord = "word";
inline constexpr const char* kWordProject = "word.project";
inline constexpr const char* kPosition = "position";
inline constexpr const char* kNorm = "norm";
inline constexpr const char* kHead = "head";
inline constexpr const char* kWeightsPath = "encoder.safetensors";
inline constexpr const char* kTokenizerPath = "tokenizer.model";

EncoderShape shape_of(const io::ManifestEncoder& manifest);
io::ManifestEncoder manifest_of(const EncoderShape& shape);

}  // namespace ossicle::text

#endif  // OSSICLE_TEXT_ENCODER_PARTS_H_
