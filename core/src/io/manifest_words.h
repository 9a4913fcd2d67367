#ifndef OSSICLE_IO_MANIFEST_WORDS_H_
#define OSSICLE_IO_MANIFEST_WORDS_H_

// Words of bundle.json that its reader and its writer share.

#include <string_view>

#include "io/manifest.h"

namespace ossicle::io {

inline constexpr std::string_view kFormat = "ossicle-bundle";

struct Kind {
  std::string_view name;
  const char* refusal;
};

inline Kind kind_of(BundleKind kind) {
  switch (kind) {
    case BundleKind::kEncoder:
      return {"encoder", "bundle.json: kind is not encoder"};
    case BundleKind::kStyle:
      return {"style", "bundle.json: kind is not style"};
    case BundleKind::kSequence:
      return {"sequence", "bundle.json: kind is not sequence"};
    case BundleKind::kCatalogue:
      break;
  }
  return {"catalogue", "bundle.json: kind is not catalogue"};
}

}  // namespace ossicle::io

#endif  // OSSICLE_IO_MANIFEST_WORDS_H_
