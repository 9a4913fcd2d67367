/* The C ABI of the module ossicle-private: what a contribution goes through, on the device and in
 * an aggregator, and what it costs. A module of its own, so that only who contributes, sums up or
 * audits loads it. Same rules as ossicle.h; meaning, ranges and errors are those of
 * ossicle/privacy.h. Tables, shares and sums have n numbers, at most 2^20. A seed has 32 bytes.
 *
 * web/engine/src/private/private.gen.ts is generated from this file by wasm/abi/generate.py. The
 * module exports osl_abi_hash() of this header, and osl_memory_* of ossicle.h.
 */
#ifndef OSSICLE_PRIVATE_ABI_H_
#define OSSICLE_PRIVATE_ABI_H_

#include "ossicle.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- tables and shares ---- */

/* What the table of a report is made of; see ossicle/sync.h and ossicle/privacy.h. */
#define OSL_BLOCK_ROWS 512
#define OSL_BLOCKS 2
#define OSL_FRACTION_BITS 10
#define OSL_MOST_DEVIATION 131072

/* The table of a report, [OSL_BLOCK_ROWS, factors + 1], in steps of 2^-OSL_FRACTION_BITS and of an
 * L2 norm of at most max_norm steps: ossicle::fill_block, quantise, clip. p is [factors], heard
 * [OSL_BLOCKS * OSL_BLOCK_ROWS], 1 or 0 for each item of the head. units, as long as the table, is
 * room for what lies between: as secret as the table. */
osl_code osl_table_fill(const double* p, uint32_t factors, const uint8_t* heard, uint32_t block,
                        uint64_t seed, uint32_t max_norm, double* units, int32_t* table,
                        osl_error* error);

/* The share that a seed stands for. */
osl_code osl_share_expand(const uint8_t* seed, uint32_t* share, uint32_t n, osl_error* error);
/* table = first + second, modulo q, each number the one nearest to 0. */
osl_code osl_share_join(const uint32_t* first, const uint32_t* second, uint32_t n, int32_t* table,
                        osl_error* error);

/* ---- the proof of the norm: ossicle/norm_proof.h ---- */

/* Bytes of the proof of a table of n numbers, and of an aggregator's message about it. */
osl_code osl_norm_sizes(uint32_t n, uint32_t max_norm, uint32_t* proof, uint32_t* message,
                        osl_error* error);
/* Splits a table and proves its norm: ossicle::prove_norm. seeds: the first aggregator's and the
 * second's, 64 bytes; parts: 96 bytes. */
osl_code osl_norm_prove(const int32_t* table, uint32_t n, uint32_t max_norm, const uint8_t* context,
                        uint32_t context_n, const uint8_t* seeds, uint32_t* share, uint8_t* proof,
                        uint8_t* parts, osl_error* error);
/* What the first aggregator says about a report: ossicle::NormVerifier::begin_first. key: the
 * verify key, 32 bytes. */
osl_code osl_norm_first(const uint8_t* key, uint32_t n, uint32_t max_norm, const uint8_t* context,
                        uint32_t context_n, const uint32_t* share, const uint8_t* proof,
                        uint32_t proof_n, const uint8_t* parts, uint8_t* message, osl_error* error);
/* What the second one says, and its share: ossicle::NormVerifier::begin_second. */
osl_code osl_norm_second(const uint8_t* key, uint32_t n, uint32_t max_norm, const uint8_t* context,
                         uint32_t context_n, const uint8_t* seed, const uint8_t* parts,
                         uint32_t* share, uint8_t* message, osl_error* error);
/* Whether the two messages prove the norm: ossicle::verify_norm. */
osl_code osl_norm_verify(uint32_t n, uint32_t max_norm, const uint8_t* first, uint32_t first_n,
                         const uint8_t* second, uint32_t second_n, osl_error* error);

/* ---- noise ---- */

/* Adds one sample of the discrete Gaussian to each number; sigma^2 = numerator / denominator, in
 * steps^2. The seed must come from the operating system's generator, and serve once. */
osl_code osl_noise_add(uint32_t* sum, uint32_t n, uint64_t numerator, uint64_t denominator,
                       const uint8_t* seed, osl_error* error);

/* ---- cost ---- */

/* (epsilon, delta) of rho-zCDP: proven for the discrete noise, and of continuous noise; and the
 * best AUC of a test for membership. */
osl_code osl_privacy_cost(double rho, double delta, double* proven, double* gaussian, double* auc,
                          osl_error* error);
/* rho units (2^-20) of one report. */
osl_code osl_budget_cost(uint32_t max_norm, uint64_t numerator, uint64_t denominator,
                         uint32_t* units, osl_error* error);
/* Writes the record, 64 bytes, of a budget of which nothing is spent. */
osl_code osl_budget_begin(uint8_t* record, osl_error* error);
/* What counts against the budget at now_s: rho units, and reports. */
osl_code osl_budget_spent(const uint8_t* record, int64_t now_s, uint32_t* rho, uint32_t* reports,
                          osl_error* error);
/* Takes one more report of `units` out of the budget, in place; unchanged on an error. Store it
 * durably before sending. */
osl_code osl_budget_reserve(uint8_t* record, int64_t now_s, uint32_t units, uint32_t most_rho,
                            uint32_t most_reports, osl_error* error);

#ifdef __cplusplus
}
#endif

#endif /* OSSICLE_PRIVATE_ABI_H_ */
