#include <cstdio>
#include <optional>
#include <set>
#include <string>

#include "evaluation/lists/bandit_replay.h"
#include "evaluation/lists/sources.h"
#include "files.h"
#include "model/encoder_bundle.h"
#include "progress.h"
#include "ratings.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOwnOptions = {
    Option{"ratings", Takes::kOne, "FILE.tsv", "", "user, item, weight; one pair a line", true},
    Option{"what", Takes::kOne, "NAME", "bandit", "bandit | sources, see below"},
    Option{"seeds", Takes::kOne, "LIST", "1", "e.g. 1,2,3"},
    Option{"tags", Takes::kOne, "FILE.tsv", "", "user, item, tag: for training and for texts"},
    Option{"tag-names", Takes::kOne, "FILE.tsv", "", "id, name of the tags"},
    Option{"names", Takes::kOne, "FILE.tsv", "", "id, name of the items, for their texts"},
    Option{"encoder", Takes::kOne, "DIR", "", "an encoder bundle: texts are a source too"},
    Option{"part", Takes::kOne, "NAME", "test", "sources: test | validation"},
    Option{"k", Takes::kOne, "K", "10", "sources: length of the ranked list"},
    Option{"folds", Takes::kOne, "N", "5", "parts the users are cut in"},
    Option{"most-folds", Takes::kOne, "N", "100", "sources: go through so many of them only"},
    Option{"most-plays", Takes::kOne, "N", "300", "play events that the engine gets of one item"},
    Option{"listeners", Takes::kOne, "N", "10", "bandit: simulated listeners of each seed"},
    Option{"rounds", Takes::kOne, "N", "80", "bandit: lists shown to each, one a day"},
    Option{"memory", Takes::kOne, "X", "", "bandit: answers it remembers [the engine's default]"},
    Option{"list-size", Takes::kOne, "N", "3", "bandit: items of a list"},
    Option{"taste-size", Takes::kOne, "N", "150", "bandit: items that a source's follower likes"},
    Option{"taken-right", Takes::kOne, "P", "0.5", "bandit: chance that such an item is taken"},
    Option{"taken-wrong", Takes::kOne, "P", "0.05", "bandit: chance that another one is taken"},
    Option{"prior", Takes::kOne, "X", "", "bandit: its prior, in answers [the engine's default]"},
    Option{"no-drift", Takes::kNothing, "", "", "bandit: listeners do not change half-way"},
    Option{"json", Takes::kOne, "OUT", "", "write the figures as JSON to OUT"},
};
constexpr auto kOptions = join(kOwnOptions, kTrainingOptions);

constexpr const char* kNotes =
    "Both run the engine over listeners whose data is nowhere in its catalogue.\n"
    "sources  what each source of candidates and each knob of a list is worth: own-data-out of "
    "`ossicle\n"
    "         eval`, a row for each.\n"
    "bandit   listeners simulated on real histories: each takes what one source would give them, "
    "from half-way\n"
    "         on another. How much less than with the right source is taken, with the best fixed "
    "blend and with\n"
    "         the bandit. core/docs/ranking.md says what is simulated.";

Problem read_request(const Args& args, ListRequest& request, Report& report) {
  static constexpr std::string_view kWhat[] = {"bandit", "sources"};
  static constexpr std::string_view kParts[] = {"test", "validation"};
  OSL_TOOL_TRY(args.choice("what", kWhat, report.protocol));
  OSL_TOOL_TRY(args.choice("part", kParts, report.part));
  OSL_TOOL_TRY(args.counts("seeds", report.seeds));
  OSL_TOOL_TRY(args.count("k", 1U, 200U, report.k));
  OSL_TOOL_TRY(args.count("folds", 2U, 100U, request.folds));
  OSL_TOOL_TRY(args.count("most-folds", 1U, 100U, request.most_folds));
  OSL_TOOL_TRY(args.count("most-plays", 1U, 5000U, request.most_plays));
  OSL_TOOL_TRY(read_settings(args, request.settings));
  if (std::set(report.seeds.begin(), report.seeds.end()).size() != report.seeds.size()) {
    return problem("--seeds '" + args.text("seeds") + "' names one seed twice");
  }
  if (args.has("names")) OSL_TOOL_TRY(read_names(args.text("names"), request.names));
  return {};
}

Problem replay(const Args& args, const ListRequest& request, const Report& report,
               std::string& text, std::string& json) {
  ReplaySettings settings;
  settings.drift = !args.has("no-drift");
  OSL_TOOL_TRY(args.count("listeners", 1U, 100000U, settings.listeners));
  OSL_TOOL_TRY(args.count("rounds", 2U, 36500U, settings.rounds));
  OSL_TOOL_TRY(args.count("list-size", 1U, 100U, settings.list_size));
  OSL_TOOL_TRY(args.count("taste-size", 1U, 1024U, settings.taste_size));
  OSL_TOOL_TRY(args.number("taken-right", 0, 1, settings.taken_right));
  OSL_TOOL_TRY(args.number("taken-wrong", 0, 1, settings.taken_wrong));
  if (args.has("prior")) OSL_TOOL_TRY(args.number("prior", 0.1, 100, settings.bandit.prior));
  if (args.has("memory")) OSL_TOOL_TRY(args.number("memory", 2, 10000, settings.bandit.memory));
  ReplayResult result;
  OSL_TOOL_TRY(replay_bandit(request, settings, report.seeds, result));
  text = table(result, report.seeds);
  json = to_json(result, report.seeds);
  return {};
}

Problem run(const Args& args) {
  const Stopwatch watch;
  Ratings ratings;
  TagAssignments tags;
  Report report;
  ListRequest request{.ratings = ratings};
  OSL_TOOL_TRY(read_request(args, request, report));
  OSL_TOOL_TRY(read_ratings(args.text("ratings"), ratings));
  if (args.has("tags")) {
    OSL_TOOL_TRY(read_tags(args.text("tags"), args.text("tag-names"), ratings, tags));
    request.tags = &tags;
  }
  std::optional<Encoder> encoder;
  TextMemory vectors;
  if (args.has("encoder")) {
    OSL_TOOL_TRY(open_encoder(args.text("encoder"), encoder));
    request.encoder = &*encoder;
    request.vectors = &vectors;
  }
  report.ratings = args.text("ratings");
  report.users = ratings.by_user.n_users;
  report.items = ratings.by_user.n_items;
  report.interactions = ratings.by_user.item.size();
  report.model = "engine";
  catch_interrupt();
  std::string text;
  std::string json;
  if (report.protocol == "bandit") {
    OSL_TOOL_TRY(replay(args, request, report, text, json));
  } else {
    std::vector<PairedRise> rises;
    const std::vector<NamedList> lists = usual_lists(request.encoder != nullptr);
    OSL_TOOL_TRY(eval_lists(request, lists, report.part == "validation", report, rises));
    report.seconds = watch.seconds();
    text = table(report) + table(lists, rises);
    json = to_json(report);
  }
  std::fputs(text.c_str(), stdout);
  return args.has("json") ? write_file(args.text("json"), json) : Problem();
}

}  // namespace

const Verb replay_verb = {
    "replay", "what a list's knobs and the bandit are worth, over listeners nobody trained on",
    "",       kNotes,
    kOptions, run};

}  // namespace ossicle::tools
