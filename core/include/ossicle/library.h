#ifndef OSSICLE_LIBRARY_H_
#define OSSICLE_LIBRARY_H_

// A person's own tracks beside the catalogue of artists: core/docs/tracks.md.
//
//   title, artist, text vectors --add--> rows with factors    listens --record--> play state
//   user vector p_u, play state --recommend--> list           row --similar--> list

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ossicle/catalogue.h"
#include "ossicle/pipeline.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// The title of the song that a title names: without what tells editions of one recording apart
/// ("(2011 Remaster)", "[Deluxe Edition]", " - Mono", " - Radio Edit") and without its guests
/// ("feat. B"). What makes another performance stays: live, remix, acoustic, demo, instrumental,
/// "Part 2". Never empty unless `title` is. `out` is cleared first.
void song_title(std::string_view title, std::string& out);

struct LibraryOptions {
  std::uint32_t capacity = 20000;     ///< [1, 2^20] tracks; memory is taken for all of them
  std::uint32_t text_dimensions = 0;  ///< [0, 1024], t; 0 = tracks have no text vectors
  double text_weight = 1;             ///< [0, 10], gamma; 1: what M predicts, more: text tells more
  double min_played_ms = 10000;       ///< [0, 3600000]; a shorter play, of known length, is none
  double skip_rest_days = 30;         ///< [0, 36500]; a skipped track stays out of lists this long
  std::uint32_t max_own_items = 4096;  ///< [0, 65536], see own_items()
};

/// A track as it is given. Strings are UTF-8 and not kept.
struct TrackInput {
  std::string_view title = {};
  std::string_view artist = {};      ///< the credit as it is written: "A feat. B"
  std::uint32_t duration_ms = 0;     ///< 0 = unknown
  std::span<const float> text = {};  ///< [t], text vector of the track, or empty
  std::span<const float> artist_text =
      {};  ///< [t], text vector of its artists (their mean), or empty
};

/// What the factor of a track is made of.
enum class TrackBasis : std::uint32_t {
  kNothing = 0,  ///< artist unknown and no text: a zero factor, last in every list
  kText = 1,     ///< artist unknown: M(text)
  kArtist = 2,   ///< the mean of the credited artists' factors
  kBoth = 3,     ///< that, and gamma (M(text) - M(artist_text))
};

/// The state of one track. Plays and times are those of its song: of all editions in its group.
struct TrackFacts {
  std::int64_t last_played_s = 0;  ///< 0 = never
  std::int64_t skipped_s = 0;      ///< 0 = never
  std::uint32_t plays = 0;
  std::uint32_t group = 0;    ///< editions of one song have one group
  std::uint32_t credits = 0;  ///< credited artists, the catalogue's and others
  TrackBasis basis = TrackBasis::kNothing;
};

/// Which tracks a list may have.
enum class TrackShelf : std::uint32_t {
  kAny = 0,         ///< all that were not played in the last repeat_days
  kUnplayed = 1,    ///< never played
  kRediscover = 2,  ///< played once, but not in the last repeat_days
};

/// Every knob: default, unit, effect.
struct TrackKnobs {
  TrackShelf shelf = TrackShelf::kAny;
  std::uint32_t per_artist = 2;  ///< tracks of one credited artist in the list; 0 = any number
  std::uint32_t spacing = 3;     ///< [0, 1000]; other tracks between two of one artist, where the
                                 ///< tracks that are left allow it
  double repeat_days = 7;        ///< [0, 36500]; a song rests this long after a play
  double familiarity = 0;        ///< [-10, 10], score for each doubling of 1 + plays: > 0 prefers
                                 ///< what is played often, < 0 what is not
  double text_share = 0.3;  ///< [0, 1], similar() only: part of the text's cosine; the factors'
                            ///< has the rest
};

/// A track of a list. score = mu + b_u + b + artist + text + familiarity log2(1 + plays), where b
/// is the mean bias of the credited artists and artist + text = <p_u, f>. Of similar(): score is
/// the blended cosine, artist and text are the cosines of factors and of text vectors.
struct ScoredTrack {
  std::uint32_t row = 0;
  std::uint32_t group = 0;
  double score = 0;
  double artist = 0;  ///< <p_u, mean of the credited artists' rows>
  double text = 0;    ///< the rest of <p_u, f>: the text residual, or the whole of a cold track
};

struct LibraryState;

/// Tracks in the order in which they were added; rows never change their number. All memory is
/// taken in open(); add() allocates for names only, the other calls nothing. The catalogue is given
/// to each call and must be the one it was opened with. Not thread-safe.
class Library {
 public:
  static constexpr std::uint32_t kMostTracks = 1u << 20;
  static constexpr std::uint32_t kMostResults = 4096;

  /// `text_map`: M, F32 [t + 1, d], the last row the intercept (`text.map` of a catalogue); copied.
  /// Empty: text vectors serve similar() only. Errors: invalid_argument (`what` names the option,
  /// or a map of another size), not_finite (the map, at = index), out_of_memory.
  static Result<Library> open(const Catalogue& catalogue, const LibraryOptions& options,
                              std::span<const float> text_map);
  ~Library();
  Library(Library&&) noexcept;
  Library& operator=(Library&&) noexcept;

  std::uint32_t size() const;      ///< rows, the hidden ones included
  std::uint32_t capacity() const;  ///< rows that fit
  std::size_t bytes() const;       ///< memory held

  /// Adds tracks. Their rows are size() .. size() + n - 1 of before. On an error the tracks before
  /// index `at` were added. Errors: capacity_exceeded (tracks, or more artists than tracks + 16, or
  /// more than 4 credits a track), invalid_argument (a vector that is not [t]), not_finite.
  Status add(const Catalogue& catalogue, std::span<const TrackInput> tracks);

  /// Takes a row out of all lists, or puts it back. Errors: out_of_range.
  Status hide(std::uint32_t row, bool hidden);

  Result<TrackFacts> facts(std::uint32_t row) const;
  /// The credited artists that are items: rows of the catalogue, then own items as N + their
  /// number; each first named first. Valid until the next add(). Errors: out_of_range.
  Result<std::span<const std::uint32_t>> artists(std::uint32_t row) const;

  /// Artists whom the catalogue lacks, in the order of their first track with text (the first
  /// max_own_items of them); an artist's factor is the mean of what M says of their tracks. Valid
  /// until the next add(): give it to Engine::use_own() after each.
  OwnItems own_items() const;

  /// Notes events of tracks that were added before: a play or skip is of the track with the same
  /// artist credit (or its first artist) and the same title (or song_title()); a skip without a
  /// track, a love, a ban or a clear is of the artist. Others have no effect. Give each event once;
  /// after adding tracks, forget() and give all again. Order matters only between flags of one
  /// second (the last given wins).
  void record(std::span<const Listen> events);
  /// Forgets every event.
  void forget();

  /// The best tracks for a listener with user vector `user`, [d + 1] (Engine::user_vector): exact,
  /// over all rows in f64, best first, ties to the lower row; then, in this order, one edition of a
  /// song, at most per_artist tracks of an artist, and spacing. Left out: hidden tracks, those that
  /// credit a banned artist, what was skipped in the last skip_rest_days, and what the shelf
  /// excludes. A user vector of zeros: the most listened artists first. O(N d). Returns how many.
  /// Errors: invalid_argument (sizes, knobs, now_s), not_finite.
  Result<std::uint32_t> recommend(const Catalogue& catalogue, std::int64_t now_s,
                                  std::span<const double> user, const TrackKnobs& knobs,
                                  std::span<ScoredTrack> out);

  /// The tracks most like `row`: cosine of factors and of text vectors, (1 - text_share) and
  /// text_share of each; where one of the two lacks one kind, the other counts whole. Other
  /// editions of the same song are left out, and so is what recommend() leaves out. Errors: those
  /// of recommend(), out_of_range (row).
  Result<std::uint32_t> similar(std::int64_t now_s, std::uint32_t row, const TrackKnobs& knobs,
                                std::span<ScoredTrack> out);

 private:
  explicit Library(std::unique_ptr<LibraryState> state);
  std::unique_ptr<LibraryState> state_;
};

}  // namespace ossicle

#endif  // OSSICLE_LIBRARY_H_
