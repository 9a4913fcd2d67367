#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json.h"
#include "base/sha256.h"
#include "norm_proof_kit.h"

namespace ossicle {
namespace {

constexpr std::uint32_t kFewNumbers = 139;  // two blocks of each lane of the hash, and a rest

template <class T>
std::string digest_of(const T& values) {
  return base::to_hex(base::sha256(std::as_bytes(std::span(values))));
}

// Both builds run this against the same file: native and WebAssembly give the same bytes. The small
// ones are checked by a program of its own, tests/golden/privacy/check_norm_proof.py.
TEST_CASE("every build gives the same shares, proofs and messages") {
  std::ifstream file(OSL_GOLDEN "/norm_proof.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  base::JsonDocument document;
  REQUIRE(document.parse(text).ok());
  for (const NormShape& shape : {NormShape{.numbers = kFewNumbers, .max_norm = 77}, NormShape{}}) {
    const base::JsonValue wanted =
        document.root().get(shape.numbers == kFewNumbers ? "small" : "contribution");
    const auto want = [&](const char* key) {
      return std::string(wanted.get(key).string().value_or("missing"));
    };
    NormReport report(shape, 2026);
    const std::uint32_t most = shape.numbers == kFewNumbers ? 8 : 4;
    std::vector<std::int32_t> table(shape.numbers);
    std::uint64_t random = 1;
    for (std::int32_t& x : table) {
      x = static_cast<std::int32_t>(base::next(random) % (2 * most + 1) - most);
    }
    REQUIRE(report.prove(table).ok());
    REQUIRE(report.verdict() == Code::kOk);
    CHECK(base::to_hex(report.seeds.second) == want("second_seed"));
    CHECK(digest_of(report.share) == want("first_share"));
    CHECK(digest_of(report.second_share) == want("second_share"));
    CHECK(digest_of(report.proof) == want("proof"));
    CHECK(base::to_hex(report.parts) == want("parts"));
    CHECK(digest_of(report.first) == want("first_message"));
    CHECK(digest_of(report.second) == want("second_message"));
    REQUIRE(add_noise(report.second_share, {.numerator = 8192 * 8192}, {7}).ok());
    CHECK(digest_of(report.second_share) == want("noised"));
  }
}

}  // namespace
}  // namespace ossicle
