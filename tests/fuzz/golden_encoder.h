#ifndef OSSICLE_TESTS_FUZZ_GOLDEN_ENCODER_H_
#define OSSICLE_TESTS_FUZZ_GOLDEN_ENCODER_H_

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz_check.h"
#include "ossicle/encoder.h"

namespace ossicle::fuzz {

inline std::string read_golden(const std::string& path) {
  std::ifstream file(OSL_GOLDEN "/" + path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  OSL_FUZZ_CHECK(!bytes.empty());
  return bytes;
}

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

inline OwnedBytes owned(std::span<const std::byte> bytes) {
  OwnedBytes out = OwnedBytes::allocate(bytes.size());
  if (!bytes.empty()) std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

/// What encode() promises: unit vectors, or an error about the weights.
inline void check_encode(Encoder& encoder, std::span<const std::string_view> texts,
                         bool may_overflow) {
  const std::uint32_t d = encoder.shape().vector_size();
  std::vector<float> out(texts.size() * d);
  const Status done = encoder.encode(texts, d, out);
  if (!done.ok()) {
    OSL_FUZZ_CHECK(may_overflow && done.error().code == Code::kNotFinite);
    return;
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < d; ++j) sum += double{out[i * d + j]} * double{out[i * d + j]};
    OSL_FUZZ_CHECK(std::fabs(sum - 1) < 1e-3);
  }
}

}  // namespace ossicle::fuzz

#endif  // OSSICLE_TESTS_FUZZ_GOLDEN_ENCODER_H_
