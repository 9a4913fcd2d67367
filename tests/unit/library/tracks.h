#ifndef OSSICLE_TESTS_UNIT_LIBRARY_TRACKS_H_
#define OSSICLE_TESTS_UNIT_LIBRARY_TRACKS_H_

// A catalogue whose artists are found by their names, and tracks by them.

#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "listener.h"
#include "ossicle/history.h"
#include "ossicle/library.h"
#include "synthetic_catalogue.h"

namespace ossicle::testing {

inline constexpr std::uint32_t kFactors = 16;
inline constexpr std::uint32_t kText = 8;

/// "artist 0" .. "artist n - 1", and `named` in place of the first ones.
inline CatalogueData named_catalogue(std::uint32_t n, const std::vector<std::string>& named = {},
                                     double bias_sd = 0) {
  CatalogueContents contents =
      synthetic_contents({.n_items = n, .n_factors = kFactors, .seed = 7, .bias_sd = bias_sd});
  for (std::uint32_t i = 0; i < n; ++i) {
    contents.name.push_back(i < named.size() ? named[i] : "artist " + std::to_string(i));
    contents.id.push_back(artist_id(contents.name.back()));
  }
  return build_catalogue(std::move(contents));
}

/// A random M, [kText + 1, kFactors].
inline std::vector<float> random_map(std::uint64_t seed = 3) {
  std::vector<float> map((kText + 1) * kFactors);
  for (float& x : map) x = static_cast<float>(next_uniform(seed) - 0.5);
  return map;
}

inline std::vector<float> random_text(std::uint64_t seed) {
  std::vector<float> text(kText);
  float squares = 0;
  for (float& x : text) {
    x = static_cast<float>(next_uniform(seed) - 0.5);
    squares += x * x;
  }
  for (float& x : text) x /= std::sqrt(squares);
  return text;
}

inline std::vector<double> random_user(std::uint64_t seed) {
  std::vector<double> user(kFactors + 1);
  for (std::size_t i = 0; i < kFactors; ++i) user[i] = next_uniform(seed) - 0.5;
  return user;
}

inline Library open_library(const Catalogue& catalogue, std::uint32_t capacity = 1000,
                            std::span<const float> map = {}) {
  Result<Library> opened =
      Library::open(catalogue, {.capacity = capacity, .text_dimensions = kText}, map);
  return std::move(opened).value();
}

/// An event of a track.
inline Listen listen(ListenKind kind, std::string_view artist, std::string_view title,
                     std::int64_t at_s) {
  Listen e;
  e.artist = artist_id(artist);
  e.track_hash = track_hash(title);
  e.at_s = at_s;
  e.kind = kind;
  return e;
}

/// f of a row, [d], as the lists see it: the gradient of its score over the user vector.
inline std::vector<double> factor_of(Library& library, const Catalogue& catalogue,
                                     std::uint32_t row) {
  std::vector<double> f(kFactors);
  std::vector<ScoredTrack> out(library.size());
  for (std::size_t j = 0; j < kFactors; ++j) {
    std::vector<double> user(kFactors + 1);
    user[j] = 1;
    const std::uint32_t n =
        library.recommend(catalogue, kNowS, user, {.per_artist = 0, .spacing = 0}, out).value();
    for (std::uint32_t i = 0; i < n; ++i) {
      if (out[i].row == row) f[j] = out[i].artist + out[i].text;
    }
  }
  return f;
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_LIBRARY_TRACKS_H_
