#include "learning/prior.h"

#include <array>
#include <cstdio>

#include "base/sha256.h"
#include "files.h"
#include "json.h"
#include "learning/listeners.h"
#include "model/catalogue_build.h"
#include "progress.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"catalogue", Takes::kOne, "DIR", "", "the catalogue bundle of the first epoch", true},
    Option{"ratings", Takes::kOne, "FILE.tsv", "",
           "user, item, plays of public listeners, as those that it was trained on", true},
    Option{"out", Takes::kOne, "FILE", "", "where the prior is written", true},
    Option{"names", Takes::kOne, "FILE.tsv", "",
           "item id, name; otherwise an item's id is its name"},
    Option{"clip", Takes::kOne, "C", "1", "norm that contributions are clipped to, of each round"},
    Option{"json", Takes::kNothing, "", "", "tell the result as JSON on stdout"},
};

constexpr const char* kNotes =
    "What is public before a catalogue learns from contributions for the first time: how "
    "listeners' "
    "vectors\n"
    "lie (G), how many of them name each item (h), and how long vectors from sums have to be made "
    "(t). Make\n"
    "it once for a catalogue and keep it in every epoch: fitted again it would shrink what is "
    "learnt. The\n"
    "same input gives the same bytes everywhere. core/docs/block-sums.md has the reasons.";

Problem run(const Args& args) {
  const Stopwatch watch;
  double clip = 0;
  OSL_TOOL_TRY(args.number("clip", 1.0 / 1024, 64, clip));
  const std::string& folder = args.text("catalogue");
  CatalogueData now;
  OSL_TOOL_TRY(open_bundle(folder, now));
  std::vector<std::byte> bundle_json;
  OSL_TOOL_TRY(read_file(folder + "/bundle.json", bundle_json));
  Listeners listeners;
  OSL_TOOL_TRY(read_listeners(args.text("ratings"), args.text("names"), now.view, listeners));
  Result<Prior> made = make_prior(now.view, listeners.all, clip);
  if (!made) return problem(args.text("ratings"), made.error());
  Prior& prior = made.value();
  prior.catalogue = base::sha256(bundle_json);
  prior.ratings = listeners.sha256;
  const std::string& path = args.text("out");
  OSL_TOOL_TRY(write_prior(path, prior));
  if (args.has("json")) {
    JsonOut json;
    json.begin_object().key("prior").text(path).key("bytes").count(file_bytes(path));
    json.key("catalogue").text(base::to_hex(prior.catalogue));
    json.key("ratings").text(base::to_hex(prior.ratings));
    json.key("listeners").count(prior.listeners).key("clip").number(prior.clip);
    json.key("scale").number(prior.scale).key("seconds").number(watch.seconds()).end_object();
    std::fputs((json.line() + "\n").c_str(), stdout);
  } else {
    std::printf("%s: %u listeners, clip %g, t %.4f, %llu bytes; %.1f s\n", path.c_str(),
                prior.listeners, prior.clip, prior.scale,
                static_cast<unsigned long long>(file_bytes(path)), watch.seconds());
  }
  return {};
}

}  // namespace

const Verb prior_verb = {
    "prior", "what is public of a catalogue before its first epoch", "", kNotes, kOptions, run};

}  // namespace ossicle::tools
