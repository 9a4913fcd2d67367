#include <cmath>
#include <utility>

#include "base/json.h"
#include "io/manifest.h"
#include "io/manifest_words.h"

namespace ossicle::io {
namespace {

void append_catalogue(const ManifestCatalogue& catalogue, std::string& out) {
  out += "  \"catalogue\": {\"items\": " + std::to_string(catalogue.items) +
         ", \"factors\": " + std::to_string(catalogue.factors) +
         ", \"tags\": " + std::to_string(catalogue.tags) + ",\n    \"mu\": ";
  base::append_json_number(catalogue.mu, out);
  out += ", \"alpha0\": ";
  base::append_json_number(catalogue.alpha0, out);
  out += ", \"user_lambda\": ";
  base::append_json_number(catalogue.user_lambda, out);
  out += ", \"user_bias\": ";
  out += catalogue.user_bias ? "true" : "false";
  if (catalogue.weighted) {
    const std::pair<const char*, double> numbers[] = {
        {"spread", catalogue.spread},
        {"popularity", catalogue.popularity},
        {"scale", catalogue.confidence_scale},
        {"sd_floor", catalogue.sd_floor},
        {"clip", catalogue.clip},
        {"negative_popularity", catalogue.negative_popularity},
    };
    const char* before = ",\n    \"weighted\": {\"";
    for (const auto& [name, number] : numbers) {
      out += std::string(before) + name + "\": ";
      base::append_json_number(number, out);
      before = ", \"";
    }
    out += "}";
  }
  if (catalogue.warm_listeners > 0) {
    out += ",\n    \"cold\": {\"warm_listeners\": " + std::to_string(catalogue.warm_listeners) +
           ", \"text\": " + std::to_string(catalogue.text);
    if (catalogue.text > 0) out += ", \"encoder\": \"" + base::to_hex(catalogue.encoder) + "\"";
    out += "}";
  }
  out += "}\n";
}

void append_encoder(const ManifestEncoder& encoder, std::string& out) {
  const std::pair<const char*, std::uint32_t> counts[] = {
      {"vocabulary", encoder.vocabulary}, {"word_size", encoder.word_size},
      {"channels", encoder.channels},     {"layers", encoder.layers},
      {"heads", encoder.heads},           {"feed_forward", encoder.feed_forward},
      {"max_tokens", encoder.max_tokens}, {"projection", encoder.projection},
      {"begin_id", encoder.begin_id},     {"end_id", encoder.end_id},
  };
  out += "  \"encoder\": {";
  for (const auto& [name, count] : counts) {
    out += std::string("\"") + name + "\": " + std::to_string(count) + ", ";
  }
  out.back() = '\n';
  out += "    \"pooling\": ";
  out += encoder.pool_first ? "\"first\"" : "\"mean\"";
  out += ", \"layer_norm_epsilon\": ";
  base::append_json_number(encoder.layer_norm_epsilon, out);
  out += ", \"dimensions\": [";
  for (std::size_t i = 0; i < encoder.dimensions.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(encoder.dimensions[i]);
  }
  out += "]}\n";
}

void append_style(const ManifestStyle& style, std::string& out) {
  out += "  \"style\": {\"labels\": " + std::to_string(style.labels) +
         ", \"dimensions\": " + std::to_string(style.dimensions) + ", \"encoder\": \"" +
         base::to_hex(style.encoder) + "\"}\n";
}

void append_sequence(const ManifestSequence& sequence, std::string& out) {
  const std::pair<const char*, std::uint32_t> counts[] = {
      {"factors", sequence.factors},     {"text", sequence.text},
      {"channels", sequence.channels},   {"layers", sequence.layers},
      {"heads", sequence.heads},         {"feed_forward", sequence.feed_forward},
      {"max_items", sequence.max_items},
  };
  out += "  \"sequence\": {";
  for (const auto& [name, count] : counts) {
    out += std::string("\"") + name + "\": " + std::to_string(count) + ", ";
  }
  out.back() = '\n';
  const std::pair<const char*, double> numbers[] = {
      {"factor_scale", sequence.factor_scale},
      {"popularity", sequence.popularity},
      {"layer_norm_epsilon", sequence.layer_norm_epsilon},
  };
  const char* before = "    \"";
  for (const auto& [name, number] : numbers) {
    out += std::string(before) + name + "\": ";
    base::append_json_number(number, out);
    before = ", \"";
  }
  out += ",\n    \"factor_space\": \"" + base::to_hex(sequence.factor_space) + "\"}\n";
}

}  // namespace

Result<std::string> write_manifest(const Manifest& manifest) {
  for (const double number :
       {manifest.catalogue.mu, manifest.catalogue.alpha0, manifest.catalogue.user_lambda,
        manifest.catalogue.spread, manifest.catalogue.popularity,
        manifest.catalogue.confidence_scale, manifest.catalogue.sd_floor, manifest.catalogue.clip,
        manifest.catalogue.negative_popularity, manifest.encoder.layer_norm_epsilon,
        manifest.sequence.factor_scale, manifest.sequence.popularity,
        manifest.sequence.layer_norm_epsilon}) {
    if (!std::isfinite(number)) {
      return Error{Code::kInvalidArgument, 0, "bundle.json: a model constant is not finite"};
    }
  }
  std::string out = "{\n";
  const auto text = [&](const char* name, std::string_view value) {
    out += "  \"";
    out += name;
    out += "\": ";
    base::append_json_string(value, out);
    out += ",\n";
  };
  text("format", kFormat);
  const bool weighted = manifest.kind == BundleKind::kCatalogue && manifest.catalogue.weighted;
  const char* version = !weighted ? "1" : manifest.catalogue.warm_listeners == 0 ? "2" : "3";
  out += std::string("  \"version\": ") + version + ",\n";
  text("kind", kind_of(manifest.kind).name);
  text("name", manifest.name);
  text("licence", manifest.licence);
  text("source", manifest.source);
  text("recipe", manifest.recipe);
  out += "  \"files\": [";
  for (std::size_t i = 0; i < manifest.files.size(); ++i) {
    const ManifestFile& file = manifest.files[i];
    out += i == 0 ? "\n    {\"path\": " : ",\n    {\"path\": ";
    base::append_json_string(file.path, out);
    out += ", \"bytes\": " + std::to_string(file.bytes) + ", \"sha256\": \"" +
           base::to_hex(file.sha256) + "\"}";
  }
  out += "\n  ],\n";
  switch (manifest.kind) {
    case BundleKind::kCatalogue:
      append_catalogue(manifest.catalogue, out);
      break;
    case BundleKind::kEncoder:
      append_encoder(manifest.encoder, out);
      break;
    case BundleKind::kStyle:
      append_style(manifest.style, out);
      break;
    case BundleKind::kSequence:
      append_sequence(manifest.sequence, out);
      break;
  }
  out += "}\n";
  // The reader has every rule, so it is the one to judge.
  if (const Result<Manifest> back = read_manifest(std::as_bytes(std::span(out)), manifest.kind);
      !back.ok()) {
    return Error{Code::kInvalidArgument, back.error().at, back.error().what};
  }
  return out;
}

Result<std::vector<std::byte>> sign_manifest(Manifest manifest, std::span<const std::byte> first) {
  manifest.files[0].bytes = first.size();
  manifest.files[0].sha256 = base::sha256(first);
  const Result<std::string> json = write_manifest(manifest);
  if (!json.ok()) return json.error();
  const std::span<const std::byte> bytes = std::as_bytes(std::span(json.value()));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

}  // namespace ossicle::io
