#include <catch2/catch.hpp>

#include "command.h"

using namespace ossicle::testing;
using Catch::Matchers::Contains;

TEST_CASE("help for the tool and for each verb goes to stdout with exit code 0") {
  const Folder folder;
  const Outcome tool = run_tool(folder, "--help");
  CHECK(tool.exit_code == 0);
  for (const char* verb : {"train", "eval", "inspect", "recommend", "search"}) {
    CHECK_THAT(tool.out, Contains(std::string("ossicle ") + verb));
    const Outcome help = run_tool(folder, std::string(verb) + " --help");
    CHECK(help.exit_code == 0);
    CHECK_THAT(help.out, Contains(std::string("ossicle ") + verb) && Contains("--json"));
    CHECK(help.err.empty());
  }
}

TEST_CASE("a command line that cannot be understood is told on stderr with exit code 2") {
  struct Bad {
    const char* words;
    const char* told;
  };
  for (const Bad& bad : {
           Bad{"", "which verb?"},
           {"dance", "'dance' is not a verb"},
           {"eval", "--ratings is needed"},
           {"eval --ratings", "--ratings needs a value"},
           {"eval --ratings x.tsv --loud", "--loud is not an option"},
           {"eval --ratings x.tsv --ratings y.tsv", "--ratings is given twice"},
           {"eval --ratings x.tsv --biases=yes", "--biases takes no value"},
           {"eval --ratings x.tsv extra", "'extra' is not expected"},
           {"eval --ratings x.tsv --k 0", "--k '0' must be a whole number in 1..200"},
           {"eval --ratings x.tsv --k 10x", "--k '10x'"},
           {"eval --ratings x.tsv --lambda nan", "--lambda 'nan' must be a number"},
           {"eval --ratings x.tsv --alpha0 -1", "--alpha0 '-1'"},
           {"eval --ratings x.tsv --seeds 1,,2", "--seeds '1,,2'"},
           {"eval --ratings x.tsv --seeds 1,1", "names one seed twice"},
           {"eval --ratings x.tsv --model bpr", "--model 'bpr' must be ials | popularity"},
           {"eval --ratings x.tsv --export-folds d", "--export-folds needs"},
           {"eval --ratings x.tsv --export-split d --model popularity", "--export-split needs"},
           {"inspect", "BUNDLE_DIR is needed"},
           {"recommend --history a --bundle b --limit 257", "--limit '257'"},
           {"recommend --history a --bundle b --now tomorrow", "--now 'tomorrow'"},
           {"recommend --history a --bundle b --now 2026-02-30", "--now '2026-02-30'"},
       }) {
    CAPTURE(bad.words);
    const Folder folder;
    const Outcome r = run_tool(folder, bad.words);
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK_THAT(r.err, Contains(bad.told));
  }
}

TEST_CASE("a file that is not there is named") {
  const Folder folder;
  const Outcome r = run_tool(folder, "eval --ratings " + folder.path("nothing.tsv"));
  CHECK(r.exit_code == 2);
  CHECK_THAT(r.err, Contains("nothing.tsv") && Contains("No such file"));
  CHECK(run_tool(folder, "inspect " + folder.path("nothing")).exit_code == 2);
}
