#ifndef OSSICLE_PRIVACY_NORM_PROOF_PROVER_H_
#define OSSICLE_PRIVACY_NORM_PROOF_PROVER_H_

#include <cstdint>
#include <span>

#include "privacy/field_secrets.h"
#include "privacy/norm_proof_statement.h"

namespace ossicle::privacy {

/// The client's side, one step for each thing that it settles, for any table and any bits: also
/// for those that must be refused.
class NormProver {
 public:
  NormProver(const NormLayout& layout, const Digest& context, const NormSeeds& seeds);

  /// Settles the table [n], modulo q; `share` [n] is the first aggregator's.
  void share_table(std::span<const std::uint32_t> table, std::span<std::uint32_t> share);

  /// The bits [bits] that fit the table. False when some number has too few: no bits fit.
  [[nodiscard]] bool fill_bits(std::span<std::uint32_t> bits) const;

  /// Settles the bits, and proves.
  void prove(std::span<const std::uint32_t> bits, std::span<std::uint8_t> proof,
             NormParts& parts) const;

 private:
  const NormLayout& layout_;
  Digest context_;
  const NormSeeds& seeds_;
  field::Secrets<std::uint32_t> table_;
  Digest first_{};
  Digest second_{};
  Digest tests_{};
};

}  // namespace ossicle::privacy

#endif  // OSSICLE_PRIVACY_NORM_PROOF_PROVER_H_
