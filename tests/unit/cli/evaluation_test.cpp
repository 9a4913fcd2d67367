#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "base/json.h"
#include "command.h"
#include "evaluation/split.h"
#include "ratings.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// The figures of all rows, as text.
std::string rows_of(const std::string& json) {
  const std::size_t from = json.find("\"rows\"");
  REQUIRE(from != std::string::npos);
  return json.substr(from);
}

std::string rows_after(const Folder& folder, const std::string& words) {
  const Outcome r = run_tool(folder, words + " --json -");
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  return rows_of(r.out);
}

// What the lists hit and look like, row by row; not by tags, which say more the more are given.
std::string ranking_of(const Folder& folder, const std::string& words) {
  const std::string rows = rows_after(folder, words);
  base::JsonDocument json;
  REQUIRE(json.parse("{" + first_line(rows)).ok());
  std::string out;
  for (auto row = json.root().get("rows").first(); row.exists(); row = row.next()) {
    for (const char* figure : {"ndcg", "recall", "mrr"}) {
      out += std::to_string(row.get(figure).get("mean").number().value()) + " ";
    }
    const auto novelty = row.get("lists").get("novelty").get("mean").number();
    out += std::to_string(novelty.value_or(0)) + "\n";
  }
  return out;
}

// Tags "t<user>" that tie what a user holds out to what the user is known to have played.
struct LeakyTags {
  std::string known;     // on the training part, by its user
  std::string leaking;   // on the held-out part, by its user
  std::string stranger;  // the same as `leaking`, by somebody without ratings
};

LeakyTags leaky_tags(const tools::Ratings& ratings, std::uint64_t seed) {
  const tools::Split split = tools::split_users(ratings.by_user, seed);
  LeakyTags out;
  const auto add = [&](std::string& to, const std::string& who, std::uint32_t u, std::uint32_t i) {
    to += who + "\t" + ratings.items[i] + "\tt" + ratings.users[u] + "\n";
  };
  for (std::uint32_t u = 0; u < ratings.by_user.n_users; ++u) {
    for (const std::uint32_t i : tools::items_of(split.train, u)) {
      add(out.known, ratings.users[u], u, i);
    }
    for (const std::uint32_t i : split.test[u]) {
      add(out.leaking, ratings.users[u], u, i);
      add(out.stranger, "stranger", u, i);
    }
  }
  return out;
}

}  // namespace

TEST_CASE("every method has a row in one run, with its lists and its distance from the row above") {
  const Folder folder;
  const std::string words = "eval --seeds 1,2 --k 5 --ratings " +
                            folder.file("ratings.tsv", ratings_text()) + " --tags " +
                            folder.file("tags.tsv", "u1\ta1\tx\nu2\ta2\tx\nu3\ta9\ty\n") +
                            " --methods popularity,bpr,ease,plain,weighted";
  const std::string path = folder.path("figures.json");
  const Outcome r = run_tool(folder, words + " --json " + path);
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  for (const char* told : {"less the row above", "tag_diversity", "novelty", "weighted iALS"}) {
    CHECK_THAT(r.out, Contains(told));
  }
  base::JsonDocument json;
  REQUIRE(json.parse(first_line(read_text(path))).ok());
  const char* const names[] = {"popularity", "BPR", "EASE", "iALS", "weighted iALS"};
  std::size_t at = 0;
  double above = 0;
  for (auto row = json.root().get("rows").first(); row.exists(); row = row.next(), ++at) {
    REQUIRE(at < std::size(names));
    CHECK(row.get("name").string() == names[at]);
    const double ndcg = *row.get("ndcg").get("mean").number();
    CHECK((ndcg > 0 && ndcg <= 1));
    if (at > 0) {
      CHECK(*row.get("less_the_row_above").get("ndcg").get("mean").number() ==
            Approx(ndcg - above).margin(1e-12));
    }
    above = ndcg;
    const auto lists = row.get("lists");
    for (const char* figure : {"coverage", "gini", "diversity", "tag_diversity", "novelty"}) {
      CAPTURE(figure);
      CHECK(lists.get(figure).get("per_seed").size() == 2);
      CHECK(lists.get(figure).get("mean").number().has_value());
    }
  }
  CHECK(at == std::size(names));
  CHECK(rows_after(folder, words) == rows_of(first_line(read_text(path)) + "\n"));
}

TEST_CASE("a method that is none, twice, or has no place is an error") {
  const Folder folder;
  const std::string words = "eval --ratings " + folder.file("r.tsv", ratings_text()) + " ";
  const struct {
    const char* words;
    const char* told;
  } bad[] = {{"--methods knn", "'knn' is none of popularity,bpr,ease,plain,weighted"},
             {"--methods ease,ease", "names 'ease' twice"},
             {"--methods=", "names nothing"},
             {"--methods bpr --model ials", "--methods and --model"},
             {"--methods bpr --protocol own-data-out", "own-data-out takes no --methods"},
             {"--methods bpr --tags x.tsv", "--tags needs"}};
  for (const auto& one : bad) {
    CAPTURE(one.words);
    const Outcome r = run_tool(folder, words + one.words);
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.err, Contains(one.told));
  }
}

TEST_CASE("--loss names either loss") {
  const Folder folder;
  const std::string words =
      "eval --factors 4 --iterations 2 --ratings " + folder.file("r.tsv", ratings_text());
  CHECK(rows_after(folder, words) == rows_after(folder, words + " --loss plain"));
  CHECK(rows_after(folder, words) != rows_after(folder, words + " --loss weighted"));
}

TEST_CASE("leave-last-out holds out the last item by time and the one before it") {
  const Folder folder;
  tools::Ratings ratings;
  REQUIRE_FALSE(
      tools::read_ratings(folder.file("r.tsv",
                                      "u\ta\t1\t30\nu\tb\t1\t10\nu\tc\t1\t20\nu\td\t1\t5\n"
                                      "v\ta\t1\t7\nv\tb\t1\t7.5\nw\tc\t1\t1\n"
                                      "x\ta\t1\t9\nx\tb\t1\t9\nx\tc\t1\t9\n"),
                          ratings, tools::Times::kNeeded));
  const tools::Split split = tools::split_last(ratings);
  using Items = std::vector<std::uint32_t>;
  CHECK(split.test == std::vector<Items>{{0}, {1}, {}, {2}});
  CHECK(split.validation == std::vector<Items>{{2}, {}, {}, {1}});
  CHECK(split.train.item == Items{1, 3, 0, 2, 0});
  CHECK(split.train.offset == std::vector<std::uint64_t>{0, 2, 3, 4, 5});
}

TEST_CASE("leave-last-out runs on a file it has never seen, whatever its columns are called") {
  const Folder folder;
  // Everybody walks up the same row of films: the next one is what comes last.
  std::string text = "rating\tuserId\tmovieId\tgenre\ttimestamp\n";
  for (int u = 0; u < 60; ++u) {
    for (int i = 0; i < 8; ++i) {
      text += std::to_string(1 + i % 5) + "\tp" + std::to_string(u) + "\tm" +
              std::to_string((u % 3) * 20 + i + u % 4) + "\tdrama\t" +
              std::to_string(1000000 + u * 13 + i * 100) + "\n";
    }
  }
  const std::string words = "eval --protocol leave-last-out --seeds 1,2 --ratings " +
                            folder.file("films.tsv", text) + " --methods popularity,ease,plain";
  const Outcome r = run_tool(folder, words);
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.out, Contains("60 users, 33 items, 480 interactions; leave-last-out") &&
                        Contains("60 users ranked"));
  CHECK(run_tool(folder, words + " --part validation").exit_code == 0);
}

TEST_CASE("leave-last-out without times is an error that says where") {
  const Folder folder;
  const struct {
    const char* text;
    const char* told;
  } bad[] = {{"user\titem\tweight\nu\ta\t1\n", ":1: the header names no time column"},
             {"u\ta\t1\t1\nu\tb\t1\n", ":2: has 3 columns; user, item, weight and time need 4"},
             {"u\ta\t1\t1\nu\tb\t1\tyesterday\n", ":2: time 'yesterday' is not a number"},
             {"u\ta\t1\t1\nu\tb\t1\tnan\n", ":2: time 'nan'"}};
  for (const auto& one : bad) {
    CAPTURE(one.text);
    const Outcome r = run_tool(
        folder, "eval --protocol leave-last-out --ratings " + folder.file("r.tsv", one.text));
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.err, Contains("r.tsv" + std::string(one.told)));
  }
}

TEST_CASE("a user's tag on an item held out for that user is never trained on") {
  const Folder folder;
  const std::string path = folder.file("ratings.tsv", ratings_text());
  tools::Ratings ratings;
  REQUIRE_FALSE(tools::read_ratings(path, ratings));
  const LeakyTags tags = leaky_tags(ratings, 1);
  REQUIRE(!tags.leaking.empty());
  for (const char* protocol : {"split811", "own-data-out --folds 3"}) {
    CAPTURE(protocol);
    const std::string words =
        "eval --loss weighted --factors 8 --iterations 4 --k 3 --tag-row-items 1 --ratings " +
        path + " --protocol " + protocol + " --tags ";
    const std::string without = ranking_of(folder, words + folder.file("a.tsv", tags.known));
    CHECK(ranking_of(folder, words + folder.file("b.tsv", tags.known + tags.leaking)) == without);
    // The same tags by somebody else are used, and would change the figures.
    CHECK(ranking_of(folder, words + folder.file("c.tsv", tags.known + tags.stranger)) != without);
  }
}

TEST_CASE("own-data-out: nothing that a fold's users tagged reaches the fold's catalogue") {
  const Folder folder;
  const std::string words =
      "eval --loss weighted --factors 8 --iterations 4 --protocol own-data-out --folds 2 "
      "--tag-row-items 1 --ratings " +
      folder.file("ratings.tsv", ratings_text());
  REQUIRE(run_tool(folder, words + " --export-folds " + folder.path("plain")).exit_code == 0);
  const auto shard = [&](const std::string& out, const char* fold) {
    return read_text(folder.path(out) + "/seed-1/" + fold + "/catalogue-0.safetensors");
  };
  // Who is in fold 0 tags everything.
  std::string tags;
  const std::string users = read_text(folder.path("plain/seed-1/fold-0/users.jsonl"));
  for (std::size_t at = 0; at < users.size(); at = users.find('\n', at) + 1) {
    base::JsonDocument json;
    REQUIRE(json.parse(first_line(users.substr(at))).ok());
    for (int i = 0; i < 25; ++i) {
      tags += std::string(*json.root().get("user").string()) + "\ta" + std::to_string(i) + "\tt" +
              std::to_string(i % 4) + "\n";
    }
  }
  REQUIRE(run_tool(folder, words + " --tags " + folder.file("tags.tsv", tags) + " --export-folds " +
                               folder.path("tagged"))
              .exit_code == 0);
  CHECK((shard("tagged", "fold-0") == shard("plain", "fold-0")));  // bytes are not shown
  CHECK((shard("tagged", "fold-1") != shard("plain", "fold-1")));
}
