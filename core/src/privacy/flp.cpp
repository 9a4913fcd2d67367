#include "privacy/flp.h"

#include <algorithm>
#include <bit>
#include <cstring>

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

#include "privacy/field_secrets.h"
#include "privacy/ntt.h"

namespace ossicle::privacy::field {
namespace {

using U32x4 = std::uint32_t __attribute__((vector_size(16)));
using U64x2 = std::uint64_t __attribute__((vector_size(16)));

constexpr std::size_t kBlock = 4;

// Four sums of products.
struct Sums {
  U64x2 first{};
  U64x2 last{};

  void add_product(U32x4 a, U32x4 b) {
#ifdef __wasm_simd128__
    // A product of widened numbers would be one of 64 bits, for which most machines need three.
    const auto x = std::bit_cast<v128_t>(a);
    const auto y = std::bit_cast<v128_t>(b);
    first += std::bit_cast<U64x2>(wasm_u64x2_extmul_low_u32x4(x, y));
    last += std::bit_cast<U64x2>(wasm_u64x2_extmul_high_u32x4(x, y));
#else
    const auto low = [](U32x4 v) {
      return __builtin_convertvector(__builtin_shufflevector(v, v, 0, 1), U64x2);
    };
    const auto high = [](U32x4 v) {
      return __builtin_convertvector(__builtin_shufflevector(v, v, 2, 3), U64x2);
    };
    first += low(a) * low(b);
    last += high(a) * high(b);
#endif
  }
  std::uint64_t at(std::size_t i) const { return i < 2 ? first[i] : last[i - 2]; }
};

// out[l] += sum over the rows k of weights[k] x[k * stride + l], for kBlock wires. The products
// with half a weight are below 2^48, so that 2^16 of them add up without a reduction; two of the
// four coefficients at a time keep the sums in registers.
void weigh_block(std::span<const Element> weights, const std::uint32_t* x, std::size_t stride,
                 Element* out) {
  for (std::size_t c = 0; c < 4; c += 2) {
    Sums low[2];
    Sums high[2];
    for (std::size_t k = 0; k < weights.size(); ++k) {
      U32x4 numbers;
      std::memcpy(&numbers, x + k * stride, sizeof(numbers));
      for (std::size_t i = 0; i < 2; ++i) {
        const U32x4 weight = U32x4{} + weights[k].at[c + i];
        low[i].add_product(numbers, weight & 0xffff);
        high[i].add_product(numbers, weight >> 16);
      }
    }
    for (std::size_t i = 0; i < 2; ++i) {
      for (std::size_t l = 0; l < kBlock; ++l) {
        const std::uint64_t sum = (std::uint64_t{reduce(high[i].at(l))} << 16) + fold(low[i].at(l));
        out[l].at[c + i] = add(out[l].at[c + i], reduce(sum));
      }
    }
  }
}

// values[l] += sum over the rows k of weights[k] x[k L + l].
void weigh_rows(std::span<const Element> weights, std::span<const std::uint32_t> x,
                std::span<Element> values) {
  const std::size_t wires = values.size();
  std::size_t l = 0;
  for (; l + kBlock <= wires; l += kBlock) {
    weigh_block(weights, x.data() + l, wires, values.data() + l);
  }
  for (; l < wires; ++l) {
    for (std::size_t k = 0; k < weights.size(); ++k) {
      values[l] = add(values[l], scale(weights[k], x[k * wires + l]));
    }
  }
}

// What wire l carries at the calls 1..N - 1.
void fill_wire(const SquaresVector& vector, std::size_t wires, std::size_t l,
               std::span<Element> calls) {
  const std::size_t n = vector.numbers.size();
  const std::size_t size = n + vector.elements.size();
  for (std::size_t k = 0; k < calls.size(); ++k) {
    const std::size_t at = k * wires + l;
    calls[k] =
        at < n ? constant(vector.numbers[at]) : (at < size ? vector.elements[at - n] : Element{});
  }
}

void add_squares(std::span<const Element> values, std::span<Element> proof, std::size_t parity) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    proof[2 * k + parity] = add(proof[2 * k + parity], multiply(values[k], values[k]));
  }
}

}  // namespace

SquaresLayout squares_layout(std::size_t size) {
  SquaresLayout best;
  for (std::size_t points = 2; points <= std::max<std::size_t>(2, 2 * size); points *= 2) {
    const std::size_t wires = std::max<std::size_t>(1, (size + points - 2) / (points - 1));
    if (points == 2 || wires + 2 * points < best.wires + 2 * best.points) best = {wires, points};
  }
  return best;
}

void prove_squares(const SquaresLayout& layout, std::span<const std::uint32_t> roots,
                   const SquaresVector& vector, std::span<const Element> seeds,
                   std::span<Element> proof) {
  std::ranges::fill(proof, Element{});
  Secrets<Element> secret(layout.points);
  const std::span<Element> wire = secret.span();
  for (std::size_t l = 0; l < layout.wires; ++l) {
    wire[0] = seeds[l];
    fill_wire(vector, layout.wires, l, wire.subspan(1));
    add_squares(wire, proof, 0);
    to_odd_powers(wire, roots);
    add_squares(wire, proof, 1);
  }
}

// Lagrange's formula at the m-th roots of unity r: the weight of the value at r is
// (point^m - 1) / m * r / (point - r). The differences are inverted together (Montgomery's trick).
bool query_at(const Element& point, std::span<const std::uint32_t> roots, SquaresQuery& query) {
  const auto all = static_cast<std::uint32_t>(roots.size());
  const Element one = constant(1);
  const Element vanishing = subtract(power(point, all), one);
  if (vanishing == Element{}) return false;
  const Element proof_scale = scale(vanishing, inverse(all));
  const Element wire_scale = scale(subtract(power(point, all / 2), one), inverse(all / 2));
  Element product = one;
  for (std::size_t j = 0; j < all; ++j) {
    query.proof[j] = product;
    product = multiply(product, subtract(point, constant(roots[j])));
  }
  Element rest = inverse(product);
  for (std::size_t j = all; j-- > 0;) {
    const Element over = scale(multiply(query.proof[j], rest), roots[j]);
    rest = multiply(rest, subtract(point, constant(roots[j])));
    query.proof[j] = multiply(over, proof_scale);
    if (j % 2 == 0) query.wire[j / 2] = multiply(over, wire_scale);
  }
  return true;
}

void query_wires(const SquaresLayout& layout, const SquaresQuery& query,
                 const SquaresVector& vector, std::span<const Element> seeds,
                 std::span<Element> values) {
  const std::size_t n = vector.numbers.size();
  const std::size_t full = n / layout.wires;
  for (std::size_t l = 0; l < layout.wires; ++l) values[l] = multiply(query.wire[0], seeds[l]);
  weigh_rows(std::span(query.wire).subspan(1, full), vector.numbers, values);
  for (std::size_t at = full * layout.wires; at < n; ++at) {
    Element& value = values[at % layout.wires];
    value = add(value, scale(query.wire[1 + at / layout.wires], vector.numbers[at]));
  }
  for (std::size_t i = 0; i < vector.elements.size(); ++i) {
    Element& value = values[(n + i) % layout.wires];
    const Element& weight = query.wire[1 + (n + i) / layout.wires];
    value = add(value, multiply(weight, vector.elements[i]));
  }
}

Element query_proof(const SquaresQuery& query, std::span<const Element> proof) {
  Element value;
  for (std::size_t j = 0; j < proof.size(); ++j) {
    value = add(value, multiply(query.proof[j], proof[j]));
  }
  return value;
}

}  // namespace ossicle::privacy::field
