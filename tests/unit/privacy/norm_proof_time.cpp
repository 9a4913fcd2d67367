// What one proof costs, best of several: build/<preset>/tests/unit/privacy/norm_proof_time.
// Not a test, as times depend on the machine.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include "ossicle/norm_proof.h"
#include "privacy/hash_lanes.h"
#include "privacy/norm_proof_statement.h"
#include "privacy/ntt.h"

namespace {

template <class F>
void time(const char* what, int times, F run) {
  double best_ms = 1e9;
  for (int i = 0; i < times; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    best_ms = std::min(best_ms, took.count());
  }
  std::printf("%-28s %8.3f ms\n", what, best_ms);
}

}  // namespace

int main() {
  using namespace ossicle;
  const NormShape shape;
  const NormSizes sizes = norm_sizes(shape).value();
  const std::vector<std::uint8_t> context(48);
  std::vector<std::int32_t> table(shape.numbers);
  for (std::size_t i = 0; i < 20 * 129; ++i) table[i * 17 % table.size()] = i % 3 == 0 ? 30 : -12;
  if (!clip(table, shape.max_norm).ok()) return 1;
  const NormSeeds seeds{{1}, {2}};
  std::vector<std::uint32_t> share(shape.numbers);
  std::vector<std::uint32_t> second_share(shape.numbers);
  std::vector<std::uint8_t> proof(sizes.proof);
  std::vector<std::uint8_t> first(sizes.verifier);
  std::vector<std::uint8_t> second(sizes.verifier);
  NormParts parts;
  Result<NormVerifier> verifier = NormVerifier::open(shape, {3});
  bool good = verifier.ok();
  std::printf("share %zu, proof %zu, message %zu bytes\n", 4 * share.size(), proof.size(),
              first.size());

  const std::vector<std::int32_t> empty(shape.numbers);
  for (const std::vector<std::int32_t>* sent :
       {&empty, static_cast<const std::vector<std::int32_t>*>(&table)}) {
    time(sent == &empty ? "client, empty table" : "client, full table", 20,
         [&] { good &= prove_norm(shape, context, *sent, seeds, share, proof, parts).ok(); });
  }
  time("first aggregator", 200,
       [&] { good &= verifier.value().begin_first(context, share, proof, parts, first).ok(); });
  time("second aggregator", 200, [&] {
    good &= verifier.value().begin_second(context, seeds.second, parts, second_share, second).ok();
  });
  time("verdict", 200, [&] { good &= verify_norm(shape, first, second).ok(); });

  std::array<std::uint32_t, privacy::kCoins> sums;
  std::vector<std::uint32_t> sum(shape.numbers);
  time("  expand a share", 200, [&] { expand_share(seeds.second, second_share); });
  time("  hash a share", 200, [&] {
    const auto lanes = privacy::hash_lanes({1}, {2}, share);
    good &= lanes[0][0] + lanes[1][1] + lanes[2][2] != 0;
  });
  time("  coins and their sums", 200, [&] { privacy::coin_sums(share, {}, sums); });
  const auto layout = privacy::norm_layout(shape).value().squares;
  const auto roots = privacy::field::roots_of_unity(layout.points);
  using Elements = std::vector<privacy::field::Element>;
  privacy::field::SquaresQuery query{Elements(layout.points), Elements(2 * layout.points)};
  time("  weights at a point", 200, [&] { good &= query_at({{1, 2, 3, 4}}, roots, query); });
  const Elements wire_seeds(layout.wires);
  Elements values(layout.wires);
  time("  the wires there", 200, [&] {
    query_wires(layout, query, {share, {}}, wire_seeds, values);
    good &= values[0] != values[1];
  });
  time("  add a share", 200, [&] { good &= add_share(sum, share).ok(); });
  std::puts(good ? "accepted" : "REFUSED");
  return good ? 0 : 1;
}
