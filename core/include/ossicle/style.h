#ifndef OSSICLE_STYLE_H_
#define OSSICLE_STYLE_H_

// Genre, mood and instrument of a text, from its vector.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "ossicle/catalogue.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

/// Stored in files: append-only.
enum class StyleKind : std::uint8_t { kGenre = 0, kMood = 1, kInstrument = 2 };

inline constexpr std::uint32_t kNoLabel = 0xffffffffu;

/// Rows r_i = row_scale[i] * rows[i] and a calibration: logit_i = scale[i] <r_i, x> + bias[i].
struct StyleRows {
  std::span<const std::int8_t> rows;  ///< [n, D], in -127..127
  std::span<const float> row_scale;   ///< [n], finite, >= 0
  std::span<const float> scale;       ///< [n], finite, >= 0
  std::span<const float> bias;        ///< [n], finite
};

/// Labels with what tells them in a text vector; L labels, D dimensions. Immutable.
struct StyleModel {
  static constexpr std::uint32_t kMaxLabels = 65535;
  static constexpr std::uint32_t kMaxDimensions = 1024;

  std::uint32_t n_labels = 0;                  ///< L
  std::uint32_t n_dimensions = 0;              ///< D
  std::span<const std::uint32_t> name_offset;  ///< [L + 1] into name_bytes
  std::span<const char> name_bytes;            ///< UTF-8
  std::span<const std::uint8_t> kind;          ///< [L], StyleKind
  std::span<const std::uint32_t> parent;       ///< [L], a lower label of the same kind, or kNoLabel
  StyleRows zero_shot;                         ///< [L], the text vectors of the labels themselves
  std::span<const std::uint32_t> head_label;   ///< [H], rising; labels with a trained row
  StyleRows head;                              ///< [H], rows of a linear classifier

  std::string_view name(std::uint32_t label) const {
    return {name_bytes.data() + name_offset[label], name_offset[label + 1] - name_offset[label]};
  }
};

struct StyleData {
  StyleModel view;  ///< spans into `memory`
  OwnedBytes memory;
};

/// Reads a style file from untrusted bytes: safetensors with
///   style.version U32 [1]         1
///   style.label.bytes U8 [bytes]  names, UTF-8, none empty; style.label.offset U32 [L + 1]
///   style.kind U8 [L]             StyleKind
///   style.parent U32 [L]          or 0xffffffff; a parent comes before its children
///   style.vector I8 [L, D]        and style.vector.{row_scale, scale, bias} F32 [L]
/// and, all or none,
///   style.head I8 [H, D]          and style.head.{row_scale, scale, bias} F32 [H]
///   style.head.label U32 [H]
/// Other tensors are passed over. Errors: corrupt, missing, out_of_range, not_finite,
/// unsupported_version (at = the version), capacity_exceeded, out_of_memory; `at` is a label or row
/// where `what` says so, else a byte of the file.
Result<StyleData> read_style(std::span<const std::byte> file);

/// What bundle.json of a style bundle (kind "style", format version 1) says.
struct StyleBundle {
  BundleFile file;  ///< style.safetensors
  std::uint32_t n_labels = 0, n_dimensions = 0;
  std::array<std::uint8_t, 32> encoder{};  ///< SHA-256 of the weights its vectors come from
};

/// Errors: corrupt, missing, out_of_range, unsupported_version, unknown_format; `at` as bundle.json
/// has it.
Result<StyleBundle> read_style_bundle(std::span<const std::byte> bundle_json);

/// Reads `file`, the style file of a bundle, for text vectors of the encoder whose weights have
/// this SHA-256. Errors: those of both; checksum_mismatch (the file was altered, or the bundle was
/// made for another encoder: vectors of two encoders have nothing in common).
Result<StyleData> read_style(std::span<const std::byte> bundle_json,
                             std::span<const std::byte> file,
                             const std::array<std::uint8_t, 32>& encoder);

/// The probability of each label, [L], for a text vector x, [D], of unit length:
///   p_l = 1 / (1 + exp(-logit_l)), by the head where it has a row for l, else by the label's text,
/// and at least that of each label below it: what is death metal is metal. Labels do not exclude
/// each other. The same bytes on every build; nothing is allocated. O(L D). Errors:
/// invalid_argument (sizes), not_finite (at = index in `vector`).
/// Source: Radford et al., ICML 2021 (zero-shot by label text); Platt 1999 (calibration).
Status style_probabilities(const StyleModel& model, std::span<const float> vector,
                           std::span<float> probabilities);

struct StyleLabel {
  std::uint32_t label = 0;
  float probability = 0;
};

/// The labels of a kind with a probability of at least `least`, highest first, ties to the lower
/// label; at most out.size(). Returns how many. `probabilities` is [L].
std::uint32_t top_labels(const StyleModel& model, std::span<const float> probabilities,
                         StyleKind kind, float least, std::span<StyleLabel> out);

}  // namespace ossicle

#endif  // OSSICLE_STYLE_H_
