#ifndef OSSICLE_NORM_PROOF_H_
#define OSSICLE_NORM_PROOF_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "ossicle/privacy.h"
#include "ossicle/status.h"

namespace ossicle {

// A proof that a table which nobody sees is not longer than it may be. The table is shared between
// two aggregators, the first and the second; each checks the proof with what it holds, they
// exchange one short message each, and learn that the table's L2 norm is within the bound, and
// nothing else. Parameters, soundness and cost: core/docs/adr/0023-norm-proof.md.
// Sources: Rothblum, Omri, Chen, Talwar, "PINE: Efficient Verification of a Euclidean Norm Bound of
// a Secret-Shared Vector", USENIX Security 2024 (the wraparound tests); Boneh, Boyle, Corrigan-
// Gibbs, Gilboa, Ishai, "Zero-Knowledge Proofs on Secret-Shared Data via Fully Linear PCPs", CRYPTO
// 2019, section 4.2 (the proof of a sum of squares); draft-irtf-cfrg-vdaf (joint randomness, the
// verify key).

/// What is proved: `numbers` numbers whose squares add up to max_norm^2 at most.
struct NormShape {
  std::uint32_t numbers = 66048;  ///< 1..2^20
  std::uint32_t max_norm = 1024;  ///< in steps, 1..1024
};

/// Bytes of what is sent: 12,816 and 4,288 with the default shape. Little-endian throughout.
struct NormSizes {
  std::size_t proof = 0;     ///< from the client to the first aggregator, beside its share
  std::size_t verifier = 0;  ///< from either aggregator to the other
};

/// Errors: invalid_argument (a limit of NormShape).
Result<NormSizes> norm_sizes(const NormShape& shape);

/// What the client commits itself to before it learns the challenges: SHA-256 of the first
/// aggregator's share of the table, of the second's, and of the first's share of the bits that the
/// proof adds. Public, and sent to both.
using NormParts = std::array<std::uint8_t, 96>;

/// Secrets of one proof, used for nothing else. `first` travels to the first aggregator (within the
/// proof), `second` to the second one: it is all that the second one gets, its share of the table
/// included. Neither may see the other's.
struct NormSeeds {
  SecretSeed first{};
  SecretSeed second{};
};

/// Splits a table and proves its norm. `context` is what this proof is good for and no other: give
/// the round's and the report's id. `share` (numbers) and `proof` (NormSizes) go to the first
/// aggregator, `seeds.second` to the second, `parts` to both.
/// Time and memory accesses do not depend on the numbers of a table that is within the bound.
/// Errors: invalid_argument (shape, sizes); norm_exceeded (clip() the table first); internal (a
/// wraparound test fails: probability below 2^-84 over the seeds; draw new ones).
Status prove_norm(const NormShape& shape, std::span<const std::uint8_t> context,
                  std::span<const std::int32_t> table, const NormSeeds& seeds,
                  std::span<std::uint32_t> share, std::span<std::uint8_t> proof, NormParts& parts);

/// One aggregator's side of the check. Holds its working memory, so that checking takes none.
/// Everything that comes from a client or from the other aggregator may be any bytes.
class NormVerifier {
 public:
  /// `verify_key` is a secret of both aggregators which no client may know: who knows it can have
  /// any table accepted. It stays the same for as long as a report may be checked, that is for the
  /// round, because the answers for one report under two keys would say something about its table;
  /// for the same reason a report (its `context`) is checked once.
  /// Errors: invalid_argument (a limit of NormShape).
  static Result<NormVerifier> open(const NormShape& shape, const SecretSeed& verify_key);

  NormVerifier(NormVerifier&&) noexcept;
  NormVerifier& operator=(NormVerifier&&) noexcept;
  ~NormVerifier();

  /// What the first aggregator has to say about its share to the second one.
  /// Errors: invalid_argument (sizes of `share` or `verifier`), corrupt (size of `proof`; a number
  /// not below q, `at` = its index), checksum_mismatch (parts that are not those of this share).
  Status begin_first(std::span<const std::uint8_t> context, std::span<const std::uint32_t> share,
                     std::span<const std::uint8_t> proof, const NormParts& parts,
                     std::span<std::uint8_t> verifier);

  /// The same for the second aggregator, whose share of the table comes out in `share`.
  /// Errors: invalid_argument (sizes of `share` or `verifier`), checksum_mismatch.
  Status begin_second(std::span<const std::uint8_t> context, const SecretSeed& seed,
                      const NormParts& parts, std::span<std::uint32_t> share,
                      std::span<std::uint8_t> verifier);

 private:
  struct State;
  explicit NormVerifier(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Whether the two messages together prove the bound; either aggregator, or both, can tell.
/// Errors: invalid_argument (shape), corrupt (a size, or a number not below q; `at` = byte),
/// checksum_mismatch (the aggregators were given different parts), norm_exceeded (the table is too
/// long, or its proof is not one).
Status verify_norm(const NormShape& shape, std::span<const std::uint8_t> first,
                   std::span<const std::uint8_t> second);

}  // namespace ossicle

#endif  // OSSICLE_NORM_PROOF_H_
