// Whatever the bytes, read_manifest either refuses them or gives a manifest inside its limits that
// survives being written and read.
#include <cstdint>
#include <span>
#include <string>

#include "fuzz_check.h"
#include "io/manifest.h"

using ossicle::Result;
using ossicle::io::Manifest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Result<Manifest> read = ossicle::io::read_manifest(std::as_bytes(std::span(data, size)));
  if (!read.ok()) {
    OSL_FUZZ_CHECK(read.error().what[0] != '\0');
    return 0;
  }
  const Manifest& manifest = read.value();
  OSL_FUZZ_CHECK(!manifest.files.empty() && manifest.files.size() <= Manifest::kMaxFiles);
  for (const ossicle::io::ManifestFile& file : manifest.files) {
    OSL_FUZZ_CHECK(ossicle::io::safe_path(file.path));
    OSL_FUZZ_CHECK(file.path.find("..") == std::string::npos ||
                   ("/" + file.path + "/").find("/../") == std::string::npos);
  }
  OSL_FUZZ_CHECK(manifest.catalogue.items >= 1 && manifest.catalogue.factors >= 1);
  const Result<std::string> written = ossicle::io::write_manifest(manifest);
  OSL_FUZZ_CHECK(written.ok());
  const Result<Manifest> again =
      ossicle::io::read_manifest(std::as_bytes(std::span(written.value())));
  OSL_FUZZ_CHECK(again.ok());
  OSL_FUZZ_CHECK(again.value().name == manifest.name);
  OSL_FUZZ_CHECK(again.value().catalogue.mu == manifest.catalogue.mu);
  OSL_FUZZ_CHECK(ossicle::io::write_manifest(again.value()).value() == written.value());
  return 0;
}
