#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <map>
#include <optional>

#include "files.h"
#include "json.h"
#include "model/catalogue_build.h"
#include "model/checkpoint.h"
#include "model/encoder_bundle.h"
#include "model/item_texts.h"
#include "model/training.h"
#include "progress.h"
#include "ratings.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOwnOptions = {
    Option{"ratings", Takes::kOne, "FILE.tsv", "", "user, item, weight; one pair a line", true},
    Option{"out", Takes::kOne, "DIR", "", "where the catalogue bundle is written", true},
    Option{"names", Takes::kOne, "FILE.tsv", "",
           "item id, name; otherwise an item's id is its name"},
    Option{"tags", Takes::kOne, "FILE.tsv", "",
           "user, item, tag; counted over all users, as facts"},
    Option{"tag-names", Takes::kOne, "FILE.tsv", "",
           "tag id, name; otherwise a tag is its own name"},
    Option{"tags-per-item", Takes::kOne, "N", "5", "strongest tags kept of an item"},
    Option{"tag-min-items", Takes::kOne, "N", "5", "drop a tag that fewer items have"},
    Option{"name", Takes::kOne, "TEXT", "catalogue", "name of the bundle"},
    Option{"licence", Takes::kOne, "TEXT", "unknown", "of the vectors and facts, for bundle.json"},
    Option{"source", Takes::kOne, "TEXT", "unknown", "of the data, for bundle.json"},
    Option{"recipe", Takes::kOne, "TEXT", "ossicle train",
           "command that makes it, for bundle.json"},
    Option{
        "text-encoder", Takes::kOne, "DIR", "",
        "weighted: an encoder bundle; the catalogue gets a map from texts to factors, fitted on\n"
        "                            names and tags"},
    Option{"seed", Takes::kOne, "N", "1", "of the random start"},
    Option{"resume", Takes::kNothing, "", "",
           "go on from DIR/checkpoint.safetensors if it is there"},
    Option{"json", Takes::kNothing, "", "", "tell the result as JSON on stdout"},
};
constexpr auto kOptions = join(kOwnOptions, kTrainingOptions);

constexpr const char* kNotes =
    "Writes DIR/bundle.json and DIR/catalogue-0.safetensors. After every iteration the state is "
    "saved in\n"
    "DIR/checkpoint.safetensors (removed at the end), so a run that was stopped goes on with "
    "--resume and\n"
    "gives the same bytes. Of a time column only this is used: a pair given at several times "
    "counts "
    "as so\n"
    "many plays.";

struct Facts {
  std::vector<std::string> names;
  TagAssignments assignments;
  TagFacts tags;
  bool has_tags = false;
};

Problem read_facts(const Args& args, const Ratings& ratings, Facts& out) {
  out.names = ratings.items;
  if (args.has("names")) {
    std::map<std::string, std::string> names;
    OSL_TOOL_TRY(read_names(args.text("names"), names));
    for (std::string& name : out.names) {
      const auto it = names.find(name);
      if (it == names.end()) {
        return problem(args.text("names") + ": has no name for item '" + name + "'");
      }
      name = it->second;
    }
  }
  if (!args.has("tags")) {
    if (args.has("tag-names")) return problem("--tag-names needs --tags");
    return {};
  }
  TagLimits limits;
  OSL_TOOL_TRY(args.count("tags-per-item", 0U, 255U, limits.per_item));
  OSL_TOOL_TRY(args.count("tag-min-items", 1U, 1U << 24, limits.min_items));
  out.has_tags = true;
  OSL_TOOL_TRY(read_tags(args.text("tags"), args.text("tag-names"), ratings, out.assignments));
  return strongest_tags(out.assignments, static_cast<std::uint32_t>(ratings.items.size()), limits,
                        out.tags);
}

// What the iterations took, on the clock and of all threads together.
struct Spent {
  double seconds = 0, cpu_seconds = 0;
};

// Trains to settings.iterations, saving the state after each.
Problem train(const TrainingIdentity& identity, const IalsProblem& problem_in, bool resume,
              const std::string& checkpoint, IalsModel& out, Spent& spent) {
  Result<IalsModel> started = ials_start(problem_in, identity.settings.ials);
  if (!started) return problem("training", started.error());
  IalsModel& model = started.value();
  const std::uint32_t iterations = identity.settings.ials.iterations;
  if (resume && file_exists(checkpoint)) {
    OSL_TOOL_TRY(read_checkpoint(checkpoint, identity, model));
    note("going on after iteration " + std::to_string(model.iterations_done));
  } else if (resume) {
    note(checkpoint + " is not there: starting from the beginning");
  }
  if (model.iterations_done > iterations) {
    return problem(checkpoint + ": has " + std::to_string(model.iterations_done) +
                   " iterations already, more than --iterations " + std::to_string(iterations));
  }
  const Progress progress("iteration", iterations, model.iterations_done);
  const ForEach run = in_threads(identity.settings.threads);
  while (model.iterations_done < iterations) {
    if (interrupted()) {
      return {"stopped after iteration " + std::to_string(model.iterations_done) +
                  "; the same command with --resume goes on from there",
              kExitInterrupted};
    }
    const Stopwatch watch;
    const std::clock_t before = std::clock();
    if (const Status s = ials_iterate(problem_in, model, run); !s) {
      return problem("iteration " + std::to_string(model.iterations_done + 1), s.error());
    }
    spent.seconds += watch.seconds();
    spent.cpu_seconds += static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    OSL_TOOL_TRY(write_checkpoint(checkpoint, identity, model));
    progress.step(model.iterations_done);
  }
  out = std::move(model);
  return {};
}

std::string to_json(const std::string& folder, const Catalogue& c, const Interactions& x,
                    const IalsModel& model, const BundleBytes& bytes, const Spent& spent,
                    double seconds) {
  JsonOut json;
  json.begin_object().key("bundle").text(folder).key("users").count(x.n_users);
  json.key("items").count(c.n_items).key("interactions").count(x.item.size());
  json.key("factors").count(c.n_factors).key("iterations").count(model.iterations_done);
  json.key("mu").number(c.model.mu).key("alpha0").number(c.model.alpha0);
  json.key("user_lambda").number(c.model.user_lambda).key("biases").boolean(c.model.user_bias);
  json.key("bytes").count(bytes.bundle_json.size() + bytes.shard.size());
  json.key("iterating_seconds").number(spent.seconds);
  json.key("iterating_cpu_seconds").number(spent.cpu_seconds);
  json.key("seconds").number(seconds).end_object();
  return json.line() + "\n";
}

Problem run(const Args& args) {
  const Stopwatch watch;
  TrainingSettings settings;
  OSL_TOOL_TRY(read_settings(args, settings));
  OSL_TOOL_TRY(args.count("seed", std::uint64_t{0}, ~std::uint64_t{0}, settings.ials.seed));
  Ratings ratings;
  OSL_TOOL_TRY(read_ratings(args.text("ratings"), ratings));
  Facts facts;
  OSL_TOOL_TRY(read_facts(args, ratings, facts));
  TrainingSet set;
  const auto count_all = [](const TagAssignments::Assignment&) { return true; };
  ItemTexts texts;
  CatalogueInput::Digest text_encoder{};
  if (args.has("text-encoder")) {
    if (!settings.weighted) return problem("--text-encoder needs --loss weighted");
    std::optional<Encoder> encoder;
    OSL_TOOL_TRY(open_encoder(args.text("text-encoder"), encoder));
    OSL_TOOL_TRY(encoder_digest(args.text("text-encoder"), text_encoder));
    OSL_TOOL_TRY(make_item_texts(*encoder, facts.names,
                                 facts.has_tags ? &facts.assignments : nullptr, count_all,
                                 kTagsPerText, texts));
  }
  OSL_TOOL_TRY(make_training_set(ratings.by_user, facts.has_tags ? &facts.assignments : nullptr,
                                 count_all, settings, texts, set));

  const std::string& folder = args.text("out");
  const std::string checkpoint = folder + "/checkpoint.safetensors";
  const TrainingIdentity identity{settings, ratings.sha256};
  catch_interrupt();
  IalsModel model;
  Spent spent;
  OSL_TOOL_TRY(train(identity, set.problem, args.has("resume"), checkpoint, model, spent));

  BuiltCatalogue built;
  CatalogueInput input{.model = model,
                       .set = set,
                       .names = facts.names,
                       .tags = facts.has_tags ? &facts.tags : nullptr};
  if (texts.size > 0) input.texts = &texts;
  input.text_ridge = settings.text_ridge;
  input.text_encoder = text_encoder;
  OSL_TOOL_TRY(build_catalogue(input, built));
  const Result<BundleBytes> bytes = write_catalogue(
      built.view,
      {args.text("name"), args.text("licence"), args.text("source"), args.text("recipe")});
  if (!bytes) return problem(folder, bytes.error());
  CatalogueData read_back;
  OSL_TOOL_TRY(open_bundle(bytes.value(), read_back));
  OSL_TOOL_TRY(write_bundle(folder, bytes.value()));
  remove_file(checkpoint);
  if (args.has("json")) {
    std::fputs(to_json(folder, read_back.view, ratings.by_user, model, bytes.value(), spent,
                       watch.seconds())
                   .c_str(),
               stdout);
  } else {
    std::printf("%s: %u items, %u factors, %zu bytes; %.1f s\n", folder.c_str(), built.view.n_items,
                built.view.n_factors, bytes.value().bundle_json.size() + bytes.value().shard.size(),
                watch.seconds());
  }
  return {};
}

}  // namespace

const Verb train_verb = {
    "train", "iALS on a ratings file -> a catalogue bundle", "", kNotes, kOptions, run};

}  // namespace ossicle::tools
