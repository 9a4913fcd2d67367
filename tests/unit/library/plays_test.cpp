#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "tracks.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;
using testing::listen;

const TrackInput kTracks[] = {
    {.title = "One (Remaster)", .artist = "artist 1", .duration_ms = 200000},
    {.title = "Two", .artist = "artist 1 feat. artist 2"},
    {.title = "Three", .artist = "artist 2"},
    {.title = "Four", .artist = "nobody"},
    {.title = "One - Mono", .artist = "artist 1", .duration_ms = 201000},
};

struct Shelf {
  CatalogueData data = testing::named_catalogue(10);
  Library library = testing::open_library(data.view);
  Shelf() { REQUIRE(library.add(data.view, kTracks).ok()); }

  void record(const Listen& event) { library.record({&event, 1}); }
  std::set<std::uint32_t> rows(const TrackKnobs& knobs = {.per_artist = 0}) {
    std::vector<ScoredTrack> out(10);
    const auto n = library.recommend(data.view, kNowS, testing::random_user(1), knobs, out).value();
    std::set<std::uint32_t> found;
    // Editions count as their song's first.
    for (std::uint32_t i = 0; i < n; ++i) found.insert(out[i].row == 4 ? 0 : out[i].row);
    return found;
  }
};

using Rows = std::set<std::uint32_t>;

TEST_CASE("a song rests after a play, whichever edition was played, and comes back") {
  Shelf shelf;
  CHECK(shelf.rows() == Rows{0, 1, 2, 3});
  // Played as a scrobbler writes it: without the remark.
  shelf.record(listen(ListenKind::kPlay, "artist 1", "one", kNowS - 3 * kDayS));
  CHECK(shelf.library.facts(0).value().plays == 1);
  CHECK(shelf.library.facts(4).value().last_played_s == kNowS - 3 * kDayS);
  CHECK(shelf.rows() == Rows{1, 2, 3});
  CHECK(shelf.rows({.per_artist = 0, .repeat_days = 2}) == Rows{0, 1, 2, 3});
  CHECK(shelf.rows({.shelf = TrackShelf::kUnplayed, .per_artist = 0}) == Rows{1, 2, 3});
  CHECK(shelf.rows({.shelf = TrackShelf::kRediscover, .per_artist = 0}) == Rows{});
  CHECK(shelf.rows({.shelf = TrackShelf::kRediscover, .per_artist = 0, .repeat_days = 2}) ==
        Rows{0});
  // An older play changes the count, not the last time.
  shelf.record(listen(ListenKind::kPlay, "artist 1", "One (Remaster)", kNowS - 30 * kDayS));
  CHECK(shelf.library.facts(0).value().plays == 2);
  CHECK(shelf.library.facts(0).value().last_played_s == kNowS - 3 * kDayS);
  shelf.library.forget();
  CHECK(shelf.library.facts(0).value().plays == 0);
  CHECK(shelf.rows() == Rows{0, 1, 2, 3});
}

TEST_CASE("a play is matched by the credit as written and by its first artist") {
  Shelf shelf;
  shelf.record(listen(ListenKind::kPlay, "artist 1 feat. artist 2", "two", kNowS));
  shelf.record(listen(ListenKind::kPlay, "artist 1", "two", kNowS));
  shelf.record(listen(ListenKind::kPlay, "artist 2", "two", kNowS));  // another song
  shelf.record(listen(ListenKind::kPlay, "nobody", "four", kNowS));
  CHECK(shelf.library.facts(1).value().plays == 2);
  CHECK(shelf.library.facts(3).value().plays == 1);
}

TEST_CASE("what is too short, of another length, or of no title is no play of a track") {
  Shelf shelf;
  Listen event = listen(ListenKind::kPlay, "artist 1", "one", kNowS);
  event.played_ms = 9999;
  shelf.record(event);
  CHECK(shelf.library.facts(0).value().plays == 0);
  event.played_ms = 10000;
  event.duration_ms = 500000;  // the extended mix
  shelf.record(event);
  CHECK(shelf.library.facts(0).value().plays == 0);
  event.duration_ms = 199000;
  shelf.record(event);
  CHECK(shelf.library.facts(0).value().plays == 1);
  event.track_hash = 0;
  shelf.record(event);
  CHECK(shelf.library.facts(0).value().plays == 1);
}

TEST_CASE("a skipped track rests for thirty days; a clear of its second takes that back") {
  Shelf shelf;
  shelf.record(listen(ListenKind::kSkip, "artist 2", "three", kNowS - 29 * kDayS));
  CHECK(shelf.rows() == Rows{0, 1, 3});
  shelf.record(listen(ListenKind::kClear, "artist 2", "three", kNowS - 29 * kDayS));
  CHECK(shelf.rows() == Rows{0, 1, 2, 3});
  shelf.record(listen(ListenKind::kSkip, "artist 2", "three", kNowS - 31 * kDayS));
  CHECK(shelf.rows() == Rows{0, 1, 2, 3});
}

TEST_CASE("an artist that was waved away rests, but for what was played once") {
  Shelf shelf;
  shelf.record(listen(ListenKind::kPlay, "artist 2", "three", kNowS - 100 * kDayS));
  shelf.record(listen(ListenKind::kSkip, "artist 2", "", kNowS - kDayS));
  CHECK(shelf.rows() == Rows{0, 2, 3});
}

TEST_CASE("a banned artist takes every track that credits it, until it is cleared") {
  Shelf shelf;
  shelf.record(listen(ListenKind::kBan, "artist 2", "", kNowS - 10));
  CHECK(shelf.rows() == Rows{0, 3});
  std::vector<ScoredTrack> out(10);
  const std::uint32_t n = shelf.library.similar(kNowS, 0, {.per_artist = 0}, out).value();
  for (std::uint32_t i = 0; i < n; ++i) CHECK(out[i].row == 3);
  // An older clear does nothing, a later one does; whatever the order they are given in.
  shelf.record(listen(ListenKind::kClear, "artist 2", "", kNowS - 20));
  CHECK(shelf.rows() == Rows{0, 3});
  shelf.record(listen(ListenKind::kClear, "artist 2", "", kNowS - 5));
  CHECK(shelf.rows() == Rows{0, 1, 2, 3});
  shelf.record(listen(ListenKind::kBan, "nobody", "", kNowS));
  CHECK(shelf.rows() == Rows{0, 1, 2});
  for (const char* artist : {"artist 1", "artist 2"}) {
    shelf.record(listen(ListenKind::kBan, artist, "", kNowS));
  }
  CHECK(shelf.rows() == Rows{});  // everything banned: an empty list, no error
}

TEST_CASE("familiarity: score for each doubling of one more than the plays") {
  Shelf shelf;
  for (int i = 0; i < 3; ++i) {
    shelf.record(listen(ListenKind::kPlay, "artist 2", "three", kNowS - (20 + i) * kDayS));
  }
  std::vector<ScoredTrack> out(10);
  const auto score = [&](double familiarity) {
    const auto n = shelf.library
                       .recommend(shelf.data.view, kNowS, testing::random_user(1),
                                  {.per_artist = 0, .familiarity = familiarity}, out)
                       .value();
    for (std::uint32_t i = 0; i < n; ++i) {
      if (out[i].row == 2) return out[i].score;
    }
    return 0.0;
  };
  CHECK(score(0.1) == Approx(score(0) + 0.2).margin(1e-12));
  CHECK(score(-0.1) == Approx(score(0) - 0.2).margin(1e-12));
}

}  // namespace
}  // namespace ossicle
