#include <algorithm>
#include <array>
#include <cstdio>

#include "base/sha256.h"
#include "files.h"
#include "io/manifest.h"
#include "json.h"
#include "model/catalogue_build.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"items", Takes::kOne, "N", "10", "rows shown, most-listened first"},
    Option{"json", Takes::kNothing, "", "", "the same as JSON on stdout"},
};

std::string to_json(const io::Manifest& manifest, const Catalogue& c, std::uint32_t shown) {
  JsonOut json;
  json.begin_object().key("name").text(manifest.name).key("licence").text(manifest.licence);
  json.key("source").text(manifest.source).key("recipe").text(manifest.recipe);
  json.key("files").begin_array();
  for (const io::ManifestFile& file : manifest.files) {
    json.begin_object().key("path").text(file.path).key("bytes").count(file.bytes);
    json.key("sha256").text(base::to_hex(file.sha256)).end_object();
  }
  json.end_array().key("n_items").count(c.n_items).key("n_factors").count(c.n_factors);
  json.key("n_tags").count(manifest.catalogue.tags).key("mu").number(c.model.mu);
  json.key("alpha0").number(c.model.alpha0).key("user_lambda").number(c.model.user_lambda);
  json.key("user_bias").boolean(c.model.user_bias).key("items").begin_array();
  for (std::uint32_t row = 0; row < shown; ++row) {
    json.begin_object().key("row").count(row).key("id").text(base::to_hex(c.id[row]));
    json.key("name").text(c.name(row)).key("listeners").count(c.listeners[row]);
    json.key("bias").number(static_cast<double>(c.bias[row])).key("tags").begin_array();
    for (const std::uint16_t tag : c.tags(row)) json.text(c.tag_name(tag));
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.line() + "\n";
}

void print(const io::Manifest& manifest, const Catalogue& c, std::uint32_t shown) {
  std::printf("%s\n  licence  %s\n  source   %s\n  recipe   %s\n", manifest.name.c_str(),
              manifest.licence.c_str(), manifest.source.c_str(), manifest.recipe.c_str());
  for (const io::ManifestFile& file : manifest.files) {
    std::printf("  file     %s, %llu bytes, sha256 %s (verified)\n", file.path.c_str(),
                static_cast<unsigned long long>(file.bytes), base::to_hex(file.sha256).c_str());
  }
  std::printf("  items    %u x %u factors int8, %u tags\n", c.n_items, c.n_factors,
              manifest.catalogue.tags);
  std::printf("  model    mu %g, alpha0 %g, user_lambda %g, user bias %s\n", c.model.mu,
              c.model.alpha0, c.model.user_lambda, c.model.user_bias ? "solved" : "0");
  for (std::uint32_t row = 0; row < shown; ++row) {
    const std::string name(c.name(row));
    std::string tags;
    for (const std::uint16_t tag : c.tags(row)) {
      tags += (tags.empty() ? "" : ", ") + std::string(c.tag_name(tag));
    }
    std::printf("%6u  %5u listeners  %-32s %s\n", row, c.listeners[row], name.c_str(),
                tags.c_str());
  }
}

Problem run(const Args& args) {
  std::uint32_t shown = 0;
  OSL_TOOL_TRY(args.count("items", 0U, 1U << 24, shown));
  const std::string path = args.positional() + "/bundle.json";
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(path, bytes));
  const Result<io::Manifest> manifest = io::read_manifest(bytes);
  if (!manifest) return problem(path, manifest.error());
  CatalogueData data;
  OSL_TOOL_TRY(open_bundle(args.positional(), data));
  shown = std::min(shown, data.view.n_items);
  if (args.has("json")) {
    std::fputs(to_json(manifest.value(), data.view, shown).c_str(), stdout);
  } else {
    print(manifest.value(), data.view, shown);
  }
  return {};
}

}  // namespace

const Verb inspect_verb = {
    "inspect", "verify a catalogue bundle and show what is in it", "BUNDLE_DIR", "", kOptions, run};

}  // namespace ossicle::tools
