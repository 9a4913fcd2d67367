#include <array>
#include <cstdio>

#include "model/catalogue_build.h"
#include "model/sequence_bundle.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"checkpoint", Takes::kOne, "DIR", "", "config.json and model.safetensors", true},
    Option{"bundle", Takes::kOne, "DIR", "", "the catalogue bundle whose factors it was trained on",
           true},
    Option{"out", Takes::kOne, "DIR", "", "where the bundle is written", true},
    Option{"name", Takes::kOne, "NAME", "sequence", "its name"},
    Option{"licence", Takes::kOne, "TEXT", "unknown", "of the weights"},
    Option{"source", Takes::kOne, "TEXT", "unknown", "what it was trained on"},
    Option{"recipe", Takes::kOne, "TEXT", "unknown", "the command that makes it again"},
};

constexpr const char* kNotes = "The model can then be used with that catalogue only.";

Problem run(const Args& args) {
  CatalogueData data;
  OSL_TOOL_TRY(open_bundle(args.text("bundle"), data));
  SequenceShape shape;
  std::vector<std::byte> weights;
  OSL_TOOL_TRY(read_sequence_checkpoint(args.text("checkpoint"), data.view, shape, weights));
  const Result<SequenceBundleBytes> bytes = write_sequence(shape, weights,
                                                           {.name = args.text("name"),
                                                            .licence = args.text("licence"),
                                                            .source = args.text("source"),
                                                            .recipe = args.text("recipe")});
  if (!bytes) return problem(args.text("checkpoint"), bytes.error());
  OSL_TOOL_TRY(write_sequence_bundle(args.text("out"), bytes.value()));
  std::printf("%s: %zu bytes of weights\n", args.text("out").c_str(), bytes.value().weights.size());
  return {};
}

}  // namespace

const Verb pack_sequence_verb = {
    "pack-sequence", "make an int8 sequence bundle of a checkpoint", "", kNotes, kOptions, run};

}  // namespace ossicle::tools
