#include "privacy/norm_proof_prover.h"

#include <algorithm>
#include <cstring>

#include "privacy/field_stream.h"
#include "privacy/ntt.h"

namespace ossicle {
namespace privacy {
namespace {

using field::Element;
using field::FieldStream;
using field::Secrets;

// The lowest bits of `number`; whether that is all of it.
std::uint32_t to_bits(std::uint32_t number, std::span<std::uint32_t> bits) {
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = (number >> i) & 1;
  return static_cast<std::uint32_t>((number >> bits.size()) == 0);
}

// share = whole - other, as bytes at `out`, which it moves on.
void write_share(std::span<const std::uint32_t> whole, std::span<const std::uint32_t> other,
                 std::uint8_t*& out) {
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::uint32_t x = field::subtract(whole[i], other[i]);
    std::memcpy(out, &x, sizeof(x));
    out += sizeof(x);
  }
}

// Whether the norm is max_norm at most, without a branch on the table.
bool within(std::span<const std::int32_t> table, std::uint32_t max_norm) {
  std::uint64_t squares = 0;  // of no use, and no harm, when a number is too large by itself
  std::uint64_t large = 0;
  for (const std::int32_t x : table) {
    const std::int64_t wide = x;
    const std::int64_t sign = wide >> 63;
    const auto magnitude = static_cast<std::uint64_t>((wide ^ sign) - sign);
    large |= (max_norm - magnitude) >> 63;
    squares += magnitude * magnitude;
  }
  return (large | ((std::uint64_t{max_norm} * max_norm - squares) >> 63)) == 0;
}

}  // namespace

NormProver::NormProver(const NormLayout& layout, const Digest& context, const NormSeeds& seeds)
    : layout_(layout), context_(context), seeds_(seeds), table_(layout.numbers) {}

void NormProver::share_table(std::span<const std::uint32_t> table, std::span<std::uint32_t> share) {
  std::ranges::copy(table, table_.span().begin());
  expand_share(seeds_.second, share);
  for (std::size_t i = 0; i < share.size(); ++i) share[i] = field::subtract(table[i], share[i]);
  first_ = hash_first(context_, seeds_.first, share);
  second_ = hash_second(context_, seeds_.second);
  tests_ = tests_key(context_, first_, second_);
}

bool NormProver::fill_bits(std::span<std::uint32_t> bits) const {
  std::uint32_t squares = 0;
  for (const std::uint32_t x : table_.span()) {
    squares = field::add(squares, field::multiply(x, x));
  }
  std::array<std::uint32_t, kCoins> sums;
  coin_sums(table_.span(), tests_, sums);
  std::uint32_t fit = to_bits(squares, bits.first(layout_.norm_bits));
  fit &= to_bits(field::subtract(layout_.max_squares, squares),
                 bits.subspan(layout_.norm_bits, layout_.norm_bits));
  for (std::size_t j = 0; j < kTests; ++j) {
    const std::uint32_t y = field::subtract(sums[j], sums[j + 1]);
    fit &= to_bits(field::add(y, kWindow),
                   bits.subspan(2 * layout_.norm_bits + j * kTestBits, kTestBits));
  }
  return fit != 0;
}

void NormProver::prove(std::span<const std::uint32_t> bits, std::span<std::uint8_t> proof,
                       NormParts& parts) const {
  const field::SquaresLayout& squares = layout_.squares;
  FieldStream second(seeds_.second, "osl-proof-v1");
  Secrets<std::uint32_t> other(layout_.bits);
  Secrets<std::uint32_t> own(layout_.bits);
  second.fill(other.span());
  std::ranges::copy(seeds_.first, proof.begin());
  std::uint8_t* out = proof.data() + sizeof(SecretSeed);
  write_share(bits, other.span(), out);
  std::memcpy(own.span().data(), proof.data() + sizeof(SecretSeed), 4 * layout_.bits);
  const Digest bits_part = hash_bits(tests_, seeds_.first, own.span());
  const Challenges challenges = draw_challenges(check_key(tests_, bits_part));

  Secrets<Element> weighed(layout_.bits);
  weigh_bits(bits, 1, challenges, weighed.span());
  Secrets<Element> wire_seeds(squares.wires);
  FieldStream first(seeds_.first, "osl-wires-v1");
  for (Element& seed : wire_seeds.span()) seed = field::add(second.element(), first.element());
  Secrets<Element> whole(2 * squares.points);
  field::prove_squares(squares, field::roots_of_unity(squares.points),
                       {table_.span(), weighed.span()}, wire_seeds.span(), whole.span());
  for (const Element& e : whole.span()) write_share(e.at, second.element().at, out);

  auto part = std::ranges::copy(first_, parts.begin()).out;
  part = std::ranges::copy(second_, part).out;
  std::ranges::copy(bits_part, part);
}

}  // namespace privacy

Status prove_norm(const NormShape& shape, std::span<const std::uint8_t> context,
                  std::span<const std::int32_t> table, const NormSeeds& seeds,
                  std::span<std::uint32_t> share, std::span<std::uint8_t> proof, NormParts& parts) {
  const auto layout = privacy::norm_layout(shape);
  if (!layout) return layout.error();
  if (table.size() != shape.numbers || share.size() != shape.numbers) {
    return Error{Code::kInvalidArgument,
                 table.size() != shape.numbers ? table.size() : share.size(),
                 "norm proof: the table and its share must have as many numbers as the shape says"};
  }
  if (proof.size() != layout.value().sizes.proof) {
    return Error{Code::kInvalidArgument, proof.size(), "norm proof: give norm_sizes().proof bytes"};
  }
  if (!privacy::within(table, shape.max_norm)) {
    return Error{Code::kNormExceeded, shape.max_norm,
                 "norm proof: the table is longer than max_norm; clip it first"};
  }
  privacy::field::Secrets<std::uint32_t> numbers(table.size());
  std::ranges::transform(table, numbers.span().begin(), privacy::field::from_signed);
  privacy::NormProver prover(layout.value(), privacy::hash_context(shape, context), seeds);
  prover.share_table(numbers.span(), share);
  privacy::field::Secrets<std::uint32_t> bits(layout.value().bits);
  if (!prover.fill_bits(bits.span())) {
    return Error{Code::kInternal, 0,
                 "norm proof: a wraparound test fails by chance (less than 2^-84); draw new seeds"};
  }
  prover.prove(bits.span(), proof, parts);
  return {};
}

Result<NormSizes> norm_sizes(const NormShape& shape) {
  const auto layout = privacy::norm_layout(shape);
  if (!layout) return layout.error();
  return layout.value().sizes;
}

}  // namespace ossicle
