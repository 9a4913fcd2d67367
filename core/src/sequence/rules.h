#ifndef OSSICLE_SEQUENCE_RULES_H_
#define OSSICLE_SEQUENCE_RULES_H_

// What may stand where in a playlist, by who it is by. Inside sequence only.

#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/sequence.h"

namespace ossicle::sequence {

class ListRules {
 public:
  ListRules(const SequenceItems& items, const PlaylistRequest& request, std::size_t length)
      : items_(items), request_(request), length_(length) {}

  /// Whether the artist of `item` may stand after `before`.
  bool artist_may_follow(std::span<const std::uint32_t> before, std::uint32_t item) const;

  /// Sets bit `mark` of `closed` [N] for the items of artists that may not stand after `before`.
  void close_artists(std::span<const std::uint32_t> before, std::uint8_t mark,
                     std::span<std::uint8_t> closed) const;

  /// Whether `from` and `to` may be in one list.
  bool ends_agree() const;

  /// A list by these rules alone: at each position the artist with most items left, their first
  /// item that is not closed. Returns how many positions it could fill. `order` and `taken` are
  /// room, [N].
  std::size_t fill_plenty_first(std::span<const std::uint8_t> closed,
                                std::span<std::uint32_t> order, std::span<std::uint32_t> taken,
                                std::span<std::uint32_t> list) const;

 private:
  std::size_t left_for(std::span<const std::uint32_t> before, std::uint32_t artist) const;

  const SequenceItems& items_;
  const PlaylistRequest& request_;
  std::size_t length_;
};

}  // namespace ossicle::sequence

#endif  // OSSICLE_SEQUENCE_RULES_H_
