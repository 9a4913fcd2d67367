#ifndef OSSICLE_NN_DECODER_H_
#define OSSICLE_NN_DECODER_H_

#include <cstdint>
#include <memory>
#include <span>

#include "nn/stack.h"
#include "ossicle/status.h"

namespace ossicle::nn {

/// The next rows of one lane.
struct LaneRows {
  std::uint32_t lane = 0, rows = 0;
};

/// Int8Stack's layers with a causal mask: a row sees itself and the rows before it. Keys and values
/// are kept, so that another row costs one row. A lane is one sequence with its keys and values;
/// lanes know nothing of each other. The same bytes out on every build, and whether rows come one
/// at a time or together. All memory is taken at open.
class Int8Decoder {
 public:
  /// shape.max_sequence: rows that a lane holds; shape.max_rows: rows of one run(). Errors: as
  /// Int8Stack::open, and invalid_argument (no lanes, or more than 64).
  static Result<Int8Decoder> open(const StackShape& shape, std::span<const Int8Layer> layers,
                                  std::uint32_t lanes);
  ~Int8Decoder();
  Int8Decoder(Int8Decoder&&) noexcept;
  Int8Decoder& operator=(Int8Decoder&&) noexcept;

  /// `state` [sum of rows, C], the next rows of each lane back to back, is replaced by the last
  /// layer's output. Errors: invalid_argument (a lane that there is not or twice, more rows than
  /// the lane or a run holds, a state of another size); nothing is changed then.
  Status run(std::span<float> state, std::span<const LaneRows> next);

  std::uint32_t rows(std::uint32_t lane) const;
  void clear(std::uint32_t lane);
  /// Lane `to` becomes what lane `from` is.
  void copy(std::uint32_t from, std::uint32_t to);

 private:
  struct State;
  explicit Int8Decoder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ossicle::nn

#endif  // OSSICLE_NN_DECODER_H_
