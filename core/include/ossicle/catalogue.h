#ifndef OSSICLE_CATALOGUE_H_
#define OSSICLE_CATALOGUE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "ossicle/confidence.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// Scalars of the model that made the item vectors; `bundle.json` field "catalogue".
struct ModelConstants {
  double mu = 0;      ///< global mean of r_ui
  double alpha0 = 0;  ///< weight of an item the listener has no event for, in the loss of fold_in
  double user_lambda =
      0;  ///< L2 regularisation of [p_u, b_u]; constant per catalogue, see ADR 0003
  bool user_bias = false;  ///< whether b_u is solved (otherwise 0)

  /// Whether play counts and popularity weigh in, as in WeightedLoss of train.h; from format
  /// version 2 on.
  bool weighted = false;
  PlayConfidence confidence{};     ///< weighted: of the listener's plays
  double negative_popularity = 0;  ///< weighted: exponent of negative_weights()
  /// weighted: items with fewer listeners are cold; their vectors came from the other items', and
  /// they have no part in the sums over all items: c_i = 0
  std::uint32_t warm_listeners = 0;
};

/// Artists of the person's own tracks whom the catalogue lacks: items N .. N + n - 1 beside those
/// of the catalogue. They are evidence about the listener, with biases of 0, and can be loved,
/// banned and explained; lists of the catalogue never have them (ADR 0016). Spans are a Library's
/// buffers.
struct OwnItems {
  std::uint32_t n = 0;
  std::span<const std::int8_t> q;              ///< [n, row_stride], as Catalogue::q
  std::span<const float> scale;                ///< [n]
  std::span<const ItemId> id;                  ///< [n], none of them the catalogue's
  std::span<const std::uint32_t> by_id;        ///< [n], ordered by id
  std::span<const std::uint32_t> name_offset;  ///< [n + 1] into name_bytes
  std::span<const char> name_bytes;            ///< UTF-8
};

/// The items a listener can be recommended: vectors, biases and facts. Immutable after open, but
/// for `own`. Rows are ordered most-listened first, so that a lower index wins a tie. N items, d
/// factors.
struct Catalogue {
  std::uint32_t n_items = 0;     ///< N
  std::uint32_t n_factors = 0;   ///< d, 1..1024
  std::uint32_t row_stride = 0;  ///< bytes between rows of q: d rounded up to 16, padded with zeros

  ModelConstants model;

  std::span<const std::int8_t> q;  ///< [N, row_stride]; q_i = scale[i] * q[i]; values in -127..127
  std::span<const float> scale;    ///< [N], finite, >= 0
  std::span<const float> bias;     ///< [N], b_i
  std::span<const std::int32_t> rowsum;  ///< [N], sum of the row's int8 values
  std::span<const std::uint32_t>
      listeners;                 ///< [N], people in the training data who played the item
  std::span<const ItemId> id;    ///< [N], unique
  std::span<const double> gram;  ///< [d, d], sum over items of c_i q_i q_i' (dequantised)
  std::span<const std::uint32_t> name_offset;      ///< [N + 1] into name_bytes
  std::span<const char> name_bytes;                ///< UTF-8
  std::span<const std::uint32_t> tag_offset;       ///< [N + 1] into item_tag
  std::span<const std::uint16_t> item_tag;         ///< tag numbers, strongest first
  std::span<const std::uint32_t> tag_name_offset;  ///< [tags + 1] into tag_name_bytes
  std::span<const char> tag_name_bytes;            ///< UTF-8
  std::span<const std::uint32_t> by_id;            ///< [N], rows ordered by id, for find()

  /// What fold_in needs of all items, made once at open; o_i = mu + b_i. c_i and the discounts are
  /// empty when the model is not weighted: all 1.
  std::span<const double> negative;    ///< [N], c_i: see negative_weights()
  std::span<const double> discount;    ///< [N], see popularity_discount()
  std::span<const double> factor_sum;  ///< [d], sum c_i q_i
  std::span<const double> offset_sum;  ///< [d + 1], sum c_i o_i [q_i; 1]

  /// The TextMap of the items, [text_size + 1, d], and the SHA-256 of the weights of the encoder
  /// that makes its texts' vectors; none when text_size is 0.
  std::uint32_t text_size = 0;
  std::span<const float> text_map;
  std::array<std::uint8_t, 32> text_encoder{};

  OwnItems own;
  double own_discount = 1;  ///< of every own item: that of the least played item that is not cold

  /// N, and the own items.
  std::uint32_t n_all() const { return n_items + own.n; }

  /// Whether too few people played the item for its vector to say anything about a listener; see
  /// ModelConstants::warm_listeners. Such rows are the last.
  bool is_cold(std::uint32_t item) const {
    return item < n_items && listeners[item] < model.warm_listeners;
  }

  /// Weighted: the popularity_discount() of an item, own ones included.
  double discount_of(std::uint32_t item) const {
    return item < n_items ? discount[item] : own_discount;
  }

  std::string_view name(std::uint32_t item) const {
    if (item >= n_items) {
      const std::uint32_t k = item - n_items;
      return {own.name_bytes.data() + own.name_offset[k],
              own.name_offset[k + 1] - own.name_offset[k]};
    }
    return {name_bytes.data() + name_offset[item], name_offset[item + 1] - name_offset[item]};
  }
  std::string_view tag_name(std::uint32_t tag) const {
    return {tag_name_bytes.data() + tag_name_offset[tag],
            tag_name_offset[tag + 1] - tag_name_offset[tag]};
  }
  std::span<const std::uint16_t> tags(std::uint32_t item) const {
    if (item >= n_items) return {};
    return item_tag.subspan(tag_offset[item], tag_offset[item + 1] - tag_offset[item]);
  }
};

inline constexpr std::uint32_t kNoItem = 0xffffffffu;

/// The row of `id`, or kNoItem. O(log N).
std::uint32_t find_item(const Catalogue& catalogue, const ItemId& id);
/// The same, own items included.
std::uint32_t find_any_item(const Catalogue& catalogue, const ItemId& id);
/// The id of any item, [0, n_all()).
const ItemId& id_of(const Catalogue& catalogue, std::uint32_t item);

/// Reads a catalogue bundle (bundle.json of kind "catalogue", format version 1 to 3, and its
/// safetensors shards) from untrusted bytes. Version 2 is that of weighted models: bundle.json then
/// has catalogue.weighted, and gram is the lower triangle in f32, row by row ("gram.lower",
/// [d (d + 1) / 2]), instead of [d, d] in f64 ("gram"). Version 3 has catalogue.cold, and in each
/// shard the rows of cold items, its last, in 4 bits: "item.q4", [cold rows, (d + 1) / 2], value +
/// 8 in a nibble, the low one first, values in -7..7; they are read to int8 rows as they are. It
/// may have "text.map". One shard is needed at a time, so that the caller can download shard n + 1
/// while shard n is being verified.
///
///   CatalogueReader reader;
///   OSL_TRY(reader.begin(bundle_json));
///   for (i in reader.files()) OSL_TRY(reader.add_file(i, bytes));
///   Result<CatalogueData> data = std::move(reader).finish();
///
/// Every error leaves the reader unusable and nothing half-open. Errors: corrupt,
/// checksum_mismatch, unsupported_version, not_finite, missing, out_of_range, out_of_memory; `at`
/// is a byte offset in the file being read, or a row where `what` says so.
struct CatalogueData {
  Catalogue view;  ///< spans into `memory`
  OwnedBytes memory;
};

struct BundleFile {
  std::string_view path;  ///< relative, no "..", no leading "/"
  std::uint64_t bytes = 0;
  std::array<std::uint8_t, 32> sha256{};
};

/// The SHA-256 of a file's bytes where the caller has computed it by faster means than this code
/// has (a browser's own); without one it is computed here. What bundle.json says must equal it
/// either way.
using FileDigest = std::optional<std::array<std::uint8_t, 32>>;

class CatalogueReader {
 public:
  CatalogueReader();
  ~CatalogueReader();
  CatalogueReader(CatalogueReader&&) noexcept;
  CatalogueReader& operator=(CatalogueReader&&) noexcept;

  Status begin(std::span<const std::byte> bundle_json);
  std::span<const BundleFile> files() const;
  Status add_file(std::size_t index, std::span<const std::byte> bytes,
                  const FileDigest& digest = {});
  Result<CatalogueData> finish() &&;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What write_catalogue needs beside the view; strings go into bundle.json as they are.
struct BundleFacts {
  std::string_view name;     ///< e.g. "hetrec2011-starter"
  std::string_view licence;  ///< of the weights and facts
  std::string_view source;   ///< data the vectors were trained on
  std::string_view recipe;   ///< command that makes the bundle again
};

struct BundleBytes {
  std::vector<std::byte> bundle_json;
  std::vector<std::byte> shard;  ///< catalogue-0.safetensors
};

/// Writes what CatalogueReader reads, in the lowest version that can hold it; deterministic. Used
/// by training tools, not by the browser.
Result<BundleBytes> write_catalogue(const Catalogue& catalogue, const BundleFacts& facts);

}  // namespace ossicle

#endif  // OSSICLE_CATALOGUE_H_
