#ifndef OSSICLE_PRIVACY_NORM_PROOF_STATEMENT_H_
#define OSSICLE_PRIVACY_NORM_PROOF_STATEMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/sha256.h"
#include "ossicle/norm_proof.h"
#include "privacy/field.h"
#include "privacy/flp.h"

// What is proved about a table x and the bits that the client adds to it, both shared modulo q:
//   each bit is 0 or 1,
//   x_1^2 + ... + x_n^2 = v,  v + u = max_norm^2,     v and u of `norm_bits` bits each,
//   y_j + kWindow = a number of kTestBits bits,        j = 1..kTests (wraparound tests),
// all modulo q. The tests make sure that the squares add up to v in the integers, too.
namespace ossicle::privacy {

using base::Digest;

/// Coins for each number, and the tests that they make: y_j is the sum of the numbers with a head
/// in row j, less that in row j + 1. So a row costs one coin a number, where a test of its own
/// costs two, and for any rows 1..j a table that wraps passes test j with probability 1/2 at most.
inline constexpr std::size_t kCoins = 80;
inline constexpr std::size_t kTests = kCoins - 1;

/// A test passes when -kWindow <= y < kWindow, y taken nearest to 0. 8 times the largest max_norm.
inline constexpr std::size_t kTestBits = 14;
inline constexpr std::uint32_t kWindow = 1u << (kTestBits - 1);
inline constexpr std::uint32_t kMostNorm = kWindow / 8;
inline constexpr std::uint32_t kMostNumbers = 1u << 20;

struct NormLayout {
  std::size_t numbers = 0;        ///< n
  std::uint32_t max_squares = 0;  ///< max_norm^2
  std::size_t norm_bits = 0;
  std::size_t bits = 0;  ///< v's, u's, then those of the tests in order, each lowest first
  field::SquaresLayout squares;
  NormSizes sizes;
};

Result<NormLayout> norm_layout(const NormShape& shape);

/// sums[j] = the sum, modulo q, of the numbers with a head in row j. Coin (i, j) is bit i mod 8 of
/// byte kCoins (i / 8) + j of the ChaCha8 keystream of `key` with nonce "osl-tests-v1".
void coin_sums(std::span<const std::uint32_t> numbers, const Digest& key,
               std::span<std::uint32_t, kCoins> sums);

/// How the elements of the sum of squares and the linear equations are combined into one of each.
struct Challenges {
  field::Element rho;    ///< (2 bit_m - 1) rho^m, m = 1.., has the square rho^(2 m)
  field::Element gamma;  ///< equation j = 1.. is multiplied by gamma^j
};

/// elements[m] = rho^(m + 1) (2 bits[m] - one). `one` is 1 for the bits or the first share of them,
/// and 0 for the second.
void weigh_bits(std::span<const std::uint32_t> bits, std::uint32_t one,
                const Challenges& challenges, std::span<field::Element> elements);

/// A share of what has to be 0 in the end: the sum of squares that the proof claims, less what it
/// should be, and all linear equations.
field::Element check_equations(const NormLayout& layout, std::span<const std::uint32_t> bits,
                               std::span<const std::uint32_t, kCoins> sums, std::uint32_t one,
                               const Challenges& challenges, std::span<const field::Element> proof);

// ---- Fiat-Shamir: each challenge is the hash of all that the client settled before ----

/// Of the shape and the context.
Digest hash_context(const NormShape& shape, std::span<const std::uint8_t> context);
/// The share by its lanes (hash_lanes.h), and then what is left of it: the hash is the longest of
/// all.
Digest hash_first(const Digest& context, const SecretSeed& seed,
                  std::span<const std::uint32_t> share);
Digest hash_second(const Digest& context, const SecretSeed& seed);
Digest tests_key(const Digest& context, const Digest& first, const Digest& second);
Digest hash_bits(const Digest& tests, const SecretSeed& seed, std::span<const std::uint32_t> bits);
Digest check_key(const Digest& tests, const Digest& bits);
Challenges draw_challenges(const Digest& check);

/// Where the aggregators look at the polynomials, for this context: outside the powers of w.
Digest query_key(const SecretSeed& verify_key, const Digest& context);

}  // namespace ossicle::privacy

#endif  // OSSICLE_PRIVACY_NORM_PROOF_STATEMENT_H_
