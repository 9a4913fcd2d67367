#include <algorithm>
#include <cmath>

#include "attacks.h"
#include "base/rng.h"
#include "ossicle/sync.h"

namespace ossicle::audit {
namespace {

constexpr std::uint32_t kHalf = 20;  // items in each half of a history
constexpr double kTaste = 1;         // how much a listener's vector decides what is listened to

using Rows = std::vector<std::vector<double>>;

std::vector<double> normal_vector(std::size_t n, std::uint64_t& state) {
  std::vector<double> x(n);
  for (double& number : x) number = base::normal(state);
  return x;
}

void normalise(std::vector<double>& x) {
  double squares = 0;
  for (const double number : x) squares += number * number;
  for (double& number : x) number /= std::sqrt(squares);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The items that a listener likes best, with some chance in it: two disjoint halves.
std::vector<std::size_t> history_of(const Rows& items, std::uint64_t& state) {
  std::vector<double> taste = normal_vector(items[0].size(), state);
  normalise(taste);
  std::vector<std::pair<double, std::size_t>> liked;
  for (std::size_t i = 0; i < items.size(); ++i) {
    liked.emplace_back(-kTaste * dot(items[i], taste) - base::normal(state), i);
  }
  std::sort(liked.begin(), liked.end());
  std::vector<std::size_t> history;
  for (std::size_t k = 0; k < 2 * kHalf; ++k) history.push_back(liked[k].second);
  for (std::uint32_t k = 2 * kHalf; k-- > 1;) {
    std::swap(history[k], history[base::below(state, k + 1)]);
  }
  return history;
}

// One half: the table of its rows [p / |p|, s], p fitted to its items alone.
std::vector<double> table_of(const Rows& items, std::span<const std::size_t> half) {
  const std::size_t d = items[0].size();
  std::vector<double> p(d);
  for (const std::size_t item : half) {
    for (std::size_t k = 0; k < d; ++k) p[k] += items[item][k];
  }
  normalise(p);
  std::vector<double> table(items.size() * (d + 1));
  for (const std::size_t item : half) {
    std::copy(p.begin(), p.end(), table.begin() + static_cast<std::ptrdiff_t>(item * (d + 1)));
    table[item * (d + 1) + d] = kCountStep;
  }
  return table;
}

// The direction that the rows of a table have in common.
template <class Number>
std::vector<double> direction_of(const std::vector<Number>& table, std::size_t d) {
  std::vector<double> sum(d);
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i % (d + 1) != d) sum[i % (d + 1)] += static_cast<double>(table[i]);
  }
  normalise(sum);
  return sum;
}

Linked link(const Rows& first, const Rows& second) {
  std::vector<double> same;
  std::vector<double> different;
  std::size_t found = 0;
  for (std::size_t user = 0; user < first.size(); ++user) {
    const double own = dot(first[user], second[user]);
    bool most = true;
    for (std::size_t other = 0; other < second.size(); ++other) {
      if (other == user) continue;
      const double like = dot(first[user], second[other]);
      most = most && like < own;
      // One of each user's pairs is enough, and keeps the pairs independent.
      if (other == (user + 1) % second.size()) different.push_back(like);
    }
    same.push_back(own);
    found += static_cast<std::size_t>(most);
  }
  return {area(same, different), static_cast<double>(found) / static_cast<double>(first.size())};
}

}  // namespace

Result<Linkage> attack_linkage(const Mechanism& mechanism, std::uint32_t users, std::uint64_t seed,
                               const Progress& progress) {
  const std::size_t d = mechanism.shape.factors;
  std::uint64_t state = seed;
  Rows items;
  for (std::uint32_t i = 0; i < mechanism.shape.rows; ++i) items.push_back(normal_vector(d, state));
  Rows naive[2];
  Rows sums[2];
  std::vector<std::int32_t> sum(mechanism.shape.numbers());
  for (std::uint32_t user = 0; user < users; ++user) {
    const std::vector<std::size_t> history = history_of(items, state);
    for (std::size_t half = 0; half < 2; ++half) {
      const std::vector<double> table =
          table_of(items, std::span(history).subspan(half * kHalf, kHalf));
      naive[half].push_back(direction_of(table, d));
      Round round(mechanism);
      OSL_TRY(round.add(table, seed_of(seed, 4 * user + 2 * half)));
      OSL_TRY(round.publish(seed_of(seed, 4 * user + 2 * half + 1), sum));
      sums[half].push_back(direction_of(sum, d));
    }
    progress(static_cast<double>(user) / users);
  }
  return Linkage{link(naive[0], naive[1]), link(naive[0], sums[1]), link(sums[0], sums[1])};
}

}  // namespace ossicle::audit
