#ifndef OSSICLE_TESTS_SUPPORT_SYNTHETIC_CATALOGUE_H_
#define OSSICLE_TESTS_SUPPORT_SYNTHETIC_CATALOGUE_H_

// Catalogues made in memory, for tests and benchmarks. Needs the module `base` (OwnedBytes) only.
//
//   CatalogueData data = synthetic_catalogue({.n_items = 1000, .n_factors = 16});

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <string>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/types.h"

namespace ossicle::testing {

/// splitmix64, so that the same seed gives the same catalogue on every build.
inline std::uint64_t next_random(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15u;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
inline double next_uniform(std::uint64_t& state) {
  return static_cast<double>(next_random(state) >> 11) * 0x1p-53;
}
/// Close enough to uniform in [0, n) for a test.
inline std::uint32_t next_below(std::uint64_t& state, std::uint32_t n) {
  return static_cast<std::uint32_t>(next_random(state) % n);
}

/// The contents of a catalogue; everything that can be derived from it is derived by
/// build_catalogue().
struct CatalogueContents {
  std::uint32_t n_factors = 0;  ///< d
  ModelConstants model;
  std::vector<std::int8_t> rows;         ///< [N, d]
  std::vector<float> scale;              ///< [N]
  std::vector<float> bias;               ///< [N], or empty: zeros
  std::vector<std::uint32_t> listeners;  ///< [N], or empty: N, N - 1, ..., 1
  std::vector<ItemId> id;                ///< [N], or empty: item_id(0), item_id(1), ...
  std::vector<std::string> name;         ///< [N], or empty: "artist 0", "artist 1", ...
};

/// The id that build_catalogue gives to row `item` when none is named.
inline ItemId item_id(std::uint32_t item) {
  std::uint64_t state = 0x0551c1e5u + item;
  ItemId id{};
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t bits = next_random(state);
    std::memcpy(id.data() + 8 * half, &bits, 8);
  }
  return id;
}

/// The id of an artist that no synthetic catalogue has.
inline ItemId unknown_item_id(std::uint32_t number) {
  ItemId id{};
  id.fill(0xee);
  std::memcpy(id.data(), &number, 4);
  return id;
}

namespace internal {

// Hands out 64-byte aligned pieces of one block; with no block yet, only adds up the sizes.
class Layout {
 public:
  explicit Layout(std::byte* block) : block_(block) {}
  template <class T>
  std::span<T> take(std::size_t n) {
    T* at = block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + used_);
    used_ += (n * sizeof(T) + OwnedBytes::kAlignment - 1) / OwnedBytes::kAlignment *
             OwnedBytes::kAlignment;
    return {at, block_ == nullptr ? 0 : n};
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* block_;
  std::size_t used_ = 0;
};

struct Columns {
  std::span<std::int8_t> q;
  std::span<float> scale, bias;
  std::span<std::int32_t> rowsum;
  std::span<std::uint32_t> listeners;
  std::span<ItemId> id;
  std::span<double> gram, negative, discount, factor_sum, offset_sum;
  std::span<std::uint32_t> name_offset, tag_offset, tag_name_offset, by_id;
  std::span<char> name_bytes, tag_name_bytes;
  std::span<std::uint16_t> item_tag;
};

inline constexpr const char* kTagNames[] = {"rock", "electronic", "jazz", "folk"};
inline constexpr std::uint32_t kTags = 4;
inline constexpr std::size_t kTagNameBytes = 4 + 10 + 4 + 4;

inline Columns take_columns(Layout& layout, std::size_t n, std::size_t d, std::size_t stride,
                            std::size_t name_bytes, bool weighted) {
  Columns c;
  c.q = layout.take<std::int8_t>(n * stride);
  c.scale = layout.take<float>(n);
  c.bias = layout.take<float>(n);
  c.rowsum = layout.take<std::int32_t>(n);
  c.listeners = layout.take<std::uint32_t>(n);
  c.id = layout.take<ItemId>(n);
  c.gram = layout.take<double>(d * d);
  c.negative = layout.take<double>(weighted ? n : 0);
  c.discount = layout.take<double>(weighted ? n : 0);
  c.factor_sum = layout.take<double>(d);
  c.offset_sum = layout.take<double>(d + 1);
  c.name_offset = layout.take<std::uint32_t>(n + 1);
  c.tag_offset = layout.take<std::uint32_t>(n + 1);
  c.tag_name_offset = layout.take<std::uint32_t>(kTags + 1);
  c.by_id = layout.take<std::uint32_t>(n);
  c.name_bytes = layout.take<char>(name_bytes);
  c.tag_name_bytes = layout.take<char>(kTagNameBytes);
  c.item_tag = layout.take<std::uint16_t>(n);
  return c;
}

// What follows from the listeners in a weighted model.
inline void fill_weights(const ModelConstants& model, const Columns& c) {
  double sum = 0;
  double warm = 0;
  for (std::size_t i = 0; i < c.negative.size(); ++i) {
    const bool is_warm = c.listeners[i] >= model.warm_listeners;
    c.negative[i] = is_warm ? std::pow(c.listeners[i] + 1.0, model.negative_popularity) : 0;
    c.discount[i] = std::pow(std::max(c.listeners[i], 1U), -model.confidence.popularity);
    sum += c.negative[i];
    warm += is_warm ? 1 : 0;
  }
  for (double& weight : c.negative) weight *= warm / sum;
}

// The sums over all items that fold_in reads.
inline void fill_sums(const ModelConstants& model, std::size_t n, std::size_t d, std::size_t stride,
                      const Columns& c) {
  std::vector<double> f(d);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < d; ++k) {
      f[k] = static_cast<double>(c.scale[i]) * static_cast<double>(c.q[i * stride + k]);
    }
    const double negative = model.weighted ? c.negative[i] : 1;
    const double offset = negative * (model.mu + static_cast<double>(c.bias[i]));
    for (std::size_t k = 0; k < d; ++k) {
      c.factor_sum[k] += negative * f[k];
      c.offset_sum[k] += offset * f[k];
      for (std::size_t l = 0; l <= k; ++l) c.gram[k * d + l] += negative * f[k] * f[l];
    }
    c.offset_sum[d] += offset;
  }
  for (std::size_t k = 0; k < d; ++k) {
    for (std::size_t l = 0; l < k; ++l) c.gram[l * d + k] = c.gram[k * d + l];
  }
}

inline void fill_names_and_tags(const std::vector<std::string>& name, const Columns& c) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    c.name_offset[i] = static_cast<std::uint32_t>(at);
    if (!name[i].empty()) std::memcpy(c.name_bytes.data() + at, name[i].data(), name[i].size());
    at += name[i].size();
    c.tag_offset[i] = static_cast<std::uint32_t>(i);
    c.item_tag[i] = static_cast<std::uint16_t>(i % kTags);
  }
  c.name_offset[name.size()] = static_cast<std::uint32_t>(at);
  c.tag_offset[name.size()] = static_cast<std::uint32_t>(name.size());
  at = 0;
  for (std::size_t t = 0; t < kTags; ++t) {
    c.tag_name_offset[t] = static_cast<std::uint32_t>(at);
    const std::size_t bytes = std::strlen(kTagNames[t]);
    std::memcpy(c.tag_name_bytes.data() + at, kTagNames[t], bytes);
    at += bytes;
  }
  c.tag_name_offset[kTags] = static_cast<std::uint32_t>(at);
}

inline void point_view(Catalogue& view, const Columns& c) {
  view.q = c.q;
  view.scale = c.scale;
  view.bias = c.bias;
  view.rowsum = c.rowsum;
  view.listeners = c.listeners;
  view.id = c.id;
  view.gram = c.gram;
  view.negative = c.negative;
  view.discount = c.discount;
  view.factor_sum = c.factor_sum;
  view.offset_sum = c.offset_sum;
  view.name_offset = c.name_offset;
  view.name_bytes = c.name_bytes;
  view.tag_offset = c.tag_offset;
  view.item_tag = c.item_tag;
  view.tag_name_offset = c.tag_name_offset;
  view.tag_name_bytes = c.tag_name_bytes;
  view.by_id = c.by_id;
}

}  // namespace internal

/// A consistent catalogue of these contents: row sums, Gram matrix, sums and id order are computed.
/// Every item has one tag.
inline CatalogueData build_catalogue(CatalogueContents contents) {
  const std::size_t d = contents.n_factors;
  const std::size_t n = contents.scale.size();
  const std::size_t stride = (d + 15) / 16 * 16;
  if (contents.name.empty()) {
    for (std::size_t i = 0; i < n; ++i) contents.name.push_back("artist " + std::to_string(i));
  }
  std::size_t name_bytes = 0;
  for (const std::string& name : contents.name) name_bytes += name.size();

  internal::Layout sizes(nullptr);
  const bool weighted = contents.model.weighted;
  internal::take_columns(sizes, n, d, stride, name_bytes, weighted);
  CatalogueData data;
  data.memory = OwnedBytes::allocate(sizes.used());
  internal::Layout layout(data.memory.data());
  const internal::Columns c = internal::take_columns(layout, n, d, stride, name_bytes, weighted);

  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < d; ++k) {
      c.q[i * stride + k] = contents.rows[i * d + k];
      c.rowsum[i] += contents.rows[i * d + k];
    }
    c.scale[i] = contents.scale[i];
    c.bias[i] = contents.bias.empty() ? 0.0f : contents.bias[i];
    c.listeners[i] =
        contents.listeners.empty() ? static_cast<std::uint32_t>(n - i) : contents.listeners[i];
    c.id[i] = contents.id.empty() ? item_id(static_cast<std::uint32_t>(i)) : contents.id[i];
  }
  std::iota(c.by_id.begin(), c.by_id.end(), 0u);
  std::sort(c.by_id.begin(), c.by_id.end(),
            [&](std::uint32_t a, std::uint32_t b) { return c.id[a] < c.id[b]; });
  internal::fill_weights(contents.model, c);
  internal::fill_sums(contents.model, n, d, stride, c);
  internal::fill_names_and_tags(contents.name, c);

  data.view.n_items = static_cast<std::uint32_t>(n);
  data.view.n_factors = static_cast<std::uint32_t>(d);
  data.view.row_stride = static_cast<std::uint32_t>(stride);
  data.view.model = contents.model;
  internal::point_view(data.view, c);
  return data;
}

/// Constants of a weighted model, of the size that training gives.
inline ModelConstants weighted_model() {
  ModelConstants model;
  model.alpha0 = 0.08;
  model.user_lambda = 2;
  model.weighted = true;
  model.confidence = {.spread = 0.3, .popularity = 0.1, .scale = 1.4};
  model.negative_popularity = 0.15;
  return model;
}

struct SyntheticSettings {
  std::uint32_t n_items = 1000;  ///< N
  std::uint32_t n_factors = 64;  ///< d
  std::uint64_t seed = 1;
  ModelConstants model{.mu = 0, .alpha0 = 0.05, .user_lambda = 2, .user_bias = false};
  double bias_sd = 0;  ///< item biases are uniform with this standard deviation
  double norm = 1;     ///< typical length of an item vector
};

/// Random item vectors of roughly normal entries; the same settings give the same catalogue on
/// every build.
inline CatalogueContents synthetic_contents(const SyntheticSettings& settings) {
  CatalogueContents contents;
  contents.n_factors = settings.n_factors;
  contents.model = settings.model;
  std::uint64_t state = settings.seed;
  const std::size_t n = settings.n_items;
  contents.rows.resize(n * settings.n_factors);
  for (std::int8_t& value : contents.rows) {
    const double sum = next_uniform(state) + next_uniform(state) + next_uniform(state) - 1.5;
    value = static_cast<std::int8_t>(std::lround(sum / 1.5 * 127));
  }
  // The sum of three uniforms, over 1.5, has the standard deviation 1 / 3.
  const double entry = settings.norm / std::sqrt(static_cast<double>(settings.n_factors)) * 3 / 127;
  for (std::size_t i = 0; i < n; ++i) {
    contents.scale.push_back(static_cast<float>(entry * (0.5 + next_uniform(state))));
    contents.bias.push_back(
        static_cast<float>(settings.bias_sd * std::sqrt(12.0) * (next_uniform(state) - 0.5)));
  }
  return contents;
}

inline CatalogueData synthetic_catalogue(const SyntheticSettings& settings) {
  return build_catalogue(synthetic_contents(settings));
}

/// A weighted catalogue whose last `n_cold` items are cold, with values of 4 bits.
inline CatalogueData cold_catalogue(std::uint32_t n_items, std::uint32_t n_factors,
                                    std::uint32_t n_cold) {
  ModelConstants model = weighted_model();
  model.warm_listeners = n_cold;
  CatalogueContents contents =
      synthetic_contents({.n_items = n_items, .n_factors = n_factors, .model = model});
  // The last item has no listener at all.
  for (std::uint32_t i = 0; i < n_items; ++i) contents.listeners.push_back(n_items - 1 - i);
  for (std::size_t at = std::size_t{n_items - n_cold} * n_factors; at < contents.rows.size();
       ++at) {
    contents.rows[at] = static_cast<std::int8_t>(contents.rows[at] / 18);
  }
  return build_catalogue(std::move(contents));
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_SUPPORT_SYNTHETIC_CATALOGUE_H_
