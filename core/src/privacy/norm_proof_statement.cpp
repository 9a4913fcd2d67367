#include "privacy/norm_proof_statement.h"

#include <bit>
#include <string_view>

#include "privacy/field_stream.h"
#include "privacy/hash_lanes.h"

namespace ossicle::privacy {
namespace {

using field::Element;

static_assert(std::endian::native == std::endian::little, "numbers are hashed as they lie");

class Hash {
 public:
  explicit Hash(std::string_view tag) {
    hash_.update("ossicle norm proof v1: ");
    hash_.update(tag);
    hash_.update(std::string_view("\0", 1));
  }
  template <class T, std::size_t N>
  Hash& add(std::span<T, N> values) {
    hash_.update(std::as_bytes(values));
    return *this;
  }
  template <class T, std::size_t N>
  Hash& add(const std::array<T, N>& values) {
    return add(std::span<const T>(values));
  }
  Digest finish() { return hash_.finish(); }

 private:
  base::Sha256 hash_;
};

// The bits at `at`, lowest first, as a number.
std::uint32_t from_bits(std::span<const std::uint32_t> bits) {
  std::uint32_t number = 0;
  for (std::size_t i = bits.size(); i-- > 0;) {
    number = field::add(field::add(number, number), bits[i]);
  }
  return number;
}

}  // namespace

Result<NormLayout> norm_layout(const NormShape& shape) {
  if (shape.numbers == 0 || shape.numbers > kMostNumbers) {
    return Error{Code::kInvalidArgument, shape.numbers,
                 "norm proof: a table has 1 to 2^20 numbers; give another size"};
  }
  if (shape.max_norm == 0 || shape.max_norm > kMostNorm) {
    return Error{Code::kInvalidArgument, shape.max_norm,
                 "norm proof: max_norm must be 1 to 1,024 steps; use coarser steps"};
  }
  NormLayout layout;
  layout.numbers = shape.numbers;
  layout.max_squares = shape.max_norm * shape.max_norm;
  layout.norm_bits = static_cast<std::size_t>(std::bit_width(layout.max_squares));
  layout.bits = 2 * layout.norm_bits + kTests * kTestBits;
  layout.squares = field::squares_layout(layout.numbers + layout.bits);
  const std::size_t proof = 2 * layout.squares.points * sizeof(Element);
  layout.sizes.proof = sizeof(SecretSeed) + 4 * layout.bits + proof;
  layout.sizes.verifier = (layout.squares.wires + 2) * sizeof(Element) + sizeof(Digest);
  return layout;
}

void weigh_bits(std::span<const std::uint32_t> bits, std::uint32_t one,
                const Challenges& challenges, std::span<Element> elements) {
  Element weight = challenges.rho;
  for (std::size_t m = 0; m < bits.size(); ++m) {
    elements[m] = field::scale(weight, field::subtract(field::add(bits[m], bits[m]), one));
    weight = field::multiply(weight, challenges.rho);
  }
}

Element check_equations(const NormLayout& layout, std::span<const std::uint32_t> bits,
                        std::span<const std::uint32_t, kCoins> sums, std::uint32_t one,
                        const Challenges& challenges, std::span<const Element> proof) {
  const std::uint32_t v = from_bits(bits.first(layout.norm_bits));
  const std::uint32_t u = from_bits(bits.subspan(layout.norm_bits, layout.norm_bits));
  Element total;
  for (std::size_t k = 2; k < proof.size(); k += 2) total = field::add(total, proof[k]);
  total = field::subtract(total, field::constant(v));
  const Element square = field::multiply(challenges.rho, challenges.rho);
  Element weight = field::scale(square, one);
  for (std::size_t m = 0; m < bits.size(); ++m) {
    total = field::subtract(total, weight);
    weight = field::multiply(weight, square);
  }
  weight = challenges.gamma;
  const auto equation = [&](std::uint32_t off) {
    total = field::add(total, field::scale(weight, off));
    weight = field::multiply(weight, challenges.gamma);
  };
  equation(field::subtract(field::add(v, u), field::multiply(layout.max_squares, one)));
  for (std::size_t j = 0; j < kTests; ++j) {
    const std::uint32_t y = field::subtract(sums[j], sums[j + 1]);
    const auto shown = bits.subspan(2 * layout.norm_bits + j * kTestBits, kTestBits);
    equation(field::subtract(field::add(y, kWindow * one), from_bits(shown)));
  }
  return total;
}

Digest hash_context(const NormShape& shape, std::span<const std::uint8_t> context) {
  const std::array<std::uint32_t, 2> limits = {shape.numbers, shape.max_norm};
  return Hash("context").add(limits).add(context).finish();
}

Digest hash_first(const Digest& context, const SecretSeed& seed,
                  std::span<const std::uint32_t> share) {
  const auto whole = share.first(share.size() / kLaneNumbers * kLaneNumbers);
  Hash hash("first");
  hash.add(context).add(seed);
  for (const Digest& lane : hash_lanes(context, seed, whole)) hash.add(lane);
  return hash.add(share.subspan(whole.size())).finish();
}

Digest hash_second(const Digest& context, const SecretSeed& seed) {
  return Hash("second").add(context).add(seed).finish();
}

Digest tests_key(const Digest& context, const Digest& first, const Digest& second) {
  return Hash("tests").add(context).add(first).add(second).finish();
}

Digest hash_bits(const Digest& tests, const SecretSeed& seed, std::span<const std::uint32_t> bits) {
  return Hash("bits").add(tests).add(seed).add(bits).finish();
}

Digest check_key(const Digest& tests, const Digest& bits) {
  return Hash("check").add(tests).add(bits).finish();
}

Challenges draw_challenges(const Digest& check) {
  field::FieldStream stream(check, "osl-check-v1");
  Challenges challenges;
  challenges.rho = stream.element();
  challenges.gamma = stream.element();
  return challenges;
}

Digest query_key(const SecretSeed& verify_key, const Digest& context) {
  return Hash("query").add(verify_key).add(context).finish();
}

}  // namespace ossicle::privacy
