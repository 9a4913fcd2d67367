#include "catalogue/columns.h"
#include "io/manifest.h"
#include "io/safetensors.h"
#include "ossicle/catalogue.h"

namespace ossicle {
namespace {

using io::Dtype;

// Whether the spans are of the sizes that n_items and n_factors promise.
bool sizes_fit(const Catalogue& c) {
  const std::size_t n = c.n_items;
  const std::size_t d = c.n_factors;
  return c.row_stride >= d && c.q.size() == n * c.row_stride && c.scale.size() == n &&
         c.bias.size() == n && c.rowsum.size() == n && c.listeners.size() == n &&
         c.id.size() == n && c.gram.size() == d * d && c.name_offset.size() == n + 1 &&
         c.tag_offset.size() == n + 1 && !c.tag_name_offset.empty() &&
         c.text_map.size() == (c.text_size == 0 ? 0 : (std::size_t{c.text_size} + 1) * d);
}

// Whether the rows of cold items fit in 4 bits.
Status check_cold(const Catalogue& c, std::uint32_t warm) {
  for (std::size_t i = warm; i < c.n_items; ++i) {
    for (const std::int8_t value : c.q.subspan(i * c.row_stride, c.n_factors)) {
      if (value < -7 || value > 7) {
        return Error{Code::kOutOfRange, i, "catalogue: a cold row has more than 4 bits (row)"};
      }
    }
  }
  if (c.text_size > 0 && c.model.warm_listeners == 0) {
    return Error{Code::kInvalidArgument, 0, "catalogue: a text map without cold items"};
  }
  return {};
}

// The columns that the reader makes from the listeners.
struct Weights {
  std::vector<double> negative, discount;

  Catalogue in(Catalogue c) {
    if (!c.model.weighted) return c;
    negative.resize(c.n_items);
    discount.resize(c.n_items);
    catalogue::weigh_items(c, negative, discount);
    c.negative = negative;
    c.discount = discount;
    return c;
  }
};

Status check_all(const Catalogue& c) {
  if (!sizes_fit(c)) {
    return Error{Code::kInvalidArgument, 0, "catalogue: a column of the wrong size"};
  }
  OSL_TRY(catalogue::check_offsets(c.name_offset, c.name_bytes.size(),
                                   "catalogue: name_offset is not in order (index)"));
  OSL_TRY(catalogue::check_offsets(c.tag_offset, c.item_tag.size(),
                                   "catalogue: tag_offset is not in order (index)"));
  OSL_TRY(catalogue::check_offsets(c.tag_name_offset, c.tag_name_bytes.size(),
                                   "catalogue: tag_name_offset is not in order (index)"));
  OSL_TRY(catalogue::check_tag_names(c));
  OSL_TRY(catalogue::check_rows(c, 0, c.n_items));
  std::vector<std::uint32_t> by_id(c.n_items);
  OSL_TRY(catalogue::order_ids(c.id, by_id));
  return catalogue::check_gram(Weights().in(c));
}

template <class T>
io::TensorSource tensor(std::string_view name, Dtype dtype, std::vector<std::uint64_t> shape,
                        std::span<T> values) {
  return {name, dtype, std::move(shape), std::as_bytes(values)};
}

}  // namespace

Result<BundleBytes> write_catalogue(const Catalogue& c, const BundleFacts& facts) {
  // The checks of the reader, so that what was written can be read.
  if (Status checked = check_all(c); !checked.ok()) {
    return Error{Code::kInvalidArgument, checked.error().at, checked.error().what};
  }
  const std::uint64_t n = c.n_items;
  const std::uint64_t d = c.n_factors;
  const std::uint32_t warm = catalogue::count_warm(c.listeners, c.model.warm_listeners);
  OSL_TRY(check_cold(c, warm));
  std::vector<std::int8_t> q;  // without the padding of the rows
  q.reserve(static_cast<std::size_t>(warm * d));
  for (std::size_t i = 0; i < warm; ++i) {
    const std::int8_t* row = c.q.data() + i * c.row_stride;
    q.insert(q.end(), row, row + d);
  }
  const std::size_t half = (c.n_factors + 1) / 2;
  std::vector<std::uint8_t> q4((c.n_items - warm) * half);
  for (std::size_t i = warm; i < c.n_items; ++i) {
    catalogue::pack_nibbles(c.q.subspan(i * c.row_stride, c.n_factors),
                            std::span(q4).subspan((i - warm) * half, half));
  }
  std::vector<float> gram_lower;
  for (std::size_t r = 0; r < c.n_factors; ++r) {
    for (std::size_t k = 0; k <= r; ++k) {
      gram_lower.push_back(static_cast<float>(c.gram[r * c.n_factors + k]));
    }
  }
  std::vector<io::TensorSource> tensors = {
      tensor(catalogue::kQ, Dtype::kI8, {warm, d}, std::span(q)),
      tensor(catalogue::kScale, Dtype::kF32, {n}, c.scale),
      tensor(catalogue::kBias, Dtype::kF32, {n}, c.bias),
      tensor(catalogue::kRowsum, Dtype::kI32, {n}, c.rowsum),
      tensor(catalogue::kId, Dtype::kU8, {n, sizeof(ItemId)}, c.id),
      tensor(catalogue::kListeners, Dtype::kU32, {n}, c.listeners),
      tensor(catalogue::kNameBytes, Dtype::kU8, {c.name_bytes.size()}, c.name_bytes),
      tensor(catalogue::kNameOffset, Dtype::kU32, {n + 1}, c.name_offset),
      tensor(catalogue::kTag, Dtype::kU16, {c.item_tag.size()}, c.item_tag),
      tensor(catalogue::kTagOffset, Dtype::kU32, {n + 1}, c.tag_offset),
      tensor(catalogue::kTagNameBytes, Dtype::kU8, {c.tag_name_bytes.size()}, c.tag_name_bytes),
      tensor(catalogue::kTagNameOffset, Dtype::kU32, {c.tag_name_offset.size()}, c.tag_name_offset),
      c.model.weighted
          ? tensor(catalogue::kGramLower, Dtype::kF32, {gram_lower.size()}, std::span(gram_lower))
          : tensor(catalogue::kGram, Dtype::kF64, {d, d}, c.gram),
  };
  if (warm < n) {
    tensors.push_back(tensor(catalogue::kQ4, Dtype::kU8, {n - warm, half}, std::span(q4)));
  }
  if (c.text_size > 0) {
    tensors.push_back(
        tensor(catalogue::kTextMap, Dtype::kF32, {std::uint64_t{c.text_size} + 1, d}, c.text_map));
  }
  Result<std::vector<std::byte>> shard = io::write_safetensors(tensors);
  if (!shard.ok()) return shard.error();

  io::Manifest manifest;
  manifest.name = facts.name;
  manifest.licence = facts.licence;
  manifest.source = facts.source;
  manifest.recipe = facts.recipe;
  manifest.files = {{"catalogue-0.safetensors", 0, {}}};
  manifest.catalogue = {.items = c.n_items,
                        .factors = c.n_factors,
                        .tags = static_cast<std::uint32_t>(c.tag_name_offset.size() - 1),
                        .mu = c.model.mu,
                        .alpha0 = c.model.alpha0,
                        .user_lambda = c.model.user_lambda,
                        .user_bias = c.model.user_bias,
                        .weighted = c.model.weighted,
                        .spread = c.model.confidence.spread,
                        .popularity = c.model.confidence.popularity,
                        .confidence_scale = c.model.confidence.scale,
                        .sd_floor = c.model.confidence.sd_floor,
                        .clip = c.model.confidence.clip,
                        .negative_popularity = c.model.negative_popularity,
                        .warm_listeners = c.model.warm_listeners,
                        .text = c.text_size,
                        .encoder = c.text_encoder};
  Result<std::vector<std::byte>> json = io::sign_manifest(std::move(manifest), shard.value());
  if (!json.ok()) return json.error();
  return BundleBytes{std::move(json).value(), std::move(shard).value()};
}

}  // namespace ossicle
