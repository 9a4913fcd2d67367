#ifndef OSSICLE_CATALOGUE_COLUMNS_H_
#define OSSICLE_CATALOGUE_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle::catalogue {

// Names of the tensors of a shard; shapes in core/src/catalogue/writer.cpp.
inline constexpr std::string_view kQ = "item.q";
inline constexpr std::string_view kQ4 = "item.q4";
inline constexpr std::string_view kTextMap = "text.map";
inline constexpr std::string_view kScale = "item.scale";
inline constexpr std::string_view kBias = "item.bias";
inline constexpr std::string_view kRowsum = "item.rowsum";
inline constexpr std::string_view kId = "item.id";
inline constexpr std::string_view kListeners = "item.listeners";
inline constexpr std::string_view kNameBytes = "item.name.bytes";
inline constexpr std::string_view kNameOffset = "item.name.offset";
inline constexpr std::string_view kTag = "item.tag";
inline constexpr std::string_view kTagOffset = "item.tag.offset";
inline constexpr std::string_view kTagNameBytes = "tag.name.bytes";
inline constexpr std::string_view kTagNameOffset = "tag.name.offset";
inline constexpr std::string_view kGram = "gram";
inline constexpr std::string_view kGramLower = "gram.lower";

/// d rounded up to whole vectors.
constexpr std::uint32_t row_stride(std::uint32_t n_factors) { return (n_factors + 15) / 16 * 16; }

/// The bytes that one row takes in a shard, names and tags left out; at least, with cold items.
constexpr std::uint64_t fixed_row_bytes(std::uint32_t n_factors, bool cold) {
  return (cold ? (n_factors + 1) / 2 : n_factors) + 4 + 4 + 4 + 16 + 4 + 4 + 4;
}

/// How many of these rows, most-listened first, are warm.
std::uint32_t count_warm(std::span<const std::uint32_t> listeners, std::uint32_t warm_listeners);

/// A row of values in -7..7 as nibbles, [(d + 1) / 2], and back. False when a nibble is 0, which
/// no value has, or the half byte past an odd d is not that of 0.
void pack_nibbles(std::span<const std::int8_t> row, std::span<std::uint8_t> nibbles);
[[nodiscard]] bool unpack_nibbles(std::span<const std::uint8_t> nibbles,
                                  std::span<std::int8_t> row);

/// The buffers behind a Catalogue, writable; names and tags at their capacity.
struct Columns {
  std::span<std::int8_t> q;
  std::span<float> scale, bias;
  std::span<std::int32_t> rowsum;
  std::span<std::uint32_t> listeners;
  std::span<ItemId> id;
  std::span<double> gram, negative, discount, factor_sum, offset_sum;
  std::span<std::uint32_t> name_offset, tag_offset, tag_name_offset, by_id;
  std::span<char> name_bytes, tag_name_bytes;
  std::span<float> text_map;
  std::span<std::uint16_t> item_tag;
};

struct ColumnSizes {
  std::uint32_t items = 0;
  std::uint32_t factors = 0;
  std::uint32_t tags = 0;
  bool weighted = false;
  std::uint32_t text = 0;
  std::size_t name_bytes = 0;
  std::size_t item_tags = 0;
  std::size_t tag_name_bytes = 0;
};

/// Takes one block for all columns. `memory` is empty when it cannot be had.
Columns allocate_columns(const ColumnSizes& sizes, OwnedBytes& memory);

/// Whether rows first..last-1 can be scored and shown: finite scale (>= 0) and bias, q never -128,
/// row sums right, names of valid UTF-8, tag numbers in range, listeners not rising. Offsets must
/// have been checked. Errors: corrupt, not_finite, out_of_range; `at` = row.
Status check_rows(const Catalogue& catalogue, std::uint32_t first, std::uint32_t last);

/// Fills the columns of a weighted model that follow from its listeners, [N] each; c_i = 0 where an
/// item is cold.
void weigh_items(const Catalogue& catalogue, std::span<double> negative,
                 std::span<double> discount);

/// Whether gram is finite and symmetric, and its diagonal is the sum of the squares of the rows,
/// weighed by c_i (1e-4 relative). Errors: not_finite, corrupt; `at` = row of gram.
Status check_gram(const Catalogue& catalogue);

/// Whether `offsets` begins at 0, never falls and ends at `end`. Errors: corrupt; `at` = index.
Status check_offsets(std::span<const std::uint32_t> offsets, std::uint64_t end, const char* what);

/// Whether tag names are valid UTF-8. Errors: corrupt; `at` = tag.
Status check_tag_names(const Catalogue& catalogue);

/// Fills `by_id` with the rows in the order of their ids. Errors: corrupt (an id twice; `at` = the
/// later row).
Status order_ids(std::span<const ItemId> id, std::span<std::uint32_t> by_id);

/// Fills factor_sum [d] and offset_sum [d + 1], rows in order.
void sum_rows(const Catalogue& catalogue, std::span<double> factor_sum,
              std::span<double> offset_sum);

}  // namespace ossicle::catalogue

#endif  // OSSICLE_CATALOGUE_COLUMNS_H_
