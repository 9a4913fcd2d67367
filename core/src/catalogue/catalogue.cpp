#include "ossicle/catalogue.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/utf8.h"
#include "catalogue/columns.h"

namespace ossicle {

namespace {

std::uint32_t find_among(std::span<const ItemId> ids, std::span<const std::uint32_t> by_id,
                         const ItemId& id) {
  const auto found =
      std::lower_bound(by_id.begin(), by_id.end(), id,
                       [&](std::uint32_t row, const ItemId& sought) { return ids[row] < sought; });
  if (found == by_id.end() || ids[*found] != id) return kNoItem;
  return *found;
}

}  // namespace

std::uint32_t find_item(const Catalogue& catalogue, const ItemId& id) {
  return find_among(catalogue.id, catalogue.by_id, id);
}

std::uint32_t find_any_item(const Catalogue& catalogue, const ItemId& id) {
  const std::uint32_t row = find_item(catalogue, id);
  if (row != kNoItem) return row;
  const std::uint32_t own = find_among(catalogue.own.id, catalogue.own.by_id, id);
  return own == kNoItem ? kNoItem : catalogue.n_items + own;
}

const ItemId& id_of(const Catalogue& catalogue, std::uint32_t item) {
  return item < catalogue.n_items ? catalogue.id[item] : catalogue.own.id[item - catalogue.n_items];
}

namespace catalogue {
namespace {

// Hands out 64-byte aligned pieces of one block; with no block yet, only adds up their sizes.
class Layout {
 public:
  explicit Layout(std::byte* block) : block_(block) {}

  template <class T>
  std::span<T> take(std::size_t n) {
    T* at = block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + used_);
    used_ += (n * sizeof(T) + OwnedBytes::kAlignment - 1) & ~(OwnedBytes::kAlignment - 1);
    return {at, block_ == nullptr ? 0 : n};
  }
  std::size_t used() const { return used_; }

 private:
  std::byte* block_;
  std::size_t used_ = 0;
};

Columns take_columns(const ColumnSizes& sizes, Layout& layout) {
  const std::size_t n = sizes.items;
  const std::size_t d = sizes.factors;
  Columns c;
  c.q = layout.take<std::int8_t>(n * row_stride(sizes.factors));
  c.scale = layout.take<float>(n);
  c.bias = layout.take<float>(n);
  c.rowsum = layout.take<std::int32_t>(n);
  c.listeners = layout.take<std::uint32_t>(n);
  c.id = layout.take<ItemId>(n);
  c.gram = layout.take<double>(d * d);
  c.negative = layout.take<double>(sizes.weighted ? n : 0);
  c.discount = layout.take<double>(sizes.weighted ? n : 0);
  c.factor_sum = layout.take<double>(d);
  c.offset_sum = layout.take<double>(d + 1);
  c.name_offset = layout.take<std::uint32_t>(n + 1);
  c.tag_offset = layout.take<std::uint32_t>(n + 1);
  c.tag_name_offset = layout.take<std::uint32_t>(std::size_t{sizes.tags} + 1);
  c.by_id = layout.take<std::uint32_t>(n);
  c.name_bytes = layout.take<char>(sizes.name_bytes);
  c.item_tag = layout.take<std::uint16_t>(sizes.item_tags);
  c.tag_name_bytes = layout.take<char>(sizes.tag_name_bytes);
  c.text_map = layout.take<float>(sizes.text == 0 ? 0 : (std::size_t{sizes.text} + 1) * d);
  return c;
}

Status check_row(const Catalogue& c, std::uint32_t i) {
  if (!std::isfinite(c.scale[i]) || !std::isfinite(c.bias[i])) {
    return Error{Code::kNotFinite, i, "catalogue: scale or bias is not finite (row)"};
  }
  if (c.scale[i] < 0) return Error{Code::kCorrupt, i, "catalogue: scale is negative (row)"};
  const std::span<const std::int8_t> q = c.q.subspan(std::size_t{i} * c.row_stride, c.n_factors);
  std::int32_t sum = 0;
  std::int8_t lowest = 0;
  for (const std::int8_t value : q) {
    sum += value;
    lowest = std::min(lowest, value);
  }
  // -128 has no counterpart, and the relaxed kernels are exact for -127..127 only.
  if (lowest == -128) return Error{Code::kOutOfRange, i, "catalogue: q is -128 (row)"};
  if (sum != c.rowsum[i]) return Error{Code::kCorrupt, i, "catalogue: wrong rowsum (row)"};
  if (c.model.weighted && c.model.warm_listeners == 0 && c.listeners[i] == 0) {
    return Error{Code::kOutOfRange, i, "catalogue: an item without listeners (row)"};
  }
  if (i > 0 && c.listeners[i] > c.listeners[i - 1]) {
    return Error{Code::kCorrupt, i, "catalogue: rows are not most-listened first (row)"};
  }
  if (base::find_broken_utf8(c.name(i)) != std::string_view::npos) {
    return Error{Code::kCorrupt, i, "catalogue: name is not UTF-8 (row)"};
  }
  const std::size_t tags = c.tag_name_offset.size() - 1;
  for (const std::uint16_t tag : c.tags(i)) {
    if (tag >= tags) return Error{Code::kOutOfRange, i, "catalogue: no such tag (row)"};
  }
  return {};
}

double negative_of(const Catalogue& c, std::uint32_t i) {
  return c.negative.empty() ? 1 : c.negative[i];
}

std::uint64_t leading_bytes(const ItemId& id) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = value << 8 | id[i];
  return value;
}

}  // namespace

Columns allocate_columns(const ColumnSizes& sizes, OwnedBytes& memory) {
  Layout measure(nullptr);
  take_columns(sizes, measure);
  memory = OwnedBytes::allocate(measure.used());
  Layout layout(memory.data());
  return take_columns(sizes, layout);
}

std::uint32_t count_warm(std::span<const std::uint32_t> listeners, std::uint32_t warm_listeners) {
  const auto cold = std::find_if(listeners.begin(), listeners.end(),
                                 [&](std::uint32_t n) { return n < warm_listeners; });
  return static_cast<std::uint32_t>(cold - listeners.begin());
}

void pack_nibbles(std::span<const std::int8_t> row, std::span<std::uint8_t> nibbles) {
  std::fill(nibbles.begin(), nibbles.end(), std::uint8_t{0x88});
  for (std::size_t k = 0; k < row.size(); ++k) {
    const auto value = static_cast<std::uint32_t>(row[k] + 8);
    const std::uint32_t other = k % 2 == 0 ? nibbles[k / 2] & 0xf0U : nibbles[k / 2] & 0x0fU;
    nibbles[k / 2] = static_cast<std::uint8_t>(other | value << (k % 2 * 4));
  }
}

bool unpack_nibbles(std::span<const std::uint8_t> nibbles, std::span<std::int8_t> row) {
  bool valid = row.size() % 2 == 0 || nibbles.back() >> 4 == 8;
  for (std::size_t k = 0; k < row.size(); ++k) {
    const int nibble = nibbles[k / 2] >> (k % 2 * 4) & 0xf;
    valid = valid && nibble != 0;
    row[k] = static_cast<std::int8_t>(nibble - 8);
  }
  return valid;
}

Status check_rows(const Catalogue& catalogue, std::uint32_t first, std::uint32_t last) {
  for (std::uint32_t i = first; i < last; ++i) OSL_TRY(check_row(catalogue, i));
  return {};
}

void weigh_items(const Catalogue& catalogue, std::span<double> negative,
                 std::span<double> discount) {
  negative_weights(catalogue.listeners, catalogue.model.negative_popularity,
                   catalogue.model.warm_listeners, negative);
  for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
    discount[i] = popularity_discount(catalogue.model.confidence, catalogue.listeners[i]);
    if (catalogue.listeners[i] < catalogue.model.warm_listeners) negative[i] = 0;
  }
}

Status check_gram(const Catalogue& catalogue) {
  const std::size_t d = catalogue.n_factors;
  for (std::size_t r = 0; r < d; ++r) {
    for (std::size_t c = 0; c <= r; ++c) {
      const double below = catalogue.gram[r * d + c];
      if (!std::isfinite(below)) {
        return Error{Code::kNotFinite, r, "catalogue: gram is not finite (row of gram)"};
      }
      if (below != catalogue.gram[c * d + r]) {
        return Error{Code::kCorrupt, r, "catalogue: gram is not symmetric (row of gram)"};
      }
    }
  }
  // The whole of gram costs N d^2 to make again; its diagonal costs N d and tells a gram of other
  // vectors.
  std::vector<double> squares(d);
  for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
    const std::int8_t* q = catalogue.q.data() + std::size_t{i} * catalogue.row_stride;
    const double scale = static_cast<double>(catalogue.scale[i]);
    const double negative = negative_of(catalogue, i);
    for (std::size_t k = 0; k < d; ++k) {
      const double f = scale * static_cast<double>(q[k]);
      squares[k] += negative * (f * f);
    }
  }
  for (std::size_t k = 0; k < d; ++k) {
    if (std::abs(catalogue.gram[k * d + k] - squares[k]) > 1e-4 * squares[k]) {
      return Error{Code::kCorrupt, k, "catalogue: gram is not that of the rows (row of gram)"};
    }
  }
  return {};
}

Status check_offsets(std::span<const std::uint32_t> offsets, std::uint64_t end, const char* what) {
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] < before || (i == 0 && offsets[i] != 0)) return Error{Code::kCorrupt, i, what};
    before = offsets[i];
  }
  if (before != end) return Error{Code::kCorrupt, offsets.size() - 1, what};
  return {};
}

Status check_tag_names(const Catalogue& catalogue) {
  for (std::size_t tag = 0; tag + 1 < catalogue.tag_name_offset.size(); ++tag) {
    const std::string_view name = catalogue.tag_name(static_cast<std::uint32_t>(tag));
    if (base::find_broken_utf8(name) != std::string_view::npos) {
      return Error{Code::kCorrupt, tag, "catalogue: tag name is not UTF-8 (tag)"};
    }
  }
  return {};
}

Status order_ids(std::span<const ItemId> id, std::span<std::uint32_t> by_id) {
  // Ids are hashes: eight bytes nearly always decide, and compare much faster than sixteen in
  // place.
  struct Key {
    std::uint64_t leading;
    std::uint32_t row;
  };
  std::vector<Key> keys(id.size());
  for (std::size_t i = 0; i < id.size(); ++i) {
    keys[i] = {leading_bytes(id[i]), static_cast<std::uint32_t>(i)};
  }
  std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
    if (a.leading != b.leading) return a.leading < b.leading;
    const int order = std::memcmp(id[a.row].data(), id[b.row].data(), sizeof(ItemId));
    return order != 0 ? order < 0 : a.row < b.row;
  });
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i > 0 && id[keys[i].row] == id[keys[i - 1].row]) {
      return Error{Code::kCorrupt, keys[i].row, "catalogue: id twice (row)"};
    }
    by_id[i] = keys[i].row;
  }
  return {};
}

void sum_rows(const Catalogue& catalogue, std::span<double> factor_sum,
              std::span<double> offset_sum) {
  const std::size_t d = catalogue.n_factors;
  for (std::uint32_t i = 0; i < catalogue.n_items; ++i) {
    const std::int8_t* q = catalogue.q.data() + std::size_t{i} * catalogue.row_stride;
    const double scale = static_cast<double>(catalogue.scale[i]);
    const double negative = negative_of(catalogue, i);
    const double offset = negative * (catalogue.model.mu + static_cast<double>(catalogue.bias[i]));
    for (std::size_t k = 0; k < d; ++k) {
      const double f = scale * static_cast<double>(q[k]);
      factor_sum[k] += negative * f;
      offset_sum[k] += offset * f;
    }
    offset_sum[d] += offset;
  }
}

}  // namespace catalogue
}  // namespace ossicle
