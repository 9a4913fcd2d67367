#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "tracks.h"

namespace ossicle {
namespace {

using testing::kFactors;
using testing::kNowS;

// `n` tracks over `n_artists` artists: track i is by artist i % n_artists.
std::vector<std::string> names(const char* what, std::uint32_t n, std::uint32_t modulus) {
  std::vector<std::string> out;
  for (std::uint32_t i = 0; i < n; ++i) out.push_back(what + std::to_string(i % modulus));
  return out;
}

struct Filled {
  CatalogueData data;
  Library library;
  std::uint32_t n, n_artists;
};

Filled filled(std::uint32_t n, std::uint32_t n_artists, double bias_sd = 0) {
  CatalogueData data = testing::named_catalogue(n_artists, {}, bias_sd);
  const std::vector<float> map = testing::random_map();
  Library library = testing::open_library(data.view, n, map);
  const std::vector<std::string> title = names("title ", n, n);
  const std::vector<std::string> artist = names("artist ", n, n_artists);
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::vector<float> text = testing::random_text(i + 100);
    const std::vector<float> artist_text = testing::random_text(i % n_artists + 1);
    const TrackInput track[] = {
        {.title = title[i], .artist = artist[i], .text = text, .artist_text = artist_text}};
    REQUIRE(library.add(data.view, track).ok());
  }
  return {std::move(data), std::move(library), n, n_artists};
}

std::vector<ScoredTrack> recommend(Filled& f, const std::vector<double>& user,
                                   const TrackKnobs& knobs, std::size_t limit) {
  std::vector<ScoredTrack> out(limit);
  const auto n = f.library.recommend(f.data.view, kNowS, user, knobs, out);
  REQUIRE(n.ok());
  out.resize(n.value());
  return out;
}

TEST_CASE("without cap and spacing the list is all tracks by score, ties to the lower row") {
  Filled f = filled(200, 40, 0.2);
  const std::vector<double> user = testing::random_user(5);
  const auto list = recommend(f, user, {.per_artist = 0, .spacing = 0}, 300);
  REQUIRE(list.size() == 200);
  std::set<std::uint32_t> rows;
  for (std::size_t i = 0; i < list.size(); ++i) {
    rows.insert(list[i].row);
    const double bias = static_cast<double>(f.data.view.bias[list[i].row % 40]);
    CHECK(list[i].score == Approx(list[i].artist + list[i].text + bias).margin(1e-9));
    if (i > 0) {
      CHECK(list[i - 1].score >= list[i].score);
    }
  }
  CHECK(rows.size() == 200);
  // A shorter list is its beginning.
  const auto shorter = recommend(f, user, {.per_artist = 0, .spacing = 0}, 20);
  REQUIRE(shorter.size() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(shorter[i].row == list[i].row);
}

TEST_CASE("the artist's part is the score of its catalogue row") {
  Filled f = filled(50, 50);
  const std::vector<double> user = testing::random_user(5);
  for (const ScoredTrack& track : recommend(f, user, {}, 50)) {
    double product = 0;
    const Catalogue& c = f.data.view;
    for (std::size_t j = 0; j < kFactors; ++j) {
      product +=
          user[j] * static_cast<double>(c.scale[track.row]) * c.q[track.row * c.row_stride + j];
    }
    CHECK(track.artist == Approx(product).margin(1e-12));
    CHECK(std::fabs(track.text) > 1e-6);
  }
}

TEST_CASE("the cap and the spacing hold, and spacing gives way when nothing else is left") {
  Filled f = filled(400, 10);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<double> user = testing::random_user(seed);
    const TrackKnobs knobs = {.per_artist = 2, .spacing = 3};
    const auto list = recommend(f, user, knobs, 40);
    REQUIRE(list.size() == 20);  // ten artists, two of each
    std::vector<std::uint32_t> count(10);
    std::size_t too_near = 0;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::uint32_t artist = list[i].row % 10;
      CHECK(++count[artist] <= 2);
      for (std::size_t j = i < 3 ? 0 : i - 3; j < i; ++j) too_near += list[j].row % 10 == artist;
    }
    // Only the end of the list, where few artists are left, may be less spaced.
    CHECK(too_near <= 3);
    // The best track of all is the first.
    const auto best = recommend(f, user, {.per_artist = 0, .spacing = 0}, 1);
    CHECK(list[0].row == best[0].row);
  }
  // One artist only: all of its tracks, spacing or not.
  Filled one = filled(30, 1);
  CHECK(recommend(one, testing::random_user(1), {.per_artist = 0, .spacing = 3}, 40).size() == 30);
}

TEST_CASE("a list has one edition of a song, the one with the best score") {
  CatalogueData data = testing::named_catalogue(5);
  Library library = testing::open_library(data.view);
  const TrackInput tracks[] = {{.title = "Song (Mono)", .artist = "artist 1 feat. artist 2"},
                               {.title = "Song", .artist = "artist 1"},
                               {.title = "Song (Live)", .artist = "artist 1"}};
  REQUIRE(library.add(data.view, tracks).ok());
  std::vector<ScoredTrack> out(10);
  const TrackKnobs knobs = {.per_artist = 0, .spacing = 0};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto user = testing::random_user(seed);
    REQUIRE(library.recommend(data.view, kNowS, user, knobs, out).value() == 2);
    const ScoredTrack& edition = out[0].group == 0 ? out[0] : out[1];
    const bool mono = edition.row == 0;
    REQUIRE(library.hide(edition.row, true).ok());
    REQUIRE(library.recommend(data.view, kNowS, user, knobs, out).value() == 2);
    const ScoredTrack& other = out[0].group == 0 ? out[0] : out[1];
    CHECK(other.row == (mono ? 1 : 0));
    CHECK(other.score <= edition.score);
    REQUIRE(library.hide(mono ? 0 : 1, false).ok());
  }
}

TEST_CASE("of a listener of whom nothing is known: the most listened artists first") {
  Filled f = filled(60, 30);
  const auto list = recommend(f, std::vector<double>(kFactors + 1), {.per_artist = 1}, 10);
  REQUIRE(list.size() == 10);
  for (std::uint32_t i = 0; i < 10; ++i) CHECK(list[i].row == i);
}

TEST_CASE("a track without artist and text comes last") {
  Filled f = filled(30, 10);
  CatalogueData& data = f.data;
  Library library = testing::open_library(data.view, 10);
  const TrackInput tracks[] = {{.title = "x", .artist = "nobody"},
                               {.title = "y", .artist = "artist 1"}};
  REQUIRE(library.add(data.view, tracks).ok());
  std::vector<ScoredTrack> out(2);
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    REQUIRE(library.recommend(data.view, kNowS, testing::random_user(seed), {}, out).value() == 2);
    CHECK(out[0].row == 1);
    CHECK(out[1].row == 0);
  }
}

TEST_CASE("similar: the blended cosine, without the song itself") {
  Filled f = filled(100, 20);
  std::vector<ScoredTrack> out(100);
  const TrackKnobs all = {.per_artist = 0, .spacing = 0, .text_share = 0.3};
  const std::uint32_t n = f.library.similar(kNowS, 7, all, out).value();
  REQUIRE(n == 99);
  for (std::uint32_t i = 0; i < n; ++i) {
    CHECK(out[i].row != 7);
    CHECK(out[i].score == Approx(0.7 * out[i].artist + 0.3 * out[i].text).margin(1e-12));
    CHECK(std::fabs(out[i].artist) <= 1 + 1e-6);
    CHECK(std::fabs(out[i].text) <= 1 + 1e-6);
    if (i > 0) {
      CHECK(out[i - 1].score >= out[i].score);
    }
  }
  // Tracks of one artist are the most alike by factor.
  REQUIRE(f.library.similar(kNowS, 7, {.per_artist = 0, .spacing = 0, .text_share = 0}, out).ok());
  for (std::uint32_t i = 0; i < 4; ++i) CHECK(out[i].row % 20 == 7);
  // The cap and the spacing hold here, too.
  const std::uint32_t capped = f.library.similar(kNowS, 7, {.per_artist = 1}, out).value();
  CHECK(capped == 20);
}

TEST_CASE("knobs outside their range, vectors of another size, times out of range are refused") {
  Filled f = filled(10, 5);
  std::vector<double> user = testing::random_user(1);
  std::vector<ScoredTrack> out(5);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto code = [&](const TrackKnobs& knobs, std::int64_t now_s = kNowS) {
    const auto listed = f.library.recommend(f.data.view, now_s, user, knobs, out);
    const auto alike = f.library.similar(now_s, 0, knobs, out);
    // A user vector concerns recommend() alone.
    if (std::isfinite(user[3])) CHECK(listed.ok() == alike.ok());
    return listed.ok() ? Code::kOk : listed.error().code;
  };
  CHECK(code({}) == Code::kOk);
  CHECK(code({.shelf = static_cast<TrackShelf>(3)}) == Code::kInvalidArgument);
  CHECK(code({.spacing = 1001}) == Code::kInvalidArgument);
  CHECK(code({.repeat_days = -1}) == Code::kInvalidArgument);
  CHECK(code({.familiarity = nan}) == Code::kInvalidArgument);
  CHECK(code({.text_share = 1.5}) == Code::kInvalidArgument);
  CHECK(code({}, -1) == Code::kInvalidArgument);
  CHECK(code({}, kLatestS + 1) == Code::kInvalidArgument);
  CHECK(f.library.similar(kNowS, 10, {}, out).error().code == Code::kOutOfRange);
  std::vector<ScoredTrack> many(5000);
  CHECK(f.library.similar(kNowS, 0, {}, many).error().code == Code::kInvalidArgument);
  user[3] = nan;
  CHECK(code({}) == Code::kNotFinite);
  user.pop_back();
  CHECK(f.library.recommend(f.data.view, kNowS, user, {}, out).error().code ==
        Code::kInvalidArgument);
  // An empty library and an empty list are no errors.
  Library empty = testing::open_library(f.data.view, 5);
  user = testing::random_user(1);
  CHECK(empty.recommend(f.data.view, kNowS, user, {}, out).value() == 0);
  CHECK(f.library.recommend(f.data.view, kNowS, user, {}, {}).value() == 0);
}

}  // namespace
}  // namespace ossicle
