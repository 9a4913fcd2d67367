#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "counted_new.h"
#include "tracks.h"

namespace ossicle {
namespace {

TEST_CASE("after the tracks are added nothing allocates") {
  const CatalogueData data = testing::named_catalogue(50);
  Library library = testing::open_library(data.view, 500);
  for (std::uint32_t i = 0; i < 500; ++i) {
    const std::string title = "title " + std::to_string(i);
    const std::string artist = "artist " + std::to_string(i % 50);
    const TrackInput track[] = {{.title = title, .artist = artist}};
    REQUIRE(library.add(data.view, track).ok());
  }
  std::vector<Listen> events;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    events.push_back(testing::listen(ListenKind::kPlay, "artist " + std::to_string(i % 50),
                                     "title " + std::to_string(i % 500), testing::kNowS - i));
  }
  const std::vector<double> user = testing::random_user(1);
  std::vector<ScoredTrack> out(50);
  std::uint32_t failures = 0;
  const std::size_t before = g_allocations;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    library.record({&events[i], 1});
    failures += !library.recommend(data.view, testing::kNowS + i, user, {}, out).ok();
    failures += !library.similar(testing::kNowS + i, i % 500, {}, out).ok();
    failures += !library.facts(i % 500).ok() + !library.artists(i % 500).ok();
  }
  library.forget();
  CHECK(g_allocations == before);
  CHECK(failures == 0);
}

}  // namespace
}  // namespace ossicle
