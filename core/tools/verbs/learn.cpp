#include "learning/learn.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <set>

#include "base/sha256.h"
#include "files.h"
#include "io/manifest.h"
#include "json.h"
#include "model/catalogue_build.h"
#include "ossicle/privacy.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"catalogue", Takes::kOne, "DIR", "", "the catalogue bundle that contributors used",
           true},
    Option{"prior", Takes::kOne, "FILE", "", "of ossicle prior", true},
    Option{"sums", Takes::kMany, "BLOCK:COUNT:A:B", "",
           "a block, its reports, and the files of both aggregators' noised sums (u32, "
           "little-endian)",
           true},
    Option{"clip", Takes::kOne, "C", "", "norm that contributions were clipped to", true},
    Option{"sigma", Takes::kOne, "S", "", "noise of each aggregator, in lengths of C", true},
    Option{"fraction-bits", Takes::kOne, "N", "10", "numbers are multiples of 2^-N"},
    Option{"variance", Takes::kOne, "FILE", "",
           "what --variance-out of the epoch before wrote; without it this is the first epoch"},
    Option{"listeners", Takes::kOne, "FILE.tsv", "",
           "user, item, plays of public listeners, none of whom it was trained on", true},
    Option{"names", Takes::kOne, "FILE.tsv", "",
           "of --listeners: item id, name; otherwise an item's id is its name"},
    Option{"seed", Takes::kOne, "N", "1", "of which items of the listeners are held out"},
    Option{"out", Takes::kOne, "DIR", "", "where the new catalogue bundle is written", true},
    Option{"report", Takes::kOne, "FILE.json", "", "what was done and why", true},
    Option{"variance-out", Takes::kOne, "FILE", "", "for the next epoch"},
};

constexpr const char* kNotes =
    "New vectors of the best known items, from what two aggregators published of a round. Rows "
    "that "
    "would\n"
    "come into too many lists of the public listeners are put back. Nothing is written but the "
    "report where\n"
    "recall of what was held out falls or clients would refuse the result (exit code 3), and where "
    "no row\n"
    "moves (exit code 0, outcome \"nothing\"). The same input gives the same bytes on every "
    "machine.";

/// A gate says no: nothing is wrong with the input.
constexpr int kExitRefused = 3;

/// The sums as they were published.
struct Published {
  BlockSums sums;
  base::Digest a{}, b{};
};

Problem read_half(const std::string& path, std::size_t numbers, std::vector<std::uint32_t>& out,
                  base::Digest& digest) {
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  if (bytes.size() != numbers * sizeof(std::uint32_t)) {
    return problem(path + ": has " + std::to_string(bytes.size()) + " bytes, and a block of this " +
                   "catalogue has " + std::to_string(numbers * sizeof(std::uint32_t)));
  }
  digest = base::sha256(bytes);
  out.resize(numbers);
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return {};
}

// BLOCK:COUNT:FILE_A:FILE_B.
Problem read_sums(const std::string& text, const Catalogue& now, std::uint32_t fraction_bits,
                  Published& out) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == ':') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  std::uint64_t block = 0;
  if (parts.size() != 4 || !parse_count(parts[0], block) || block >= kBlocks ||
      !parse_count(parts[1], out.sums.reports) || out.sums.reports == 0) {
    return problem("--sums '" + text + "' must be BLOCK:COUNT:FILE_A:FILE_B, BLOCK below " +
                   std::to_string(kBlocks) + ", COUNT above 0, without ':' in the paths");
  }
  out.sums.block = static_cast<std::uint32_t>(block);
  const std::size_t numbers = kBlockRows * (now.n_factors + std::size_t{1});
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> second;
  OSL_TOOL_TRY(read_half(parts[2], numbers, first, out.a));
  OSL_TOOL_TRY(read_half(parts[3], numbers, second, out.b));
  std::vector<std::int32_t> steps(numbers);
  if (const Status joined = ossicle::join(first, second, steps); !joined) {
    return problem(text, joined.error());
  }
  out.sums.units.assign(steps.begin(), steps.end());
  for (double& x : out.sums.units) x = std::ldexp(x, -static_cast<int>(fraction_bits));
  return {};
}

struct Input {
  CatalogueData now;
  io::Manifest manifest;
  base::Digest catalogue{}, prior_sha256{};
  Prior prior;
  double clip = 0, sigma = 0;
  std::uint32_t fraction_bits = 0;
  std::vector<Published> sums;
  Variances variances;
  std::uint64_t seed = 0;
  base::Digest listeners_sha256{};
  std::vector<HeldOut> listeners;
};

Problem read_catalogue(const std::string& folder, Input& out) {
  OSL_TOOL_TRY(open_bundle(folder, out.now));
  const std::string path = folder + "/bundle.json";
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  Result<io::Manifest> manifest = io::read_manifest(bytes);
  if (!manifest) return problem(path, manifest.error());
  out.manifest = std::move(manifest).value();
  out.catalogue = base::sha256(bytes);
  return {};
}

Problem read_matching_prior(const std::string& path, Input& out) {
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  out.prior_sha256 = base::sha256(bytes);
  OSL_TOOL_TRY(read_prior(path, out.prior));
  const Catalogue& now = out.now.view;
  if (out.prior.factors != now.n_factors || out.prior.head != of_head(now)) {
    return problem(path +
                   ": is the prior of a catalogue with other items; make one: ossicle prior");
  }
  if (out.prior.clip != out.clip) {
    return problem(path + ": was made with another --clip than the round; make one: ossicle prior");
  }
  return {};
}

Problem read_all_sums(const Args& args, Input& out) {
  std::set<std::uint32_t> blocks;
  for (const std::string& text : args.all("sums")) {
    out.sums.emplace_back();
    OSL_TOOL_TRY(read_sums(text, out.now.view, out.fraction_bits, out.sums.back()));
    if (!blocks.insert(out.sums.back().sums.block).second) {
      return problem("--sums '" + text + "': the block was given before");
    }
  }
  return {};
}

Problem read_input(const Args& args, Input& out) {
  OSL_TOOL_TRY(args.number("clip", 1e-3, 1024, out.clip));
  OSL_TOOL_TRY(args.number("sigma", 0, 1e6, out.sigma));
  OSL_TOOL_TRY(args.count("fraction-bits", 0U, 30U, out.fraction_bits));
  OSL_TOOL_TRY(args.count("seed", std::uint64_t{0}, ~std::uint64_t{0}, out.seed));
  OSL_TOOL_TRY(read_catalogue(args.text("catalogue"), out));
  OSL_TOOL_TRY(read_matching_prior(args.text("prior"), out));
  OSL_TOOL_TRY(read_all_sums(args, out));
  const Catalogue& now = out.now.view;
  if (args.has("variance")) {
    OSL_TOOL_TRY(read_variances(args.text("variance"), now, out.variances));
  } else {
    out.variances = first_variances(now);
  }
  Listeners listeners;
  OSL_TOOL_TRY(read_listeners(args.text("listeners"), args.text("names"), now, listeners));
  out.listeners_sha256 = listeners.sha256;
  out.listeners = hold_out(listeners.all, out.seed);
  if (out.listeners.empty()) {
    return problem(args.text("listeners") +
                   ": no listener has enough items of the catalogue to hold one out");
  }
  return {};
}

// Without paths and times: the same for everybody.
std::string to_json(const Input& in, const Noise& noise, const LearnResult& result) {
  JsonOut json;
  json.begin_object().key("outcome").text(name_of(result.outcome)).key("why").text(result.why);
  json.key("catalogue").text(base::to_hex(in.catalogue));
  json.key("prior").text(base::to_hex(in.prior_sha256)).key("sums").begin_array();
  for (const Published& one : in.sums) {
    json.begin_object().key("block").count(one.sums.block).key("reports").count(one.sums.reports);
    json.key("a").text(base::to_hex(one.a)).key("b").text(base::to_hex(one.b)).end_object();
  }
  json.end_array().key("settings").begin_object().key("clip").number(in.clip);
  json.key("sigma").number(in.sigma).key("fraction_bits").count(in.fraction_bits);
  json.key("noise").number(noise.deviation).key("scale").number(in.prior.scale);
  json.key("min_count").number(least_count(noise.deviation));
  json.key("max_growth").number(noise.max_growth).key("seed").count(in.seed).end_object();
  json.key("listeners").begin_object().key("sha256").text(base::to_hex(in.listeners_sha256));
  json.key("asked").count(in.listeners.size()).end_object();
  json.key("rows_moved").count(result.moved).key("held").begin_array();
  for (const HeldRow& row : result.held) {
    json.begin_object().key("row").count(row.row);
    json.key("id").text(base::to_hex(in.now.view.id[row.row]));
    json.key("name").text(in.now.view.name(row.row));
    json.key("exposure_before").number(row.before).key("exposure_after").number(row.after);
    json.end_object();
  }
  json.end_array().key("recall_at_20").begin_object().key("before").number(result.recall_before);
  json.key("after").number(result.recall_after).end_object();
  if (result.outcome == Outcome::kLearnt) {
    json.key("bundle").begin_object();
    json.key("bundle.json").text(base::to_hex(base::sha256(result.bundle.bundle_json)));
    json.key("shard").text(base::to_hex(base::sha256(result.bundle.shard))).end_object();
  }
  json.end_object();
  return json.line() + "\n";
}

Problem write_results(const Args& args, const Input& in, const LearnResult& result) {
  if (result.outcome != Outcome::kLearnt) return {};
  OSL_TOOL_TRY(write_bundle(args.text("out"), result.bundle));
  if (!args.has("variance-out")) return {};
  return write_variances(args.text("variance-out"), in.now.view, result.variances);
}

Problem run(const Args& args) {
  Input in;
  OSL_TOOL_TRY(read_input(args, in));
  std::vector<BlockSums> sums;
  sums.reserve(in.sums.size());
  for (const Published& one : in.sums) sums.push_back(one.sums);
  const Noise noise = {.deviation = std::sqrt(2.0) * in.sigma * in.clip};  // both add their own
  const std::string recipe = "ossicle learn --catalogue " + base::to_hex(in.catalogue);
  LearnResult result;
  OSL_TOOL_TRY(learn({.now = in.now.view,
                      .prior = in.prior,
                      .sums = sums,
                      .noise = noise,
                      .variances = in.variances,
                      .listeners = in.listeners,
                      .facts = {in.manifest.name, in.manifest.licence, in.manifest.source, recipe},
                      .for_each = in_threads(0)},
                     result));
  OSL_TOOL_TRY(write_results(args, in, result));
  OSL_TOOL_TRY(write_file(args.text("report"), to_json(in, noise, result)));
  if (result.outcome == Outcome::kRefused) {
    return {"not published: " + result.why + "; the catalogue stays as it is", kExitRefused};
  }
  if (result.outcome == Outcome::kNothing) {
    std::printf("nothing to publish: %s\n", result.why.c_str());
    return {};
  }
  std::printf("%s: %u rows moved, %zu held back; recall@20 of %zu listeners %.4f, before %.4f\n",
              args.text("out").c_str(), result.moved, result.held.size(), in.listeners.size(),
              result.recall_after, result.recall_before);
  return {};
}

}  // namespace

const Verb learn_verb = {
    "learn", "a new catalogue from the published sums of a round", "", kNotes, kOptions, run};

}  // namespace ossicle::tools
