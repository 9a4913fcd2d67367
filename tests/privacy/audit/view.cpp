#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "attacks.h"
#include "base/rng.h"
#include "ossicle/sync.h"

namespace ossicle::audit {
namespace {

constexpr std::uint32_t kListened = 60;  // items of the head: a report takes 20 of some 30
constexpr std::size_t kBits = 32;
constexpr std::size_t kFeatures = kBits + 2;  // bits, magnitude, the constant
constexpr std::size_t kProbe = 256;           // numbers of two shares that are subtracted to link
constexpr double kRidge = 1e-3;

using Features = std::array<double, kFeatures>;

// One report as one aggregator has it.
struct Seen {
  std::vector<std::uint32_t> share;
  std::vector<std::uint8_t> touched;  // [rows]
};

// A listener of items at random, and the reports of one profile: 20 rows that are not zero in each.
class User {
 public:
  User(const TableShape& shape, std::uint64_t seed)
      : shape_(shape), state_(seed), p_(shape.factors) {
    for (double& x : p_) x = base::normal(state_);
    for (std::uint32_t i = 0; i < kListened; ++i) heard_[base::below(state_, kHeadItems)] = 1;
    renew_seed();
  }

  Status report(ShareFault fault, Side side, Seen& seen) {
    const std::size_t stride = shape_.factors + 1;
    std::vector<double> units(shape_.numbers());
    OSL_TRY(fill(p_, heard_, base::next(state_), units));
    seen.touched.resize(shape_.rows);
    for (std::size_t row = 0; row < seen.touched.size(); ++row) {
      seen.touched[row] = static_cast<std::uint8_t>(units[row * stride + shape_.factors] != 0);
    }
    std::vector<std::int32_t> table(units.size());
    OSL_TRY(prepare({.shape = shape_}, units, table));
    if (fault != ShareFault::kReusedSeed) renew_seed();
    seen.share.resize(table.size());
    if (side == Side::kSeed) {
      expand_share(seed_, seen.share);
      return {};
    }
    if (fault != ShareFault::kNotMasked) return split(table, seed_, seen.share);
    std::transform(table.begin(), table.end(), seen.share.begin(),
                   [](std::int32_t x) { return static_cast<std::uint32_t>(x); });
    return {};
  }

 private:
  void renew_seed() {
    for (std::uint8_t& byte : seed_) byte = static_cast<std::uint8_t>(base::next(state_));
  }

  TableShape shape_;
  std::uint64_t state_;
  std::vector<double> p_;
  Heard heard_{};
  SecretSeed seed_{};
};

// How often each bit is set in a row, and how large its numbers are: whatever a mask leaves of a
// row that is not zero (its sign, its high bits, its size) is a linear function of these.
Features features_of(std::span<const std::uint32_t> row) {
  std::array<std::uint32_t, kBits> bits{};
  double magnitude = 0;
  for (const std::uint32_t x : row) {
    for (std::size_t bit = 0; bit < kBits; ++bit) bits[bit] += (x >> bit) & 1U;
    magnitude += std::fabs(static_cast<double>(static_cast<std::int32_t>(x)));
  }
  const auto n = static_cast<double>(row.size());
  Features features;
  for (std::size_t bit = 0; bit < kBits; ++bit) features[bit] = bits[bit] / n - 0.5;
  features[kBits] = magnitude / n / 0x1p30 - 1;
  features[kBits + 1] = 1;
  return features;
}

// Least squares with a ridge: which rows are touched, from their features.
class Classifier {
 public:
  void learn(const Features& x, bool touched) {
    for (std::size_t i = 0; i < kFeatures; ++i) {
      for (std::size_t j = 0; j < kFeatures; ++j) gram_[i][j] += x[i] * x[j];
      weights_[i] += touched ? x[i] : 0;
    }
  }

  // Gauss; the matrix is positive definite because of the ridge.
  void solve() {
    for (std::size_t i = 0; i < kFeatures; ++i) gram_[i][i] += kRidge;
    for (std::size_t i = 0; i < kFeatures; ++i) {
      for (std::size_t j = 0; j < kFeatures; ++j) {
        if (i == j) continue;
        const double factor = gram_[j][i] / gram_[i][i];
        for (std::size_t k = i; k < kFeatures; ++k) gram_[j][k] -= factor * gram_[i][k];
        weights_[j] -= factor * weights_[i];
      }
    }
    for (std::size_t i = 0; i < kFeatures; ++i) weights_[i] /= gram_[i][i];
  }

  double score(const Features& x) const {
    double sum = 0;
    for (std::size_t i = 0; i < kFeatures; ++i) sum += weights_[i] * x[i];
    return sum;
  }

 private:
  std::array<Features, kFeatures> gram_{};
  Features weights_{};
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

// What is kept of a report to compare it with others.
struct Print {
  std::vector<double> direction;  // sum of the rows, of length 1: a multiple of p if it shows
  std::vector<std::uint32_t> probe;
};

Print print_of(const Seen& seen, const TableShape& shape) {
  const std::size_t stride = shape.factors + 1;
  Print print{std::vector<double>(shape.factors), {}};
  for (std::size_t i = 0; i < seen.share.size(); ++i) {
    if (i % stride == shape.factors) continue;
    print.direction[i % stride] += static_cast<std::int32_t>(seen.share[i]);
  }
  double squares = 0;
  for (const double x : print.direction) squares += x * x;
  for (double& x : print.direction) x /= std::sqrt(std::max(squares, 1e-300));
  const auto end = static_cast<std::ptrdiff_t>(std::min(kProbe, seen.share.size()));
  print.probe.assign(seen.share.begin(), seen.share.begin() + end);
  return print;
}

// Two tables under one mask differ by at most 2 C; under two, hardly ever by so little.
double likeness(const Print& a, const Print& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.direction.size(); ++i) sum += a.direction[i] * b.direction[i];
  for (std::size_t i = 0; i < a.probe.size(); ++i) {
    const auto difference = static_cast<std::int32_t>(a.probe[i] - b.probe[i]);
    sum += std::abs(std::int64_t{difference}) <= 2 * std::int64_t{kMaxNorm} ? 1 : 0;
  }
  return sum;
}

std::uint32_t link(const std::vector<Print>& first, const std::vector<Print>& second) {
  std::uint32_t linked = 0;
  for (std::size_t user = 0; user < first.size(); ++user) {
    std::size_t best = 0;
    double most = -1e300;
    // Not from user 0 on, so that a tie does not favour anyone.
    for (std::size_t k = 0; k < second.size(); ++k) {
      const std::size_t other = (user + 1 + k) % second.size();
      const double like = likeness(first[user], second[other]);
      if (like > most) {
        most = like;
        best = other;
      }
    }
    linked += static_cast<std::uint32_t>(best == user);
  }
  return linked;
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
        for (std::size_t i = 0; i < two.share.size(); ++i) two.share[i] -= one.share[i];
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
    if (fault == ShareFault::kNotMasked) one[0] = 0, two[0] = static_cast<std::uint32_t>(table[0]);
    scores[c] = static_cast<std::int32_t>(two[0] - one[0]);
  }
  return guess_coins(scores, coins);
}

}  // namespace ossicle::audit
