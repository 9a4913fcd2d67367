#include <catch2/catch.hpp>
#include <string>

#include "base/json.h"
#include "command.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

const std::string kBundles =
    std::string("style --bundle ") + OSL_ENCODER_BUNDLE + " --style " + OSL_STYLE_BUNDLE;

}  // namespace

TEST_CASE("style tells the genres, moods and instruments of a text") {
  const Folder folder;
  const std::string text = " --text \"fast aggressive heavy metal with distorted guitars\"";
  const Outcome r = run_tool(folder, kBundles + text);
  INFO(r.err);
  CHECK(r.exit_code == 0);
  CHECK_THAT(r.out, Contains("heavy metal") && Contains("aggressive") && Contains("guitar"));
}

TEST_CASE("style answers a line of JSON for each text, in order") {
  const Folder folder;
  const std::string file = folder.file("in.txt", "sad piano\n\n");
  const Outcome r =
      run_tool(folder, kBundles + " --json --least 0 --limit 2 --text jazz --in " + file);
  CHECK(r.exit_code == 0);
  std::size_t at = 0;
  for (const char* text : {"jazz", "sad piano", ""}) {
    base::JsonDocument line;
    const std::size_t end = r.out.find('\n', at);
    REQUIRE(line.parse(r.out.substr(at, end - at)).ok());
    at = end + 1;
    CHECK(line.root().get("text").string() == text);
    CHECK(line.root().get("labels").size() == 6);
  }
  CHECK(at == r.out.size());
}

TEST_CASE("what style cannot use is told with exit code 2") {
  const Folder folder;
  struct Bad {
    std::string words;
    const char* told;
  };
  std::string json = read_text(OSL_STYLE_BUNDLE "/bundle.json");
  char& digit = json.at(json.find("\"encoder\": \"") + 12);
  digit = digit == '0' ? '1' : '0';
  const std::string manifest = folder.file("bundle.json", json);
  folder.file("style.safetensors", "");
  const std::string other = std::string("style --bundle ") + OSL_ENCODER_BUNDLE + " --style " +
                            manifest.substr(0, manifest.rfind('/'));
  for (const Bad& bad : {
           Bad{kBundles, "--text or --in is needed"},
           {kBundles + " --text a --least 2", "--least"},
           {kBundles + " --text a --limit 0", "--limit"},
           {other + " --text a", "another encoder"},
           {std::string("style --text a --style /no --bundle ") + OSL_ENCODER_BUNDLE,
            "/no/bundle.json"},
       }) {
    CAPTURE(bad.words);
    const Outcome r = run_tool(folder, bad.words);
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK_THAT(r.err, Contains(bad.told));
  }
}
