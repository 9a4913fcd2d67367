// Adding tracks: who is credited, which song it is, and its factor.

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "kernels/dense.h"
#include "library/parts.h"
#include "ossicle/credits.h"
#include "ossicle/history.h"
#include "ossicle/text_map.h"

namespace ossicle {
namespace {

/// Writes `values` [n] as integers of 8 bits to `row` [stride] (padded with zeros), with its scale;
/// returns the length of the integers.
float quantise(std::span<const double> values, std::span<std::int8_t> row, float& scale) {
  double largest = 0;
  for (const double x : values) largest = std::max(largest, std::fabs(x));
  std::fill(row.begin(), row.end(), std::int8_t{0});
  scale = static_cast<float>(largest / 127);
  if (!(scale > 0)) return 0;
  std::int32_t squares = 0;  // at most 1024 * 127^2
  for (std::size_t i = 0; i < values.size(); ++i) {
    // The scale was rounded to f32, so that the largest may land just outside.
    const double level =
        std::clamp(std::round(values[i] / static_cast<double>(scale)), -127.0, 127.0);
    row[i] = static_cast<std::int8_t>(level);
    squares += row[i] * row[i];
  }
  return static_cast<float>(std::sqrt(static_cast<double>(squares)));
}

double length_of(std::span<const double> v) {
  return std::sqrt(kernels::dot_f64(v.data(), v.data(), v.size()));
}

/// The steps of Library::add, on the buffers of one Library.
struct TrackAdder {
  const Catalogue& catalogue;
  LibraryState& s;
  std::string title = {};  // room for names

  struct Credits {
    std::array<std::uint32_t, 2 * kMostCredits> artist;
    std::array<std::string_view, 2 * kMostCredits> name;  // of those that the catalogue lacks
    std::uint32_t n = 0;
    std::uint32_t known = 0;  // of those, of the catalogue: they come first
  };

  /// The number of an artist, made when it is new; kNone when there is no room.
  std::uint32_t artist_of(const ItemId& id, std::uint32_t item) const {
    const std::size_t at = s.artist_rows.slot(artist_key(id));
    if (s.artist_rows.key[at] != 0) return s.artist_rows.value[at];
    if (s.n_artists == s.artist_room()) return kNone;
    s.artist_rows.key[at] = artist_key(id);
    s.artist_rows.value[at] = s.n_artists;
    s.artists[s.n_artists] = {};
    s.artists[s.n_artists].id = id;
    s.artists[s.n_artists].item = item;
    return s.n_artists++;
  }

  /// Takes the latest artists out again. The last key that was put in lies in no other's way.
  void forget_artists(std::uint32_t left) const {
    while (s.n_artists > left) {
      --s.n_artists;
      s.artist_rows.key[s.artist_rows.slot(artist_key(s.artists[s.n_artists].id))] = 0;
    }
  }

  bool credit(Credits& out, const ItemId& id, std::uint32_t item, std::string_view name) const {
    const std::uint32_t artist = artist_of(id, item);
    if (artist == kNone) return false;
    const auto end = out.artist.begin() + out.n;
    if (std::find(out.artist.begin(), end, artist) != end || out.n == out.artist.size()) {
      return true;
    }
    out.name[out.n] = name;
    out.artist[out.n++] = artist;
    return true;
  }

  /// Who a track credits: the catalogue's artists as find_credits() has them; of a name with guests
  /// ("A feat. B") also those parts that the catalogue lacks; of a name without any known artist
  /// and without guests, the name.
  bool find_artists(std::string_view name, Credits& out) const {
    if (name.empty()) return true;
    std::array<std::uint32_t, kMostCredits> rows;
    const std::uint32_t n = find_credits(catalogue, name, rows);
    for (std::uint32_t i = 0; i < n; ++i) {
      if (!credit(out, catalogue.id[rows[i]], rows[i], {})) return false;
    }
    out.known = out.n;
    std::array<Credit, kMostCredits> parts;
    const std::uint32_t n_parts = split_credits(name, parts);
    const bool guests = std::any_of(parts.begin(), parts.begin() + n_parts,
                                    [](const Credit& part) { return part.featured; });
    if (!guests) return n > 0 || credit(out, artist_id(name), kNoItem, name);
    for (std::uint32_t first = 0, last = 0; first < n_parts; first = last) {
      // "A & B feat. C": A & B may be one name; it is one unless the catalogue knows better.
      last = first + 1;
      while (last < n_parts && !parts[last].featured) ++last;
      const char* const begin = parts[first].name.data();
      const char* const end = parts[last - 1].name.data() + parts[last - 1].name.size();
      const std::string_view piece(begin, static_cast<std::size_t>(end - begin));
      if (find_credits(catalogue, piece, rows) > 0) continue;
      if (!credit(out, artist_id(piece), kNoItem, piece)) return false;
    }
    return true;
  }

  /// The song with this key and about this length, or a new one; then also found by `others`.
  std::uint32_t song_of(std::uint64_t key, std::uint32_t duration_ms,
                        std::span<const std::uint64_t> others) const {
    const std::size_t at = s.songs.slot(key);
    std::uint32_t song = s.songs.key[at] == 0 ? kNone : s.songs.value[at];
    std::uint32_t last = kNone;
    while (song != kNone && !durations_agree(s.groups[song].duration_ms, duration_ms)) {
      last = song;
      song = s.groups[song].next_same;
    }
    if (song == kNone) {
      song = s.n_groups++;
      s.groups[song] = {};
      if (last != kNone) {
        s.groups[last].next_same = song;
      } else {
        s.songs.key[at] = key;
        s.songs.value[at] = song;
      }
    }
    if (s.groups[song].duration_ms == 0) s.groups[song].duration_ms = duration_ms;
    for (const std::uint64_t other : others) {
      const std::size_t place = s.songs.slot(other);
      if (s.songs.key[place] != 0) continue;
      s.songs.key[place] = other;
      s.songs.value[place] = song;
    }
    return song;
  }

  std::uint32_t group_of(const TrackInput& track, const Credits& credits) {
    if (credits.n == 0 || track.title.empty()) {
      // Nothing says that it is the same as another.
      s.groups[s.n_groups] = {};
      return s.n_groups++;
    }
    const ItemId& first = s.artists[credits.artist[0]].id;
    const ItemId whole = artist_id(track.artist);
    song_title(track.title, title);
    const std::uint64_t song = track_hash(title);
    const std::uint64_t written = track_hash(track.title);
    const std::array<std::uint64_t, 3> others = {song_key(first, written), song_key(whole, song),
                                                 song_key(whole, written)};
    return song_of(song_key(first, song), track.duration_ms, others);
  }

  /// Mean of the known artists' rows, [d]; false when there are none, or they are all zero.
  bool artist_factor(const Credits& credits, std::span<double> out) const {
    alignas(16) std::array<double, kMostFactors> row;
    std::fill(out.begin(), out.end(), 0.0);
    if (credits.known == 0) return false;
    for (std::uint32_t i = 0; i < credits.known; ++i) {
      const std::uint32_t item = s.artists[credits.artist[i]].item;
      kernels::dequantise_row(catalogue.q.data() + std::size_t{item} * catalogue.row_stride,
                              static_cast<double>(catalogue.scale[item]), s.n_factors, row.data());
      kernels::axpy(1.0 / credits.known, row.data(), s.n_factors, out.data());
    }
    return length_of(out) > 0;
  }

  void write_factor(std::uint32_t row, const TrackInput& track, const Credits& credits) const {
    alignas(16) std::array<double, kMostFactors> text_room, factor_room, rest_room;
    const std::span<double> factor = std::span(factor_room).first(s.n_factors);
    const std::span<double> rest = std::span(rest_room).first(s.n_factors);
    const std::span<double> text = std::span(text_room).first(track.text.size());
    s.text_length[row] = 0;
    if (!text.empty()) {
      for (std::size_t k = 0; k < text.size(); ++k) text[k] = static_cast<double>(track.text[k]);
      float scale = 0;
      const auto to = s.text.subspan(std::size_t{row} * s.text_stride, s.text_stride);
      s.text_length[row] = quantise(text, to, scale);
    }
    const bool has_map = !s.text_map.empty() && s.text_length[row] > 0;
    const bool known = artist_factor(credits, factor);
    TrackBasis basis = known ? TrackBasis::kArtist : TrackBasis::kNothing;
    if (!known && has_map) {
      map_text_f64(s.text_map, text, 1, factor);
      basis = TrackBasis::kText;
    } else if (known && has_map && !track.artist_text.empty()) {
      for (std::size_t k = 0; k < text.size(); ++k) {
        text[k] -= static_cast<double>(track.artist_text[k]);
      }
      map_text_f64(s.text_map, text, 0, rest);
      // The artist leads: the residual is at most half as long as the artist's factor.
      const double residual = s.options.text_weight * length_of(rest);
      const double most = length_of(factor) / 2;
      const double weight = s.options.text_weight * (residual > most ? most / residual : 1);
      kernels::axpy(weight, rest.data(), s.n_factors, factor.data());
      basis = TrackBasis::kBoth;
    }
    const auto to = s.q.subspan(std::size_t{row} * s.stride, s.stride);
    s.length[row] = quantise(factor, to, s.scale[row]);
    s.basis[row] = basis;
  }

  /// The number of an artist among the own items, made when it is new; kNone when there is no room.
  std::uint32_t own_of(LibraryArtist& artist, std::string_view name) const {
    if (artist.own != kNone || s.n_own == s.own_room()) return artist.own;
    artist.own = s.n_own++;
    s.own_id[artist.own] = artist.id;
    const std::span<std::uint32_t> by_id = s.own_by_id.first(s.n_own);
    const auto last = by_id.end() - 1;
    const auto at = std::upper_bound(
        by_id.begin(), last, artist.id,
        [this](const ItemId& id, std::uint32_t own) { return id < s.own_id[own]; });
    std::copy_backward(at, last, by_id.end());
    *at = artist.own;
    s.own_names += name;
    s.own_name.push_back(static_cast<std::uint32_t>(s.own_names.size()));
    return artist.own;
  }

  /// Takes the factor of a track into the mean of an artist whom the catalogue lacks.
  void add_to_own(std::uint32_t row, LibraryArtist& artist, std::string_view name) const {
    const std::uint32_t own = own_of(artist, name);
    if (own == kNone) return;
    alignas(16) std::array<double, kMostFactors> room;
    const std::span<double> factor = std::span(room).first(s.n_factors);
    const std::span<std::int32_t> sum =
        s.own_sum.subspan(std::size_t{own} * s.n_factors, s.n_factors);
    kernels::dequantise_row(s.q.data() + std::size_t{row} * s.stride,
                            static_cast<double>(s.scale[row]), s.n_factors, factor.data());
    const double n = ++s.own_tracks[own];
    for (std::size_t k = 0; k < sum.size(); ++k) {
      constexpr double kMost = INT32_MAX;
      const double total = sum[k] + std::round(factor[k] / kOwnUnit);
      sum[k] = static_cast<std::int32_t>(std::clamp(total, -kMost, kMost));
      factor[k] = sum[k] * kOwnUnit / n;
    }
    const auto to = s.own_q.subspan(std::size_t{own} * s.stride, s.stride);
    quantise(factor, to, s.own_scale[own]);
  }

  void write_bias(std::uint32_t row, const Credits& credits) const {
    double bias = 0;
    for (std::uint32_t i = 0; i < credits.known; ++i) {
      bias += static_cast<double>(catalogue.bias[s.artists[credits.artist[i]].item]);
    }
    s.bias[row] = credits.known == 0 ? 0 : static_cast<float>(bias / credits.known);
  }

  Status check(const TrackInput& track) const {
    for (const std::span<const float> text : {track.text, track.artist_text}) {
      if (!text.empty() && text.size() != s.options.text_dimensions) {
        return Error{Code::kInvalidArgument, 0, "a text vector of another size (at = track)"};
      }
      if (!std::all_of(text.begin(), text.end(), [](float x) { return std::isfinite(x); })) {
        return Error{Code::kNotFinite, 0, "a text vector is not finite (at = track)"};
      }
    }
    return {};
  }

  Status add(const TrackInput& track) {
    OSL_TRY(check(track));
    const std::uint32_t row = s.n_tracks;
    if (row == s.options.capacity) {
      return Error{Code::kCapacityExceeded, 0, "the library is full (at = track)"};
    }
    Credits credits;
    const std::uint32_t from = s.credit_offset[row];
    const std::uint32_t n_artists = s.n_artists;
    if (!find_artists(track.artist, credits)) {
      forget_artists(n_artists);
      return Error{Code::kCapacityExceeded, 0, "more artists than the library holds (at = track)"};
    }
    if (credits.n > s.credit.size() - from) {
      forget_artists(n_artists);
      return Error{Code::kCapacityExceeded, 0, "more credits than the library holds (at = track)"};
    }
    s.known[row] = credits.known;
    s.hidden[row] = 0;
    s.group[row] = group_of(track, credits);
    write_factor(row, track, credits);
    for (std::uint32_t i = 0; i < credits.n; ++i) {
      LibraryArtist& artist = s.artists[credits.artist[i]];
      if (s.basis[row] == TrackBasis::kText) add_to_own(row, artist, credits.name[i]);
      s.credit[from + i] = credits.artist[i];
      s.credit_item[from + i] = artist.own == kNone ? artist.item : catalogue.n_items + artist.own;
    }
    write_bias(row, credits);
    s.credit_offset[row + 1] = from + credits.n;
    ++s.n_tracks;
    return {};
  }
};

}  // namespace

Status Library::add(const Catalogue& catalogue, std::span<const TrackInput> tracks) {
  LibraryState& state = *state_;
  if (catalogue.n_factors != state.n_factors || catalogue.row_stride != state.stride) {
    return Error{Code::kInvalidArgument, catalogue.n_factors, "another catalogue (at = factors)"};
  }
  TrackAdder parts{catalogue, state};
  for (std::size_t i = 0; i < tracks.size(); ++i) {
    const Status added = parts.add(tracks[i]);
    if (!added.ok()) return Error{added.error().code, i, added.error().what};
  }
  return {};
}

}  // namespace ossicle
