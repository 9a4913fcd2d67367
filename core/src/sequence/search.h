#ifndef OSSICLE_SEQUENCE_SEARCH_H_
#define OSSICLE_SEQUENCE_SEARCH_H_

// The beam search that writes a playlist. Inside sequence only.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "sequence/rules.h"
#include "sequence/state.h"

namespace ossicle::sequence {

/// One search; all that is large lies in the model's state.
class Search {
 public:
  Search(SequenceModel::State& state, const SequenceItems& items, const PlaylistRequest& request,
         std::size_t length)
      : s_(state),
        items_(items),
        request_(request),
        length_(length),
        rules_(items, request, length) {}

  /// Closes what may not be written and says how many items may be, `from` and `to` included.
  std::size_t prepare();

  /// Errors: invalid_argument (no such list), not_finite.
  Status run(std::span<PlaylistItem> out);

 private:
  static constexpr std::size_t kStride = SequenceModel::kMaxLength;

  std::size_t row(std::uint32_t beam, bool next) const {
    return ((side_ != next ? 1U : 0U) * std::size_t{SequenceModel::kMaxBeams} + beam) * kStride;
  }
  /// The items of a beam; of the next half, where the beams of the next position are made.
  std::uint32_t* list(std::uint32_t beam, bool next = false) {
    return s_.history.data() + row(beam, next);
  }
  float* log_p(std::uint32_t beam, bool next = false) {
    return s_.history_log_p.data() + row(beam, next);
  }

  void start_way();
  void price(std::size_t position);
  void add_way(std::size_t position);
  void add_curve(std::size_t position);
  std::size_t scan(std::uint32_t beam, std::size_t position, bool by_artist);
  std::size_t choose(std::uint32_t beam, std::size_t position, std::span<Choice> out);
  std::size_t choose_all(std::size_t position);
  std::uint32_t forced_at(std::size_t position) const;
  Status follow(std::size_t chosen, std::size_t position);
  Status fall_back(std::size_t came_to, std::span<PlaylistItem> out);

  SequenceModel::State& s_;
  const SequenceItems& items_;
  const PlaylistRequest& request_;
  const std::size_t length_;
  const ListRules rules_;
  bool side_ = false;  // the half of the history that the beams are in
  std::uint32_t n_beams_ = 1;
  std::array<double, SequenceModel::kMaxBeams> total_{};
  std::array<std::uint32_t, SequenceModel::kMaxBeams> lane_{};  // of a beam
  std::array<float, kMaxFactors> way_from_, way_to_;            // unit vectors
};

}  // namespace ossicle::sequence

#endif  // OSSICLE_SEQUENCE_SEARCH_H_
