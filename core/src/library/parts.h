#ifndef OSSICLE_LIBRARY_PARTS_H_
#define OSSICLE_LIBRARY_PARTS_H_

// What the files of this folder share: the buffers of a Library.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ossicle/library.h"

namespace ossicle {

inline constexpr std::size_t kMostFactors = 1024;
inline constexpr std::uint32_t kNone = 0xffffffffu;

/// Hands out 64-byte aligned arrays of one block; given no block, it only adds up what they need.
class LibraryArena {
 public:
  explicit LibraryArena(std::byte* block) : block_(block) {}

  template <class T>
  void take(std::size_t n, std::span<T>& to) {
    const std::uint64_t bytes = (std::uint64_t{n} * sizeof(T) + OwnedBytes::kAlignment - 1) /
                                OwnedBytes::kAlignment * OwnedBytes::kAlignment;
    if (block_ != nullptr) to = {reinterpret_cast<T*>(block_ + used_), n};
    used_ += bytes;
  }
  std::uint64_t used() const { return used_; }

 private:
  std::byte* block_;
  std::uint64_t used_ = 0;  // at most 2^20 tracks of a few KB: far from overflow
};

/// An artist that some track credits, of the catalogue or not.
struct LibraryArtist {
  ItemId id{};
  std::int64_t flag_at_s = 0;
  std::int64_t skipped_s = 0;
  std::uint32_t item = kNoItem;  ///< catalogue row
  std::uint32_t own = kNone;     ///< number among the own items
  Flag flag = Flag::kNone;
};

/// All editions of one song.
struct LibraryGroup {
  std::int64_t last_played_s = 0;
  std::int64_t skipped_s = 0;
  std::uint32_t plays = 0;
  std::uint32_t duration_ms = 0;    ///< of its first track whose duration is known
  std::uint32_t next_same = kNone;  ///< another song with the same artist and title
  std::uint32_t reserved = 0;
};

/// key -> number, open addressing; key 0 = free. Never full: the owner keeps to the capacity.
struct LibraryTable {
  std::span<std::uint64_t> key;
  std::span<std::uint32_t> value;

  /// The slot of `k` (not 0), or the free one where it belongs.
  std::size_t slot(std::uint64_t k) const {
    std::size_t at = static_cast<std::size_t>(k) & (key.size() - 1);
    while (key[at] != 0 && key[at] != k) at = (at + 1) & (key.size() - 1);
    return at;
  }
  std::uint32_t find(std::uint64_t k) const {
    const std::size_t at = slot(k);
    return key[at] == 0 ? kNone : value[at];
  }
};

/// Sums of factors are kept in this fixed point, so that they do not depend on the order of tracks.
inline constexpr double kOwnUnit = 0x1p-16;

struct LibraryState {
  LibraryOptions options;
  OwnedBytes memory;
  std::uint32_t n_factors = 0, stride = 0, text_stride = 0;

  std::span<float> text_map;  // [t + 1, d] or empty

  // By row.
  std::uint32_t n_tracks = 0;
  std::span<std::int8_t> q;                // [N, stride]
  std::span<std::int8_t> text;             // [N, text_stride]
  std::span<float> scale, bias;            // [N]
  std::span<float> length;                 // [N], of the integers of q; 0 = zero factor
  std::span<float> text_length;            // [N], the same of text
  std::span<std::uint32_t> group;          // [N]
  std::span<TrackBasis> basis;             // [N]
  std::span<std::uint8_t> hidden;          // [N]
  std::span<std::uint32_t> credit_offset;  // [N + 1] into credit
  std::span<std::uint32_t> credit;         // [4 N + 16], artists
  // As credit: items of the catalogue come first, then the own ones as N + number, then kNoItem.
  std::span<std::uint32_t> credit_item;
  std::span<std::uint32_t> known;  // [N], how many of credit_item are rows

  std::uint32_t n_groups = 0;
  std::span<LibraryGroup> groups;  // [N]
  std::uint32_t n_artists = 0;
  std::span<LibraryArtist> artists;  // [N + 16]
  LibraryTable songs;                // (artist, title) -> group
  LibraryTable artist_rows;          // id -> artist

  // Artists whom the catalogue lacks and whom text gave a factor: the mean of their tracks'.
  std::uint32_t n_own = 0;
  std::span<std::int32_t> own_sum;            // [own_room, d], of the tracks' factors, in kOwnUnit
  std::span<std::int8_t> own_q;               // [own_room, stride]
  std::span<float> own_scale;                 // [own_room]
  std::span<std::uint32_t> own_tracks;        // [own_room], tracks in the mean
  std::span<ItemId> own_id;                   // [own_room]
  std::span<std::uint32_t> own_by_id;         // [own_room], the first n_own, ordered by id
  std::vector<std::uint32_t> own_name = {0};  // [n_own + 1] into own_names
  std::string own_names;

  // For one list.
  std::span<double> list_score;         // [N]
  std::span<std::uint32_t> order;       // [N]
  std::span<std::uint32_t> waiting;     // [N]
  std::span<std::uint32_t> in_list;     // [N + 16], by artist: tracks in the list
  std::span<std::uint32_t> last_place;  // [N + 16], by artist: place of the last of them, from 1 on
  std::span<std::uint8_t> used;         // [N], by group

  std::uint32_t artist_room() const { return options.capacity + 16; }
  std::uint32_t own_room() const { return std::min(options.max_own_items, artist_room()); }
};

/// The key of a song or of a play: never 0.
inline std::uint64_t song_key(const ItemId& artist, std::uint64_t title_hash) {
  std::uint64_t k = title_hash;
  for (std::size_t i = 0; i < 8; ++i) {
    k ^= std::uint64_t{artist[i]} << (8 * i);
  }
  // A hash is spread already; this parts (a, b) from (b, a).
  k *= 0x9e3779b97f4a7c15u;
  k ^= k >> 29;
  return k == 0 ? 1 : k;
}

inline std::uint64_t artist_key(const ItemId& id) { return song_key(id, 0); }

/// Whether two lengths may be of one recording: one unknown, or at most 10 s or 10 % apart.
inline bool durations_agree(std::uint32_t a, std::uint32_t b) {
  if (a == 0 || b == 0) return true;
  const std::uint32_t apart = a > b ? a - b : b - a;
  return apart <= 10000 || apart <= (a > b ? a : b) / 10;
}

}  // namespace ossicle

#endif  // OSSICLE_LIBRARY_PARTS_H_
