#include <catch2/catch.hpp>
#include <vector>

#include "listener.h"
#include "ossicle/pipeline.h"
#include "ossicle/ranking.h"

namespace ossicle {
namespace {

using testing::kDayS;
using testing::kNowS;

class Recorder {
 public:
  explicit Recorder(std::size_t seen = 64)
      : data(testing::synthetic_catalogue({.n_items = 20, .n_factors = 4})),
        buffers(data.view, seen) {}

  Recorded give(const Listen& event) {
    const Result<Recorded> result = record(data.view, settings, event, buffers.history);
    REQUIRE(result.ok());
    return result.value();
  }
  Code give_error(const Listen& event) {
    const Result<Recorded> result = record(data.view, settings, event, buffers.history);
    REQUIRE(!result.ok());
    return result.error().code;
  }
  const ItemHistory& item(std::uint32_t row) const { return buffers.history.item[row]; }
  std::vector<std::uint8_t> excluded(std::int64_t now_s) const {
    std::vector<std::uint8_t> out(data.view.n_items, 7);
    exclude_for_list(buffers.history, settings, {}, {}, now_s, out);
    return out;
  }

  CatalogueData data;
  ProfileSettings settings;
  testing::StageBuffers buffers;
};

// At kEpochS a strength is its number of whole plays.
TEST_CASE("a play of unknown length counts whole") {
  Recorder r;
  CHECK(r.give(testing::play(3, kEpochS)) == Recorded::kKept);
  CHECK(r.item(3).positive == 1);
  CHECK(r.item(3).negative == 0);
  CHECK(r.item(3).plays == 1);
  CHECK(r.item(3).first_at_s == kEpochS);
  CHECK(r.item(3).last_at_s == kEpochS);
}

TEST_CASE("a play counts by the part that was heard") {
  Recorder r;
  r.give(testing::play_ms(0, kEpochS, 60000, 240000));
  CHECK(r.item(0).positive == 0.25);
  r.give(testing::play_ms(1, kEpochS, 300000, 240000));
  CHECK(r.item(1).positive == 1);
  // Of unknown duration: whole from half a minute on.
  r.give(testing::play_ms(2, kEpochS, 15000, 0));
  CHECK(r.item(2).positive == 0.5);
  r.give(testing::play_ms(3, kEpochS, 31000, 0));
  CHECK(r.item(3).positive == 1);
}

TEST_CASE("a listen shorter than ten seconds changes nothing") {
  Recorder r;
  CHECK(r.give(testing::play_ms(3, kEpochS, 9999, 200000)) == Recorded::kKept);
  CHECK(r.buffers.history.n_items == 0);
  CHECK(r.item(3).plays == 0);
  CHECK(r.item(3).active == 0);
  CHECK(r.excluded(kEpochS)[3] == 0);
  // It was seen all the same.
  CHECK(r.buffers.history.n_seen == 1);
  CHECK(r.give(testing::play_ms(3, kEpochS, 9999, 200000)) == Recorded::kDuplicate);
  // Ten seconds are enough.
  r.give(testing::play_ms(4, kEpochS, 10000, 20000));
  CHECK(r.item(4).positive == 0.5);
}

TEST_CASE("an event given twice counts once") {
  Recorder r;
  Listen e = testing::play(5, kNowS);
  e.track_hash = 77;
  CHECK(r.give(e) == Recorded::kKept);
  CHECK(r.give(e) == Recorded::kDuplicate);
  CHECK(r.item(5).plays == 1);
  CHECK(r.buffers.history.n_seen == 1);
  CHECK(r.buffers.history.events_duplicate == 1);

  // Another track, second, artist or kind is another event.
  Listen other = e;
  other.track_hash = 78;
  CHECK(r.give(other) == Recorded::kKept);
  other = e;
  ++other.at_s;
  CHECK(r.give(other) == Recorded::kKept);
  other = e;
  other.artist = testing::item_id(6);
  CHECK(r.give(other) == Recorded::kKept);
  other = e;
  other.kind = ListenKind::kSkip;
  CHECK(r.give(other) == Recorded::kKept);
  CHECK(r.item(5).plays == 3);
  CHECK(r.item(5).skips == 1);
}

TEST_CASE("an artist that the catalogue lacks is counted and told apart, but changes no item") {
  Recorder r;
  Listen e = testing::play(0, kNowS);
  e.artist = testing::unknown_item_id(1);
  CHECK(r.give(e) == Recorded::kUnknownItem);
  CHECK(r.give(e) == Recorded::kDuplicate);
  CHECK(r.buffers.history.n_seen == 1);
  CHECK(r.buffers.history.events_unknown == 1);
  CHECK(r.buffers.history.n_items == 0);
}

TEST_CASE("of love, ban and clear the latest in time wins, whatever the order of arrival") {
  const Listen loved = testing::love(2, 1000);
  const Listen banned = testing::ban(2, 2000);
  const Listen cleared = testing::clear(2, 3000);
  const std::vector<std::vector<Listen>> orders = {
      {loved, banned, cleared}, {cleared, banned, loved}, {banned, cleared, loved}};
  for (const auto& order : orders) {
    Recorder r;
    for (const Listen& e : order) r.give(e);
    CHECK(r.item(2).flag == Flag::kNone);
    CHECK(r.item(2).flag_at_s == 3000);
  }
  Recorder r;
  r.give(banned);
  r.give(loved);
  CHECK(r.item(2).flag == Flag::kBanned);
  r.give(testing::love(2, 2001));
  CHECK(r.item(2).flag == Flag::kLoved);
}

TEST_CASE("of two flags in one second the one given last wins") {
  Recorder r;
  r.give(testing::love(2, 1000));
  r.give(testing::ban(2, 1000));
  CHECK(r.item(2).flag == Flag::kBanned);
}

TEST_CASE("first and last play do not depend on the order of arrival") {
  Recorder r;
  r.give(testing::play(1, 500));
  r.give(testing::play(1, 100));
  r.give(testing::play(1, 900));
  CHECK(r.item(1).first_at_s == 100);
  CHECK(r.item(1).last_at_s == 900);
}

TEST_CASE("an event out of range is refused and leaves no trace") {
  Recorder r;
  CHECK(r.give_error(testing::play(1, -1)) == Code::kInvalidArgument);
  CHECK(r.give_error(testing::play(1, kLatestS + 1)) == Code::kInvalidArgument);
  CHECK(r.give_error(testing::event(static_cast<ListenKind>(0), 1, 5)) == Code::kInvalidArgument);
  CHECK(r.give_error(testing::event(static_cast<ListenKind>(7), 1, 5)) == Code::kInvalidArgument);
  CHECK(r.buffers.history.n_seen == 0);
  CHECK(r.buffers.history.n_items == 0);
  // The first and the last second are events like any other.
  CHECK(r.give(testing::play(1, 0)) == Recorded::kKept);
  CHECK(r.give(testing::play(2, kLatestS)) == Recorded::kKept);
  CHECK(r.excluded(0)[1] == 1);
}

TEST_CASE("a full history refuses new events and still knows the old ones") {
  Recorder r(8);  // room for six
  for (std::int64_t i = 0; i < 6; ++i) CHECK(r.give(testing::play(1, 100 + i)) == Recorded::kKept);
  CHECK(r.give_error(testing::play(1, 200)) == Code::kCapacityExceeded);
  CHECK(r.give(testing::play(1, 100)) == Recorded::kDuplicate);
  CHECK(r.item(1).plays == 6);
}

TEST_CASE("what was played, loved or banned is left out of lists; what was skipped, for a month") {
  Recorder r;
  r.give(testing::play(1, kNowS - 4000 * kDayS));
  r.give(testing::love(2, kNowS));
  r.give(testing::ban(3, kNowS - 4000 * kDayS));
  r.give(testing::skip(4, kNowS - 29 * kDayS));
  r.give(testing::skip(5, kNowS - 31 * kDayS));
  r.give(testing::skip(6, kNowS - 31 * kDayS));
  r.give(testing::play(6, kNowS - 90 * kDayS));
  r.give(testing::ban(7, kNowS - 10));
  r.give(testing::clear(7, kNowS));
  const std::vector<std::uint8_t> expected = {0, 1, 1, 1, 1, 0, 1, 0, 0, 0,
                                              0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  CHECK(r.excluded(kNowS) == expected);
}

TEST_CASE("a clear of a skip's own second takes the skip back, whichever arrives first") {
  for (const bool clear_first : {false, true}) {
    Recorder r;
    const Listen skip = testing::skip(3, kNowS);
    const Listen clear = testing::clear(3, kNowS);
    r.give(clear_first ? clear : skip);
    r.give(clear_first ? skip : clear);
    CHECK(r.item(3).negative == 0);
    CHECK(r.item(3).skips == 0);
    CHECK(r.item(3).resting == 0);
    CHECK(r.excluded(kNowS + 1)[3] == 0);
  }
  Recorder other;
  other.give(testing::skip(3, kNowS));
  other.give(testing::clear(3, kNowS + 1));
  CHECK(other.excluded(kNowS + 2)[3] == 1);
}

TEST_CASE("two skips of one second rest until both are taken back") {
  Recorder r;
  Listen one = testing::skip(3, kNowS);
  Listen two = one;
  two.track_hash = 9;
  Listen clear_one = testing::clear(3, kNowS);
  Listen clear_two = clear_one;
  clear_two.track_hash = 9;
  for (const Listen& e : {clear_two, one, two}) r.give(e);
  CHECK(r.item(3).skips == 1);
  CHECK(r.excluded(kNowS)[3] == 1);
  r.give(clear_one);
  CHECK(r.item(3).skips == 0);
  CHECK(r.excluded(kNowS)[3] == 0);
}

TEST_CASE("the latest skip decides how long an item rests") {
  Recorder r;
  r.give(testing::skip(4, kNowS));
  r.give(testing::skip(4, kNowS - 300 * kDayS));
  CHECK(r.excluded(kNowS + 29 * kDayS)[4] == 1);
  CHECK(r.excluded(kNowS + 30 * kDayS)[4] == 0);
}

}  // namespace
}  // namespace ossicle
