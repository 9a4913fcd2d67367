#include <catch2/catch.hpp>
#include <string>

#include "base/json.h"
#include "command.h"
#include "files.h"
#include "model/catalogue_build.h"
#include "ossicle/history.h"
#include "sequence_checkpoint.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A catalogue of 60 artists and a checkpoint of random weights for it, packed by the tool.
struct Bundles {
  Folder folder;
  Outcome packed;

  Bundles() {
    CatalogueContents contents =
        synthetic_contents({.n_items = 60, .n_factors = 16, .model = weighted_model()});
    for (int i = 0; i < 60; ++i) contents.id.push_back(artist_id("artist " + std::to_string(i)));
    const CatalogueData data = build_catalogue(std::move(contents));
    const BundleBytes bundle =
        write_catalogue(data.view, {.name = "n", .licence = "l", .source = "s", .recipe = "r"})
            .value();
    folder.file("bundle.json", text_of(bundle.bundle_json));
    folder.file("catalogue-0.safetensors", text_of(bundle.shard));
    folder.file("model.safetensors",
                text_of(SequenceCheckpoint(small_sequence(data.view)).write()));
    write_config(24);
    packed = run_tool(folder, "pack-sequence --checkpoint " + at("") + " --bundle " + at("") +
                                  " --out " + at("sequence"));
  }

  void write_config(int max_items) const {
    folder.file("config.json", R"({"factors": 16, "text": 16, "channels": 48, "layers": 2,
        "heads": 3, "feed_forward": 96, "max_items": )" +
                                   std::to_string(max_items) +
                                   R"(, "factor_scale": 1.5, "popularity": 0.2,
        "layer_norm_epsilon": 1e-12})");
  }
  std::string at(const std::string& name) const { return folder.path(name); }
  Outcome playlist(const std::string& words) const {
    return run_tool(folder,
                    "playlist --bundle " + at("") + " --sequence " + at("sequence") + words);
  }
};

}  // namespace

TEST_CASE("a checkpoint is packed, and playlists are written by it") {
  const Bundles bundles;
  INFO(bundles.packed.err);
  REQUIRE(bundles.packed.exit_code == 0);
  CHECK(exists(bundles.at("sequence/bundle.json")));
  const Outcome r = bundles.playlist(
      " --length 8 --from \"artist 3\" --to \"Artist 40\" --recent \"artist 9\" --ban \"artist "
      "1\"");
  INFO(r.err);
  CHECK(r.exit_code == 0);
  CHECK_THAT(r.out, Contains("   1     0.000  artist 3\n") && Contains("  artist 40\n"));
  CHECK_THAT(r.out, !Contains("artist 1\n") && !Contains("artist 9\n"));
}

TEST_CASE("playlist answers a line of JSON for each list, of one seed after the other") {
  const Bundles bundles;
  const Outcome r = bundles.playlist(" --json --lists 3 --seed 7 --length 5");
  REQUIRE(r.exit_code == 0);
  std::size_t at = 0;
  for (const std::uint64_t seed : {7U, 8U, 9U}) {
    base::JsonDocument line;
    const std::size_t end = r.out.find('\n', at);
    REQUIRE(line.parse(r.out.substr(at, end - at)).ok());
    at = end + 1;
    CHECK(line.root().get("seed").unsigned_integer() == seed);
    CHECK(line.root().get("items").size() == 5);
  }
  CHECK(at == r.out.size());
  CHECK(bundles.playlist(" --json --lists 3 --seed 7 --length 5").out == r.out);
}

TEST_CASE("what playlist and pack-sequence cannot use is told with exit code 2") {
  const Bundles bundles;
  struct Bad {
    std::string words;
    const char* told;
  };
  for (const Bad& bad : {
           Bad{" --length 0", "--length"},
           {" --length 501", "--length"},
           {" --adventure 2", "--adventure"},
           {" --beams 9", "--beams"},
           {" --from nobody", "'nobody' is not in the catalogue"},
           {" --length 61", "longer than the items that are allowed"},
           {" --from \"artist 1\" --ban \"artist 1\"", "excluded"},
           {" --from \"artist 1\" --to \"artist 1\"", "the same"},
       }) {
    CAPTURE(bad.words);
    const Outcome r = bundles.playlist(bad.words);
    CHECK(r.exit_code == 2);
    CHECK(r.out.empty());
    CHECK_THAT(r.err, Contains(bad.told));
  }
  bundles.write_config(25);
  const Outcome r =
      run_tool(bundles.folder, "pack-sequence --checkpoint " + bundles.at("") + " --bundle " +
                                   bundles.at("") + " --out " + bundles.at("other"));
  CHECK(r.exit_code == 2);
  CHECK_FALSE(exists(bundles.at("other")));
}
