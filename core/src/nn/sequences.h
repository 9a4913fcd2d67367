#ifndef OSSICLE_NN_SEQUENCES_H_
#define OSSICLE_NN_SEQUENCES_H_

// What both stacks check. Inside nn only.

#include <cstddef>
#include <cstdint>
#include <span>

#include "nn/stack.h"
#include "ossicle/status.h"

namespace ossicle::nn {

inline Status check_stack_shape(const StackShape& s, std::size_t n_layers) {
  const auto invalid = [](std::uint64_t at, const char* what) {
    return Error{Code::kInvalidArgument, at, what};
  };
  if (s.layers < 1 || s.layers > 48) return invalid(s.layers, "layers must be 1 to 48");
  if (n_layers != s.layers) return invalid(n_layers, "the weights are not those of all layers");
  if (s.channels < 1 || s.channels > 4096) {
    return invalid(s.channels, "channels must be 1 to 4096");
  }
  if (s.heads < 1 || s.channels % s.heads != 0) {
    return invalid(s.heads, "heads must divide channels");
  }
  if (s.feed_forward < 1 || s.feed_forward > 16384) {
    return invalid(s.feed_forward, "feed_forward must be 1 to 16384");
  }
  if (s.max_rows < 1 || s.max_rows > 16384) {
    return invalid(s.max_rows, "max_rows must be 1 to 16384");
  }
  if (s.max_sequence < 1 || s.max_sequence > 512) {
    return invalid(s.max_sequence, "max_sequence must be 1 to 512");
  }
  if (!(s.layer_norm_epsilon >= 0.0f && s.layer_norm_epsilon <= 1.0f)) {
    return invalid(0, "layer_norm_epsilon must be 0 to 1");
  }
  return {};
}

/// Whether `lengths` describe `floats` numbers of state.
inline Status check_lengths(const StackShape& s, std::size_t floats,
                            std::span<const std::uint32_t> lengths) {
  std::uint64_t rows = 0;
  for (const std::uint32_t length : lengths) {
    if (length > s.max_sequence) {
      return Error{Code::kInvalidArgument, length, "a sequence is longer than max_sequence"};
    }
    rows += length;
  }
  if (rows > s.max_rows) return Error{Code::kInvalidArgument, rows, "more rows than max_rows"};
  if (rows * s.channels != floats) {
    return Error{Code::kInvalidArgument, floats, "state is not [sum of lengths, channels]"};
  }
  return {};
}

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_SEQUENCES_H_
