#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tracks.h"

namespace ossicle {
namespace {

using testing::kFactors;
using testing::kText;

std::vector<double> row_of(const Catalogue& c, std::uint32_t item) {
  std::vector<double> f(c.n_factors);
  for (std::size_t j = 0; j < f.size(); ++j) {
    f[j] = static_cast<double>(c.scale[item]) * c.q[item * c.row_stride + j];
  }
  return f;
}

double norm(const std::vector<double>& v) {
  double squares = 0;
  for (const double x : v) squares += x * x;
  return std::sqrt(squares);
}

// Rows are int8: half a step of the largest value in each place, at most.
void check_close(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0;
  for (const double x : b) largest = std::max(largest, std::fabs(x));
  for (std::size_t j = 0; j < a.size(); ++j) {
    CHECK(a[j] == Approx(b[j]).margin(0.502 * largest / 127));
  }
}

std::vector<double> mapped(const std::vector<float>& map, const std::vector<double>& text,
                           double intercept) {
  std::vector<double> f(kFactors);
  for (std::size_t j = 0; j < kFactors; ++j) {
    f[j] = intercept * static_cast<double>(map[kText * kFactors + j]);
    for (std::size_t k = 0; k < kText; ++k) {
      f[j] += text[k] * static_cast<double>(map[k * kFactors + j]);
    }
  }
  return f;
}

TEST_CASE("a track of one known artist has that artist's factor") {
  const CatalogueData data = testing::named_catalogue(20);
  Library library = testing::open_library(data.view);
  const TrackInput tracks[] = {{.title = "One", .artist = "Artist 3"},
                               {.title = "Two", .artist = "artist 3 feat. artist 5"}};
  REQUIRE(library.add(data.view, tracks).ok());
  REQUIRE(library.size() == 2);
  check_close(testing::factor_of(library, data.view, 0), row_of(data.view, 3));
  CHECK(library.facts(0).value().basis == TrackBasis::kArtist);

  // Of two artists: their mean.
  std::vector<double> mean = row_of(data.view, 3);
  const std::vector<double> other = row_of(data.view, 5);
  for (std::size_t j = 0; j < mean.size(); ++j) mean[j] = (mean[j] + other[j]) / 2;
  check_close(testing::factor_of(library, data.view, 1), mean);
  const auto credited = library.artists(1).value();
  CHECK(std::vector<std::uint32_t>(credited.begin(), credited.end()) ==
        std::vector<std::uint32_t>{3, 5});
}

TEST_CASE("credits: names of several artists are cut only where they are") {
  const CatalogueData data =
      testing::named_catalogue(20, {"Simon & Garfunkel", "Tricky", "Earth, Wind & Fire", "A"});
  Library library = testing::open_library(data.view);
  const struct {
    const char* artist;
    std::vector<std::uint32_t> known;
    std::uint32_t credits;
  } cases[] = {
      {"Simon & Garfunkel", {0}, 1},   {"Tricky feat. Simon & Garfunkel", {1, 0}, 2},
      {"Earth, Wind & Fire", {2}, 1},  {"A & Tricky", {3, 1}, 2},
      {"A & Nobody", {3}, 1},          {"Nobody", {}, 1},
      {"Nobody & Else", {}, 1},        {"Nobody feat. Else", {}, 2},
      {"Nobody feat. Tricky", {1}, 2}, {"", {}, 0},
  };
  for (const auto& c : cases) {
    CAPTURE(c.artist);
    const TrackInput track[] = {{.title = "x", .artist = c.artist}};
    REQUIRE(library.add(data.view, track).ok());
    const std::uint32_t row = library.size() - 1;
    const auto known = library.artists(row).value();
    CHECK(std::vector<std::uint32_t>(known.begin(), known.end()) == c.known);
    CHECK(library.facts(row).value().credits == c.credits);
  }
}

TEST_CASE("text: the residual tells tracks of one artist apart, and is short beside the artist") {
  const CatalogueData data = testing::named_catalogue(20);
  const std::vector<float> map = testing::random_map();
  Library library = testing::open_library(data.view, 1000, map);
  const std::vector<float> text = testing::random_text(1);
  const std::vector<float> artist_text = testing::random_text(2);
  const TrackInput tracks[] = {
      {.title = "One", .artist = "artist 3", .text = text, .artist_text = artist_text},
      {.title = "Two", .artist = "artist 3", .text = artist_text, .artist_text = artist_text}};
  REQUIRE(library.add(data.view, tracks).ok());
  CHECK(library.facts(0).value().basis == TrackBasis::kBoth);

  std::vector<double> difference(kText);
  for (std::size_t k = 0; k < kText; ++k) {
    difference[k] = static_cast<double>(text[k]) - static_cast<double>(artist_text[k]);
  }
  const std::vector<double> artist = row_of(data.view, 3);
  const std::vector<double> rest = mapped(map, difference, 0);
  const double weight = std::min(1.0, norm(artist) / 2 / norm(rest));
  std::vector<double> expected = artist;
  for (std::size_t j = 0; j < kFactors; ++j) expected[j] += weight * rest[j];
  check_close(testing::factor_of(library, data.view, 0), expected);
  // The text of the artist says nothing new.
  check_close(testing::factor_of(library, data.view, 1), artist);
}

TEST_CASE("a track by an unknown artist has the factor of its text, or none") {
  const CatalogueData data = testing::named_catalogue(20);
  const std::vector<float> map = testing::random_map();
  Library library = testing::open_library(data.view, 1000, map);
  const std::vector<float> text = testing::random_text(1);
  const TrackInput tracks[] = {{.title = "One", .artist = "nobody", .text = text},
                               {.title = "Two", .artist = "nobody"}};
  REQUIRE(library.add(data.view, tracks).ok());
  CHECK(library.facts(0).value().basis == TrackBasis::kText);
  CHECK(library.facts(1).value().basis == TrackBasis::kNothing);
  check_close(testing::factor_of(library, data.view, 0),
              mapped(map, {text.begin(), text.end()}, 1));
  CHECK(norm(testing::factor_of(library, data.view, 1)) == 0);
}

TEST_CASE("editions of one song are one group; other songs and performances are not") {
  const CatalogueData data = testing::named_catalogue(20);
  Library library = testing::open_library(data.view);
  const TrackInput tracks[] = {
      {.title = "Heroes", .artist = "artist 1", .duration_ms = 360000},
      {.title = "HEROES (Remastered 2011)", .artist = "Artist 1", .duration_ms = 362000},
      {.title = "Heroes - Mono", .artist = "artist 1 feat. artist 2"},
      {.title = "Heroes (Live)", .artist = "artist 1", .duration_ms = 370000},
      {.title = "Heroes", .artist = "artist 2", .duration_ms = 360000},
      {.title = "Heroes", .artist = "artist 1", .duration_ms = 60000},  // another song of that name
      {.title = "Heroes", .artist = "artist 1", .duration_ms = 62000},
      {.title = "", .artist = "artist 1"},
      {.title = "", .artist = "artist 1"},
      {.title = "Heroes", .artist = ""},
      {.title = "Heroes", .artist = ""}};
  REQUIRE(library.add(data.view, tracks).ok());
  std::vector<std::uint32_t> group;
  for (std::uint32_t row = 0; row < library.size(); ++row) {
    group.push_back(library.facts(row).value().group);
  }
  CHECK(group == std::vector<std::uint32_t>{0, 0, 0, 1, 2, 3, 3, 4, 5, 6, 7});
}

TEST_CASE("bad input: what is wrong is named, and what came before is kept") {
  const CatalogueData data = testing::named_catalogue(20);
  const Catalogue& c = data.view;
  const auto refused = [&](const LibraryOptions& options, std::span<const float> map = {}) {
    const Result<Library> opened = Library::open(c, options, map);
    REQUIRE(!opened.ok());
    return opened.error().code;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(refused({.capacity = 0}) == Code::kInvalidArgument);
  CHECK(refused({.capacity = (1u << 20) + 1}) == Code::kInvalidArgument);
  CHECK(refused({.text_dimensions = 1025}) == Code::kInvalidArgument);
  CHECK(refused({.text_weight = nan}) == Code::kInvalidArgument);
  CHECK(refused({.min_played_ms = -1}) == Code::kInvalidArgument);
  CHECK(refused({.skip_rest_days = nan}) == Code::kInvalidArgument);
  std::vector<float> map = testing::random_map();
  CHECK(refused({.text_dimensions = kText + 1}, map) == Code::kInvalidArgument);
  map[5] = std::numeric_limits<float>::infinity();
  CHECK(refused({.text_dimensions = kText}, map) == Code::kNotFinite);

  Library library = testing::open_library(c, 2);
  std::vector<float> text = testing::random_text(1);
  const std::vector<float> short_text(kText - 1);
  const TrackInput good = {.title = "a", .artist = "artist 1", .text = text};
  const TrackInput wrong_size[] = {good, {.title = "b", .artist = "x", .text = short_text}};
  const Status first = library.add(c, wrong_size);
  CHECK(first.error().code == Code::kInvalidArgument);
  CHECK(first.error().at == 1);
  CHECK(library.size() == 1);
  std::vector<float> broken = text;
  broken[2] = std::numeric_limits<float>::quiet_NaN();
  const TrackInput not_finite[] = {{.title = "b", .artist = "x", .artist_text = broken}};
  CHECK(library.add(c, not_finite).error().code == Code::kNotFinite);
  CHECK(library.size() == 1);
  const TrackInput more[] = {good, good, good};
  const Status full = library.add(c, more);
  CHECK(full.error().code == Code::kCapacityExceeded);
  CHECK(full.error().at == 1);
  CHECK(library.size() == 2);
  CHECK(library.facts(2).error().code == Code::kOutOfRange);
  CHECK(library.artists(2).error().code == Code::kOutOfRange);
  CHECK(library.hide(2, true).error().code == Code::kOutOfRange);

  const CatalogueData other = testing::synthetic_catalogue({.n_items = 5, .n_factors = 8});
  CHECK(library.add(other.view, {}).error().code == Code::kInvalidArgument);
}

TEST_CASE("more artists or credits than there is room for are refused, not lost") {
  const CatalogueData data = testing::named_catalogue(2);
  Library library = testing::open_library(data.view, 3);
  std::string many = "n0";
  for (int i = 1; i < 15; ++i) many += " feat. n" + std::to_string(i);
  const TrackInput first[] = {{.title = "x", .artist = many}};
  REQUIRE(library.add(data.view, first).ok());
  CHECK(library.facts(0).value().credits == 15);
  std::string others = "m0";
  for (int i = 1; i < 15; ++i) others += " feat. m" + std::to_string(i);
  const TrackInput second[] = {{.title = "x", .artist = others}};
  CHECK(library.add(data.view, second).error().code == Code::kCapacityExceeded);
  // The same artists need no more room, but their credits do.
  CHECK(library.add(data.view, first).error().code == Code::kCapacityExceeded);
  CHECK(library.size() == 1);
  const TrackInput third[] = {{.title = "y", .artist = "artist 1"}};
  CHECK(library.add(data.view, third).ok());
}

TEST_CASE("artists whom the catalogue lacks are own items, with the mean factor of their tracks") {
  CatalogueData data = testing::named_catalogue(5);
  const std::vector<float> map = testing::random_map();
  Library library = testing::open_library(data.view, 100, map);
  std::vector<std::vector<float>> texts;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) texts.push_back(testing::random_text(seed));
  const TrackInput tracks[] = {
      {.title = "1", .artist = "Nobody", .text = texts[0]},
      {.title = "2", .artist = "Nobody", .text = texts[1]},
      {.title = "3", .artist = "artist 2", .text = texts[2], .artist_text = texts[3]},
      {.title = "4", .artist = "Nobody feat. A. N. Other", .text = texts[3]},
      {.title = "5", .artist = "artist 1 feat. Third", .text = texts[4], .artist_text = texts[5]},
      {.title = "6", .artist = "Wordless"}};
  REQUIRE(library.add(data.view, tracks).ok());

  const OwnItems own = library.own_items();
  REQUIRE(own.n == 2);
  data.view.own = own;
  CHECK(own.id[0] == artist_id("Nobody"));
  CHECK(data.view.name(5) == "Nobody");
  CHECK(data.view.name(6) == "A. N. Other");
  CHECK(find_any_item(data.view, artist_id("A. N. Other")) == 6);
  CHECK(find_any_item(data.view, artist_id("Third")) == kNoItem);
  CHECK(find_any_item(data.view, artist_id("Wordless")) == kNoItem);
  const auto value = [&](std::uint32_t k, std::size_t f) {
    return static_cast<double>(own.scale[k]) * own.q[k * data.view.row_stride + f];
  };
  const std::vector<double> f0 = testing::factor_of(library, data.view, 0);
  const std::vector<double> f1 = testing::factor_of(library, data.view, 1);
  const std::vector<double> f3 = testing::factor_of(library, data.view, 3);
  for (std::size_t f = 0; f < kFactors; ++f) {
    const double mean = (f0[f] + f1[f] + f3[f]) / 3;
    CHECK(std::fabs(value(0, f) - mean) < 0.51 * static_cast<double>(own.scale[0]));
    CHECK(value(1, f) == Approx(f3[f]).margin(static_cast<double>(own.scale[1])));
  }
  // The order of the tracks does not matter.
  Library other = testing::open_library(data.view, 100, map);
  const TrackInput turned[] = {tracks[3], tracks[1], tracks[0]};
  REQUIRE(other.add(data.view, turned).ok());
  const OwnItems again = other.own_items();
  REQUIRE(again.n == 2);
  CHECK(again.scale[0] == own.scale[0]);
  CHECK(std::equal(again.q.begin(), again.q.begin() + kFactors, own.q.begin()));

  const auto credited = library.artists(3).value();
  CHECK(std::vector(credited.begin(), credited.end()) == std::vector<std::uint32_t>{5, 6});
  CHECK(library.artists(4).value().size() == 1);
  CHECK(library.artists(5).value().empty());
}

TEST_CASE("own items are no more than asked for; the artists behind stay unknown") {
  CatalogueData data = testing::named_catalogue(2);
  const std::vector<float> map = testing::random_map();
  auto opened = Library::open(
      data.view, {.capacity = 10, .text_dimensions = testing::kText, .max_own_items = 1}, map);
  REQUIRE(opened.ok());
  Library library = std::move(opened).value();
  const std::vector<float> text = testing::random_text(1);
  const TrackInput tracks[] = {{.title = "1", .artist = "First", .text = text},
                               {.title = "2", .artist = "Second", .text = text},
                               {.title = "3", .artist = "First", .text = text}};
  REQUIRE(library.add(data.view, tracks).ok());
  CHECK(library.own_items().n == 1);
  CHECK(library.artists(1).value().empty());
  CHECK(library.artists(2).value().size() == 1);
  CHECK(Library::open(data.view, {.max_own_items = 65537}, {}).error().code ==
        Code::kInvalidArgument);
}

}  // namespace
}  // namespace ossicle
