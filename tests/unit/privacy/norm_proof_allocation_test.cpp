#include <catch2/catch.hpp>

#include "counted_new.h"
#include "norm_proof_kit.h"

namespace ossicle {
namespace {

TEST_CASE("checking a proof takes no memory") {
  const NormShape shape{.numbers = 3000};
  NormReport report(shape, 1);
  std::vector<std::int32_t> table(shape.numbers, 10);
  REQUIRE(report.prove(table).ok());
  Result<NormVerifier> verifier = NormVerifier::open(shape, report.key);
  REQUIRE(verifier.ok());
  const std::size_t before = g_allocations;
  const bool good =
      verifier.value()
          .begin_first(report.context, report.share, report.proof, report.parts, report.first)
          .ok() &&
      verifier.value()
          .begin_second(report.context, report.seeds.second, report.parts, report.second_share,
                        report.second)
          .ok() &&
      verify_norm(shape, report.first, report.second).ok();
  const std::size_t after = g_allocations;
  CHECK(good);
  CHECK(after == before);
}

}  // namespace
}  // namespace ossicle
