#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "ossicle/sync.h"
#include "synthetic_catalogue.h"

using namespace ossicle;
using namespace ossicle::testing;

namespace {

constexpr std::size_t kFactors = 12;
constexpr std::size_t kStride = 16;
constexpr std::size_t kColumns = kFactors + 1;
constexpr std::size_t kUsers = 4000;
constexpr std::uint32_t kFirst = 10;
constexpr std::size_t kRows = 40;

struct Solved {
  std::vector<std::int8_t> q = std::vector<std::int8_t>(kRows * kStride, 99);
  std::vector<float> scale = std::vector<float>(kRows);
  std::vector<std::int32_t> rowsum = std::vector<std::int32_t>(kRows);
  std::vector<std::uint8_t> moved = std::vector<std::uint8_t>(kRows);

  SolvedRows out() { return {.q = q, .scale = scale, .rowsum = rowsum, .moved = moved}; }
  double entry(std::size_t row, std::size_t k) const {
    return static_cast<double>(scale[row]) * q[row * kStride + k];
  }
};

CatalogueData catalogue() {
  return synthetic_catalogue({.n_items = 60, .n_factors = kFactors, .norm = 0.5});
}

// The mean of u u' over random unit vectors, of which some directions are commoner.
std::vector<double> second_moment() {
  std::uint64_t state = 4;
  std::vector<double> moment(kFactors * kFactors);
  for (std::size_t u = 0; u < 300; ++u) {
    std::vector<double> p(kFactors);
    double squares = 0;
    for (std::size_t k = 0; k < kFactors; ++k) {
      p[k] = base::normal(state) * (k < 3 ? 2 : 1);
      squares += p[k] * p[k];
    }
    for (std::size_t r = 0; r < kFactors; ++r) {
      for (std::size_t c = 0; c < kFactors; ++c) {
        moment[r * kFactors + c] += p[r] * p[c] / squares / 300;
      }
    }
  }
  return moment;
}

SolveSettings settings() {
  return {.alpha0 = 0.02, .users = kUsers, .ridge = 3, .user_norm = 1.5, .min_count = 50};
}

// b = user_norm A q of these vectors: what contributions without noise would sum to.
std::vector<double> sums_of(const std::vector<double>& q, const std::vector<double>& count,
                            const SolveSettings& s, const std::vector<double>& moment) {
  std::vector<double> sums(kRows * kColumns);
  for (std::size_t i = 0; i < kRows; ++i) {
    const double weight = s.alpha0 * s.users + count[i];
    for (std::size_t r = 0; r < kFactors; ++r) {
      double b = s.ridge * q[i * kFactors + r];
      for (std::size_t c = 0; c < kFactors; ++c) {
        b += weight * moment[r * kFactors + c] * q[i * kFactors + c];
      }
      sums[i * kColumns + r] = b * s.user_norm;
    }
    sums[i * kColumns + kFactors] = count[i];
  }
  return sums;
}

// Vectors a short way from those of the catalogue.
std::vector<double> near_vectors(const Catalogue& now) {
  std::uint64_t state = 9;
  std::vector<double> q(kRows * kFactors);
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t k = 0; k < kFactors; ++k) {
      const double old =
          static_cast<double>(now.scale[kFirst + i]) * now.q[(kFirst + i) * kStride + k];
      q[i * kFactors + k] = old + 0.02 * base::normal(state);
    }
  }
  return q;
}

std::vector<double> counts() {
  std::vector<double> count;
  for (std::size_t i = 0; i < kRows; ++i) count.push_back(100 + 10.0 * static_cast<double>(i));
  return count;
}

double distance(const Catalogue& now, const Solved& solved, std::size_t row) {
  double squares = 0;
  for (std::size_t k = 0; k < kFactors; ++k) {
    const double old =
        static_cast<double>(now.scale[kFirst + row]) * now.q[(kFirst + row) * kStride + k];
    squares += (solved.entry(row, k) - old) * (solved.entry(row, k) - old);
  }
  return std::sqrt(squares);
}

bool is_old_row(const Catalogue& now, const Solved& solved, std::size_t row) {
  return std::memcmp(solved.q.data() + row * kStride, now.q.data() + (kFirst + row) * kStride,
                     kStride) == 0 &&
         solved.scale[row] == now.scale[kFirst + row] &&
         solved.rowsum[row] == now.rowsum[kFirst + row] && solved.moved[row] == 0;
}

// `now` with the solved rows in it.
CatalogueData with_rows(const Catalogue& now, const Solved& solved) {
  CatalogueContents next;
  next.n_factors = kFactors;
  next.model = now.model;
  for (std::uint32_t i = 0; i < now.n_items; ++i) {
    const bool in_block = i >= kFirst && i < kFirst + kRows;
    const std::int8_t* q = in_block ? solved.q.data() + (i - kFirst) * kStride
                                    : now.q.data() + std::size_t{i} * kStride;
    next.rows.insert(next.rows.end(), q, q + kFactors);
    next.scale.push_back(in_block ? solved.scale[i - kFirst] : now.scale[i]);
    next.listeners.push_back(now.listeners[i]);
  }
  return build_catalogue(next);
}

}  // namespace

TEST_CASE("sums without noise give the vectors back that made them") {
  const CatalogueData now = catalogue();
  const auto moment = second_moment();
  const auto wanted = near_vectors(now.view);
  Solved solved;
  REQUIRE(solve_block(now.view, kFirst, sums_of(wanted, counts(), settings(), moment), moment,
                      settings(), solved.out())
              .ok());
  for (std::size_t i = 0; i < kRows; ++i) {
    CHECK(solved.moved[i] == 1);
    std::int32_t sum = 0;
    for (std::size_t k = 0; k < kFactors; ++k) {
      sum += solved.q[i * kStride + k];
      const double half_step = 0.5001 * static_cast<double>(solved.scale[i]);
      CHECK(std::fabs(solved.entry(i, k) - wanted[i * kFactors + k]) <= half_step);
    }
    CHECK(solved.rowsum[i] == sum);
  }
}

TEST_CASE("a row goes as much of the way as its contributors weigh against the old vector") {
  const CatalogueData now = catalogue();
  const auto moment = second_moment();
  SolveSettings s = settings();
  const auto sums = sums_of(near_vectors(now.view), counts(), s, moment);
  Solved whole, part;
  REQUIRE(solve_block(now.view, kFirst, sums, moment, s, whole.out()).ok());
  s.prior_count = 200;
  REQUIRE(solve_block(now.view, kFirst, sums, moment, s, part.out()).ok());
  for (std::size_t i = 0; i < kRows; ++i) {
    const double way = counts()[i] / (counts()[i] + 200);
    CHECK(distance(now.view, part, i) ==
          Approx(way * distance(now.view, whole, i)).margin(3.5 * 0.01));
  }
}

TEST_CASE("a row with too few contributors keeps its bytes") {
  const CatalogueData now = catalogue();
  const auto moment = second_moment();
  std::vector<double> count = counts();
  count[0] = 49.9;
  count[1] = -3;
  count[2] = 50;
  const auto sums = sums_of(near_vectors(now.view), count, settings(), moment);
  Solved solved;
  REQUIRE(solve_block(now.view, kFirst, sums, moment, settings(), solved.out()).ok());
  CHECK(is_old_row(now.view, solved, 0));
  CHECK(is_old_row(now.view, solved, 1));
  CHECK(solved.moved[2] == 1);

  SolveSettings all = settings();
  all.min_count = 0;
  all.prior_count = 10;
  auto none = sums;
  none[3 * kColumns + kFactors] = 0;
  REQUIRE(solve_block(now.view, kFirst, none, moment, all, solved.out()).ok());
  CHECK(is_old_row(now.view, solved, 1));
  CHECK(is_old_row(now.view, solved, 3));
}

TEST_CASE("a poisoned sum is projected to what its count allows") {
  const CatalogueData now = catalogue();
  const auto moment = second_moment();
  auto honest = sums_of(near_vectors(now.view), counts(), settings(), moment);
  auto poisoned = honest;
  // The longest honest sum of row 4, and a hundred times that.
  double squares = 0;
  for (std::size_t k = 0; k < kFactors; ++k) {
    squares += honest[4 * kColumns + k] * honest[4 * kColumns + k];
  }
  const double count = honest[4 * kColumns + kFactors];
  for (std::size_t k = 0; k < kFactors; ++k) {
    honest[4 * kColumns + k] *= count / std::sqrt(squares);
    poisoned[4 * kColumns + k] *= 100 * count / std::sqrt(squares);
  }
  SolveSettings s = settings();
  s.limits = {.max_norm = 1000, .max_drift = 1000};
  Solved a, b;
  REQUIRE(solve_block(now.view, kFirst, honest, moment, s, a.out()).ok());
  REQUIRE(solve_block(now.view, kFirst, poisoned, moment, s, b.out()).ok());
  for (std::size_t k = 0; k < kFactors; ++k) {
    CHECK(b.entry(4, k) == Approx(a.entry(4, k)).margin(static_cast<double>(a.scale[4])));
  }
  // A count above what listeners there are is noise, or a lie.
  poisoned[4 * kColumns + kFactors] = static_cast<double>(kUsers);
  REQUIRE(solve_block(now.view, kFirst, poisoned, moment, s, a.out()).ok());
  poisoned[4 * kColumns + kFactors] = 1e12;
  REQUIRE(solve_block(now.view, kFirst, poisoned, moment, s, b.out()).ok());
  CHECK(b.q == a.q);
  CHECK(b.scale == a.scale);
}

TEST_CASE("whatever the sums, the solved rows pass the check of a snapshot") {
  CatalogueContents contents =
      synthetic_contents({.n_items = 60, .n_factors = kFactors, .norm = 0.5});
  for (const bool cold : {false, true}) {
    if (cold) {
      contents.model = weighted_model();
      contents.model.warm_listeners = 30;
      for (std::size_t at = 31 * kFactors; at < contents.rows.size(); ++at) {
        contents.rows[at] = static_cast<std::int8_t>(contents.rows[at] / 18);
      }
    }
    const CatalogueData now = build_catalogue(contents);
    const auto moment = second_moment();
    std::uint64_t state = 3;
    std::vector<double> sums(kRows * kColumns);
    for (double& x : sums) x = 2000 * base::normal(state);
    SolveSettings s = settings();
    s.ridge = 0.01;
    for (const double drift : {0.02, 0.3, 5.0}) {
      s.limits.max_drift = drift;
      Solved solved;
      REQUIRE(solve_block(now.view, kFirst, sums, moment, s, solved.out()).ok());
      // A step that is too long is cut, not given up.
      CHECK((cold || std::count(solved.moved.begin(), solved.moved.end(), 1) > 10));
      const CatalogueData next = with_rows(now.view, solved);
      CHECK(check_snapshot(now.view, next.view, s.limits).ok());
      for (std::size_t i = 0; cold && i < kRows; ++i) {
        if (!now.view.is_cold(kFirst + static_cast<std::uint32_t>(i))) continue;
        for (std::size_t k = 0; k < kFactors; ++k) CHECK(std::abs(solved.q[i * kStride + k]) <= 7);
      }
    }
  }
}

TEST_CASE("a block is solved to the same bytes on every build") {
  const CatalogueData now = catalogue();
  const auto moment = second_moment();
  auto sums = sums_of(near_vectors(now.view), counts(), settings(), moment);
  std::uint64_t state = 11;
  for (double& x : sums) x += 11.3 * (base::uniform(state) - 0.5);
  SolveSettings s = settings();
  s.prior_count = 40;
  Solved solved;
  REQUIRE(solve_block(now.view, kFirst, sums, moment, s, solved.out()).ok());
  std::uint64_t digest = 0xcbf29ce484222325U;  // FNV-1a
  const auto add = [&](std::uint32_t bits) { digest = (digest ^ bits) * 0x100000001b3U; };
  for (const std::int8_t q : solved.q) add(static_cast<std::uint8_t>(q));
  for (const float scale : solved.scale) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &scale, sizeof bits);
    add(bits);
  }
  CHECK(digest == 0x722c745f5cefab8dU);
}

TEST_CASE("what cannot be solved is refused, with its place") {
  const CatalogueData now = catalogue();
  const auto moment = second_moment();
  const auto sums = sums_of(near_vectors(now.view), counts(), settings(), moment);
  Solved solved;
  const auto error = [&](std::uint32_t first, const std::vector<double>& b,
                         const std::vector<double>& g, const SolveSettings& s) {
    return solve_block(now.view, first, b, g, s, solved.out()).error();
  };
  auto changed = sums;
  changed[6 * kColumns + 2] = std::numeric_limits<double>::quiet_NaN();
  CHECK(error(kFirst, changed, moment, settings()).code == Code::kNotFinite);
  CHECK(error(kFirst, changed, moment, settings()).at == 6);
  auto broken = moment;
  broken[0] = std::numeric_limits<double>::infinity();
  CHECK(error(kFirst, sums, broken, settings()).code == Code::kNotSolvable);
  const std::vector<double> zeros(kFactors * kFactors);
  SolveSettings s = settings();
  s.ridge = 0;
  CHECK(error(kFirst, sums, zeros, s).code == Code::kNotSolvable);
  CHECK(error(21, sums, moment, settings()).code == Code::kOutOfRange);
  CHECK(error(kFirst, {1, 2}, moment, settings()).code == Code::kInvalidArgument);
  CHECK(error(kFirst, sums, {1, 2}, settings()).code == Code::kInvalidArgument);
  for (double SolveSettings::* member :
       {&SolveSettings::alpha0, &SolveSettings::users, &SolveSettings::ridge,
        &SolveSettings::user_norm, &SolveSettings::prior_count, &SolveSettings::min_count}) {
    s = settings();
    s.*member = -1;
    CHECK(error(kFirst, sums, moment, s).code == Code::kInvalidArgument);
  }
  s = settings();
  s.limits.max_norm = 0;
  CHECK(error(kFirst, sums, moment, s).code == Code::kInvalidArgument);
}
