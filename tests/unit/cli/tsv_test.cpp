#include <catch2/catch.hpp>

#include "command.h"
#include "ratings.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

TEST_CASE("a bad row is named by its line, and nothing is written") {
  struct Bad {
    const char* text;
    const char* line;
    const char* told;
  };
  for (const Bad& bad : {
           Bad{"u\ta\t1\nu\tb\tnan\n", ":2:", "weight 'nan' is not a number above 0"},
           {"u\ta\t1\nu\tb\tinf\n", ":2:", "weight 'inf'"},
           {"u\ta\t-3\n", ":1:", "weight '-3'"},
           {"u\ta\t1\n\nu\tb\t0\n", ":3:", "weight '0'"},
           {"u\ta\t1\nu\tb\t1e-60\n", ":2:", "does not fit"},
           {"u\ta\t1\nu\tb\tmany\n", ":2:", "weight 'many'"},
           {"u\ta\t1\nu\tb\t1 2\n", ":2:", "weight '1 2'"},
           {"u\ta\t1\nu\tb\n", ":2:", "has 2 columns"},
           {"u a 1\n", ":1:", "has 1 columns"},
           {"u\ta\t1\n\ta\t1\n", ":2:", "id is empty"},
           {"u\ta\t1\nv\ta\t1\nu\ta\t2\n", ":3:", "given before, in line 1"},
           {"user\titem\tplays\ttime\nu\ta\t1\t7\nu\ta\t2\t7\n", ":3:", "at the same time"},
           {"user\titem\tplays\ttime\nu\ta\t3e38\t7\nu\ta\t3e38\t8\n",
            ":3:", "together do not fit"},
           {"u\ta\t1\nu\tb\t\n", ":2:", "weight ''"},
           {"u\ta\t1\nu\tb\t-inf\n", ":2:", "weight '-inf'"},
           {"u\ta\t1\n\t\t\n", ":2:", "id is empty"},
           {"user\tsong\tplace\nu\ta\t1\n", ":1:", "looks like a header"},
       }) {
    CAPTURE(bad.text);
    const Folder folder;
    const std::string path = folder.file("ratings.tsv", bad.text);
    const Outcome r = run_tool(folder, "train --ratings " + path + " --out " + folder.path("out"));
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.err, Contains("ratings.tsv" + std::string(bad.line)) && Contains(bad.told));
    CHECK(r.out.empty());
    CHECK_FALSE(exists(folder.path("out")));
  }
}

TEST_CASE("an id that is too long is named by its line, and nothing is written") {
  const Folder folder;
  const std::string at_most(tools::kLongestId, 'x');
  const std::string out = folder.path("out");
  const Outcome fits =
      run_tool(folder, "train --factors 2 --iterations 1 --ratings " +
                           folder.file("fits.tsv", "u\ta\t1\n" + at_most + "\tb\t1\n") + " --out " +
                           folder.path("fits"));
  CHECK(fits.exit_code == 0);
  for (const std::string& row : {at_most + "y\ta\t1\n", "u\t" + at_most + "y\t1\n"}) {
    const Outcome r = run_tool(
        folder, "train --ratings " + folder.file("r.tsv", "u\ta\t1\n" + row) + " --out " + out);
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.err, Contains("r.tsv:2:") && Contains("1025 bytes; at most 1024"));
    CHECK_FALSE(exists(out));
  }
}

TEST_CASE("a pair given at several times is one interaction with all its plays") {
  const Folder folder;
  tools::Ratings ratings;
  REQUIRE_FALSE(tools::read_ratings(
      folder.file("r.tsv",
                  "user\titem\tplays\ttime\nu\tb\t1\t9\nu\ta\t2\t8\nu\tb\t4\t3\nv\tb\t1\t5\n"),
      ratings));
  CHECK(ratings.items == std::vector<std::string>{"b", "a"});
  CHECK(ratings.by_user.item == std::vector<std::uint32_t>{0, 1, 0});
  CHECK(ratings.by_user.weight == std::vector<float>{5, 2, 1});
  CHECK(ratings.time == std::vector<double>{3, 8, 5});  // its first
}

TEST_CASE("one user, one item and a user with every item train to a bundle that opens") {
  std::string every;
  for (int i = 0; i < 30; ++i) {
    every += "all\ti" + std::to_string(i) + "\t" + std::to_string(i + 1) + "\n";
    for (int u = 0; u < 20; ++u) {
      if ((u * 7 + i * 3) % 5 != 0) continue;
      every += "u" + std::to_string(u) + "\ti" + std::to_string(i) + "\t1\n";
    }
  }
  const std::string one_user = "u\ta\t1\nu\tb\t2\nu\tc\t3\nu\td\t1\n";
  const std::string one_item = "u\ta\t1\nv\ta\t2\nw\ta\t2\n";
  for (const std::string& text : {std::string("u\ta\t1\n"), one_user, one_item, every}) {
    CAPTURE(text);
    const Folder folder;
    const std::string words =
        "train --factors 4 --ratings " + folder.file("r.tsv", text) + " --out ";
    const Outcome plain = run_tool(folder, words + folder.path("plain"));
    CHECK(plain.exit_code == 0);
    CHECK(run_tool(folder, "inspect " + folder.path("plain")).exit_code == 0);
    // The weighted loss trains on items that two people played: none is an error, not a bundle.
    const Outcome weighted = run_tool(folder, words + folder.path("weighted") + " --loss weighted");
    if (text == one_item || text == every) {
      CHECK(weighted.exit_code == 0);
      CHECK(run_tool(folder, "inspect " + folder.path("weighted")).exit_code == 0);
    } else {
      CHECK(weighted.exit_code == 2);
      CHECK_THAT(weighted.err, Contains("no item has enough listeners"));
      CHECK_FALSE(exists(folder.path("weighted")));
    }
    // Measuring needs something held out, and says so; a list may be of all the items there are.
    const Outcome eval = run_tool(
        folder, "eval --methods popularity,bpr,ease,plain --ratings " + folder.path("r.tsv"));
    if (text == one_user || text == every) {
      CHECK(eval.exit_code == 0);
    } else {
      CHECK(eval.exit_code == 2);
      CHECK_THAT(eval.err, Contains("no user has anything to test on"));
    }
  }
}

TEST_CASE("an empty file and a lone header are refused") {
  for (const char* text : {"", "\n\n", "user\titem\tweight\n"}) {
    const Folder folder;
    tools::Ratings ratings;
    const tools::Problem p = tools::read_ratings(folder.file("r.tsv", text), ratings);
    CHECK(p.exit_code == 2);
    CHECK_THAT(p.text, Contains("holds no ratings"));
  }
}

TEST_CASE("columns are found by their names, in any order, beside others") {
  const Folder folder;
  tools::Ratings ratings;
  REQUIRE_FALSE(tools::read_ratings(
      folder.file("r.tsv",
                  "\xef\xbb\xbftime\tPlays\tArtist\tuser_id\r\n9\t2.5\tBj\xc3\xb6rk\tx\r\n"
                  "9\t4\tCan\tx\r\n8\t1\tCan\ty"),
      ratings));
  CHECK(ratings.users == std::vector<std::string>{"x", "y"});
  CHECK(ratings.items == std::vector<std::string>{"Bj\xc3\xb6rk", "Can"});
  CHECK(ratings.by_user.offset == std::vector<std::uint64_t>{0, 2, 3});
  CHECK(ratings.by_user.item == std::vector<std::uint32_t>{0, 1, 1});
  CHECK(ratings.by_user.weight == std::vector<float>{2.5F, 4, 1});
}

TEST_CASE("without a header the columns are user, item, weight") {
  const Folder folder;
  tools::Ratings ratings;
  REQUIRE_FALSE(
      tools::read_ratings(folder.file("r.tsv", "2\t51\t13883\n2\t7\t5\t2009\n"), ratings));
  CHECK(ratings.items == std::vector<std::string>{"51", "7"});
  CHECK(ratings.by_user.n_users == 1);
}

TEST_CASE("tags are counted over users, kept where they are common, strongest first") {
  const Folder folder;
  const std::string tags =
      folder.file("tags.tsv",
                  "userID\tartistID\ttagID\tday\n"
                  "1\ta\t1\t1\n2\ta\t2\t1\n3\ta\t2\t1\n1\tb\t1\t1\n1\tb\t3\t1\n"
                  "1\tb\t2\t1\n4\tz\t9\t1\n");
  const std::string names =
      folder.file("names.tsv", "tagID\ttagValue\n1\trock\n2\tfolk\n3\todd\n9\tx\n");
  tools::Ratings ratings;
  REQUIRE_FALSE(tools::read_ratings(folder.file("r.tsv", "1\ta\t5\n2\tb\t5\n"), ratings));
  tools::TagAssignments given;
  REQUIRE_FALSE(tools::read_tags(tags, names, ratings, given));
  REQUIRE(given.all.size() == 6);  // z has no ratings
  CHECK(given.all[1].user == 1);
  CHECK(given.all[2].user == tools::TagAssignments::kNobody);
  tools::TagFacts facts;
  REQUIRE_FALSE(tools::strongest_tags(given, 2, {2, 2}, facts));
  // "odd" is on one item only; "rock" and "folk" are on two each, so b's tie goes by name.
  REQUIRE(facts.of_item.size() == 2);
  const auto text = [&](std::size_t item) {
    std::string all;
    for (const std::uint16_t t : facts.of_item[item]) all += facts.names[t] + " ";
    return all;
  };
  CHECK(text(0) == "folk rock ");
  CHECK(text(1) == "folk rock ");
  REQUIRE_FALSE(tools::strongest_tags(given, 2, {1, 1}, facts));
  CHECK(facts.of_item[0].size() == 1);
  const tools::Problem p =
      tools::read_tags(tags, folder.file("few.tsv", "tagID\tv\n1\trock\n"), ratings, given);
  CHECK_THAT(p.text, Contains("tags.tsv:3:") && Contains("tag '2' has no name"));
}
