// What was played, skipped, loved and banned.

#include <algorithm>

#include "library/parts.h"

namespace ossicle {
namespace {

void flag_artist(LibraryArtist& artist, const Listen& event) {
  if (event.kind == ListenKind::kClear && artist.skipped_s == event.at_s) artist.skipped_s = 0;
  if (event.at_s < artist.flag_at_s) return;
  artist.flag_at_s = event.at_s;
  artist.flag = event.kind == ListenKind::kLove  ? Flag::kLoved
                : event.kind == ListenKind::kBan ? Flag::kBanned
                                                 : Flag::kNone;
}

}  // namespace

void Library::record(std::span<const Listen> events) {
  LibraryState& s = *state_;
  for (const Listen& event : events) {
    if (event.kind == ListenKind::kPlay || event.track_hash != 0) {
      const bool play = event.kind == ListenKind::kPlay;
      const bool skip = event.kind == ListenKind::kSkip;
      const bool clear = event.kind == ListenKind::kClear;
      const bool too_short =
          event.played_ms != 0 && static_cast<double>(event.played_ms) < s.options.min_played_ms;
      if (play && too_short) continue;
      std::uint32_t song = s.songs.find(song_key(event.artist, event.track_hash));
      for (; song != kNone && event.track_hash != 0; song = s.groups[song].next_same) {
        LibraryGroup& g = s.groups[song];
        if (!durations_agree(g.duration_ms, event.duration_ms)) continue;
        if (play) {
          g.last_played_s = std::max(g.last_played_s, event.at_s);
          if (g.plays < UINT32_MAX) ++g.plays;
        }
        if (skip) g.skipped_s = std::max(g.skipped_s, event.at_s);
        if (clear && g.skipped_s == event.at_s) g.skipped_s = 0;
      }
      if (play || skip) continue;
    }
    const std::uint32_t number = s.artist_rows.find(artist_key(event.artist));
    if (number == kNone) continue;
    LibraryArtist& artist = s.artists[number];
    if (event.kind == ListenKind::kSkip) {
      artist.skipped_s = std::max(artist.skipped_s, event.at_s);
    } else {
      flag_artist(artist, event);
    }
  }
}

void Library::forget() {
  LibraryState& s = *state_;
  for (LibraryGroup& g : s.groups.first(s.n_groups)) {
    g.last_played_s = 0;
    g.skipped_s = 0;
    g.plays = 0;
  }
  for (LibraryArtist& a : s.artists.first(s.n_artists)) {
    a.flag = Flag::kNone;
    a.flag_at_s = 0;
    a.skipped_s = 0;
  }
  // The last list says something of the listener, too.
  std::fill(s.list_score.begin(), s.list_score.end(), 0.0);
}

}  // namespace ossicle
