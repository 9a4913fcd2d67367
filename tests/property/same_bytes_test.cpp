#include <catch2/catch.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "listener.h"
#include "ossicle/engine.h"

namespace ossicle {
namespace {

using testing::kNowS;

// FNV-1a, 64 bits.
class Digest {
 public:
  template <class T>
  void add(std::span<T> values) {
    for (const std::byte b : std::as_bytes(values)) {
      value_ = (value_ ^ static_cast<std::uint64_t>(b)) * 0x100000001b3u;
    }
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325u;
};

// The listener, the list and the reasons of 100 histories, as bytes.
std::uint64_t digest_of(std::uint32_t n_factors, const ModelConstants& model, double bias_sd) {
  Digest digest;
  Result<Engine> opened = Engine::open(
      testing::synthetic_catalogue(
          {.n_items = 700, .n_factors = n_factors, .seed = 5, .model = model, .bias_sd = bias_sd}),
      {});
  REQUIRE(opened.ok());
  Engine engine = std::move(opened).value();
  std::vector<Scored> list(50);
  std::vector<Reason> reasons(50 * 3);
  std::vector<std::uint32_t> n_reasons(50);
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    engine.forget();
    REQUIRE(engine.record_all(testing::random_history(seed, 700, 60, 250), {}).ok());
    REQUIRE(engine.recommend(kNowS, list, 3, reasons, n_reasons).ok());
    digest.add(engine.user_vector(kNowS).value());
    digest.add(std::span(list));
    digest.add(std::span(reasons));
    digest.add(std::span(n_reasons));
  }
  return digest.value();
}

std::uint64_t digest_of(std::uint32_t n_factors, bool user_bias, double bias_sd) {
  return digest_of(n_factors,
                   {.mu = bias_sd, .alpha0 = 0.05, .user_lambda = 2, .user_bias = user_bias},
                   bias_sd);
}

// The constants were printed by the native build. They change with the mathematics, never with the
// build: native, simd and relaxed run this same test.
TEST_CASE("the same histories give the same bytes on every build") {
  CHECK(digest_of(16, false, 0) == 0x7a21d64c49318351u);
  CHECK(digest_of(33, true, 0.1) == 0x1b4dd19084dd3c62u);
  CHECK(digest_of(64, false, 0.1) == 0xe12b30f1c305ab00u);
  // Exponents for which the C library's pow(), by which the catalogue is made, is exact.
  ModelConstants weighted = testing::weighted_model();
  weighted.confidence.popularity = 0;
  weighted.negative_popularity = 1;
  CHECK(digest_of(48, weighted, 0) == 0xcb144660f4c34d6au);
}

}  // namespace
}  // namespace ossicle
