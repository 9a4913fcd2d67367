#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "sequence_checkpoint.h"

namespace ossicle {
namespace {

using testing::SequenceFixture;

using List = std::vector<std::uint32_t>;

Result<List> write(SequenceFixture& f, const PlaylistRequest& request, std::size_t length) {
  std::vector<PlaylistItem> out(length);
  OSL_TRY(write_playlist(f.model, f.items, request, out));
  List list;
  for (const PlaylistItem& item : out) list.push_back(item.item);
  return list;
}

// "" or what is wrong with a list.
std::string fault(const SequenceItems& items, const PlaylistRequest& r, const List& list) {
  std::set<std::uint32_t> seen;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::uint32_t item = list[i];
    if (item >= items.n_items) return "no item";
    if (!seen.insert(item).second) return "a repeat";
    if (!r.excluded.empty() && r.excluded[item] != 0) return "excluded";
    const bool end = item == r.from || item == r.to;
    if (!end && std::ranges::find(r.recent, item) != r.recent.end()) return "just played";
    if (items.artist.empty()) continue;
    for (std::size_t k = i > r.spacing ? i - r.spacing : 0; k < i; ++k) {
      if (items.artist[list[k]] == items.artist[item]) return "spacing";
    }
    const auto of_artist = std::ranges::count_if(
        list, [&](std::uint32_t other) { return items.artist[other] == items.artist[item]; });
    if (r.per_artist != 0 && static_cast<std::uint32_t>(of_artist) > r.per_artist)
      return "too many of an artist";
  }
  if (r.from != kNoItem && list.front() != r.from) return "not from";
  if (r.to != kNoItem && list.back() != r.to) return "not to";
  return "";
}

TEST_CASE("whatever the seed and the knobs, a list is valid") {
  SequenceFixture f;
  std::uint64_t random = 17;
  const auto below = [&](std::uint32_t n) { return testing::next_below(random, n); };
  std::vector<std::uint32_t> artist(f.items.n_items);
  for (std::uint32_t& a : artist) a = below(90);
  std::vector<float> value(f.items.n_items), curve;
  for (float& v : value) v = below(10) == 0 ? std::nanf("") : static_cast<float>(below(101)) / 100;
  std::size_t written = 0;
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    std::vector<std::uint8_t> excluded(f.items.n_items);
    List recent(below(60));
    PlaylistRequest r;
    const std::size_t length = 2 + below(70);
    r.seed = seed;
    r.adventure = below(11) / 10.0;
    r.beams = 1 + below(SequenceModel::kMaxBeams);
    r.spacing = below(6);
    r.per_artist = below(2) == 0 ? 0 : 1 + below(4);
    r.pull = below(20);
    f.items.artist = below(2) == 0 ? std::span<const std::uint32_t>() : artist;
    for (std::uint8_t& e : excluded) e = below(3) == 0;
    if (below(2) == 0) r.excluded = excluded;
    for (std::uint32_t& item : recent) item = below(f.items.n_items);
    r.recent = recent;
    if (below(2) == 0) r.from = below(f.items.n_items);
    if (below(2) == 0) r.to = below(f.items.n_items);
    if (r.from != kNoItem) excluded[r.from] = 0;
    if (r.to != kNoItem) excluded[r.to] = 0;
    curve.assign(length, 0.5F);
    if (below(2) == 0) {
      r.value = value;
      r.curve = curve;
    }
    const Result<List> list = write(f, r, length);
    CAPTURE(seed, length);
    if (!list.ok()) {
      // The ends may contradict each other or the spacing; nothing else may fail.
      CAPTURE(list.error().what);
      CHECK(list.error().code == Code::kInvalidArgument);
      CHECK(r.from != kNoItem);
      CHECK(r.to != kNoItem);
      continue;
    }
    ++written;
    CHECK(fault(f.items, r, list.value()) == "");
    CHECK(write(f, r, length).value() == list.value());
  }
  CHECK(written > 390);
}

TEST_CASE("a list of every item there is, and of every item of an artist") {
  SequenceFixture f(60);
  PlaylistRequest r;
  const List all = write(f, r, 60).value();
  CHECK(fault(f.items, r, all) == "");
  CHECK(write(f, r, 61).error().code == Code::kInvalidArgument);
  CHECK(write(f, r, 61).error().at == 60);

  // 20 items of artist 0, 20 of artist 1, 20 of others: only by taking the plenty first.
  std::vector<std::uint32_t> artist(60);
  for (std::uint32_t i = 0; i < 60; ++i) artist[i] = i < 40 ? i % 2 : i;
  f.items.artist = artist;
  r.spacing = 2;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    r.seed = seed;
    r.adventure = 1;
    const List list = write(f, r, 58).value();
    CHECK(fault(f.items, r, list) == "");
  }
  for (std::uint32_t i = 0; i < 60; ++i) artist[i] = 0;
  r.spacing = 1;
  const Result<List> impossible = write(f, r, 5);
  CHECK(impossible.error().code == Code::kInvalidArgument);
  CHECK(impossible.error().at == 1);
}

TEST_CASE("a list longer than what a sequence holds goes on") {
  SequenceFixture f(600);  // 24 rows
  PlaylistRequest r;
  r.adventure = 0.5;
  const List list = write(f, r, 500).value();
  CHECK(fault(f.items, r, list) == "");
}

TEST_CASE("without adventure the seed changes nothing, with it the list") {
  SequenceFixture f;
  PlaylistRequest a, b;
  b.seed = 1;
  a.adventure = b.adventure = 0;
  CHECK(write(f, a, 20).value() == write(f, b, 20).value());
  a.adventure = b.adventure = 0.5;
  CHECK(write(f, a, 20).value() != write(f, b, 20).value());
}

TEST_CASE("more adventure leads to items of fewer listeners") {
  SequenceFixture f;
  f.checkpoint.shape.popularity = 1;
  f.bundle = f.checkpoint.pack().value();
  f.model = SequenceModel::open(f.bundle.bundle_json, testing::owned_bytes(f.bundle.weights),
                                f.catalogue.view, f.items.n_items)
                .value();
  const auto mean_row = [&](double adventure) {
    double sum = 0;
    for (std::uint32_t first = 0; first < 20; ++first) {
      PlaylistRequest r;
      r.adventure = adventure;
      r.from = first;
      const List list = write(f, r, 20).value();
      for (const std::uint32_t item : list) sum += item;
    }
    return sum / 400;
  };
  CHECK(mean_row(0.5) > mean_row(0) + 10);
  CHECK(mean_row(1) > mean_row(0.5) + 10);
}

double cosine(const SequenceItems& items, std::uint32_t a, std::uint32_t b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < items.n_factors; ++i) {
    const double x = items.q[a * items.row_stride + i], y = items.q[b * items.row_stride + i];
    ab += x * y, aa += x * x, bb += y * y;
  }
  return ab / std::sqrt(aa * bb);
}

TEST_CASE("from one item to another a list leaves the first and nears the second") {
  SequenceFixture f;
  double first[2] = {}, second[2] = {};  // halves of the list; to the start, to the end
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    PlaylistRequest r;
    r.from = seed;
    r.to = 100 + seed;
    r.pull = 20;
    const List list = write(f, r, 22).value();
    for (std::size_t i = 1; i + 1 < list.size(); ++i) {
      first[i > 10 ? 1 : 0] += cosine(f.items, list[i], r.from);
      second[i > 10 ? 1 : 0] += cosine(f.items, list[i], r.to);
    }
  }
  CHECK(first[0] > first[1] + 20);
  CHECK(second[1] > second[0] + 20);
}

TEST_CASE("a curve is followed, and its weight says how closely") {
  SequenceFixture f;
  std::vector<float> value(f.items.n_items), curve(20);
  for (std::uint32_t i = 0; i < f.items.n_items; ++i)
    value[i] = static_cast<float>(i * 7 % 100) / 99;
  for (std::size_t i = 0; i < 20; ++i) curve[i] = static_cast<float>(i) / 19;
  const auto mean_error = [&](double weight) {
    PlaylistRequest r;
    r.value = value;
    r.curve = curve;
    r.curve_weight = weight;
    const List list = write(f, r, 20).value();
    double sum = 0;
    for (std::size_t i = 0; i < 20; ++i) sum += std::fabs(value[list[i]] - curve[i]) / 20;
    return sum;
  };
  CHECK(mean_error(100) < 0.05);
  CHECK(mean_error(20) < 0.15);
  CHECK(mean_error(0) > 0.2);
}

TEST_CASE("more beams find a list that is at least as likely, for most seeds") {
  SequenceFixture f;
  int better = 0;
  for (std::uint32_t first = 0; first < 20; ++first) {
    const auto likelihood = [&](std::uint32_t beams) {
      PlaylistRequest r;
      r.adventure = 0;
      r.from = first;
      r.beams = beams;
      std::vector<PlaylistItem> out(10);
      REQUIRE(write_playlist(f.model, f.items, r, out).ok());
      double sum = 0;
      for (const PlaylistItem& item : out) sum += static_cast<double>(item.score);
      return sum;
    };
    better += likelihood(8) >= likelihood(1) ? 1 : 0;
  }
  CHECK(better >= 15);
}

TEST_CASE("a request that cannot be met is refused and says why") {
  SequenceFixture f;
  std::vector<std::uint8_t> excluded(f.items.n_items);
  excluded[9] = 1;
  const List outside = {0, 1, 500};
  std::vector<std::uint32_t> artist(f.items.n_items);
  artist[7] = artist[8] = 1;
  const std::vector<float> value(f.items.n_items), curve(10), nan_curve(10, std::nanf(""));
  struct Case {
    const char* what;
    Code code;
    std::uint64_t at;
    void (*change)(PlaylistRequest&, const std::vector<std::uint8_t>&);
  };
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const Case cases[] = {
      {"spacing", Code::kInvalidArgument, 17, [](auto& r, auto&) { r.spacing = 17; }},
      {"per_artist", Code::kInvalidArgument, 501, [](auto& r, auto&) { r.per_artist = 501; }},
      {"beams", Code::kInvalidArgument, 0, [](auto& r, auto&) { r.beams = 0; }},
      {"beams", Code::kInvalidArgument, 9, [](auto& r, auto&) { r.beams = 9; }},
      {"adventure", Code::kInvalidArgument, 0, [](auto& r, auto&) { r.adventure = -0.1; }},
      {"adventure", Code::kInvalidArgument, 0, [](auto& r, auto&) { r.adventure = kNan; }},
      {"pull", Code::kInvalidArgument, 0, [](auto& r, auto&) { r.pull = 51; }},
      {"curve_weight", Code::kInvalidArgument, 0, [](auto& r, auto&) { r.curve_weight = kNan; }},
      {"from or to (", Code::kOutOfRange, 500, [](auto& r, auto&) { r.from = 500; }},
      {"from or to (", Code::kOutOfRange, 501, [](auto& r, auto&) { r.to = 501; }},
      {"is excluded", Code::kInvalidArgument, 9,
       [](auto& r, auto& e) { r.from = 9, r.excluded = e; }},
      {"is excluded", Code::kInvalidArgument, 9,
       [](auto& r, auto& e) { r.to = 9, r.excluded = e; }},
      {"the same", Code::kInvalidArgument, 4, [](auto& r, auto&) { r.from = r.to = 4; }},
      {"excluded is not", Code::kInvalidArgument, 499,
       [](auto& r, auto& e) { r.excluded = std::span(e).first(499); }},
  };
  for (const Case& c : cases) {
    PlaylistRequest r;
    c.change(r, excluded);
    const Result<List> list = write(f, r, 10);
    CAPTURE(c.what);
    REQUIRE_FALSE(list.ok());
    CHECK(list.error().code == c.code);
    CHECK(list.error().at == c.at);
    CHECK_THAT(list.error().what, Catch::Contains(c.what));
  }
  PlaylistRequest r;
  CHECK(write(f, r, 0).error().code == Code::kInvalidArgument);
  CHECK(write(f, r, 501).error().at == 501);
  r.recent = outside;
  CHECK(write(f, r, 10).error().code == Code::kOutOfRange);
  CHECK(write(f, r, 10).error().at == 2);
  r.recent = {};
  r.from = 7, r.to = 8;
  CHECK(write(f, r, 2).ok());
  CHECK(write(f, r, 1).error().at == 1);
  f.items.artist = artist;
  r.spacing = 3;
  CHECK(write(f, r, 4).error().code == Code::kInvalidArgument);
  r.curve = curve;
  CHECK(write(f, r, 10).error().at == 0);
  r.value = value;
  CHECK(write(f, r, 9).error().at == 10);
  r.curve = nan_curve;
  CHECK(write(f, r, 10).error().code == Code::kNotFinite);
}

// The constant was printed by the native build: native, simd and relaxed run this same test.
TEST_CASE("the same request gives the same bytes on every build") {
  SequenceFixture f(3000, 48);
  std::uint64_t digest = 0xcbf29ce484222325u;
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    PlaylistRequest r;
    const List recent = {seed * 5, seed * 7 + 1, 2999 - seed};
    r.recent = recent;
    r.seed = seed;
    r.adventure = seed % 3 / 2.0;
    if (seed % 2 == 0) r.to = 500 + seed;
    std::vector<PlaylistItem> out(50);
    REQUIRE(write_playlist(f.model, f.items, r, out).ok());
    for (const std::byte b : std::as_bytes(std::span(out))) {
      digest = (digest ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
    }
  }
  CHECK(digest == 0x13aed298cec61c9du);
}

}  // namespace
}  // namespace ossicle
