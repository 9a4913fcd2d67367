#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "privacy/field_stream.h"
#include "privacy/norm_proof_statement.h"
#include "privacy/ntt.h"

namespace ossicle {
namespace {

using base::Digest;
using privacy::NormLayout;
using privacy::field::Element;
using privacy::field::FieldStream;

Error other_parts(const char* what) { return {Code::kChecksumMismatch, 0, what}; }

Digest part_at(const NormParts& parts, std::size_t index) {
  Digest part;
  std::copy_n(parts.data() + index * part.size(), part.size(), part.begin());
  return part;
}

// Moves on over what it reads. No number is checked.
template <class T>
void read(std::span<const std::uint8_t>& bytes, std::span<T> values) {
  std::memcpy(values.data(), bytes.data(), values.size_bytes());
  bytes = bytes.subspan(values.size_bytes());
}

template <class T>
void write(const T& value, std::span<std::uint8_t>& bytes) {
  std::memcpy(bytes.data(), &value, sizeof(T));
  bytes = bytes.subspan(sizeof(T));
}

// The number at which bytes hold one that is not below q, or their size.
std::size_t first_too_large(std::span<const std::uint8_t> bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 4) {
    std::uint32_t x = 0;
    std::memcpy(&x, bytes.data() + at, sizeof(x));
    if (x >= kFieldModulus) return at;
  }
  return bytes.size();
}

Element element_at(std::span<const std::uint8_t> bytes, std::size_t index) {
  Element e;
  std::memcpy(&e, bytes.data() + index * sizeof(e), sizeof(e));
  return e;
}

Status check_message(std::span<const std::uint8_t> message, const NormLayout& layout) {
  if (message.size() != layout.sizes.verifier) {
    return Error{Code::kCorrupt, message.size(),
                 "norm proof: an aggregator's message has another size (bytes)"};
  }
  const auto numbers = message.first(message.size() - sizeof(Digest));
  const std::size_t bad = first_too_large(numbers);
  if (bad == numbers.size()) return {};
  return Error{Code::kCorrupt, bad,
               "norm proof: a number of an aggregator's message is not below the modulus (byte)"};
}

}  // namespace

struct NormVerifier::State {
  State(const NormShape& wanted, const NormLayout& its_layout, const SecretSeed& key)
      : shape(wanted),
        layout(its_layout),
        verify_key(key),
        roots(privacy::field::roots_of_unity(layout.squares.points)),
        bits(layout.bits),
        weighed(layout.bits),
        seeds(layout.squares.wires),
        proof(2 * layout.squares.points),
        query{std::vector<Element>(layout.squares.points),
              std::vector<Element>(2 * layout.squares.points)},
        values(layout.squares.wires) {}

  Status check_sizes(std::size_t share, std::size_t verifier) const;
  void answer(const Digest& context, const Digest& tests, const Digest& bits_part,
              std::span<const std::uint32_t> share, std::uint32_t one,
              std::span<std::uint8_t> verifier);

  NormShape shape;
  NormLayout layout;
  SecretSeed verify_key;
  std::vector<std::uint32_t> roots;
  // This aggregator's share of what the proof holds, and its answers.
  std::vector<std::uint32_t> bits;
  std::vector<Element> weighed;
  std::vector<Element> seeds;
  std::vector<Element> proof;
  privacy::field::SquaresQuery query;
  std::vector<Element> values;
};

Status NormVerifier::State::check_sizes(std::size_t share, std::size_t verifier) const {
  if (share != layout.numbers) {
    return Error{Code::kInvalidArgument, share, "norm proof: a share has shape.numbers numbers"};
  }
  if (verifier != layout.sizes.verifier) {
    return Error{Code::kInvalidArgument, verifier, "norm proof: give norm_sizes().verifier bytes"};
  }
  return {};
}

// The values of the wires and of the proof at the query point, the equations' sum, and the hash of
// all that the challenges came from.
void NormVerifier::State::answer(const Digest& context, const Digest& tests,
                                 const Digest& bits_part, std::span<const std::uint32_t> share,
                                 std::uint32_t one, std::span<std::uint8_t> verifier) {
  const Digest check = privacy::check_key(tests, bits_part);
  const privacy::Challenges challenges = privacy::draw_challenges(check);
  std::array<std::uint32_t, privacy::kCoins> sums;
  privacy::coin_sums(share, tests, sums);
  privacy::weigh_bits(bits, one, challenges, weighed);
  FieldStream points(privacy::query_key(verify_key, context), "osl-query-v1");
  while (!query_at(points.element(), roots, query)) {
  }
  query_wires(layout.squares, query, {share, weighed}, seeds, values);
  for (const Element& value : values) write(value, verifier);
  write(query_proof(query, proof), verifier);
  write(privacy::check_equations(layout, bits, sums, one, challenges, proof), verifier);
  write(check, verifier);
}

NormVerifier::NormVerifier(std::unique_ptr<State> state) : state_(std::move(state)) {}
NormVerifier::NormVerifier(NormVerifier&&) noexcept = default;
NormVerifier& NormVerifier::operator=(NormVerifier&&) noexcept = default;
NormVerifier::~NormVerifier() = default;

Result<NormVerifier> NormVerifier::open(const NormShape& shape, const SecretSeed& verify_key) {
  const auto layout = privacy::norm_layout(shape);
  if (!layout) return layout.error();
  return NormVerifier(std::make_unique<State>(shape, layout.value(), verify_key));
}

Status NormVerifier::begin_first(std::span<const std::uint8_t> context,
                                 std::span<const std::uint32_t> share,
                                 std::span<const std::uint8_t> proof, const NormParts& parts,
                                 std::span<std::uint8_t> verifier) {
  State& state = *state_;
  OSL_TRY(state.check_sizes(share.size(), verifier.size()));
  if (proof.size() != state.layout.sizes.proof) {
    return Error{Code::kCorrupt, proof.size(), "norm proof: the proof has another size (bytes)"};
  }
  OSL_TRY(privacy::field::check_numbers(share));
  SecretSeed seed;
  read(proof, std::span<std::uint8_t>(seed));
  const std::size_t bad = first_too_large(proof);
  if (bad != proof.size()) {
    return Error{Code::kCorrupt, sizeof(seed) + bad,
                 "norm proof: a number of the proof is not below the modulus (byte)"};
  }
  read(proof, std::span(state.bits));
  read(proof, std::span(state.proof));
  FieldStream(seed, "osl-wires-v1").fill(std::span(state.seeds));

  const Digest bound = privacy::hash_context(state.shape, context);
  if (privacy::hash_first(bound, seed, share) != part_at(parts, 0)) {
    return other_parts("norm proof: the parts do not name this share of the table");
  }
  const Digest tests = privacy::tests_key(bound, part_at(parts, 0), part_at(parts, 1));
  if (privacy::hash_bits(tests, seed, state.bits) != part_at(parts, 2)) {
    return other_parts("norm proof: the parts do not name this share of the bits");
  }
  state.answer(bound, tests, part_at(parts, 2), share, 1, verifier);
  return {};
}

Status NormVerifier::begin_second(std::span<const std::uint8_t> context, const SecretSeed& seed,
                                  const NormParts& parts, std::span<std::uint32_t> share,
                                  std::span<std::uint8_t> verifier) {
  State& state = *state_;
  OSL_TRY(state.check_sizes(share.size(), verifier.size()));
  const Digest bound = privacy::hash_context(state.shape, context);
  if (privacy::hash_second(bound, seed) != part_at(parts, 1)) {
    return other_parts("norm proof: the parts do not name this seed");
  }
  expand_share(seed, share);
  FieldStream stream(seed, "osl-proof-v1");
  stream.fill(std::span(state.bits));
  stream.fill(std::span(state.seeds));
  stream.fill(std::span(state.proof));
  const Digest tests = privacy::tests_key(bound, part_at(parts, 0), part_at(parts, 1));
  state.answer(bound, tests, part_at(parts, 2), share, 0, verifier);
  return {};
}

Status verify_norm(const NormShape& shape, std::span<const std::uint8_t> first,
                   std::span<const std::uint8_t> second) {
  const auto layout = privacy::norm_layout(shape);
  if (!layout) return layout.error();
  OSL_TRY(check_message(first, layout.value()));
  OSL_TRY(check_message(second, layout.value()));
  if (!std::ranges::equal(first.last(sizeof(Digest)), second.last(sizeof(Digest)))) {
    return other_parts("norm proof: the two aggregators were given different parts");
  }
  const std::size_t wires = layout.value().squares.wires;
  Element squares;
  for (std::size_t l = 0; l < wires; ++l) {
    const Element value = add(element_at(first, l), element_at(second, l));
    squares = add(squares, multiply(value, value));
  }
  const Element proof = add(element_at(first, wires), element_at(second, wires));
  const Element equations = add(element_at(first, wires + 1), element_at(second, wires + 1));
  if (squares == proof && equations == Element{}) return {};
  return Error{Code::kNormExceeded, shape.max_norm,
               "norm proof: the table is longer than max_norm, or the proof is not one"};
}

}  // namespace ossicle
