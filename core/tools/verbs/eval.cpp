#include <cstdio>
#include <set>
#include <string>

#include "evaluation/report.h"
#include "evaluation/split.h"
#include "files.h"
#include "model/training.h"
#include "progress.h"
#include "ratings.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOwnOptions = {
    Option{"ratings", Takes::kOne, "FILE.tsv", "", "user, item, weight; one pair a line", true},
    Option{"protocol", Takes::kOne, "NAME", "split811", "split811 | own-data-out, see below"},
    Option{"model", Takes::kOne, "NAME", "ials", "ials | popularity (split811 only)"},
    Option{"seeds", Takes::kOne, "LIST", "1", "e.g. 1,2,3: of the split and of the training"},
    Option{
        "tags", Takes::kOne, "FILE.tsv", "",
        "user, item, tag: weighted iALS trains on them; never on one that a user gave to an\n"
        "                            item held out for that user, or (own-data-out) that a user\n"
        "                            of the fold gave"},
    Option{"k", Takes::kOne, "K", "10", "length of the ranked list"},
    Option{"part", Takes::kOne, "NAME", "test", "test | validation (split811): tune on validation"},
    Option{"folds", Takes::kOne, "N", "5", "own-data-out: parts the users are cut in"},
    Option{"most-plays", Takes::kOne, "N", "300",
           "own-data-out, weighted: play events that the engine gets of one item at most"},
    Option{"export-folds", Takes::kOne, "DIR", "",
           "own-data-out: write each fold's bundle and users, for tests/quality/own-data-out.mjs"},
    Option{"export-split", Takes::kOne, "DIR", "",
           "split811: write the split and its model of every seed, for models/sequence"},
    Option{"json", Takes::kOne, "OUT", "",
           "write the figures as JSON to OUT ('-' = stdout, no table)"},
};
constexpr auto kOptions = join(kOwnOptions, kTrainingOptions);

constexpr const char* kNotes =
    "split811      random 8:1:1 per user (RecBole's), train on the first part, rank all items "
    "without\n"
    "              train and validation, report on the third. Mean over seeds +- 95 % interval.\n"
    "own-data-out  the same split; users in folds; a fold's users are folded in by the engine, "
    "from the\n"
    "              quantised catalogue that the other folds' train parts gave, one play per item.\n"
    "Metrics are RecBole's. A time column in FILE.tsv is accepted and not used.";

Problem read_request(const Args& args, EvalRequest& request, Report& report) {
  static constexpr std::string_view kProtocols[] = {"split811", "own-data-out"};
  static constexpr std::string_view kModels[] = {"ials", "popularity"};
  static constexpr std::string_view kParts[] = {"test", "validation"};
  OSL_TOOL_TRY(args.choice("protocol", kProtocols, report.protocol));
  OSL_TOOL_TRY(args.choice("model", kModels, request.model));
  OSL_TOOL_TRY(args.choice("part", kParts, report.part));
  OSL_TOOL_TRY(args.counts("seeds", report.seeds));
  OSL_TOOL_TRY(args.count("k", 1U, 200U, report.k));
  OSL_TOOL_TRY(args.count("most-plays", 1U, 5000U, request.most_plays));
  OSL_TOOL_TRY(args.count("folds", 2U, 100U, request.folds));
  OSL_TOOL_TRY(read_settings(args, request.settings));
  request.on_validation = report.part == "validation";
  request.export_folder = args.text("export-folds");
  request.export_split = args.text("export-split");
  report.model = request.model;
  if (std::set(report.seeds.begin(), report.seeds.end()).size() != report.seeds.size()) {
    return problem("--seeds '" + args.text("seeds") + "' names one seed twice");
  }
  if (args.has("tags") && !request.settings.weighted) {
    return problem("--tags needs --loss weighted");
  }
  if (!request.export_split.empty() &&
      (report.protocol != "split811" || request.model != "ials" || request.settings.ials.biases)) {
    return problem("--export-split needs --protocol split811, --model ials and no --biases");
  }
  if (report.protocol == "split811") {
    if (!request.export_folder.empty()) {
      return problem("--export-folds needs --protocol own-data-out");
    }
    return {};
  }
  if (request.model != "ials") return problem("own-data-out needs --model ials");
  if (request.on_validation) return problem("own-data-out reports on the test part only");
  if (!request.settings.weighted && request.settings.confidence != "one") {
    return problem("own-data-out with the plain loss needs --confidence one");
  }
  return {};
}

Problem run(const Args& args) {
  const Stopwatch watch;
  Ratings ratings;
  TagAssignments tags;
  Report report;
  EvalRequest request{ratings, args.has("tags") ? &tags : nullptr, {}, "", false, 5, 300, "", ""};
  OSL_TOOL_TRY(read_request(args, request, report));
  OSL_TOOL_TRY(read_ratings(args.text("ratings"), ratings));
  if (args.has("tags")) OSL_TOOL_TRY(read_tags(args.text("tags"), "", ratings, tags));
  report.ratings = args.text("ratings");
  report.users = ratings.by_user.n_users;
  report.items = ratings.by_user.n_items;
  report.interactions = ratings.by_user.item.size();
  catch_interrupt();
  OSL_TOOL_TRY(report.protocol == "split811" ? eval_split811(request, report)
                                             : eval_own_data_out(request, report));
  report.seconds = watch.seconds();
  if (report.users_ranked == 0)
    return problem(report.ratings + ": no user has anything to test on");
  const std::string& json = args.text("json");
  if (json == "-") {
    std::fputs(to_json(report).c_str(), stdout);
    return {};
  }
  std::fputs(table(report).c_str(), stdout);
  return json.empty() ? Problem() : write_file(json, to_json(report));
}

}  // namespace

const Verb eval_verb = {
    "eval",   "measure how well a model recommends held-out items of a ratings file",
    "",       kNotes,
    kOptions, run};

}  // namespace ossicle::tools
