#include "io/manifest.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/json.h"
#include "io/manifest_words.h"

namespace ossicle::io {
namespace {

using base::JsonValue;

constexpr std::uint64_t kMaxFactors = 1024;
constexpr std::uint64_t kMaxTags = 65535;

// What a broken manifest says; the strings must be literals, because an Error owns nothing.
struct Field {
  const char* name;
  const char* problem;
};

Status read_text(JsonValue root, Field field, std::string& out) {
  const std::optional<std::string_view> text = root.get(field.name).string();
  if (!text) return Error{Code::kMissing, 0, field.problem};
  if (text->size() > Manifest::kMaxTextBytes) {
    return Error{Code::kCapacityExceeded, text->size(), field.problem};
  }
  out = *text;
  return {};
}

Status read_count(JsonValue object, Field field, std::uint64_t low, std::uint64_t high,
                  std::uint32_t& out) {
  const JsonValue value = object.get(field.name);
  if (!value.exists()) return Error{Code::kMissing, 0, field.problem};
  const std::optional<std::uint64_t> count = value.unsigned_integer();
  if (!count) return Error{Code::kCorrupt, 0, field.problem};
  if (*count < low || *count > high) return Error{Code::kOutOfRange, *count, field.problem};
  out = static_cast<std::uint32_t>(*count);
  return {};
}

Status read_number(JsonValue object, Field field, bool negative_allowed, double& out) {
  const JsonValue value = object.get(field.name);
  if (!value.exists()) return Error{Code::kMissing, 0, field.problem};
  const std::optional<double> number = value.number();
  if (!number) return Error{Code::kCorrupt, 0, field.problem};
  if (!std::isfinite(*number)) return Error{Code::kNotFinite, 0, field.problem};
  if (*number < 0 && !negative_allowed) return Error{Code::kOutOfRange, 0, field.problem};
  out = *number;
  return {};
}

Status read_catalogue(JsonValue object, ManifestCatalogue& out) {
  if (!object.is_object()) return Error{Code::kMissing, 0, "bundle.json: no catalogue object"};
  OSL_TRY(read_count(object, {"items", "bundle.json: catalogue.items"}, 1, Manifest::kMaxItems,
                     out.items));
  OSL_TRY(read_count(object, {"factors", "bundle.json: catalogue.factors"}, 1, kMaxFactors,
                     out.factors));
  OSL_TRY(read_count(object, {"tags", "bundle.json: catalogue.tags"}, 0, kMaxTags, out.tags));
  OSL_TRY(read_number(object, {"mu", "bundle.json: catalogue.mu"}, true, out.mu));
  OSL_TRY(read_number(object, {"alpha0", "bundle.json: catalogue.alpha0"}, false, out.alpha0));
  OSL_TRY(read_number(object, {"user_lambda", "bundle.json: catalogue.user_lambda"}, false,
                      out.user_lambda));
  const std::optional<bool> user_bias = object.get("user_bias").boolean();
  if (!user_bias) return Error{Code::kMissing, 0, "bundle.json: catalogue.user_bias"};
  out.user_bias = *user_bias;
  return {};
}

// All between 0 and a bound that keeps powers and exponentials of them finite; most are near 1.
Status read_weighted(JsonValue object, ManifestCatalogue& out) {
  if (!object.is_object()) return Error{Code::kMissing, 0, "bundle.json: catalogue.weighted"};
  const struct {
    Field field;
    double low, high;
    double& out;
  } numbers[] = {
      {{"spread", "bundle.json: weighted.spread"}, 0, 10, out.spread},
      {{"popularity", "bundle.json: weighted.popularity"}, 0, 10, out.popularity},
      {{"scale", "bundle.json: weighted.scale"}, 1e-9, 1e9, out.confidence_scale},
      {{"sd_floor", "bundle.json: weighted.sd_floor"}, 1e-3, 100, out.sd_floor},
      {{"clip", "bundle.json: weighted.clip"}, 0, 20, out.clip},
      {{"negative_popularity", "bundle.json: weighted.negative_popularity"},
       0,
       10,
       out.negative_popularity},
  };
  for (const auto& number : numbers) {
    OSL_TRY(read_number(object, number.field, false, number.out));
    if (number.out < number.low || number.out > number.high) {
      return Error{Code::kOutOfRange, 0, number.field.problem};
    }
  }
  if (out.user_bias) return Error{Code::kCorrupt, 0, "bundle.json: weighted with a user bias"};
  out.weighted = true;
  return {};
}

Status read_cold(JsonValue object, ManifestCatalogue& out) {
  if (!object.is_object()) return Error{Code::kMissing, 0, "bundle.json: catalogue.cold"};
  OSL_TRY(read_count(object, {"warm_listeners", "bundle.json: cold.warm_listeners"}, 1, 1U << 24,
                     out.warm_listeners));
  OSL_TRY(read_count(object, {"text", "bundle.json: cold.text"}, 0, 1024, out.text));
  if (out.text == 0) return {};
  const std::optional<std::string_view> encoder = object.get("encoder").string();
  if (!encoder) return Error{Code::kMissing, 0, "bundle.json: cold.encoder"};
  if (!base::from_hex(*encoder, out.encoder)) {
    return Error{Code::kCorrupt, 0, "bundle.json: cold.encoder is not 64 hexadecimal digits"};
  }
  return {};
}

Status read_dimensions(JsonValue list, std::uint32_t last, std::vector<std::uint32_t>& out) {
  constexpr std::size_t kMaxDimensions = 16;
  if (!list.is_array() || list.size() == 0) {
    return Error{Code::kMissing, 0, "bundle.json: encoder.dimensions"};
  }
  if (list.size() > kMaxDimensions) {
    return Error{Code::kCapacityExceeded, list.size(), "bundle.json: encoder.dimensions"};
  }
  std::uint64_t before = 0;
  for (JsonValue value = list.first(); value.exists(); value = value.next()) {
    const std::optional<std::uint64_t> n = value.unsigned_integer();
    if (!n || *n <= before || *n > last) {
      return Error{Code::kOutOfRange, out.size(),
                   "bundle.json: encoder.dimensions do not ascend to the vector's size (index)"};
    }
    before = *n;
    out.push_back(static_cast<std::uint32_t>(*n));
  }
  if (before != last) {
    return Error{Code::kOutOfRange, before, "bundle.json: encoder.dimensions: the last"};
  }
  return {};
}

Status read_encoder(JsonValue object, ManifestEncoder& out) {
  if (!object.is_object()) return Error{Code::kMissing, 0, "bundle.json: no encoder object"};
  struct Count {
    Field field;
    std::uint64_t low, high;
    std::uint32_t* out;
  };
  const Count counts[] = {
      {{"vocabulary", "bundle.json: encoder.vocabulary"}, 1, 1U << 20, &out.vocabulary},
      {{"word_size", "bundle.json: encoder.word_size"}, 16, 4096, &out.word_size},
      {{"channels", "bundle.json: encoder.channels"}, 16, 4096, &out.channels},
      {{"layers", "bundle.json: encoder.layers"}, 1, 48, &out.layers},
      {{"heads", "bundle.json: encoder.heads"}, 1, 4096, &out.heads},
      {{"feed_forward", "bundle.json: encoder.feed_forward"}, 16, 16384, &out.feed_forward},
      {{"max_tokens", "bundle.json: encoder.max_tokens"}, 3, 512, &out.max_tokens},
      {{"projection", "bundle.json: encoder.projection"}, 0, 4096, &out.projection},
      {{"begin_id", "bundle.json: encoder.begin_id"}, 0, (1U << 20) - 1, &out.begin_id},
      {{"end_id", "bundle.json: encoder.end_id"}, 0, (1U << 20) - 1, &out.end_id},
  };
  for (const Count& count : counts) {
    OSL_TRY(read_count(object, count.field, count.low, count.high, *count.out));
  }
  if (out.word_size % 16 != 0 || out.channels % 16 != 0 || out.feed_forward % 16 != 0) {
    return Error{Code::kOutOfRange, 0, "bundle.json: an encoder size is not a multiple of 16"};
  }
  if (out.channels % out.heads != 0) {
    return Error{Code::kOutOfRange, out.heads, "bundle.json: encoder.heads do not divide channels"};
  }
  if (out.begin_id >= out.vocabulary || out.end_id >= out.vocabulary) {
    return Error{Code::kOutOfRange, out.vocabulary, "bundle.json: encoder: a frame id"};
  }
  const std::optional<std::string_view> pooling = object.get("pooling").string();
  if (pooling != "mean" && pooling != "first") {
    return Error{Code::kCorrupt, 0, "bundle.json: encoder.pooling is neither mean nor first"};
  }
  out.pool_first = pooling == "first";
  OSL_TRY(read_number(object, {"layer_norm_epsilon", "bundle.json: encoder.layer_norm_epsilon"},
                      false, out.layer_norm_epsilon));
  if (out.layer_norm_epsilon > 1) {
    return Error{Code::kOutOfRange, 0, "bundle.json: encoder.layer_norm_epsilon"};
  }
  return read_dimensions(object.get("dimensions"),
                         out.projection != 0 ? out.projection : out.channels, out.dimensions);
}

Status read_style(JsonValue object, ManifestStyle& out) {
  if (!object.is_object()) return Error{Code::kMissing, 0, "bundle.json: no style object"};
  OSL_TRY(read_count(object, {"labels", "bundle.json: style.labels"}, 1, 65535, out.labels));
  OSL_TRY(
      read_count(object, {"dimensions", "bundle.json: style.dimensions"}, 1, 1024, out.dimensions));
  const std::optional<std::string_view> encoder = object.get("encoder").string();
  if (!encoder) return Error{Code::kMissing, 0, "bundle.json: style.encoder"};
  if (!base::from_hex(*encoder, out.encoder)) {
    return Error{Code::kCorrupt, 0, "bundle.json: style.encoder is not 64 hexadecimal digits"};
  }
  return {};
}

Status read_sequence(JsonValue object, ManifestSequence& out) {
  if (!object.is_object()) return Error{Code::kMissing, 0, "bundle.json: no sequence object"};
  const struct {
    Field field;
    std::uint64_t low, high;
    std::uint32_t& out;
  } counts[] = {
      {{"factors", "bundle.json: sequence.factors"}, 1, kMaxFactors, out.factors},
      {{"text", "bundle.json: sequence.text"}, 0, 1024, out.text},
      {{"channels", "bundle.json: sequence.channels"}, 16, 1024, out.channels},
      {{"layers", "bundle.json: sequence.layers"}, 1, 12, out.layers},
      {{"heads", "bundle.json: sequence.heads"}, 1, 64, out.heads},
      {{"feed_forward", "bundle.json: sequence.feed_forward"}, 16, 4096, out.feed_forward},
      {{"max_items", "bundle.json: sequence.max_items"}, 2, 512, out.max_items},
  };
  for (const auto& count : counts) {
    OSL_TRY(read_count(object, count.field, count.low, count.high, count.out));
  }
  if (out.channels % 16 != 0 || out.feed_forward % 16 != 0) {
    return Error{Code::kOutOfRange, 0, "bundle.json: a sequence size is not a multiple of 16"};
  }
  if (out.channels % out.heads != 0) {
    return Error{Code::kOutOfRange, out.heads,
                 "bundle.json: sequence.heads do not divide channels"};
  }
  const struct {
    Field field;
    double low, high;
    double& out;
  } numbers[] = {
      {{"factor_scale", "bundle.json: sequence.factor_scale"}, 1e-6, 1e6, out.factor_scale},
      {{"popularity", "bundle.json: sequence.popularity"}, -100, 100, out.popularity},
      {{"layer_norm_epsilon", "bundle.json: sequence.layer_norm_epsilon"},
       0,
       1,
       out.layer_norm_epsilon},
  };
  for (const auto& number : numbers) {
    OSL_TRY(read_number(object, number.field, true, number.out));
    if (number.out < number.low || number.out > number.high) {
      return Error{Code::kOutOfRange, 0, number.field.problem};
    }
  }
  const std::optional<std::string_view> space = object.get("factor_space").string();
  if (!space) return Error{Code::kMissing, 0, "bundle.json: sequence.factor_space"};
  if (!base::from_hex(*space, out.factor_space)) {
    return Error{Code::kCorrupt, 0,
                 "bundle.json: sequence.factor_space is not 64 hexadecimal digits"};
  }
  return {};
}

Status read_file(JsonValue entry, std::uint64_t index, ManifestFile& out) {
  const std::optional<std::string_view> path = entry.get("path").string();
  const std::optional<std::uint64_t> bytes = entry.get("bytes").unsigned_integer();
  const std::optional<std::string_view> digest = entry.get("sha256").string();
  if (!path || !bytes || !digest) {
    return Error{Code::kMissing, index, "bundle.json: file without path, bytes or sha256 (index)"};
  }
  if (!safe_path(*path)) {
    return Error{Code::kCorrupt, index, "bundle.json: path leaves the bundle's folder (index)"};
  }
  if (*bytes > Manifest::kMaxTotalBytes) {
    return Error{Code::kOutOfRange, index, "bundle.json: file too large (index)"};
  }
  if (!base::from_hex(*digest, out.sha256)) {
    return Error{Code::kCorrupt, index, "bundle.json: sha256 is not 64 hexadecimal digits (index)"};
  }
  out.path = *path;
  out.bytes = *bytes;
  return {};
}

Status read_files(JsonValue files, std::vector<ManifestFile>& out) {
  if (!files.is_array() || files.size() == 0) {
    return Error{Code::kMissing, 0, "bundle.json: no files"};
  }
  if (files.size() > Manifest::kMaxFiles) {
    return Error{Code::kCapacityExceeded, files.size(), "bundle.json: too many files"};
  }
  std::uint64_t total = 0;
  for (JsonValue entry = files.first(); entry.exists(); entry = entry.next()) {
    ManifestFile file;
    OSL_TRY(read_file(entry, out.size(), file));
    for (const ManifestFile& before : out) {
      if (before.path == file.path) {
        return Error{Code::kCorrupt, out.size(), "bundle.json: path twice (index)"};
      }
    }
    total += file.bytes;
    if (total > Manifest::kMaxTotalBytes) {
      return Error{Code::kOutOfRange, out.size(), "bundle.json: files too large together (index)"};
    }
    out.push_back(std::move(file));
  }
  return {};
}

}  // namespace

bool safe_path(std::string_view path) {
  if (path.empty() || path.size() > Manifest::kMaxPathBytes) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view segment = path.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..") return false;
    for (const char c : segment) {
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      const bool digit = c >= '0' && c <= '9';
      if (!letter && !digit && c != '.' && c != '_' && c != '-') return false;
    }
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

Result<Manifest> read_manifest(std::span<const std::byte> json, BundleKind kind) {
  const std::string_view text(reinterpret_cast<const char*>(json.data()), json.size());
  base::JsonDocument document;
  OSL_TRY(document.parse(text, {.max_bytes = Manifest::kMaxBytes, .max_depth = 8}));
  const JsonValue root = document.root();
  if (!root.is_object()) return Error{Code::kCorrupt, 0, "bundle.json: not an object"};
  if (root.get("format").string() != kFormat) {
    return Error{Code::kUnknownFormat, 0, "bundle.json: format is not ossicle-bundle"};
  }
  const std::optional<std::uint64_t> version = root.get("version").unsigned_integer();
  if (!version || *version == 0) return Error{Code::kCorrupt, 0, "bundle.json: no format version"};
  if (*version > (kind == BundleKind::kCatalogue ? kCatalogueVersion : kEncoderVersion)) {
    return Error{Code::kUnsupportedVersion, *version,
                 "bundle.json: written by a newer Ossicle (version)"};
  }
  if (root.get("kind").string() != kind_of(kind).name) {
    return Error{Code::kUnknownFormat, 0, kind_of(kind).refusal};
  }
  Manifest manifest;
  manifest.kind = kind;
  OSL_TRY(read_text(root, {"name", "bundle.json: name"}, manifest.name));
  OSL_TRY(read_text(root, {"licence", "bundle.json: licence"}, manifest.licence));
  OSL_TRY(read_text(root, {"source", "bundle.json: source"}, manifest.source));
  OSL_TRY(read_text(root, {"recipe", "bundle.json: recipe"}, manifest.recipe));
  OSL_TRY(read_files(root.get("files"), manifest.files));
  switch (kind) {
    case BundleKind::kCatalogue:
      OSL_TRY(read_catalogue(root.get("catalogue"), manifest.catalogue));
      if (*version >= 2) {
        OSL_TRY(read_weighted(root.get("catalogue").get("weighted"), manifest.catalogue));
      }
      if (*version >= 3) {
        OSL_TRY(read_cold(root.get("catalogue").get("cold"), manifest.catalogue));
      }
      break;
    case BundleKind::kEncoder:
      OSL_TRY(read_encoder(root.get("encoder"), manifest.encoder));
      break;
    case BundleKind::kStyle:
      OSL_TRY(read_style(root.get("style"), manifest.style));
      break;
    case BundleKind::kSequence:
      OSL_TRY(read_sequence(root.get("sequence"), manifest.sequence));
      break;
  }
  return manifest;
}

}  // namespace ossicle::io
