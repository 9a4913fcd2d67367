#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/fold.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "ossicle/history.h"

namespace ossicle {
namespace {

// Collects the key form: single spaces between what is kept, none at the ends.
class KeyWriter {
 public:
  explicit KeyWriter(std::string& out) : out_(out) {}

  void add(char32_t point) {
    if (point == ' ') {
      space_ = !out_.empty();
      return;
    }
    if (space_) out_.push_back(' ');
    space_ = false;
    base::append_point(point, out_);
  }

 private:
  std::string& out_;
  bool space_ = false;
};

base::Digest hash_key(std::string_view domain, std::string_view name) {
  std::string key;
  normalise_name(name, key);
  base::Sha256 hash;
  hash.update(domain);
  hash.update(key);
  return hash.finish();
}

}  // namespace

void normalise_name(std::string_view name, std::string& out) {
  out.clear();
  KeyWriter key(out);
  for (std::size_t at = 0; at < name.size();) {
    const base::DecodedPoint decoded = base::decode_point(name, at);
    for (const char32_t point : base::fold_point(decoded.point)) key.add(point);
    at += decoded.bytes;
  }
  if (out.empty()) base::append_sanitised(name, out);
}

ItemId artist_id(std::string_view name) {
  using namespace std::string_view_literals;
  const base::Digest digest = hash_key("artist\0"sv, name);
  ItemId id;
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

std::uint64_t track_hash(std::string_view title) {
  using namespace std::string_view_literals;
  if (title.empty()) return 0;
  const base::Digest digest = hash_key("track\0"sv, title);
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < 8; ++i) hash = hash << 8 | digest[i];
  return hash == 0 ? 1 : hash;
}

}  // namespace ossicle
