#include <array>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "json.h"
#include "model/catalogue_build.h"
#include "model/sequence_bundle.h"
#include "ossicle/history.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"bundle", Takes::kOne, "DIR", "", "catalogue bundle", true},
    Option{"sequence", Takes::kOne, "DIR", "", "sequence bundle made for it", true},
    Option{"length", Takes::kOne, "N", "20", "artists of a list, 1..500"},
    Option{"from", Takes::kOne, "NAME", "", "the first artist"},
    Option{"to", Takes::kOne, "NAME", "", "the last artist"},
    Option{"recent", Takes::kMany, "NAME", "", "artists played before, oldest first"},
    Option{"ban", Takes::kMany, "NAME", "", "artists that are never written"},
    Option{"adventure", Takes::kOne, "X", "0.3", "0 familiar .. 1 adventurous"},
    Option{"pull", Takes::kOne, "NATS", "8", "how closely the way to --to is kept, 0..50"},
    Option{"beams", Takes::kOne, "N", "4", "lists followed at the same time, 1..8"},
    Option{"seed", Takes::kOne, "N", "0", "another seed, another list"},
    Option{"lists", Takes::kOne, "N", "1", "lists, of this seed and those after it, 1..100000"},
    Option{"json", Takes::kNothing, "", "", "one JSON line for each list"},
};

Problem find(const Catalogue& catalogue, const std::string& name, std::uint32_t& out) {
  out = find_item(catalogue, artist_id(name));
  return out == kNoItem ? problem("'" + name + "' is not in the catalogue") : Problem();
}

struct Wanted {
  std::vector<std::uint32_t> recent;
  std::vector<std::uint8_t> excluded;
  std::uint32_t length = 0, lists = 0;
  PlaylistRequest request;
};

Problem read(const Args& args, const Catalogue& catalogue, Wanted& out) {
  PlaylistRequest& r = out.request;
  OSL_TOOL_TRY(args.count("length", 1U, SequenceModel::kMaxLength, out.length));
  OSL_TOOL_TRY(args.count("lists", 1U, 100000U, out.lists));
  OSL_TOOL_TRY(args.count("beams", 1U, SequenceModel::kMaxBeams, r.beams));
  OSL_TOOL_TRY(args.count("seed", 0, UINT64_MAX, r.seed));
  OSL_TOOL_TRY(args.number("adventure", 0, 1, r.adventure));
  OSL_TOOL_TRY(args.number("pull", 0, 50, r.pull));
  if (args.has("from")) OSL_TOOL_TRY(find(catalogue, args.text("from"), r.from));
  if (args.has("to")) OSL_TOOL_TRY(find(catalogue, args.text("to"), r.to));
  for (const std::string& name : args.all("recent")) {
    OSL_TOOL_TRY(find(catalogue, name, out.recent.emplace_back()));
  }
  out.excluded.resize(catalogue.n_items);
  for (const std::string& name : args.all("ban")) {
    std::uint32_t item = 0;
    OSL_TOOL_TRY(find(catalogue, name, item));
    out.excluded[item] = 1;
  }
  r.recent = out.recent;
  r.excluded = out.excluded;
  return {};
}

void print(const Catalogue& c, std::span<const PlaylistItem> list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string name(c.name(list[i].item));
    std::printf("%4zu  %8.3f  %s\n", i + 1, double{list[i].score}, name.c_str());
  }
}

std::string to_json(const Catalogue& c, std::uint64_t seed, std::span<const PlaylistItem> list) {
  JsonOut json;
  json.begin_object().key("seed").count(seed).key("items").begin_array();
  for (const PlaylistItem& item : list) {
    json.begin_object().key("row").count(item.item).key("id").text(base::to_hex(c.id[item.item]));
    json.key("name").text(c.name(item.item)).key("score").number(double{item.score}).end_object();
  }
  return json.end_array().end_object().line();
}

Problem run(const Args& args) {
  CatalogueData data;
  OSL_TOOL_TRY(open_bundle(args.text("bundle"), data));
  std::optional<SequenceModel> model;
  OSL_TOOL_TRY(open_sequence(args.text("sequence"), data.view, model));
  Wanted wanted;
  OSL_TOOL_TRY(read(args, data.view, wanted));
  const SequenceItems items = sequence_items(data.view);
  std::vector<PlaylistItem> list(wanted.length);
  for (std::uint32_t n = 0; n < wanted.lists; ++n, ++wanted.request.seed) {
    const Status written = write_playlist(*model, items, wanted.request, list);
    if (!written) return problem("playlist", written.error());
    if (args.has("json")) {
      std::puts(to_json(data.view, wanted.request.seed, list).c_str());
    } else {
      if (n > 0) std::puts("");
      print(data.view, list);
    }
  }
  return {};
}

}  // namespace

const Verb playlist_verb = {"playlist", "a list of artists that goes on from, or leads somewhere",
                            "",         "Nothing leaves this machine.",
                            kOptions,   run};

}  // namespace ossicle::tools
