#include <algorithm>
#include <cstdio>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "evaluation/report.h"
#include "evaluation/split.h"
#include "evaluation/split_rows.h"
#include "files.h"
#include "model/encoder_bundle.h"
#include "model/training.h"
#include "progress.h"
#include "ratings.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOwnOptions = {
    Option{"ratings", Takes::kOne, "FILE.tsv", "", "user, item, weight; one pair a line", true},
    Option{"protocol", Takes::kOne, "NAME", "split811",
           "split811 | leave-last-out | own-data-out | cold-items, see below"},
    Option{"model", Takes::kOne, "NAME", "ials", "ials | popularity (not own-data-out)"},
    Option{"methods", Takes::kOne, "LIST", "",
           "in place of --model, one row each: popularity,bpr,ease,plain,weighted"},
    Option{"seeds", Takes::kOne, "LIST", "1", "e.g. 1,2,3: of the split and of the training"},
    Option{
        "tags", Takes::kOne, "FILE.tsv", "",
        "user, item, tag: weighted iALS trains on them; never on one that a user gave to an\n"
        "                            item held out for that user, or (own-data-out) that a user\n"
        "                            of the fold gave"},
    Option{"tag-names", Takes::kOne, "FILE.tsv", "", "id, name of the tags"},
    Option{"k", Takes::kOne, "K", "10", "length of the ranked list, 1..200"},
    Option{"part", Takes::kOne, "NAME", "test",
           "test | validation: tune on validation (not own-data-out)"},
    Option{"folds", Takes::kOne, "N", "5", "own-data-out: parts the users are cut in"},
    Option{"most-plays", Takes::kOne, "N", "300",
           "own-data-out, weighted: play events that the engine gets of one item at most"},
    Option{"export-folds", Takes::kOne, "DIR", "",
           "own-data-out: write each fold's bundle and users, for tests/quality/own-data-out.mjs"},
    Option{"export-split", Takes::kOne, "DIR", "",
           "split811: write the split and its model of every seed, for models/sequence"},
    Option{"names", Takes::kOne, "FILE.tsv", "", "id, name of the items; for --text-encoder"},
    Option{"text-encoder", Takes::kOne, "DIR", "",
           "an encoder bundle: items have texts, their names and tags"},
    Option{"rank-cold", Takes::kNothing, "", "", "weighted: rank cold items too"},
    Option{"json", Takes::kOne, "OUT", "",
           "write the figures as JSON to OUT ('-' = stdout, no table)"},
};
constexpr auto kOptions = join(kOwnOptions, kTrainingOptions);

constexpr const char* kNotes =
    "Any TSV of user, item, weight [, time] will do. With a header the columns are found by name, "
    "others are\n"
    "passed over; a pair given at several times counts as so many plays.\n\n"
    "split811        random 8:1:1 per user (RecBole's), train on the first part, rank all items "
    "without train\n"
    "                and validation, report on the third. Mean over seeds +- 95 % interval.\n"
    "leave-last-out  a user's last item by time is the test part, the one before it validation. "
    "Seeds are of\n"
    "                the training only.\n"
    "own-data-out    split811; users in folds; a fold's users are folded in by the engine, from "
    "the quantised\n"
    "                catalogue that the other folds' train parts gave.\n\n"
    "cold-items      a tenth of the items with at least 5 users is hidden from training and ranked "
    "by text alone\n"
    "                for the users who have them (k = 50): name, name and tags that other people "
    "gave.\n\n"
    "--methods       popularity; BPR (d 64, 400 epochs); EASE (lambda 100, exact); plain iALS (d "
    "64, "
    "alpha0 .05,\n"
    "                lambda .01, 12 iterations); weighted iALS (d 128, int8 items, users solved "
    "again). Training\n"
    "                options are of the one that --loss names.\n"
    "ndcg, recall, mrr, hit, precision are RecBole's. coverage: part of the items in any list. "
    "gini: of how often\n"
    "items are listed, 0 = alike. diversity, tag_diversity: 1 - mean cosine within a list, by the "
    "factors of the\n"
    "first factor model of the run, and by the tags of --tags. novelty: mean -log2(listeners / "
    "users).";

// "a,b,c" -> request.methods
Problem read_methods(const Args& args, EvalRequest& request) {
  std::string_view rest = args.text("methods");
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string name(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (std::find(kMethods.begin(), kMethods.end(), name) == kMethods.end()) {
      std::string all;
      for (const std::string_view one : kMethods) all.append(all.empty() ? "" : ",").append(one);
      return problem(std::string("--methods '").append(name).append("' is none of ").append(all));
    }
    if (std::count(request.methods.begin(), request.methods.end(), name) > 0) {
      return problem(std::string("--methods names '").append(name).append("' twice"));
    }
    request.methods.push_back(name);
  }
  if (args.has("methods") && request.methods.empty()) return problem("--methods names nothing");
  if (args.has("methods") && args.has("model")) {
    return problem("--methods and --model are given; one of them says what is ranked");
  }
  return {};
}

bool uses_tags(const EvalRequest& request) {
  if (request.methods.empty()) return request.settings.weighted;
  return std::count(request.methods.begin(), request.methods.end(), "weighted") > 0;
}

Problem read_request(const Args& args, EvalRequest& request, Report& report) {
  static constexpr std::string_view kProtocols[] = {"split811", "leave-last-out", "own-data-out",
                                                    "cold-items"};
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
  report.model = args.has("methods") ? args.text("methods") : request.model;
  if (std::set(report.seeds.begin(), report.seeds.end()).size() != report.seeds.size()) {
    return problem("--seeds '" + args.text("seeds") + "' names one seed twice");
  }
  OSL_TOOL_TRY(read_methods(args, request));
  if (args.has("tags") && !uses_tags(request)) {
    return problem("--tags needs --loss weighted, or weighted in --methods");
  }
  if (!request.export_split.empty() &&
      (report.protocol != "split811" || request.model != "ials" || request.settings.ials.biases)) {
    return problem("--export-split needs --protocol split811, --model ials and no --biases");
  }
  request.leave_last_out = report.protocol == "leave-last-out";
  if (report.protocol == "cold-items") {
    if (!args.has("text-encoder") || !args.has("names")) {
      return problem("cold-items needs --text-encoder and --names");
    }
    if (!request.settings.weighted) return problem("cold-items needs --loss weighted");
    if (!args.has("k")) report.k = 50;
  }
  if (report.protocol != "own-data-out") {
    if (!request.export_folder.empty()) {
      return problem("--export-folds needs --protocol own-data-out");
    }
    return {};
  }
  if (request.model != "ials") return problem("own-data-out needs --model ials");
  if (!request.methods.empty()) return problem("own-data-out takes no --methods");
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
  const Times times = request.leave_last_out ? Times::kNeeded : Times::kIfNamed;
  OSL_TOOL_TRY(read_ratings(args.text("ratings"), ratings, times));
  if (args.has("tags"))
    OSL_TOOL_TRY(read_tags(args.text("tags"), args.text("tag-names"), ratings, tags));
  std::optional<Encoder> encoder;
  std::vector<std::string> names;
  request.rank_cold = args.has("rank-cold");
  if (args.has("text-encoder")) {
    std::map<std::string, std::string> by_id;
    OSL_TOOL_TRY(open_encoder(args.text("text-encoder"), encoder));
    OSL_TOOL_TRY(read_names(args.text("names"), by_id));
    for (const std::string& id : ratings.items) names.push_back(by_id[id]);
    request.encoder = &*encoder;
    request.names = names;
  }
  report.ratings = args.text("ratings");
  report.users = ratings.by_user.n_users;
  report.items = ratings.by_user.n_items;
  report.interactions = ratings.by_user.item.size();
  catch_interrupt();
  OSL_TOOL_TRY(report.protocol == "own-data-out" ? eval_own_data_out(request, report)
               : report.protocol == "cold-items" ? eval_cold_items(request, report)
                                                 : eval_split(request, report));
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
