#include <cmath>
#include <cstring>

#include "attacks.h"
#include "base/rng.h"
#include "likeness.h"
#include "ossicle/norm_proof.h"
#include "privacy/field.h"
#include "privacy/field_stream.h"

namespace ossicle::audit {
namespace {

constexpr SecretSeed kVerifyKey{7};
constexpr std::size_t kShownBits = 1000;  // of those that the proof adds to the table

std::vector<std::uint32_t> numbers_of(std::span<const std::uint8_t> bytes) {
  std::vector<std::uint32_t> numbers(bytes.size() / sizeof(std::uint32_t));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  return numbers;
}

// A listener with a history or without, who makes reports with proofs.
class Prover {
 public:
  Prover(const TableShape& shape, bool is_full, std::uint64_t seed)
      : shape_(shape), listener_(shape, is_full ? kListened : 0, seed) {
    renew();
  }

  // What one aggregator has of a report beside its share of the table, without hashes.
  Result<std::vector<std::uint32_t>> report(ShareFault fault, Side side) {
    const NormShape shape{static_cast<std::uint32_t>(shape_.numbers()), kMaxNorm};
    const Result<NormSizes> sizes = norm_sizes(shape);
    if (!sizes.ok()) return sizes.error();
    std::vector<double> units(shape_.numbers());
    std::vector<std::int32_t> table(units.size());
    OSL_TRY(listener_.table(units, table));
    if (fault != ShareFault::kReusedSeed) renew();
    std::vector<std::uint32_t> share(table.size());
    std::vector<std::uint8_t> proof(sizes.value().proof);
    NormParts parts;
    OSL_TRY(prove_norm(shape, context_, table, seeds_, share, proof, parts));
    if (side == Side::kOther) {
      auto numbers = numbers_of(std::span(proof).subspan(sizeof(SecretSeed)));
      if (fault == ShareFault::kNotMasked) unmask(std::span(numbers).first(kShownBits));
      return numbers;
    }
    Result<NormVerifier> verifier = NormVerifier::open(shape, kVerifyKey);
    if (!verifier.ok()) return verifier.error();
    std::vector<std::uint8_t> message(sizes.value().verifier);
    OSL_TRY(verifier.value().begin_first(context_, share, proof, parts, message));
    constexpr std::size_t kHash = 32;
    return numbers_of(std::span(message).first(message.size() - kHash));
  }

 private:
  void renew() {
    seeds_ = {listener_.seed(), listener_.seed()};
    context_ = listener_.seed();
  }

  // The bits as they are: with the other aggregator's share of them.
  void unmask(std::span<std::uint32_t> bits) const {
    std::vector<std::uint32_t> theirs(bits.size());
    privacy::field::FieldStream(seeds_.second, "osl-proof-v1").fill(std::span(theirs));
    for (std::size_t i = 0; i < bits.size(); ++i) {
      bits[i] = privacy::field::add(bits[i], theirs[i]);
    }
  }

  TableShape shape_;
  Listener listener_;
  NormSeeds seeds_{};
  SecretSeed context_{};  // any 32 bytes
};

Print print_of(std::span<const std::uint32_t> numbers) {
  Print print;
  for (const std::uint32_t x : numbers) print.direction.push_back(privacy::field::to_signed(x));
  normalise(print.direction);
  print.probe = probe_of(numbers);
  return print;
}

}  // namespace

Result<ProofView> attack_proof(ShareFault fault, Side side, const ViewSizes& sizes,
                               std::uint64_t seed, const Progress& progress) {
  Classifier classifier;
  std::vector<double> scores[2];
  ProofView view;
  std::uint64_t state = seed;
  const std::uint32_t learnt = sizes.rounds / 2;
  for (std::uint32_t round = 0; round < sizes.rounds; ++round) {
    if (round == learnt) classifier.solve();
    std::vector<Print> first;
    std::vector<Print> second;
    for (std::uint32_t k = 0; k < sizes.users; ++k) {
      const bool is_full = k % 2 == 1;
      Prover prover(sizes.shape, is_full, base::next(state));
      for (std::vector<Print>* prints : {&first, &second}) {
        const auto seen = prover.report(fault, side);
        if (!seen.ok()) return seen.error();
        prints->push_back(print_of(seen.value()));
        const Features features = features_of(seen.value());
        if (round < learnt) {
          classifier.learn(features, is_full);
        } else {
          scores[is_full ? 1 : 0].push_back(classifier.score(features));
        }
      }
      progress((round + static_cast<double>(k) / sizes.users) / sizes.rounds);
    }
    view.linked += link(first, second);
    view.links += sizes.users;
  }
  view.full = area(scores[1], scores[0]);
  return view;
}

}  // namespace ossicle::audit
