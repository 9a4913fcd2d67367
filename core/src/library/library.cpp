#include "ossicle/library.h"

#include <algorithm>
#include <cmath>
#include <new>
#include <utility>

#include "base/checked.h"
#include "library/parts.h"

namespace ossicle {
namespace {

Status check_options(const LibraryOptions& o) {
  const base::Range ranges[] = {
      {static_cast<double>(o.capacity), 1, Library::kMostTracks, "capacity is outside 1..2^20"},
      {static_cast<double>(o.text_dimensions), 0, 1024, "text_dimensions is outside 0..1024"},
      {o.text_weight, 0, 10, "text_weight is outside 0..10"},
      {o.min_played_ms, 0, 3600000, "min_played_ms is outside 0..3600000"},
      {o.skip_rest_days, 0, 36500, "skip_rest_days is outside 0..36500"},
      {static_cast<double>(o.max_own_items), 0, 1 << 16, "max_own_items is outside 0..65536"},
  };
  return base::check_ranges(ranges);
}

// A power of two of which 3/4 is at least `n`.
std::size_t table_size(std::size_t n) {
  std::size_t size = 4;
  while (size / 4 * 3 < n) size *= 2;
  return size;
}

std::uint32_t rounded_up(std::uint32_t n) { return (n + 15) / 16 * 16; }

void take_buffers(LibraryState& s, LibraryArena& arena, std::size_t map_size) {
  const std::size_t n = s.options.capacity;
  const std::size_t a = s.artist_room();
  arena.take(map_size, s.text_map);
  arena.take(n * s.stride, s.q);
  arena.take(n * s.text_stride, s.text);
  arena.take(n, s.scale);
  arena.take(n, s.bias);
  arena.take(n, s.length);
  arena.take(n, s.text_length);
  arena.take(n, s.group);
  arena.take(n, s.basis);
  arena.take(n, s.hidden);
  arena.take(n + 1, s.credit_offset);
  arena.take(4 * n + 16, s.credit);
  arena.take(4 * n + 16, s.credit_item);
  arena.take(n, s.known);
  arena.take(n, s.groups);
  arena.take(a, s.artists);
  // A track is found by its artists as written or the first of them, and its title or song_title().
  arena.take(table_size(4 * n), s.songs.key);
  arena.take(table_size(4 * n), s.songs.value);
  arena.take(table_size(a), s.artist_rows.key);
  arena.take(table_size(a), s.artist_rows.value);
  const std::size_t own = s.own_room();
  arena.take(own * s.n_factors, s.own_sum);
  arena.take(own * s.stride, s.own_q);
  arena.take(own, s.own_scale);
  arena.take(own, s.own_tracks);
  arena.take(own, s.own_id);
  arena.take(own, s.own_by_id);
  arena.take(n, s.list_score);
  arena.take(n, s.order);
  arena.take(n, s.waiting);
  arena.take(a, s.in_list);
  arena.take(a, s.last_place);
  arena.take(n, s.used);
}

}  // namespace

Library::Library(std::unique_ptr<LibraryState> state) : state_(std::move(state)) {}
Library::~Library() = default;
Library::Library(Library&&) noexcept = default;
Library& Library::operator=(Library&&) noexcept = default;

Result<Library> Library::open(const Catalogue& catalogue, const LibraryOptions& options,
                              std::span<const float> text_map) {
  OSL_TRY(check_options(options));
  const std::size_t d = catalogue.n_factors;
  if (d == 0 || d > kMostFactors) {
    return Error{Code::kInvalidArgument, d, "n_factors is outside 1..1024"};
  }
  if (!text_map.empty() && text_map.size() != (std::size_t{options.text_dimensions} + 1) * d) {
    return Error{Code::kInvalidArgument, text_map.size(),
                 "text_map is not [text_dimensions + 1, d] (at = its size)"};
  }
  for (std::size_t i = 0; i < text_map.size(); ++i) {
    if (!std::isfinite(text_map[i])) return Error{Code::kNotFinite, i, "text_map (index)"};
  }
  std::unique_ptr<LibraryState> state(new (std::nothrow) LibraryState);
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(LibraryState), "no memory to open"};
  state->options = options;
  state->n_factors = catalogue.n_factors;
  state->stride = catalogue.row_stride;
  state->text_stride = rounded_up(options.text_dimensions);

  LibraryArena sizes(nullptr);
  take_buffers(*state, sizes, text_map.size());
  if (sizes.used() <= SIZE_MAX / 2) {
    state->memory = OwnedBytes::allocate(static_cast<std::size_t>(sizes.used()));
  }
  if (!state->memory.ok()) {
    return Error{Code::kOutOfMemory, sizes.used(), "no memory for the library (at = bytes)"};
  }
  LibraryArena arena(state->memory.data());
  take_buffers(*state, arena, text_map.size());
  std::copy(text_map.begin(), text_map.end(), state->text_map.begin());
  return Library(std::move(state));
}

std::uint32_t Library::size() const { return state_->n_tracks; }
std::uint32_t Library::capacity() const { return state_->options.capacity; }
std::size_t Library::bytes() const { return state_->memory.size(); }

Status Library::hide(std::uint32_t row, bool hidden) {
  if (row >= state_->n_tracks) return Error{Code::kOutOfRange, row, "no such track (at = row)"};
  state_->hidden[row] = hidden ? 1 : 0;
  return {};
}

Result<TrackFacts> Library::facts(std::uint32_t row) const {
  const LibraryState& s = *state_;
  if (row >= s.n_tracks) return Error{Code::kOutOfRange, row, "no such track (at = row)"};
  const LibraryGroup& song = s.groups[s.group[row]];
  TrackFacts facts;
  facts.last_played_s = song.last_played_s;
  facts.skipped_s = song.skipped_s;
  facts.plays = song.plays;
  facts.group = s.group[row];
  facts.credits = s.credit_offset[row + 1] - s.credit_offset[row];
  facts.basis = s.basis[row];
  return facts;
}

Result<std::span<const std::uint32_t>> Library::artists(std::uint32_t row) const {
  const LibraryState& s = *state_;
  if (row >= s.n_tracks) return Error{Code::kOutOfRange, row, "no such track (at = row)"};
  const std::span<const std::uint32_t> credits =
      s.credit_item.subspan(s.credit_offset[row], s.credit_offset[row + 1] - s.credit_offset[row]);
  const auto end = std::find(credits.begin(), credits.end(), kNoItem);
  return credits.first(static_cast<std::size_t>(end - credits.begin()));
}

OwnItems Library::own_items() const {
  const LibraryState& s = *state_;
  return {.n = s.n_own,
          .q = s.own_q.first(std::size_t{s.n_own} * s.stride),
          .scale = s.own_scale.first(s.n_own),
          .id = s.own_id.first(s.n_own),
          .by_id = s.own_by_id.first(s.n_own),
          .name_offset = s.own_name,
          .name_bytes = s.own_names};
}

}  // namespace ossicle
