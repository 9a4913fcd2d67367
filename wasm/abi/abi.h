#ifndef OSSICLE_WASM_ABI_ABI_H_
#define OSSICLE_WASM_ABI_ABI_H_

// What the files of the ABI share: one function of the ABI is one call of the core.

#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

#include "ossicle.h"
#include "ossicle/catalogue.h"
#include "ossicle/status.h"

namespace ossicle::abi {

/// Fills the caller's error, when there is one, and returns its code.
inline osl_code fail(const Error& error, osl_error* out) {
  if (out != nullptr) {
    const std::string_view what(error.what);
    const std::size_t n = what.size() < sizeof out->what ? what.size() : sizeof out->what;
    out->at = error.at;
    out->code = static_cast<std::int32_t>(error.code);
    out->what_n = static_cast<std::uint32_t>(n);
    std::memcpy(out->what, what.data(), n);
  }
  return static_cast<osl_code>(error.code);
}

inline osl_code finish(const Status& status, osl_error* out) {
  return status.ok() ? 0 : fail(status.error(), out);
}

inline osl_code missing_argument(osl_error* out) {
  return fail({Code::kInvalidArgument, 0, "a pointer that must be given is null"}, out);
}

/// None when `digest` is null.
inline FileDigest file_digest(const std::uint8_t* digest) {
  if (digest == nullptr) return std::nullopt;
  FileDigest::value_type copy;
  std::memcpy(copy.data(), digest, copy.size());
  return copy;
}

/// Writes as much of `text` as fits.
inline void copy_text(std::string_view text, char* out, std::uint32_t cap) {
  if (out == nullptr) return;
  std::memcpy(out, text.data(), text.size() < cap ? text.size() : cap);
}

inline std::span<const std::byte> as_bytes(const std::uint8_t* at, std::uint32_t n) {
  return {reinterpret_cast<const std::byte*>(at), n};
}

/// Path, as much of it as fits, its length, and size of a bundle's file.
inline osl_code tell_file(const BundleFile& file, char* path, std::uint32_t cap,
                          std::uint32_t* path_n, std::uint64_t* bytes) {
  copy_text(file.path, path, cap);
  *path_n = static_cast<std::uint32_t>(file.path.size());
  *bytes = file.bytes;
  return 0;
}

}  // namespace ossicle::abi

#endif  // OSSICLE_WASM_ABI_ABI_H_
