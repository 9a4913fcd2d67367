#include <catch2/catch.hpp>

#include "base/json.h"
#include "command.h"
#include "model/catalogue_build.h"
#include "model/checkpoint.h"
#include "model/training.h"
#include "ossicle/history.h"
#include "ratings.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

const std::string kSmall = " --factors 8 --iterations 6 ";

std::string train_words(const Folder& folder, const std::string& out) {
  return "train --ratings " + folder.file("ratings.tsv", ratings_text()) + " --out " +
         folder.path(out) + kSmall;
}

std::string bundle_text(const Folder& folder, const std::string& out) {
  return read_text(folder.path(out) + "/bundle.json") +
         read_text(folder.path(out) + "/catalogue-0.safetensors");
}

// A checkpoint as `train` leaves it after three iterations.
void stop_after_three(const Folder& folder, const std::string& out) {
  tools::Ratings ratings;
  REQUIRE_FALSE(tools::read_ratings(folder.file("ratings.tsv", ratings_text()), ratings));
  tools::TrainingIdentity identity;
  identity.settings.ials.factors = 8;
  identity.settings.ials.iterations = 6;
  identity.settings.confidence = "one";
  identity.ratings_sha256 = ratings.sha256;
  tools::TrainingSet set;
  REQUIRE_FALSE(tools::make_training_set(ratings.by_user, nullptr, {}, identity.settings, {}, set));
  IalsModel model = ials_start(set.problem, identity.settings.ials).value();
  for (int i = 0; i < 3; ++i) REQUIRE(ials_iterate(set.problem, model).ok());
  REQUIRE_FALSE(
      tools::write_checkpoint(folder.path(out) + "/checkpoint.safetensors", identity, model));
}

}  // namespace

TEST_CASE("train leaves a bundle and nothing else, the same bytes for the same seed") {
  const Folder folder;
  const Outcome r = run_tool(folder, train_words(folder, "a") + "--json");
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  CHECK(entries(folder.path("a")) == 2);
  CHECK_THAT(r.err, Contains("iteration 6/6"));
  base::JsonDocument json;
  REQUIRE(json.parse(r.out.substr(0, r.out.size() - 1)).ok());
  CHECK(json.root().get("items").unsigned_integer() == 25);
  CHECK(json.root().get("factors").unsigned_integer() == 8);

  REQUIRE(run_tool(folder, train_words(folder, "b")).exit_code == 0);
  CHECK(bundle_text(folder, "a") == bundle_text(folder, "b"));
  REQUIRE(run_tool(folder, train_words(folder, "c") + "--seed 2").exit_code == 0);
  CHECK(bundle_text(folder, "a") != bundle_text(folder, "c"));
}

TEST_CASE("a run that was stopped and resumed gives the bytes of a straight one") {
  const Folder folder;
  REQUIRE(run_tool(folder, train_words(folder, "straight")).exit_code == 0);
  stop_after_three(folder, "stopped");
  const Outcome r = run_tool(folder, train_words(folder, "stopped") + "--resume");
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  CHECK_THAT(r.err, Contains("going on after iteration 3"));
  CHECK(bundle_text(folder, "straight") == bundle_text(folder, "stopped"));
  CHECK(entries(folder.path("stopped")) == 2);
}

TEST_CASE("resuming with nothing to resume starts from the beginning") {
  const Folder folder;
  const Outcome r = run_tool(folder, train_words(folder, "new") + "--resume");
  CHECK(r.exit_code == 0);
  CHECK_THAT(r.err, Contains("starting from the beginning"));
}

TEST_CASE("Ctrl-C stops between iterations and leaves a checkpoint that can be resumed") {
  const Folder folder;
  const std::string endless = " --iterations 10000";
  const std::string words = "train --ratings " + folder.file("ratings.tsv", ratings_text()) +
                            " --out " + folder.path("out") + " --factors 64";
  const std::string checkpoint = folder.path("out/checkpoint.safetensors");
  const Outcome r =
      shell(folder, "\"$OSSICLE\" " + words + endless + " & pid=$!; while [ ! -f " + checkpoint +
                        " ]; do sleep 0.01; done; kill -INT $pid; wait $pid");
  INFO(r.err);
  CHECK(r.exit_code == 130);
  CHECK_THAT(r.err, Contains("stopped after iteration") && Contains("--resume"));
  CHECK(entries(folder.path("out")) == 1);
  const Outcome other = run_tool(folder, words + " --iterations 10000 --resume --lambda 0.02");
  CHECK(other.exit_code == 2);
  CHECK_THAT(other.err, Contains("another --lambda"));
}

TEST_CASE("a checkpoint of another run, or a broken one, is refused and kept") {
  const Folder folder;
  stop_after_three(folder, "out");
  const std::string path = folder.path("out/checkpoint.safetensors");
  const std::string bytes = read_text(path);

  const auto refused = [&](const std::string& words, const char* told) {
    const Outcome r = run_tool(folder, words + " --resume");
    CHECK(r.exit_code == 2);
    CHECK_THAT(r.err, Contains(told));
    CHECK(entries(folder.path("out")) == 1);
  };
  refused(train_words(folder, "out") + "--seed 9", "another --seed");
  refused(train_words(folder, "out") + "--biases", "another --biases");
  refused(train_words(folder, "out") + "--confidence log", "another --confidence");
  refused("train --out " + folder.path("out") + kSmall + "--ratings " +
              folder.file("more.tsv", ratings_text() + "new\ta0\t1\n"),
          "from other ratings");
  CHECK(read_text(path) == bytes);

  folder.file("out/checkpoint.safetensors", bytes.substr(0, bytes.size() - 1));
  refused(train_words(folder, "out"), "checkpoint.safetensors");
  folder.file("out/checkpoint.safetensors", "");
  refused(train_words(folder, "out"), "checkpoint.safetensors");
}

TEST_CASE("of two artists with one key form the more listened keeps the id of the name") {
  const Folder folder;
  const std::string ratings =
      folder.file("r.tsv", "u\t1\t1\nu\t2\t1\nv\t2\t1\nw\t3\t1\nw\t2\t1\nw\t1\t1\n");
  const std::string names =
      folder.file("names.tsv", "id\tname\n1\tBJ\xc3\x96RK\n2\tBj\xc3\xb6rk\n3\tOther\n");
  const Outcome r = run_tool(folder, "train --ratings " + ratings + " --names " + names +
                                         " --out " + folder.path("out") + " --factors 2");
  INFO(r.err);
  REQUIRE(r.exit_code == 0);
  CatalogueData data;
  REQUIRE_FALSE(tools::open_bundle(folder.path("out"), data));
  const Catalogue& c = data.view;
  CHECK(c.name(0) == "Bj\xc3\xb6rk");
  CHECK(c.name(1) == "BJ\xc3\x96RK");
  CHECK(c.listeners[0] == 3);
  CHECK(find_item(c, artist_id("bjork")) == 0);
  CHECK(c.id[1] != c.id[0]);
  CHECK(find_item(c, artist_id("other")) == 2);
}

TEST_CASE("an item without a name is an error that names it") {
  const Folder folder;
  const Outcome r = run_tool(folder, train_words(folder, "out") + "--names " +
                                         folder.file("n.tsv", "id\tname\na0\tZero\n"));
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains("n.tsv: has no name for item 'a"));
  CHECK_FALSE(exists(folder.path("out")));
}

TEST_CASE("a folder that cannot be written is an error, and an old bundle stays as it was") {
  const Folder folder;
  REQUIRE(run_tool(folder, train_words(folder, "out")).exit_code == 0);
  const std::string before = bundle_text(folder, "out");
  folder.file("blocker", "a file, not a folder");
  const Outcome r = run_tool(folder, train_words(folder, "blocker/out"));
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains("blocker/out"));
  CHECK(bundle_text(folder, "out") == before);
}

TEST_CASE("any number of threads trains to the same bytes") {
  const Folder folder;
  for (const char* loss : {"plain", "weighted"}) {
    const std::string more = std::string(" --loss ") + loss;
    REQUIRE(run_tool(folder, train_words(folder, "one") + "--threads 1" + more).exit_code == 0);
    const std::string one = bundle_text(folder, "one");
    for (const char* threads : {"0", "2", "7"}) {
      CAPTURE(loss, threads);
      const std::string words = train_words(folder, "many") + "--threads " + threads + more;
      REQUIRE(run_tool(folder, words).exit_code == 0);
      CHECK((bundle_text(folder, "many") == one));
    }
  }
}
