#include <algorithm>
#include <cmath>

#include "attacks.h"
#include "base/rng.h"
#include "likeness.h"
#include "ossicle/sync.h"
#include "privacy/field.h"

namespace ossicle::audit {
namespace {

namespace field = privacy::field;

// One report as one aggregator has it.
struct Seen {
  std::vector<std::uint32_t> share;
  std::vector<std::uint8_t> touched;  // [rows]
};

// The reports of one profile, which have 20 rows each that are not zero.
class User {
 public:
  User(const TableShape& shape, std::uint64_t seed)
      : shape_(shape), listener_(shape, kListened, seed), seed_(listener_.seed()) {}

  Status report(ShareFault fault, Side side, Seen& seen) {
    const std::size_t stride = shape_.factors + 1;
    std::vector<double> units(shape_.numbers());
    std::vector<std::int32_t> table(units.size());
    OSL_TRY(listener_.table(units, table));
    seen.touched.resize(shape_.rows);
    for (std::size_t row = 0; row < seen.touched.size(); ++row) {
      seen.touched[row] = static_cast<std::uint8_t>(units[row * stride + shape_.factors] != 0);
    }
    if (fault != ShareFault::kReusedSeed) seed_ = listener_.seed();
    seen.share.resize(table.size());
    if (side == Side::kSeed) {
      expand_share(seed_, seen.share);
      return {};
    }
    if (fault != ShareFault::kNotMasked) return split(table, seed_, seen.share);
    std::transform(table.begin(), table.end(), seen.share.begin(), field::from_signed);
    return {};
  }

 private:
  TableShape shape_;
  Listener listener_;
  SecretSeed seed_;
};

// Learns from some reports, and is scored on others.
class TouchedAttack {
 public:
  void see(const Seen& seen, std::size_t stride, bool learning) {
    for (std::size_t row = 0; row < seen.touched.size(); ++row) {
      const Features x = features_of(std::span(seen.share).subspan(row * stride, stride));
      const bool touched = seen.touched[row] == 1;
      if (learning) {
        classifier_.learn(x, touched);
      } else {
        scores_[static_cast<std::size_t>(touched)].push_back(classifier_.score(x));
      }
    }
  }
  void solve() { classifier_.solve(); }
  Auc result() const { return area(scores_[1], scores_[0]); }

 private:
  Classifier classifier_;
  std::vector<double> scores_[2];
};

Print print_of(const Seen& seen, const TableShape& shape) {
  const std::size_t stride = shape.factors + 1;
  Print print{std::vector<double>(shape.factors), {}};
  for (std::size_t i = 0; i < seen.share.size(); ++i) {
    if (i % stride == shape.factors) continue;
    print.direction[i % stride] += field::to_signed(seen.share[i]);
  }
  normalise(print.direction);
  print.probe = probe_of(seen.share);
  return print;
}

}  // namespace

Result<View> attack_view(ShareFault fault, Side side, const ViewSizes& sizes, std::uint64_t seed,
                         const Progress& progress) {
  const std::size_t stride = sizes.shape.factors + 1;
  TouchedAttack touched;
  TouchedAttack touched_difference;
  View view;
  std::uint64_t state = seed;
  for (std::uint32_t round = 0; round < sizes.rounds; ++round) {
    std::vector<Print> first;
    std::vector<Print> second;
    for (std::uint32_t k = 0; k < sizes.users; ++k) {
      User user(sizes.shape, base::next(state));
      Seen one;
      Seen two;
      OSL_TRY(user.report(fault, side, one));
      OSL_TRY(user.report(fault, side, two));
      first.push_back(print_of(one, sizes.shape));
      second.push_back(print_of(two, sizes.shape));
      if (round < 2) {
        touched.see(one, stride, round == 0);
        touched.see(two, stride, round == 0);
        for (std::size_t i = 0; i < two.share.size(); ++i) {
          two.share[i] = field::subtract(two.share[i], one.share[i]);
        }
        for (std::size_t i = 0; i < two.touched.size(); ++i) two.touched[i] |= one.touched[i];
        touched_difference.see(two, stride, round == 0);
      }
      progress((round + static_cast<double>(k) / sizes.users) / sizes.rounds);
    }
    if (round == 0) {
      touched.solve();
      touched_difference.solve();
    }
    view.linked += link(first, second);
    view.links += sizes.users;
  }
  view.touched = touched.result();
  view.touched_difference = touched_difference.result();
  return view;
}

Result<OneRun> attack_one_view(ShareFault fault, std::uint32_t canaries, std::uint64_t seed) {
  const TableShape shape{1, 15};
  std::uint64_t state = seed;
  std::vector<std::uint8_t> coins(canaries);
  std::vector<double> scores(canaries);
  for (std::size_t c = 0; c < canaries; ++c) {
    coins[c] = static_cast<std::uint8_t>(base::below(state, 2));
    std::vector<std::int32_t> table(shape.numbers());
    std::vector<std::uint32_t> one(shape.numbers());
    std::vector<std::uint32_t> two(shape.numbers());
    SecretSeed own = seed_of(seed, 2 * c);
    OSL_TRY(split(table, own, one));
    if (fault != ShareFault::kReusedSeed) own = seed_of(seed, 2 * c + 1);
    table[0] = coins[c] * static_cast<std::int32_t>(kMaxNorm);
    OSL_TRY(split(table, own, two));
    if (fault == ShareFault::kNotMasked) one[0] = 0, two[0] = field::from_signed(table[0]);
    scores[c] = field::to_signed(field::subtract(two[0], one[0]));
  }
  return guess_coins(scores, coins);
}

}  // namespace ossicle::audit
