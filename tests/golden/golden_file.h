#ifndef OSSICLE_TESTS_GOLDEN_GOLDEN_FILE_H_
#define OSSICLE_TESTS_GOLDEN_GOLDEN_FILE_H_

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ossicle::testing {

/// A file beside this one; tests run in this folder.
inline std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::vector<std::byte> read_bytes(const std::string& path) {
  const std::string text = read_text(path);
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_GOLDEN_GOLDEN_FILE_H_
