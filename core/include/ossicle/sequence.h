#ifndef OSSICLE_SEQUENCE_H_
#define OSSICLE_SEQUENCE_H_

// A Transformer over items: what comes after these items? It scores candidates for the re-ranker,
// and writes playlists as item numbers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// What a sequence model looks like; `bundle.json` field "sequence".
/// d factors, e numbers of a text vector, C channels, T rows of a sequence.
struct SequenceShape {
  std::uint32_t factors = 0;       ///< d, 1..1024, those of its catalogue
  std::uint32_t text = 0;          ///< e, 0..1024; 0 = it reads no text
  std::uint32_t channels = 0;      ///< C, a multiple of 16 up to 1024
  std::uint32_t layers = 0;        ///< 1..12
  std::uint32_t heads = 0;         ///< divides C
  std::uint32_t feed_forward = 0;  ///< a multiple of 16 up to 4096
  std::uint32_t max_items = 0;     ///< T, 2..512, the row that begins a sequence included
  double factor_scale = 1;         ///< factors are multiplied by it on the way in
  double popularity = 0;           ///< of log2(1 + listeners) in a logit
  double layer_norm_epsilon = 1e-12;
  std::array<std::uint8_t, 32> factor_space{};  ///< factor_space() of its catalogue
};

/// What tells the factors of one training from those of another: the SHA-256 of the Gram matrix of
/// the catalogue's items, [d, d] in little-endian f64.
std::array<std::uint8_t, 32> factor_space(const Catalogue& catalogue);

/// The items that a sequence is made of: those of a catalogue, or a person's own tracks in the same
/// factor space. N items.
struct SequenceItems {
  std::uint32_t n_items = 0;             ///< N
  std::uint32_t n_factors = 0;           ///< d
  std::uint32_t row_stride = 0;          ///< bytes between rows of q, a multiple of 16 up to 1024
  std::span<const std::int8_t> q;        ///< [N, row_stride], as Catalogue::q
  std::span<const float> scale;          ///< [N]
  std::span<const std::int32_t> rowsum;  ///< [N]
  std::span<const std::uint32_t> listeners;  ///< [N]
  /// Text vectors of unit length, or empty: t_i = text_scale[i] * text[i]. A scale of 0 = none.
  std::uint32_t text_stride = 0;
  std::span<const std::int8_t> text;  ///< [N, text_stride]
  std::span<const float> text_scale;  ///< [N]
  /// Who an item is by, or empty: each item is its own artist.
  std::span<const std::uint32_t> artist;  ///< [N]
};

/// The items of a catalogue, without text.
SequenceItems sequence_items(const Catalogue& catalogue);

/// A causal post-norm Transformer in int8 (Kang, McAuley, ICDM 2018, over factors and not over item
/// numbers, so that an item that it was not trained on is read like any other). With q_i the factor
/// of an item and t_i its text vector (or a learnt one, where it has none),
///   x_i = [factor_scale q_i ; t_i],  h = layers(LN(W x + position))
///   logit_j = <W' h_last, q_j> + popularity log2(1 + listeners_j), in nats.
/// The same bytes on every build. All memory is taken at open. Not thread-safe.
class SequenceModel {
 public:
  static constexpr std::uint32_t kMaxBeams = 8;
  static constexpr std::uint32_t kMaxLength = 500;  ///< of a playlist

  /// `weights`: sequence.safetensors. `most_items`: the largest N that it will be used with.
  /// Errors: corrupt, missing, out_of_range, unsupported_version, unknown_format, not_finite,
  /// checksum_mismatch (the file was altered, or the model is of another catalogue),
  /// invalid_argument (most_items), out_of_memory.
  static Result<SequenceModel> open(std::span<const std::byte> bundle_json, OwnedBytes weights,
                                    const Catalogue& catalogue, std::uint32_t most_items,
                                    const FileDigest& digest = {});
  ~SequenceModel();
  SequenceModel(SequenceModel&&) noexcept;
  SequenceModel& operator=(SequenceModel&&) noexcept;

  const SequenceShape& shape() const;

  struct State;
  State& state() { return *state_; }  ///< for core/src/sequence alone

 private:
  explicit SequenceModel(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The file of a sequence bundle. Errors: as SequenceModel::open has for bundle.json.
Result<BundleFile> sequence_file(std::span<const std::byte> bundle_json);

/// The logit of each candidate after `recent`, oldest first, of which the last T - 1 count; none is
/// allowed. `out` is [candidates]. Errors: invalid_argument (items of another size than the model,
/// or than they say; out), out_of_range (`at` = index in recent or in candidates).
Status score_candidates(SequenceModel& model, const SequenceItems& items,
                        std::span<const std::uint32_t> recent,
                        std::span<const std::uint32_t> candidates, std::span<float> out);

/// The probability of each item to be next, [N], over all that are not excluded ([N] or empty; != 0
/// is left out and gets 0). Errors: as score_candidates; invalid_argument (everything excluded).
Status next_distribution(SequenceModel& model, const SequenceItems& items,
                         std::span<const std::uint32_t> recent,
                         std::span<const std::uint8_t> excluded, std::span<float> out);

/// What a playlist shall be. Every knob: default, range, effect. Spans may be empty.
struct PlaylistRequest {
  /// Items played before, oldest first: what the list goes on from. They are not written again, but
  /// for `from` and `to`.
  std::span<const std::uint32_t> recent;
  std::span<const std::uint8_t> excluded;  ///< [N]; != 0 is never written
  std::uint32_t from = kNoItem;            ///< the first item
  std::uint32_t to = kNoItem;              ///< the last item
  /// [0, 16], 3 items: how many others stand between two of one artist, at least.
  std::uint32_t spacing = 3;
  /// [0, kMaxLength], 0 = any number: most items of one artist.
  std::uint32_t per_artist = 0;
  /// [1, kMaxBeams], 4: lists that are followed at the same time. More finds likelier lists, and
  /// costs as much more; 1 takes the best item each time.
  std::uint32_t beams = 4;
  /// [0, 1], 0.3. 0, familiar: the likeliest list, and the seed changes nothing. Above, Gumbel
  /// noise of 1.5 * adventure nats is added to each choice (2/3 = drawn as probable as the model
  /// says, 1 = bolder), and that share of what popularity adds is taken away.
  double adventure = 0.3;
  std::uint64_t seed = 0;  ///< another seed, another list
  /// [0, 50], 8 nats; with `to` only: what the cosine to the way is worth. The way leads from the
  /// factor of the start (`from`, else the last of `recent`) to that of the end, a straight line on
  /// the list's positions. 0: only the last item is told.
  double pull = 8;
  /// A curve of energy, mood or whatever `value` measures: [N] in 0..1, NaN = unknown, and the
  /// wanted value at each position, [length] in 0..1.
  std::span<const float> value;
  std::span<const float> curve;
  /// [0, 100], 20 nats: the price of a value that is off by 1. An unknown one costs as much as
  /// being off by 0.25.
  double curve_weight = 20;
};

struct PlaylistItem {
  std::uint32_t item = 0;
  float score = 0;  ///< log probability after what stands before it, among the 128 best choices
};

/// Writes a list of out.size() items, 1..kMaxLength, by beam search over the catalogue: every
/// number is an item, none twice, none excluded, `from` first and `to` last, artists spaced. Where
/// the spacing or per_artist leaves so little choice that the search runs into a dead end, the
/// artist with most items left goes first. The same request gives the same bytes on every build.
/// Nothing is allocated. O(length beams N d) by the int8 scan.
/// Errors: invalid_argument (a knob outside its range; spans of another size; `from` or `to`
/// excluded, the same, or of one artist and nearer than `spacing`; no room for both; fewer items
/// than out.size() are allowed; no list keeps spacing and per_artist: `at` = the position that it
/// came to), out_of_range (an item, at = it or its index in recent), not_finite (curve; `at` =
/// position). A value outside 0..1 is held at the end that it passed.
/// After: Kool, van Hoof, Welling, ICML 2019 (Gumbel noise in a beam search).
Status write_playlist(SequenceModel& model, const SequenceItems& items,
                      const PlaylistRequest& request, std::span<PlaylistItem> out);

struct SequenceBundleBytes {
  std::vector<std::byte> bundle_json;
  std::vector<std::byte> weights;  ///< sequence.safetensors
};

/// Quantises and packs a checkpoint: safetensors of f32 tensors, products as [out, in],
///   begin [d + e], absent [e] (e > 0), position [T, C] (or none), input [C, d + e], norm,
///   layer.<n>.{query, key, value, out, up, down, norm1, norm2}, head [d, C]
/// each product and norm with .weight and .bias. Deterministic; for training tools. Errors:
/// invalid_argument (a shape out of range), missing, corrupt, not_finite.
Result<SequenceBundleBytes> write_sequence(const SequenceShape& shape,
                                           std::span<const std::byte> checkpoint,
                                           const BundleFacts& facts);

}  // namespace ossicle

#endif  // OSSICLE_SEQUENCE_H_
