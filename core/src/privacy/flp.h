#ifndef OSSICLE_PRIVACY_FLP_H_
#define OSSICLE_PRIVACY_FLP_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "privacy/field.h"

// A fully linear proof of the sum of the squares of a shared vector: what either verifier computes
// is linear in the shares, and their two answers add up to the answer about the vector itself.
// Source: Boneh et al., CRYPTO 2019, section 4.2, with one gadget w_1^2 + ... + w_L^2 of degree 2.
//
// The vector is laid out in rows of L; row k = 1..N - 1 is what the L wires carry at the gadget's
// k-th call, and row 0 is random, so that one value of each wire's polynomial says nothing. Wire l
// is the polynomial of degree < N through its numbers at the even powers of w (ntt.h); the proof is
// the gadget's polynomial, of degree < 2 N, by its values at all powers of w.
namespace ossicle::privacy::field {

struct SquaresLayout {
  std::size_t wires = 1;   ///< L
  std::size_t points = 2;  ///< N, a power of two
};

/// The layout of `size` elements with the shortest wires and proof together (L + 2 N elements).
SquaresLayout squares_layout(std::size_t size);

/// The vector: numbers modulo q, then elements.
struct SquaresVector {
  std::span<const std::uint32_t> numbers;
  std::span<const Element> elements;
};

/// The proof, [2 N]. The squares of row k, k > 0, add up to proof[2 k]. `seeds` [L] is row 0.
void prove_squares(const SquaresLayout& layout, std::span<const std::uint32_t> roots,
                   const SquaresVector& vector, std::span<const Element> seeds,
                   std::span<Element> proof);

/// What evaluates polynomials that are given by their values, at one point.
struct SquaresQuery {
  std::vector<Element> wire;   ///< [N], for values at the even powers of w
  std::vector<Element> proof;  ///< [2 N], for values at all powers
};

/// The query at `point`; its vectors are as long as they must be. False, and nothing is written, if
/// the point is a power of w, where a wire would show what it carries.
[[nodiscard]] bool query_at(const Element& point, std::span<const std::uint32_t> roots,
                            SquaresQuery& query);

/// A share of the wires' values at the point, [L].
void query_wires(const SquaresLayout& layout, const SquaresQuery& query,
                 const SquaresVector& vector, std::span<const Element> seeds,
                 std::span<Element> values);

/// A share of the proof's value at the point. The proof is right, but for a probability of
/// 2 N / (q^4 - 2 N) over the point, if this is the sum of the squares of the wires' values.
Element query_proof(const SquaresQuery& query, std::span<const Element> proof);

}  // namespace ossicle::privacy::field

#endif  // OSSICLE_PRIVACY_FLP_H_
