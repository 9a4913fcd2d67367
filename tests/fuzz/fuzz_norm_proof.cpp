// What a client or the other aggregator can send: whatever is changed of a good report and of the
// first aggregator's message, the table is not accepted; and messages and proofs of any bytes and
// any size are refused. Input: one byte, then either changes of three bytes (place, what to XOR)
// or, if the byte is odd, a proof and two messages.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "fuzz_check.h"
#include "ossicle/norm_proof.h"

using namespace ossicle;

namespace {

// Two blocks of each lane of the hash of a share, and a rest.
constexpr NormShape kShape{.numbers = 139, .max_norm = 60};
constexpr SecretSeed kVerifyKey{7};
constexpr std::array<std::uint8_t, 3> kContext = {1, 2, 3};

// All that is sent, in the order in which it is changed.
struct Sent {
  std::vector<std::uint8_t> share;  // as bytes
  std::vector<std::uint8_t> proof;
  NormParts first_parts{};
  SecretSeed seed{};
  NormParts second_parts{};
  std::vector<std::uint8_t> message;

  std::array<std::span<std::uint8_t>, 6> parts() {
    return {share, proof, first_parts, seed, second_parts, message};
  }
};

struct Answers {
  NormVerifier verifier;
  NormSizes sizes;
  std::vector<std::uint32_t> numbers;
  std::vector<std::uint8_t> message;
};

Answers answers() {
  const NormSizes sizes = norm_sizes(kShape).value();
  return {NormVerifier::open(kShape, kVerifyKey).value(), sizes,
          std::vector<std::uint32_t>(kShape.numbers), std::vector<std::uint8_t>(sizes.verifier)};
}

Status begin_first(Answers& with, const Sent& sent) {
  std::copy(sent.share.begin(), sent.share.end(),
            reinterpret_cast<std::uint8_t*>(with.numbers.data()));
  return with.verifier.begin_first(kContext, with.numbers, sent.proof, sent.first_parts,
                                   with.message);
}

Sent good_report(Answers& with) {
  std::vector<std::int32_t> table(kShape.numbers, 2);
  table[4] = -50;
  Sent sent;
  sent.proof.resize(with.sizes.proof);
  const NormSeeds seeds{{5}, {6}};
  OSL_FUZZ_CHECK(
      prove_norm(kShape, kContext, table, seeds, with.numbers, sent.proof, sent.first_parts).ok());
  const auto bytes = std::as_bytes(std::span(with.numbers));
  sent.share.resize(bytes.size());
  std::ranges::transform(bytes, sent.share.begin(),
                         [](std::byte x) { return static_cast<std::uint8_t>(x); });
  sent.seed = seeds.second;
  sent.second_parts = sent.first_parts;
  OSL_FUZZ_CHECK(begin_first(with, sent).ok());
  sent.message = with.message;
  return sent;
}

void check_refused(const Status& status) {
  const Code code = status.error().code;
  OSL_FUZZ_CHECK(code == Code::kCorrupt || code == Code::kChecksumMismatch ||
                 code == Code::kNormExceeded);
}

// Whether something is another byte now.
bool change(Sent& sent, std::span<const std::uint8_t> edits) {
  const Sent before = sent;
  for (; edits.size() >= 3; edits = edits.subspan(3)) {
    std::size_t at = static_cast<std::size_t>(edits[0] | edits[1] << 8);
    for (const std::span<std::uint8_t> part : sent.parts()) {
      if (at < part.size()) {
        part[at] ^= edits[2];
        break;
      }
      at -= part.size();
    }
  }
  Sent was = before;
  const auto now = sent.parts();
  const auto then = was.parts();
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (!std::ranges::equal(now[i], then[i])) return true;
  }
  return false;
}

void check_changed(Answers& with, const Sent& good, std::span<const std::uint8_t> edits) {
  Sent sent = good;
  const bool is_changed = change(sent, edits);
  if (const Status first = begin_first(with, sent); !first.ok()) {
    OSL_FUZZ_CHECK(is_changed);
    check_refused(first);
    return;
  }
  // The first aggregator's answer to what it got, with what was changed on its way.
  for (std::size_t i = 0; i < sent.message.size(); ++i) {
    sent.message[i] ^= good.message[i] ^ with.message[i];
  }
  const Status second = with.verifier.begin_second(kContext, sent.seed, sent.second_parts,
                                                   with.numbers, with.message);
  const Status both = second.ok() ? verify_norm(kShape, sent.message, with.message) : second;
  OSL_FUZZ_CHECK(both.ok() != is_changed);
  if (is_changed) check_refused(both);
}

std::vector<std::uint8_t> filled(std::size_t size, std::span<const std::uint8_t> bytes) {
  std::vector<std::uint8_t> all(size);
  for (std::size_t i = 0; i < size && !bytes.empty(); ++i) all[i] = bytes[i % bytes.size()];
  return all;
}

void check_any_bytes(Answers& with, const Sent& good, std::span<const std::uint8_t> bytes,
                     bool whole) {
  const std::size_t third = bytes.size() / 3;
  const auto part = [&](std::size_t i, std::size_t size) {
    const auto own = bytes.subspan(i * third, third);
    return filled(whole ? size : third, own);
  };
  Sent sent = good;
  sent.proof = part(0, with.sizes.proof);
  check_refused(begin_first(with, sent));
  const auto first = part(1, with.sizes.verifier);
  const auto second = part(2, with.sizes.verifier);
  const Status both = verify_norm(kShape, first, second);
  // Two messages that are all zero say that the squares of nothing add up to nothing.
  const auto is_zero = [](std::uint8_t x) { return x == 0; };
  const bool zero =
      whole && std::ranges::all_of(first, is_zero) && std::ranges::all_of(second, is_zero);
  OSL_FUZZ_CHECK(both.ok() == zero);
  if (!zero) check_refused(both);
  check_refused(verify_norm(kShape, good.message, second));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Answers with = answers();
  static const Sent good = good_report(with);
  if (size == 0) return 0;
  const std::span rest(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    check_changed(with, good, rest);
  } else {
    check_any_bytes(with, good, rest, (data[0] & 2) == 0);
  }
  return 0;
}
