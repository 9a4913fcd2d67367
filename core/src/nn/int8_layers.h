#ifndef OSSICLE_NN_INT8_LAYERS_H_
#define OSSICLE_NN_INT8_LAYERS_H_

// What an encoder's stack and a causal decoder share: everything of an int8 layer but the question
// which rows see which. Inside nn only.

#include <cstddef>
#include <span>
#include <vector>

#include "nn/stack.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle::nn {

/// Rows that go through the feed-forward half together: enough to reuse each panel of weights, few
/// enough for the hidden rows to stay in the second-level cache.
inline constexpr std::size_t kFeedForwardRows = 64;

/// Checked layers and what a group of rows needs between their products. C = channels, F =
/// feed-forward channels.
struct Int8Layers {
  StackShape shape;
  std::vector<Int8Layer> layers;
  OwnedBytes memory;
  std::byte* product = nullptr;  // linear()
  float* qkv = nullptr;          // [group, 3C]
  float* context = nullptr;      // [group, C]
  float* branch = nullptr;       // [group, C], what is added to the state
  float* hidden = nullptr;       // [kFeedForwardRows, F]
  std::byte* cache = nullptr;    // one head of one sequence
  std::byte* scratch = nullptr;  // attend()

  /// Room for `group` rows at a time; at most shape.max_rows. Errors: as Int8Stack::open.
  static Result<Int8Layers> open(const StackShape& shape, std::span<const Int8Layer> layers,
                                 std::size_t group);

  /// x [rows, C] -> qkv [rows, 3C].
  void project(const Int8Layer& layer, const float* x, std::size_t rows) const;
  /// x = LN(x + W context).
  void add_context(const Int8Layer& layer, float* x, std::size_t rows) const;
  /// x = LN(x + W2 gelu(W1 x)).
  void feed_forward(const Int8Layer& layer, float* x, std::size_t rows) const;
};

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_INT8_LAYERS_H_
