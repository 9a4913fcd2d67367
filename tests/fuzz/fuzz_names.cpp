// Whatever the bytes of a name, its key is valid UTF-8 and its own key, and all writings of it have
// one id.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "fuzz_check.h"
#include "ossicle/history.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  std::string key;
  ossicle::normalise_name(name, key);
  OSL_FUZZ_CHECK(ossicle::base::find_broken_utf8(key) == std::string::npos);
  OSL_FUZZ_CHECK(key.empty() == name.empty());
  // A point becomes at most 15 UTF-16 units of at most 3 bytes.
  OSL_FUZZ_CHECK(key.size() <= 45 * size);
  std::string again;
  ossicle::normalise_name(key, again);
  OSL_FUZZ_CHECK(again == key);
  OSL_FUZZ_CHECK(ossicle::artist_id(name) == ossicle::artist_id(key));
  OSL_FUZZ_CHECK((ossicle::track_hash(name) == 0) == name.empty());
  return 0;
}
