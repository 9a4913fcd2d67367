#include <catch2/catch.hpp>
#include <string>

#include "command.h"

using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

std::string replay(const Folder& folder, const std::string& rest) {
  return "replay --ratings " + folder.file("ratings.tsv", ratings_text()) +
         " --factors 8 --iterations 4 " + rest;
}

}  // namespace

TEST_CASE("replay measures every knob of a list against the default, listener by listener") {
  const Folder folder;
  const Outcome r = run_tool(folder, replay(folder, "--what sources --seeds 1,2 --k 5"));
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  for (const char* row : {"factors alone", "neighbours 0.5", "novelty 0.6", "diversity 0.3"}) {
    CHECK_THAT(r.out, Contains(row));
  }
  CHECK_THAT(r.out, !Contains("text"));  // no encoder
}

TEST_CASE("replay plays a bandit to simulated listeners, the same way every time") {
  const Folder folder;
  const std::string words = replay(
      folder,
      "--what bandit --seeds 1,2 --listeners 2 --rounds 4 --list-size 2 --taste-size 5 --json " +
          folder.path("out.json"));
  const Outcome r = run_tool(folder, words);
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.out, Contains("best fixed blend:") && Contains("of 2 seeds"));
  CHECK_THAT(read_text(folder.path("out.json")), Contains("\"seed\":2") && Contains("\"bandit\":"));
  CHECK(run_tool(folder, words).out == r.out);
}

TEST_CASE("replay names the option that is wrong") {
  const Folder folder;
  const auto refused = [&](const std::string& rest, const char* what) {
    const Outcome r = run_tool(folder, replay(folder, rest));
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.err, Contains(what));
  };
  refused("--what nothing", "--what");
  refused("--memory 1", "--memory");
  refused("--seeds 1,1", "--seeds");
  refused("--taken-right 2", "--taken-right");
  refused("--encoder nowhere", "nowhere");
}
