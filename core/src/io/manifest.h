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

/// The format version that this code reads and writes; a newer one is refused.
inline constexpr std::uint64_t kManifestVersion = 1;

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
};

/// bundle.json of a catalogue.
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
  ManifestCatalogue catalogue;
};

/// Whether a path can only name a file below the bundle's folder, as a path and as a URL: segments
/// of letters, digits, '.', '_' and '-' joined by '/', none of them "." or "..". No escapes, so
/// nothing can be hidden in one.
bool safe_path(std::string_view path);

/// Reads an untrusted bundle.json. Fields that version 1 does not know are passed over.
/// Errors: corrupt, missing, out_of_range, unsupported_version (`at` = the version), unknown_format
/// (another kind of bundle), capacity_exceeded. `at` is otherwise a byte for bad JSON, and a file's
/// index where `what` says so.
Result<Manifest> read_manifest(std::span<const std::byte> json);

/// Writes what read_manifest reads; deterministic. Errors: invalid_argument (anything read_manifest
/// would refuse).
Result<std::string> write_manifest(const Manifest& manifest);

}  // namespace ossicle::io

#endif  // OSSICLE_IO_MANIFEST_H_
