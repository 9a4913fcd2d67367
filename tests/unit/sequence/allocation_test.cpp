#include <catch2/catch.hpp>
#include <vector>

#include "counted_new.h"
#include "sequence_checkpoint.h"

namespace ossicle {
namespace {

TEST_CASE("scores and 200 playlists take no memory") {
  testing::SequenceFixture f(600);
  std::vector<std::uint32_t> artist(600), recent(100);
  for (std::uint32_t i = 0; i < 600; ++i) artist[i] = i % 40;
  for (std::uint32_t i = 0; i < 100; ++i) recent[i] = i * 5;
  std::vector<PlaylistItem> out(60);
  std::vector<float> scores(100), distribution(600);
  std::size_t failures = 0;
  const std::size_t before = g_allocations;
  for (std::uint32_t n = 0; n < 200; ++n) {
    PlaylistRequest r;
    r.seed = n;
    r.recent = recent;
    r.to = 599;
    r.spacing = n % 12;
    r.per_artist = 2;
    f.items.artist = n % 2 == 0 ? std::span<const std::uint32_t>() : artist;
    failures += write_playlist(f.model, f.items, r, out).ok() ? 0 : 1;
    failures += score_candidates(f.model, f.items, recent, recent, scores).ok() ? 0 : 1;
    failures += next_distribution(f.model, f.items, recent, {}, distribution).ok() ? 0 : 1;
  }
  const std::size_t taken = g_allocations - before;
  CHECK(taken == 0);
  CHECK(failures == 0);
}

}  // namespace
}  // namespace ossicle
