#ifndef OSSICLE_IO_MANIFEST_H_
#define OSSICLE_IO_MANIFEST_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "ossicle/status.h"

namespace ossicle::io {

/// The newest format version of each kind that this code reads; a newer one is refused. A catalogue
/// is written in the lowest version that can hold it.
inline constexpr std::uint64_t kCatalogueVersion = 3;
inline constexpr std::uint64_t kEncoderVersion = 1;

struct ManifestFile {
  std::string path;  ///< see safe_path()
  std::uint64_t bytes = 0;
  base::Digest sha256{};
};

/// Shape and constants of a catalogue; see ModelConstants in ossicle/catalogue.h.
struct ManifestCatalogue {
  std::uint32_t items = 0;    ///< 1..kMaxItems
  std::uint32_t factors = 0;  ///< 1..1024
  std::uint32_t tags = 0;     ///< at most 65535
  double mu = 0;
  double alpha0 = 0;
  double user_lambda = 0;
  bool user_bias = false;
  bool weighted = false;  ///< version 2: the object "weighted" with what follows
  double spread = 0, popularity = 0, confidence_scale = 0, sd_floor = 0, clip = 0;
  double negative_popularity = 0;
  /// Version 3: the object "cold".
  std::uint32_t warm_listeners = 0;  ///< 0: no cold items, and no version 3
  std::uint32_t text = 0;            ///< 0..1024, numbers in a text vector; 0: no text map
  base::Digest encoder{};            ///< SHA-256 of the weights of the encoder that `text` is of
};

/// Shape of a text encoder; see EncoderShape in ossicle/encoder.h for units and limits.
struct ManifestEncoder {
  std::uint32_t vocabulary = 0, word_size = 0, channels = 0, layers = 0, heads = 0;
  std::uint32_t feed_forward = 0, max_tokens = 0, projection = 0;
  std::uint32_t begin_id = 0, end_id = 0;  ///< below vocabulary
  bool pool_first = false;                 ///< "pooling": "first"; otherwise "mean"
  double layer_norm_epsilon = 0;           ///< 0..1
  std::vector<std::uint32_t> dimensions;   ///< 1..16 lengths, ascending, the last is the vector's
};

/// Shape of a style model, and the encoder that its rows belong to; see ossicle/style.h.
struct ManifestStyle {
  std::uint32_t labels = 0;      ///< 1..65535
  std::uint32_t dimensions = 0;  ///< 1..1024
  base::Digest encoder{};        ///< SHA-256 of that encoder's weights
};

/// Shape and constants of a sequence model; see SequenceShape in ossicle/sequence.h.
struct ManifestSequence {
  std::uint32_t factors = 0, text = 0, channels = 0, layers = 0, heads = 0;
  std::uint32_t feed_forward = 0, max_items = 0;
  double factor_scale = 0, popularity = 0;  ///< 1e-6..1e6; -100..100
  double layer_norm_epsilon = 0;            ///< 0..1
  base::Digest factor_space{};              ///< of the catalogue that it belongs to
};

/// What a bundle holds. A reader names the kind it wants, and any other is refused.
enum class BundleKind : std::uint8_t { kCatalogue, kEncoder, kStyle, kSequence };

/// bundle.json.
struct Manifest {
  static constexpr std::size_t kMaxBytes = std::size_t{1} << 20;  ///< of bundle.json
  static constexpr std::size_t kMaxFiles = 1024;
  static constexpr std::uint64_t kMaxTotalBytes = std::uint64_t{1}
                                                  << 29;  ///< of all files together
  static constexpr std::uint64_t kMaxItems = std::uint64_t{1} << 24;
  static constexpr std::size_t kMaxTextBytes = 4096;  ///< of one string
  static constexpr std::size_t kMaxPathBytes = 255;

  std::string name, licence, source, recipe;
  std::vector<ManifestFile> files;
  BundleKind kind = BundleKind::kCatalogue;
  ManifestCatalogue catalogue;  ///< of a catalogue
  ManifestEncoder encoder;      ///< of an encoder
  ManifestStyle style;          ///< of a style model
  ManifestSequence sequence;    ///< of a sequence model
};

/// Whether a path can only name a file below the bundle's folder, as a path and as a URL: segments
/// of letters, digits, '.', '_' and '-' joined by '/', none of them "." or "..". No escapes, so
/// nothing can be hidden in one.
bool safe_path(std::string_view path);

/// Reads an untrusted bundle.json. Fields that its version does not know are passed over.
/// Errors: corrupt, missing, out_of_range, unsupported_version (`at` = the version), unknown_format
/// (another kind of bundle), capacity_exceeded. `at` is otherwise a byte for bad JSON, and a file's
/// index where `what` says so.
Result<Manifest> read_manifest(std::span<const std::byte> json,
                               BundleKind kind = BundleKind::kCatalogue);

/// Writes what read_manifest reads; deterministic. Errors: invalid_argument (anything read_manifest
/// would refuse).
Result<std::string> write_manifest(const Manifest& manifest);

/// The bytes of bundle.json once the bytes of its first file are known; the manifest has at least
/// that file's path. Errors: as write_manifest.
Result<std::vector<std::byte>> sign_manifest(Manifest manifest, std::span<const std::byte> first);

}  // namespace ossicle::io

#endif  // OSSICLE_IO_MANIFEST_H_
