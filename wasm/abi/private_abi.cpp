// The module ossicle-private: one function is one call of ossicle/privacy.h or
// ossicle/norm_proof.h, but for osl_table_fill(), whose three steps work in places that the caller
// can wipe. Copies of seeds and of what was heard on the stack, and what a verifier works on, are
// not wiped: only this module can read its memory.

#include <algorithm>
#include <array>
#include <utility>

#include "abi.h"
#include "ossicle/norm_proof.h"
#include "ossicle/privacy.h"
#include "ossicle/sync.h"
#include "ossicle_private.h"
#include "private_layout.gen.h"

using ossicle::Code;
using ossicle::NormParts;
using ossicle::NormShape;
using ossicle::NormVerifier;
using ossicle::SecretSeed;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;

namespace {

constexpr std::uint32_t kMostNumbers = 1u << 20;

static_assert(OSL_BLOCK_ROWS == ossicle::kBlockRows && OSL_BLOCKS == ossicle::kBlocks);
static_assert(1 << OSL_FRACTION_BITS == ossicle::kStepsPerUnit);
static_assert(OSL_MOST_DEVIATION == ossicle::kMaxSigma);

SecretSeed seed_at(const uint8_t* at) {
  SecretSeed seed;
  std::copy(at, at + seed.size(), seed.begin());
  return seed;
}

osl_code too_many(std::uint32_t n, osl_error* error) {
  return fail({Code::kInvalidArgument, n, "a table has at most 2^20 numbers"}, error);
}

NormParts parts_at(const uint8_t* at) {
  NormParts parts;
  std::copy(at, at + parts.size(), parts.begin());
  return parts;
}

// One aggregator's check of one report, and how long what it says is.
struct Check {
  NormVerifier verifier;
  std::size_t message;
};

ossicle::Result<Check> check_of(const uint8_t* key, const NormShape& shape) {
  const auto sizes = ossicle::norm_sizes(shape);
  if (!sizes) return sizes.error();
  auto verifier = NormVerifier::open(shape, seed_at(key));
  if (!verifier) return verifier.error();
  return Check{std::move(verifier).value(), sizes.value().verifier};
}

ossicle::Result<ossicle::BudgetRecord> record_at(const uint8_t* at) {
  return ossicle::decode_budget({at, ossicle::kBudgetBytes});
}

void write_record(const ossicle::BudgetRecord& record, uint8_t* at) {
  const auto bytes = ossicle::encode(record);
  std::copy(bytes.begin(), bytes.end(), at);
}

}  // namespace

extern "C" {

uint64_t osl_abi_hash(void) { return kOslPrivateHash; }

osl_code osl_table_fill(const double* p, uint32_t factors, const uint8_t* heard, uint32_t block,
                        uint64_t seed, uint32_t max_norm, double* units, int32_t* table,
                        osl_error* error) {
  if (p == nullptr || heard == nullptr || units == nullptr || table == nullptr) {
    return missing_argument(error);
  }
  if (factors >= kMostNumbers / OSL_BLOCK_ROWS) return too_many(factors, error);
  const std::size_t n = std::size_t{OSL_BLOCK_ROWS} * (factors + 1);
  ossicle::Heard flags;
  std::copy(heard, heard + flags.size(), flags.begin());
  const auto filled = ossicle::fill_block({p, factors}, flags, block, seed, {units, n});
  if (!filled) return fail(filled.error(), error);
  const auto quantised = ossicle::quantise({units, n}, {table, n});
  if (!quantised) return fail(quantised.error(), error);
  return finish(ossicle::clip({table, n}, max_norm), error);
}

osl_code osl_share_expand(const uint8_t* seed, uint32_t* share, uint32_t n, osl_error* error) {
  if (seed == nullptr || share == nullptr) return missing_argument(error);
  if (n > kMostNumbers) return too_many(n, error);
  ossicle::expand_share(seed_at(seed), {share, n});
  return 0;
}

osl_code osl_share_join(const uint32_t* first, const uint32_t* second, uint32_t n, int32_t* table,
                        osl_error* error) {
  if (first == nullptr || second == nullptr || table == nullptr) return missing_argument(error);
  if (n > kMostNumbers) return too_many(n, error);
  return finish(ossicle::join({first, n}, {second, n}, {table, n}), error);
}

osl_code osl_norm_sizes(uint32_t n, uint32_t max_norm, uint32_t* proof, uint32_t* message,
                        osl_error* error) {
  if (proof == nullptr || message == nullptr) return missing_argument(error);
  const auto sizes = ossicle::norm_sizes({n, max_norm});
  if (!sizes) return fail(sizes.error(), error);
  *proof = static_cast<uint32_t>(sizes.value().proof);
  *message = static_cast<uint32_t>(sizes.value().verifier);
  return 0;
}

osl_code osl_norm_prove(const int32_t* table, uint32_t n, uint32_t max_norm, const uint8_t* context,
                        uint32_t context_n, const uint8_t* seeds, uint32_t* share, uint8_t* proof,
                        uint8_t* parts, osl_error* error) {
  if (table == nullptr || context == nullptr || seeds == nullptr || share == nullptr ||
      proof == nullptr || parts == nullptr) {
    return missing_argument(error);
  }
  const NormShape shape{n, max_norm};
  const auto sizes = ossicle::norm_sizes(shape);
  if (!sizes) return fail(sizes.error(), error);
  const ossicle::NormSeeds both{seed_at(seeds), seed_at(seeds + sizeof(SecretSeed))};
  NormParts made{};
  const auto proved = ossicle::prove_norm(shape, {context, context_n}, {table, n}, both, {share, n},
                                          {proof, sizes.value().proof}, made);
  if (!proved) return fail(proved.error(), error);
  std::copy(made.begin(), made.end(), parts);
  return 0;
}

osl_code osl_norm_first(const uint8_t* key, uint32_t n, uint32_t max_norm, const uint8_t* context,
                        uint32_t context_n, const uint32_t* share, const uint8_t* proof,
                        uint32_t proof_n, const uint8_t* parts, uint8_t* message,
                        osl_error* error) {
  if (key == nullptr || context == nullptr || share == nullptr || proof == nullptr ||
      parts == nullptr || message == nullptr) {
    return missing_argument(error);
  }
  auto check = check_of(key, {n, max_norm});
  if (!check) return fail(check.error(), error);
  auto& [verifier, message_n] = check.value();
  return finish(verifier.begin_first({context, context_n}, {share, n}, {proof, proof_n},
                                     parts_at(parts), {message, message_n}),
                error);
}

osl_code osl_norm_second(const uint8_t* key, uint32_t n, uint32_t max_norm, const uint8_t* context,
                         uint32_t context_n, const uint8_t* seed, const uint8_t* parts,
                         uint32_t* share, uint8_t* message, osl_error* error) {
  if (key == nullptr || context == nullptr || seed == nullptr || parts == nullptr ||
      share == nullptr || message == nullptr) {
    return missing_argument(error);
  }
  auto check = check_of(key, {n, max_norm});
  if (!check) return fail(check.error(), error);
  auto& [verifier, message_n] = check.value();
  return finish(verifier.begin_second({context, context_n}, seed_at(seed), parts_at(parts),
                                      {share, n}, {message, message_n}),
                error);
}

osl_code osl_norm_verify(uint32_t n, uint32_t max_norm, const uint8_t* first, uint32_t first_n,
                         const uint8_t* second, uint32_t second_n, osl_error* error) {
  if (first == nullptr || second == nullptr) return missing_argument(error);
  return finish(ossicle::verify_norm({n, max_norm}, {first, first_n}, {second, second_n}), error);
}

osl_code osl_noise_add(uint32_t* sum, uint32_t n, uint64_t numerator, uint64_t denominator,
                       const uint8_t* seed, osl_error* error) {
  if (sum == nullptr || seed == nullptr) return missing_argument(error);
  if (n > kMostNumbers) return too_many(n, error);
  return finish(ossicle::add_noise({sum, n}, {numerator, denominator}, seed_at(seed)), error);
}

osl_code osl_privacy_cost(double rho, double delta, double* proven, double* gaussian, double* auc,
                          osl_error* error) {
  if (proven == nullptr || gaussian == nullptr || auc == nullptr) return missing_argument(error);
  const auto claimed = ossicle::epsilon_proven(rho, delta);
  if (!claimed) return fail(claimed.error(), error);
  const auto continuous = ossicle::epsilon_gaussian(rho, delta);
  if (!continuous) return fail(continuous.error(), error);
  const auto best = ossicle::best_membership_auc(rho);
  if (!best) return fail(best.error(), error);
  *proven = claimed.value();
  *gaussian = continuous.value();
  *auc = best.value();
  return 0;
}

osl_code osl_budget_cost(uint32_t max_norm, uint64_t numerator, uint64_t denominator,
                         uint32_t* units, osl_error* error) {
  if (units == nullptr) return missing_argument(error);
  const auto cost = ossicle::rho_units(max_norm, {numerator, denominator});
  if (!cost) return fail(cost.error(), error);
  *units = cost.value();
  return 0;
}

osl_code osl_budget_begin(uint8_t* record, osl_error* error) {
  if (record == nullptr) return missing_argument(error);
  write_record({}, record);
  return 0;
}

osl_code osl_budget_spent(const uint8_t* record, int64_t now_s, uint32_t* rho, uint32_t* reports,
                          osl_error* error) {
  if (record == nullptr || rho == nullptr || reports == nullptr) return missing_argument(error);
  const auto read = record_at(record);
  if (!read) return fail(read.error(), error);
  const auto spent = ossicle::budget_spent(ossicle::budget_at(read.value(), now_s));
  *rho = spent.rho;
  *reports = spent.reports;
  return 0;
}

osl_code osl_budget_reserve(uint8_t* record, int64_t now_s, uint32_t units, uint32_t most_rho,
                            uint32_t most_reports, osl_error* error) {
  if (record == nullptr) return missing_argument(error);
  const auto read = record_at(record);
  if (!read) return fail(read.error(), error);
  const auto next = ossicle::reserve(read.value(), now_s, units, {most_rho, most_reports});
  if (!next) return fail(next.error(), error);
  write_record(next.value(), record);
  return 0;
}

}  // extern "C"
