#include "model/catalogue_build.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/sha256.h"
#include "base/utf8.h"
#include "files.h"
#include "ossicle/history.h"
#include "ossicle/sync.h"

namespace ossicle::tools {
namespace {

constexpr const char* kManifest = "bundle.json";
constexpr const char* kShard = "catalogue-0.safetensors";

// The identity of the n-th artist (n >= 2) of one key form. No name has this key, since a key form
// holds no NUL.
ItemId namesake_id(const std::string& name, std::uint32_t n) {
  std::string key;
  normalise_name(name, key);
  base::Sha256 hash;
  hash.update(std::string_view("artist\0", 7));
  hash.update(key);
  hash.update(std::string_view("\0", 1));
  hash.update(std::to_string(n));
  const base::Digest digest = hash.finish();
  ItemId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::vector<std::uint32_t> most_listened_first(const Interactions& by_user,
                                               std::vector<std::uint32_t>& listeners) {
  std::vector<double> weight(by_user.n_items, 0);
  listeners.assign(by_user.n_items, 0);
  for (std::size_t e = 0; e < by_user.item.size(); ++e) {
    ++listeners[by_user.item[e]];
    weight[by_user.item[e]] += static_cast<double>(by_user.weight[e]);
  }
  std::vector<std::uint32_t> order(by_user.n_items);
  for (std::uint32_t i = 0; i < by_user.n_items; ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (listeners[a] != listeners[b]) return listeners[a] > listeners[b];
    return weight[a] != weight[b] ? weight[a] > weight[b] : a < b;
  });
  return order;
}

void append(std::string_view text, std::vector<char>& bytes, std::vector<std::uint32_t>& offset) {
  bytes.insert(bytes.end(), text.begin(), text.end());
  offset.push_back(static_cast<std::uint32_t>(bytes.size()));
}

void add_names(const CatalogueInput& input, const std::vector<std::uint32_t>& order,
               BuiltCatalogue& out) {
  out.name_offset = {0};
  std::set<ItemId> taken;
  std::vector<std::uint32_t> namesakes;
  std::vector<std::string> names;
  out.id.resize(order.size());
  for (std::uint32_t row = 0; row < order.size(); ++row) {
    std::string name;
    base::append_sanitised(input.names[order[row]], name);
    append(name, out.name_bytes, out.name_offset);
    out.id[row] = artist_id(name);
    if (!taken.insert(out.id[row]).second) namesakes.push_back(row);
    names.push_back(std::move(name));
  }
  for (const std::uint32_t row : namesakes) {
    std::uint32_t n = 2;
    do out.id[row] = namesake_id(names[row], n++);
    while (!taken.insert(out.id[row]).second);
  }
}

void add_tags(const TagFacts* tags, const std::vector<std::uint32_t>& order, BuiltCatalogue& out) {
  out.tag_offset = {0};
  out.tag_name_offset = {0};
  for (const std::uint32_t item : order) {
    if (tags != nullptr) {
      const std::vector<std::uint16_t>& of_item = tags->of_item[item];
      out.item_tag.insert(out.item_tag.end(), of_item.begin(), of_item.end());
    }
    out.tag_offset.push_back(static_cast<std::uint32_t>(out.item_tag.size()));
  }
  if (tags == nullptr) return;
  for (const std::string& name : tags->names) {
    std::string clean;
    base::append_sanitised(name, clean);
    append(clean, out.tag_name_bytes, out.tag_name_offset);
  }
}

// The map from texts to factors, by the warm rows; items weigh by the ridge that training gave
// them.
Problem fit_texts(const CatalogueInput& input, std::span<const std::uint32_t> items,
                  std::span<const float> rows, std::uint32_t warm, BuiltCatalogue& out) {
  const ItemTexts& texts = *input.texts;
  const std::uint32_t d = input.model.settings.factors;
  std::vector<float> text, weight;
  for (std::uint32_t row = 0; row < warm; ++row) {
    const std::span<const float> of_item =
        std::span(texts.vectors).subspan(std::size_t{items[row]} * texts.size, texts.size);
    text.insert(text.end(), of_item.begin(), of_item.end());
    weight.push_back(input.set.problem.item_ridge[input.set.number[items[row]]]);
  }
  auto map = fit_text_map(text, rows.first(std::size_t{warm} * d), weight, texts.size, d,
                          input.text_ridge);
  if (!map) return problem("text map", map.error());
  out.text_map = std::move(map).value();
  return {};
}

}  // namespace

Problem build_catalogue(const CatalogueInput& input, BuiltCatalogue& out) {
  const TrainingSet& set = input.set;
  const std::uint32_t n = input.model.n_items;
  const std::uint32_t d = input.model.settings.factors;
  const std::uint32_t stride = (d + 15) / 16 * 16;
  out = BuiltCatalogue();

  std::vector<std::uint32_t> listeners;
  const std::vector<std::uint32_t> order = most_listened_first(set.plays, listeners);
  std::vector<std::uint32_t> items;  // of the ratings, by row
  out.row_of_item.assign(set.number.size(), kNoItem);
  std::vector<float> rows(std::size_t{n} * d);
  for (std::uint32_t row = 0; row < n; ++row) {
    const std::uint32_t item = order[row];
    items.push_back(set.items[item]);
    out.row_of_item[items.back()] = row;
    std::copy_n(input.model.q.begin() + static_cast<std::ptrdiff_t>(std::size_t{item} * d), d,
                rows.begin() + static_cast<std::ptrdiff_t>(std::size_t{row} * d));
    out.bias.push_back(input.model.item_bias[item]);
    out.listeners.push_back(listeners[item]);
  }
  out.q.resize(std::size_t{n} * stride);
  out.scale.resize(n);
  out.rowsum.resize(n);
  const auto warm = static_cast<std::uint32_t>(
      std::find_if(out.listeners.begin(), out.listeners.end(),
                   [&](std::uint32_t l) { return l < set.constants.warm_listeners; }) -
      out.listeners.begin());
  quantise_rows(rows, warm, d, stride, out.q, out.scale, out.rowsum);
  quantise_rows(std::span(rows).subspan(std::size_t{warm} * d), n - warm, d, stride,
                std::span(out.q).subspan(std::size_t{warm} * stride),
                std::span(out.scale).subspan(warm), std::span(out.rowsum).subspan(warm), 7);
  if (input.texts != nullptr) OSL_TOOL_TRY(fit_texts(input, items, rows, warm, out));
  std::vector<double> negative(n, 1);
  if (set.constants.weighted) {
    negative_weights(out.listeners, set.constants.negative_popularity, set.constants.warm_listeners,
                     negative);
    for (std::uint32_t row = 0; row < n; ++row) {
      if (out.listeners[row] < set.constants.warm_listeners) negative[row] = 0;
    }
  }
  add_names(input, items, out);
  add_tags(input.tags, items, out);

  Catalogue& view = out.view;
  view.n_items = n;
  view.n_factors = d;
  view.row_stride = stride;
  view.model = set.constants;
  view.model.mu = input.model.mu;
  view.q = out.q;
  view.scale = out.scale;
  view.bias = out.bias;
  view.rowsum = out.rowsum;
  out.gram.resize(std::size_t{d} * d);
  view.negative = negative;
  if (const Status s = make_gram(view, out.gram); !s) return problem("Gram matrix", s.error());
  view.negative = {};
  view.listeners = out.listeners;
  view.id = out.id;
  view.gram = out.gram;
  view.name_offset = out.name_offset;
  view.name_bytes = out.name_bytes;
  view.tag_offset = out.tag_offset;
  view.item_tag = out.item_tag;
  view.tag_name_offset = out.tag_name_offset;
  view.tag_name_bytes = out.tag_name_bytes;
  view.text_size = out.text_map.text_size;
  view.text_map = out.text_map.m;
  if (view.text_size > 0) view.text_encoder = input.text_encoder;
  return {};
}

Problem write_bundle(const std::string& folder, const BundleBytes& bytes) {
  OSL_TOOL_TRY(write_file(folder + "/" + kShard, bytes.shard));
  return write_file(folder + "/" + kManifest, bytes.bundle_json);
}

Problem open_bundle(const BundleBytes& bytes, CatalogueData& out) {
  CatalogueReader reader;
  if (const Status s = reader.begin(bytes.bundle_json); !s) return problem(kManifest, s.error());
  if (const Status s = reader.add_file(0, bytes.shard); !s) return problem(kShard, s.error());
  Result<CatalogueData> data = std::move(reader).finish();
  if (!data) return problem(kManifest, data.error());
  out = std::move(data).value();
  return {};
}

Problem open_bundle(const std::string& folder, CatalogueData& out) {
  const std::string manifest = folder + "/" + kManifest;
  std::vector<std::byte> bytes;
  OSL_TOOL_TRY(read_file(manifest, bytes));
  CatalogueReader reader;
  if (const Status s = reader.begin(bytes); !s) return problem(manifest, s.error());
  for (std::size_t i = 0; i < reader.files().size(); ++i) {
    const std::string path = folder + "/" + std::string(reader.files()[i].path);
    OSL_TOOL_TRY(read_file(path, bytes));
    if (const Status s = reader.add_file(i, bytes); !s) return problem(path, s.error());
  }
  Result<CatalogueData> data = std::move(reader).finish();
  if (!data) return problem(manifest, data.error());
  out = std::move(data).value();
  return {};
}

}  // namespace ossicle::tools
