#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "command.h"
#include "io/safetensors.h"
#include "verbs/time_text.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

void make_bundle(const Folder& folder) {
  const Outcome r = run_tool(folder, "train --factors 8 --iterations 6 --name tiny --ratings " +
                                         folder.file("ratings.tsv", ratings_text()) + " --out " +
                                         folder.path("bundle"));
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
}

std::string listens(std::initializer_list<const char*> artists) {
  std::string lines;
  int at = 1700000000;
  for (const char* artist : artists) {
    lines += "{\"listened_at\":" + std::to_string(at += 300) +
             ",\"track_metadata\":{\"artist_name\":\"" + artist + "\",\"track_name\":\"Song\"}}\n";
  }
  return lines;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

TEST_CASE("inspect shows what train wrote, as text and as JSON") {
  const Folder folder;
  make_bundle(folder);
  const Outcome text = run_tool(folder, "inspect " + folder.path("bundle"));
  CHECK(text.exit_code == 0);
  CHECK_THAT(text.out, Contains("tiny") && Contains("25 x 8 factors"));
  const Outcome r = run_tool(folder, "inspect " + folder.path("bundle") + " --json --items 3");
  base::JsonDocument json;
  REQUIRE(json.parse(first_line(r.out)).ok());
  CHECK(json.root().get("name").string() == "tiny");
  CHECK(json.root().get("n_items").unsigned_integer() == 25);
  CHECK(json.root().get("items").size() == 3);
}

TEST_CASE("inspect refuses a bundle with one byte changed") {
  const Folder folder;
  make_bundle(folder);
  std::string shard = read_text(folder.path("bundle/catalogue-0.safetensors"));
  shard[shard.size() / 2] = static_cast<char>(shard[shard.size() / 2] ^ 1);
  folder.file("bundle/catalogue-0.safetensors", shard);
  const Outcome r = run_tool(folder, "inspect " + folder.path("bundle"));
  CHECK(r.exit_code == 2);
  CHECK(r.out.empty());
  CHECK_THAT(r.err, Contains("catalogue-0.safetensors") && Contains("checksum_mismatch"));
}

TEST_CASE("recommend gives one JSON line for each history, without what was listened to") {
  const Folder folder;
  make_bundle(folder);
  const std::string one = folder.file("one.jsonl", listens({"a0", "a3", "a6", "nobody"}));
  const std::string two = folder.file("two.jsonl", listens({"a14", "A17"}));
  const std::string words = "recommend --bundle " + folder.path("bundle") + " --history " + one +
                            " --history " + two + " --limit 5 --now 2024-01-01 --json";
  const Outcome r = run_tool(folder, words);
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  base::JsonDocument json;
  REQUIRE(json.parse(first_line(r.out)).ok());
  const base::JsonValue root = json.root();
  CHECK(root.get("history").string() == one);
  CHECK(root.get("listens").unsigned_integer() == 4);
  CHECK(root.get("matched").unsigned_integer() == 3);
  CHECK(root.get("unknown").unsigned_integer() == 1);
  REQUIRE(root.get("items").size() == 5);
  const std::set<std::string_view> played = {"a0", "a3", "a6"};
  for (base::JsonValue item = root.get("items").first(); item.exists(); item = item.next()) {
    CHECK(played.count(*item.get("name").string()) == 0);
    for (base::JsonValue b = item.get("because").first(); b.exists(); b = b.next()) {
      CHECK(played.count(*b.get("name").string()) == 1);
    }
  }
  REQUIRE(json.parse(first_line(r.out.substr(r.out.find('\n') + 1))).ok());
  CHECK(json.root().get("matched").unsigned_integer() == 2);

  // A listener's list does not depend on who came before.
  const Outcome alone =
      run_tool(folder, "recommend --bundle " + folder.path("bundle") + " --history " + two +
                           " --limit 5 --now 1704067200 --json");
  CHECK(alone.out == r.out.substr(r.out.find('\n') + 1));
}

TEST_CASE("a history in no known format is an error that names the file") {
  const Folder folder;
  make_bundle(folder);
  const std::string odd = folder.file("odd.txt", "once upon a time\nthere was a list\n");
  const Outcome r = run_tool(
      folder, "recommend --bundle " + folder.path("bundle") + " --history " + odd + " --json");
  CHECK(r.exit_code == 2);
  CHECK(r.out.empty());
  CHECK_THAT(r.err, Contains("odd.txt") && Contains("unknown_format"));
}

TEST_CASE("both protocols run on any TSV; figures are the same again for the same seeds") {
  const Folder folder;
  const std::string words = "eval --factors 8 --iterations 6 --seeds 1,2 --ratings " +
                            folder.file("ratings.tsv", ratings_text());
  for (const char* protocol : {"split811", "own-data-out --folds 4"}) {
    CAPTURE(protocol);
    const std::string path = folder.path("figures.json");
    const Outcome r = run_tool(folder, words + " --protocol " + protocol + " --json " + path);
    INFO(r.err);
    REQUIRE(r.exit_code == 0);
    CHECK_THAT(r.out, Contains("ndcg") && Contains("seeds: 1 2"));
    base::JsonDocument json;
    REQUIRE(json.parse(first_line(read_text(path))).ok());
    const auto ndcg = json.root().get("rows").first().get("ndcg").get("mean").number();
    REQUIRE(ndcg.has_value());
    CHECK((*ndcg > 0 && *ndcg <= 1));
    CHECK(json.root().get("rows").first().get("ndcg").get("per_seed").size() == 2);

    const Outcome again = run_tool(folder, words + " --protocol " + protocol + " --json -");
    base::JsonDocument second;
    REQUIRE(second.parse(first_line(again.out)).ok());
    CHECK(second.root().get("rows").first().get("ndcg").get("mean").number() == ndcg);
  }
}

TEST_CASE("exported folds hold a readable catalogue and the native engine's own lists") {
  const Folder folder;
  const Outcome r = run_tool(
      folder, "eval --factors 8 --iterations 6 --protocol own-data-out --folds 2 --ratings " +
                  folder.file("ratings.tsv", ratings_text()) + " --export-folds " +
                  folder.path("folds"));
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  base::JsonDocument json;
  REQUIRE(json.parse(first_line(read_text(folder.path("folds/folds.json")))).ok());
  CHECK(json.root().get("folds").size() == 2);
  CHECK(run_tool(folder, "inspect " + folder.path("folds/seed-1/fold-1")).exit_code == 0);
  REQUIRE(json.parse(first_line(read_text(folder.path("folds/seed-1/fold-0/users.jsonl")))).ok());
  CHECK(json.root().get("history").size() > 0);
  CHECK(json.root().get("truth").size() > 0);
  CHECK(json.root().get("ranked").size() == 10);
}

TEST_CASE("an exported split has every pair of the file once, and the model of its train part") {
  const Folder folder;
  const Outcome r =
      run_tool(folder, "eval --factors 8 --iterations 6 --loss weighted --seeds 2 --ratings " +
                           folder.file("ratings.tsv", ratings_text()) + " --export-split " +
                           folder.path("splits"));
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  const std::string file = read_text(folder.path("splits/seed-2/split.safetensors"));
  const auto parsed = io::Safetensors::parse(std::as_bytes(std::span(file)));
  REQUIRE(parsed.ok());
  const io::Safetensors& split = parsed.value();
  for (const char* name : {"train", "validation", "test", "plays", "items", "factors", "users"}) {
    CAPTURE(name);
    REQUIRE(split.find(name) != nullptr);
  }
  base::JsonDocument json;
  REQUIRE(json.parse(first_line(read_text(folder.path("splits/seed-2/names.json")))).ok());
  const std::size_t users = json.root().get("users").size();
  const std::size_t items = json.root().get("items").size();

  std::set<std::pair<std::uint32_t, std::uint32_t>> pairs;
  std::size_t rows = 0;
  for (const char* part : {"train", "validation", "test"}) {
    const io::Tensor& tensor = *split.find(part);
    std::vector<std::uint32_t> numbers(tensor.bytes.size() / 4);
    std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
    rows += numbers.size() / 2;
    for (std::size_t at = 0; at < numbers.size(); at += 2) {
      CHECK((numbers[at] < users && numbers[at + 1] < items));
      pairs.emplace(numbers[at], numbers[at + 1]);
    }
  }
  const std::string text = ratings_text();
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  CHECK(pairs.size() == rows);
  CHECK((rows == lines || rows + 1 == lines));  // a header, maybe
  CHECK(split.find("plays")->shape[0] == split.find("train")->shape[0]);
  CHECK(split.find("users")->shape[0] == users);
  CHECK(split.find("users")->shape[1] == 8);
  CHECK(split.find("factors")->shape[0] == split.find("items")->shape[0]);
}

TEST_CASE("times are dates, UTC instants or seconds") {
  std::int64_t t = 0;
  CHECK((tools::parse_time("1970-01-02", t) && t == 86400));
  CHECK((tools::parse_time("2026-01-01T00:00:01Z", t) && t == 1767225601));
  CHECK((tools::parse_time("1767225600", t) && t == 1767225600));
  for (const char* bad : {"", "2026-13-01", "2026-1-1", "2026-01-01T25:00:00Z", "-5", "1e9",
                          "1969-12-31", "2026-01-01 00:00:00"}) {
    CAPTURE(bad);
    CHECK_FALSE(tools::parse_time(bad, t));
  }
}
