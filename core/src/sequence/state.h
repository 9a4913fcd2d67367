#ifndef OSSICLE_SEQUENCE_STATE_H_
#define OSSICLE_SEQUENCE_STATE_H_

// What the model and the playlist share. Inside sequence only.

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "io/manifest.h"
#include "kernels/linear.h"
#include "nn/decoder.h"
#include "ossicle/pipeline.h"
#include "ossicle/sequence.h"

namespace ossicle {

namespace sequence {

/// Rows that go through the layers together.
inline constexpr std::size_t kRows = 64;
/// Choices that a beam looks at.
inline constexpr std::size_t kChoices = 128;
inline constexpr std::size_t kMaxFactors = 1024;

SequenceShape shape_of(const io::ManifestSequence& manifest);
io::ManifestSequence manifest_of(const SequenceShape& shape);

/// The weights outside the layers: views into sequence.safetensors.
struct Parts {
  kernels::PackedLinear input, head;
  std::span<const float> begin;                   // [d + e]
  std::span<const float> absent;                  // [e]
  std::span<const float> position;                // [T, C] or empty
  std::span<const float> norm_weight, norm_bias;  // [C]
  std::vector<nn::Int8Layer> layers;
};
Status read_parts(std::span<const std::byte> file, const SequenceShape& shape, Parts& out);

/// One of the choices of a step.
struct Choice {
  double total = 0;  // of the list so far, this item included
  std::uint32_t beam = 0, item = kNoItem;
  float log_p = 0;
};

/// Errors: invalid_argument.
Status check_items(const SequenceShape& shape, std::size_t most, const SequenceItems& items);
Status check_recent(const SequenceItems& items, std::span<const std::uint32_t> recent);

}  // namespace sequence

struct SequenceModel::State {
  SequenceShape shape;
  OwnedBytes weights;  // what the views look at
  sequence::Parts parts;
  nn::Int8Decoder decoder;  // kMaxBeams lanes
  std::size_t most_items = 0;

  OwnedBytes memory;
  std::span<float> input;          // [kRows, d + e]
  std::span<float> rows;           // [kRows, C]
  std::span<float> place;          // [kRows, C], positions of those rows
  std::span<float> query;          // [kMaxBeams, d], what each lane asks for
  std::span<std::byte> scratch;    // linear()
  std::span<std::uint8_t> query7;  // [d rounded up to 16], a query in 7 bits
  // Of playlists:
  std::span<float> prior;            // [most_items], what popularity adds
  std::span<float> extra;            // [most_items], what the position adds to the score of an item
  std::span<float> inverse_norm;     // [most_items], 1 / |row| in steps of its scale
  std::span<std::uint8_t> closed;    // [most_items], != 0 is not written
  std::span<std::uint32_t> order;    // [most_items], items artist by artist
  std::span<std::uint32_t> taken;    // [most_items], of the artist whose items begin there
  std::span<Candidate> room;         // [kChoices]
  std::span<sequence::Choice> pool;  // [kMaxBeams * kMaxBeams]
  std::span<std::uint32_t> history;  // [2, kMaxBeams, kMaxLength]
  std::span<float> history_log_p;    // [2, kMaxBeams, kMaxLength]

  State(const SequenceShape& its_shape, OwnedBytes its_weights, sequence::Parts its_parts,
        nn::Int8Decoder its_decoder, std::size_t most)
      : shape(its_shape),
        weights(std::move(its_weights)),
        parts(std::move(its_parts)),
        decoder(std::move(its_decoder)),
        most_items(most) {}
  Status take_memory();

  /// The input row of an item.
  void write_input(const SequenceItems& items, std::uint32_t item, float* row) const;
  /// Runs the rows of `input`, those of each lane back to back. What the last row of lane i of
  /// `next` asks for comes into query row `slot` + i. Errors: not_finite (absurd weights).
  Status feed(std::span<const nn::LaneRows> next, std::size_t slot);
  /// The lane becomes BEGIN and the last `most` of `first` and `second`, one after the other.
  Status read(const SequenceItems& items, std::uint32_t lane, std::size_t slot,
              std::span<const std::uint32_t> first, std::span<const std::uint32_t> second,
              std::size_t most);
  std::span<const float> query_row(std::size_t slot) const {
    return query.subspan(slot * shape.factors, shape.factors);
  }
  /// logit of an item for a query [d] in f64.
  double logit(const SequenceItems& items, std::span<const double> query, std::uint32_t item) const;
};

namespace sequence {

/// A lane's query in f64, for State::logit().
struct Query {
  alignas(16) double values[kMaxFactors];
  std::size_t size;

  explicit Query(std::span<const float> query) : size(query.size()) {
    for (std::size_t i = 0; i < size; ++i) values[i] = static_cast<double>(query[i]);
  }
  std::span<const double> span() const { return {values, size}; }
};

}  // namespace sequence

}  // namespace ossicle

#endif  // OSSICLE_SEQUENCE_STATE_H_
