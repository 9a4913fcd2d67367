#ifndef OSSICLE_TESTS_UNIT_PRIVACY_NORM_PROOF_KIT_H_
#define OSSICLE_TESTS_UNIT_PRIVACY_NORM_PROOF_KIT_H_

#include <catch2/catch.hpp>
#include <cstdint>
#include <span>
#include <vector>

#include "base/rng.h"
#include "ossicle/norm_proof.h"
#include "privacy/norm_proof_prover.h"

namespace ossicle {

inline SecretSeed seed_from(std::uint64_t& random) {
  SecretSeed seed;
  for (std::uint8_t& byte : seed) byte = static_cast<std::uint8_t>(base::next(random));
  return seed;
}

/// What a client sends for one table, and what two aggregators make of it.
struct NormReport {
  NormReport(const NormShape& of, std::uint64_t random)
      : shape(of), seeds{seed_from(random), seed_from(random)}, key(seed_from(random)) {
    REQUIRE(norm_sizes(shape).ok());
    share.resize(shape.numbers);
    second_share.resize(shape.numbers);
    proof.resize(norm_sizes(shape).value().proof);
    first.resize(norm_sizes(shape).value().verifier);
    second.resize(first.size());
  }

  Status prove(std::span<const std::int32_t> table) {
    return prove_norm(shape, context, table, seeds, share, proof, parts);
  }

  /// As prove(), for a table that may be any numbers modulo q; `tamper` may change its bits. Gives
  /// whether honest bits would fit.
  template <class Tamper>
  bool forge(std::span<const std::uint32_t> table, Tamper tamper) {
    const auto layout = privacy::norm_layout(shape);
    REQUIRE(layout.ok());
    const privacy::Digest bound = privacy::hash_context(shape, context);
    privacy::NormProver prover(layout.value(), bound, seeds);
    prover.share_table(table, share);
    std::vector<std::uint32_t> bits(layout.value().bits);
    const bool fit = prover.fill_bits(bits);
    tamper(std::span(bits));
    prover.prove(bits, proof, parts);
    return fit;
  }
  bool forge(std::span<const std::uint32_t> table) {
    return forge(table, [](std::span<std::uint32_t>) {});
  }

  Status begin_first() {
    Result<NormVerifier> verifier = NormVerifier::open(shape, key);
    REQUIRE(verifier.ok());
    return verifier.value().begin_first(context, share, proof, parts, first);
  }
  Status begin_second() {
    Result<NormVerifier> verifier = NormVerifier::open(shape, key);
    REQUIRE(verifier.ok());
    return verifier.value().begin_second(context, seeds.second, parts, second_share, second);
  }
  /// The code with which the report is refused, or ok.
  Code verdict() {
    if (const Status status = begin_first(); !status.ok()) return status.error().code;
    if (const Status status = begin_second(); !status.ok()) return status.error().code;
    return verify_norm(shape, first, second).error().code;
  }

  NormShape shape;
  std::vector<std::uint8_t> context = {'r', 'o', 'u', 'n', 'd', 1};
  NormSeeds seeds;
  SecretSeed key;
  std::vector<std::uint32_t> share;
  std::vector<std::uint32_t> second_share;
  std::vector<std::uint8_t> proof;
  NormParts parts{};
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> second;
};

}  // namespace ossicle

#endif  // OSSICLE_TESTS_UNIT_PRIVACY_NORM_PROOF_KIT_H_
