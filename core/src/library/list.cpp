// Lists of tracks: scores of all rows, then the choice.

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/checked.h"
#include "base/math.h"
#include "kernels/dense.h"
#include "library/parts.h"

namespace ossicle {
namespace {

constexpr double kDayS = 86400;
constexpr std::uint32_t kMostSpacing = 1000;

Status check_request(const TrackKnobs& k, std::int64_t now_s, std::size_t results) {
  const base::Range ranges[] = {
      {static_cast<double>(k.shelf), 0, 2, "shelf is outside 0..2"},
      {static_cast<double>(k.spacing), 0, kMostSpacing, "spacing is outside 0..1000"},
      {k.repeat_days, 0, 36500, "repeat_days is outside 0..36500"},
      {k.familiarity, -10, 10, "familiarity is outside -10..10"},
      {k.text_share, 0, 1, "text_share is outside 0..1"},
      {static_cast<double>(now_s), 0, static_cast<double>(kLatestS),
       "now_s is before 1970 or after 9999"},
      {static_cast<double>(results), 0, Library::kMostResults, "more than 4096 results"},
  };
  return base::check_ranges(ranges);
}

bool within(std::int64_t then_s, std::int64_t now_s, double days) {
  return then_s != 0 && static_cast<double>(now_s - then_s) < days * kDayS;
}

/// Chooses from the rows that were offered, with their scores in `list_score`.
struct ListMaker {
  LibraryState& s;
  const TrackKnobs& knobs;
  std::int64_t now_s = 0;
  std::size_t n_order = 0;

  std::span<const std::uint32_t> credits(std::uint32_t row) const {
    return s.credit.subspan(s.credit_offset[row], s.credit_offset[row + 1] - s.credit_offset[row]);
  }

  bool may_appear(std::uint32_t row) const {
    if (s.hidden[row] != 0) return false;
    const LibraryGroup& song = s.groups[s.group[row]];
    if (within(song.skipped_s, now_s, s.options.skip_rest_days)) return false;
    switch (knobs.shelf) {
      case TrackShelf::kAny:
        if (within(song.last_played_s, now_s, knobs.repeat_days)) return false;
        break;
      case TrackShelf::kUnplayed:
        if (song.plays != 0) return false;
        break;
      case TrackShelf::kRediscover:
        if (song.plays == 0 || within(song.last_played_s, now_s, knobs.repeat_days)) return false;
        break;
    }
    for (const std::uint32_t number : credits(row)) {
      const LibraryArtist& artist = s.artists[number];
      if (artist.flag == Flag::kBanned) return false;
      // As for artists: what was played once is not put to rest by waving the artist away.
      if (song.plays == 0 && within(artist.skipped_s, now_s, s.options.skip_rest_days)) {
        return false;
      }
    }
    return true;
  }

  void offer(std::uint32_t row, double value) {
    s.list_score[row] = value;
    s.order[n_order++] = row;
  }

  bool spaced(std::uint32_t row, std::uint32_t place) const {
    const std::span<const std::uint32_t> artists = credits(row);
    return std::all_of(artists.begin(), artists.end(), [&](std::uint32_t a) {
      return s.last_place[a] == 0 || place - s.last_place[a] > knobs.spacing;
    });
  }

  bool out_of_question(std::uint32_t row) const {
    if (s.used[s.group[row]] != 0) return true;
    const std::span<const std::uint32_t> artists = credits(row);
    return knobs.per_artist != 0 &&
           std::any_of(artists.begin(), artists.end(),
                       [&](std::uint32_t a) { return s.in_list[a] >= knobs.per_artist; });
  }

  /// The best `n` of the rows that were offered, in the list's order, into the front of `order`.
  std::uint32_t choose(std::size_t n) {
    std::fill_n(s.in_list.begin(), s.n_artists, 0u);
    std::fill_n(s.last_place.begin(), s.n_artists, 0u);
    std::fill_n(s.used.begin(), s.n_groups, std::uint8_t{0});
    const auto is_worse = [this](std::uint32_t a, std::uint32_t b) {
      return s.list_score[a] != s.list_score[b] ? s.list_score[a] < s.list_score[b] : a > b;
    };
    const auto begin = s.order.begin();
    std::size_t left = n_order;
    std::make_heap(begin, begin + static_cast<std::ptrdiff_t>(left), is_worse);
    std::size_t first = 0;    // of `waiting`: rows that were too near to one of their artists
    std::size_t waiting = 0;  // best first, since the heap gives them in this order
    std::uint32_t place = 1;
    // The list grows at the end of `order`, which the heap has left.
    const std::size_t end = n_order;
    for (; place <= n; ++place) {
      std::uint32_t chosen = kNone;
      std::size_t relaxed = kNone;
      for (std::size_t i = first; i < waiting && chosen == kNone; ++i) {
        std::uint32_t& row = s.waiting[i];
        if (row != kNone && out_of_question(row)) row = kNone;
        if (row == kNone) {
          if (i == first) ++first;
          continue;
        }
        if (spaced(row, place))
          chosen = std::exchange(row, kNone);
        else if (relaxed == kNone)
          relaxed = i;
      }
      while (chosen == kNone && left > 0) {
        std::pop_heap(begin, begin + static_cast<std::ptrdiff_t>(left), is_worse);
        const std::uint32_t row = s.order[--left];
        if (out_of_question(row)) continue;
        if (spaced(row, place)) {
          chosen = row;
        } else {
          if (relaxed == kNone) relaxed = waiting;
          s.waiting[waiting++] = row;
        }
      }
      if (chosen == kNone && relaxed != kNone) chosen = std::exchange(s.waiting[relaxed], kNone);
      if (chosen == kNone) break;
      take(chosen, place);
      s.order[end - place] = chosen;
    }
    const std::uint32_t found = place - 1;
    std::reverse(begin + static_cast<std::ptrdiff_t>(end - found),
                 begin + static_cast<std::ptrdiff_t>(end));
    std::copy_n(begin + static_cast<std::ptrdiff_t>(end - found), found, begin);
    return found;
  }

  void take(std::uint32_t row, std::uint32_t place) {
    s.used[s.group[row]] = 1;
    for (const std::uint32_t a : credits(row)) {
      ++s.in_list[a];
      s.last_place[a] = place;
    }
  }

  /// <row, with> in units of the row's scale.
  static double product(std::span<const std::int8_t> row, std::span<const double> with) {
    alignas(16) std::array<double, kMostFactors> f;
    kernels::dequantise_row(row.data(), 1.0, with.size(), f.data());
    return kernels::dot_f64(f.data(), with.data(), with.size());
  }
  double factor_product(std::uint32_t row, std::span<const double> p) const {
    return static_cast<double>(s.scale[row]) *
           product(s.q.subspan(std::size_t{row} * s.stride, s.stride), p);
  }
};

}  // namespace

Result<std::uint32_t> Library::recommend(const Catalogue& catalogue, std::int64_t now_s,
                                         std::span<const double> user, const TrackKnobs& knobs,
                                         std::span<ScoredTrack> out) {
  LibraryState& s = *state_;
  OSL_TRY(check_request(knobs, now_s, out.size()));
  if (catalogue.n_factors != s.n_factors || user.size() != std::size_t{s.n_factors} + 1) {
    return Error{Code::kInvalidArgument, user.size(), "user is not [d + 1] (at = its size)"};
  }
  bool nothing_known = true;
  alignas(16) std::array<double, kMostFactors + 1> p_room;
  for (std::size_t i = 0; i < user.size(); ++i) {
    if (!std::isfinite(user[i])) return Error{Code::kNotFinite, i, "user vector (index)"};
    nothing_known = nothing_known && user[i] == 0;
    p_room[i] = user[i];
  }
  const std::span<const double> p = std::span(p_room).first(s.n_factors);
  const double offset = catalogue.model.mu + user[s.n_factors];

  ListMaker list{s, knobs, now_s};
  // What has no factor comes after everything else: below any score, in the order of its plays.
  constexpr double kLast = -1e12;
  for (std::uint32_t row = 0; row < s.n_tracks; ++row) {
    if (!list.may_appear(row)) continue;
    double value = offset + static_cast<double>(s.bias[row]);
    if (nothing_known) {
      double listeners = 0;
      for (std::uint32_t i = 0; i < s.known[row]; ++i) {
        listeners += catalogue.listeners[s.credit_item[s.credit_offset[row] + i]];
      }
      value += s.known[row] == 0 ? 0 : base::det_log2(1 + listeners / s.known[row]);
    } else {
      value += list.factor_product(row, p);
    }
    if (knobs.familiarity != 0) {
      value += knobs.familiarity * base::det_log2(1.0 + s.groups[s.group[row]].plays);
    }
    if (s.basis[row] == TrackBasis::kNothing) value += kLast;
    list.offer(row, value);
  }
  const std::uint32_t n = list.choose(out.size());
  alignas(16) std::array<double, kMostFactors> f;
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t row = s.order[i];
    ScoredTrack& track = out[i];
    track = {row, s.group[row], s.list_score[row], 0, 0};
    for (std::uint32_t c = 0; c < s.known[row]; ++c) {
      const std::uint32_t item = s.credit_item[s.credit_offset[row] + c];
      kernels::dequantise_row(catalogue.q.data() + std::size_t{item} * catalogue.row_stride,
                              static_cast<double>(catalogue.scale[item]), s.n_factors, f.data());
      track.artist += kernels::dot_f64(f.data(), p.data(), s.n_factors) / s.known[row];
    }
    track.text = list.factor_product(row, p) - track.artist;
  }
  return n;
}

Result<std::uint32_t> Library::similar(std::int64_t now_s, std::uint32_t like,
                                       const TrackKnobs& knobs, std::span<ScoredTrack> out) {
  LibraryState& s = *state_;
  OSL_TRY(check_request(knobs, now_s, out.size()));
  if (like >= s.n_tracks) return Error{Code::kOutOfRange, like, "no such track (at = row)"};
  alignas(16) std::array<double, kMostFactors> q_room, text_room;
  const std::span<double> q = std::span(q_room).first(s.n_factors);
  const std::span<double> text = std::span(text_room).first(s.options.text_dimensions);
  kernels::dequantise_row(s.q.data() + std::size_t{like} * s.stride, 1.0, q.size(), q.data());
  kernels::dequantise_row(s.text.data() + std::size_t{like} * s.text_stride, 1.0, text.size(),
                          text.data());
  const double q_length = static_cast<double>(s.length[like]);
  const double text_length = static_cast<double>(s.text_length[like]);

  ListMaker list{s, knobs, now_s};
  const auto factor_cosine = [&](std::uint32_t row) {
    const double lengths = q_length * static_cast<double>(s.length[row]);
    if (!(lengths > 0)) return 0.0;
    return list.product(s.q.subspan(std::size_t{row} * s.stride, s.stride), q) / lengths;
  };
  const auto text_cosine = [&](std::uint32_t row) {
    const double lengths = text_length * static_cast<double>(s.text_length[row]);
    if (!(lengths > 0)) return 0.0;
    const auto values = s.text.subspan(std::size_t{row} * s.text_stride, s.text_stride);
    return list.product(values, text) / lengths;
  };
  for (std::uint32_t row = 0; row < s.n_tracks; ++row) {
    if (s.group[row] == s.group[like] || !list.may_appear(row)) continue;
    const bool by_factor = q_length > 0 && s.length[row] > 0;
    const bool by_text = text_length > 0 && s.text_length[row] > 0;
    if (!by_factor && !by_text) continue;
    const double share = !by_factor ? 1 : !by_text ? 0 : knobs.text_share;
    list.offer(row, (1 - share) * factor_cosine(row) + share * text_cosine(row));
  }
  const std::uint32_t n = list.choose(out.size());
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t row = s.order[i];
    out[i] = {row, s.group[row], s.list_score[row], factor_cosine(row), text_cosine(row)};
  }
  return n;
}

}  // namespace ossicle
