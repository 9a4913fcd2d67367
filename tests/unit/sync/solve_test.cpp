#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/rng.h"
#include "ossicle/sync.h"
#include "solve_fixture.h"
#include "synthetic_catalogue.h"

using namespace ossicle;
using namespace ossicle::testing;

TEST_CASE("a row is what the formulas say, as matrices") {
  const CatalogueData now = catalogue();
  const Public open;
  const Vector sums = sums_of_rows();
  for (const double noise : {0.0, 9.0, 60.0}) {
    SolveSettings s = settings();
    s.noise = noise;
    Solved solved;
    REQUIRE(solve_block(now.view, kBlock, sums, open.prior(), s, solved.out()).ok());
    CHECK(prior_variance(now.view, kBlock, s.trust) == Approx(prior(now.view, s.trust)));
    for (std::size_t i = 0; i < kRows; ++i) {
      const Dense dense = dense_row(old_row(now.view, i), sums.data() + i * kColumns, open.moment,
                                    prior(now.view, s.trust), s);
      CHECK(solved.moved[i] == 1);
      std::int32_t sum = 0;
      for (std::size_t k = 0; k < kFactors; ++k) {
        sum += solved.q[i * kStride + k];
        const double half_step = 0.5001 * static_cast<double>(solved.scale[i]);
        CHECK(std::fabs(solved.entry(i, k) - dense.row[k]) <= half_step);
      }
      CHECK(solved.rowsum[i] == sum);
    }
  }
}

TEST_CASE("the noisier the sums, the nearer a row stays to the old one") {
  const CatalogueData now = catalogue();
  Vector last(kRows, 1e9);
  for (const double noise : {0.0, 5.0, 50.0, 500.0}) {
    SolveSettings s = settings();
    s.noise = noise;
    Solved solved;
    REQUIRE(solve_block(now.view, kBlock, sums_of_rows(), Public().prior(), s, solved.out()).ok());
    for (std::size_t i = 0; i < kRows; ++i) {
      double squares = 0;
      for (std::size_t k = 0; k < kFactors; ++k) {
        const double step = solved.entry(i, k) - old_entry(now.view, i, k);
        squares += step * step;
      }
      CHECK(squares < last[i] + 1e-3);
      last[i] = squares;
    }
  }
  CHECK(*std::max_element(last.begin(), last.end()) < 0.01);
}

TEST_CASE("what is known after an epoch is not learnt again") {
  const CatalogueData now = catalogue();
  const Vector sums = sums_of_rows();
  const SolveSettings s = settings();
  Solved first, again, fresh;
  first.variance.assign(kRows * kFactors, prior_variance(now.view, kBlock, s.trust));
  REQUIRE(solve_block(now.view, kBlock, sums, Public().prior(), s, first.out()).ok());
  REQUIRE(solve_block(now.view, kBlock, sums, Public().prior(), s, fresh.out()).ok());
  CHECK(fresh.q == first.q);
  for (const double v : first.variance) {
    CHECK(v > 0);
    CHECK(v < prior_variance(now.view, kBlock, s.trust));
  }
  again.variance = first.variance;
  REQUIRE(solve_block(now.view, kBlock, sums, Public().prior(), s, again.out()).ok());
  for (std::size_t i = 0; i < again.variance.size(); ++i) {
    // Precisions add up: 1 / v grows by the same in every epoch.
    const double start = prior_variance(now.view, kBlock, s.trust);
    CHECK(1 / again.variance[i] - 1 / first.variance[i] ==
          Approx(1 / first.variance[i] - 1 / start));
  }
  Solved certain;
  certain.variance.assign(kRows * kFactors, 0);
  REQUIRE(solve_block(now.view, kBlock, sums, Public().prior(), s, certain.out()).ok());
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t k = 0; k < kFactors; ++k) {
      // Only rounded anew.
      const double half_step = 0.5001 * static_cast<double>(certain.scale[i]);
      CHECK(certain.entry(i, k) == Approx(old_entry(now.view, i, k)).margin(half_step));
    }
  }
}

TEST_CASE("the scale brings the listeners' vectors nearest to the old rows") {
  const CatalogueData now = catalogue();
  const Vector moment = second_moment();
  SolveSettings s = settings();
  s.noise = 0;
  // Sums that point along the old rows, more or less.
  Vector sums = sums_of_rows();
  for (std::size_t i = 0; i < kRows; ++i) {
    for (std::size_t k = 0; k < kFactors; ++k) {
      sums[i * kColumns + k] = 0.3 * sums[i * kColumns + k] + 40 * old_entry(now.view, i, k);
    }
  }
  double with_old = 0;
  double with_self = 0;
  for (std::size_t i = 3; i < kRows; ++i) {
    const Vector old = old_row(now.view, i);
    const Dense dense = dense_row(old, sums.data() + i * kColumns, moment, 1, s);
    with_old += dot(dense.listeners, old);
    with_self += dot(dense.listeners, dense.listeners);
  }
  // A row that nobody of the public listeners played says nothing.
  for (std::size_t i = 0; i < 3; ++i) {
    std::fill_n(sums.begin() + static_cast<std::ptrdiff_t>(i * kColumns), kColumns, 0.0);
  }
  const Result<double> scale = fit_scale(now.view, kBlock, sums, moment, s);
  REQUIRE(scale.ok());
  CHECK(scale.value() == Approx(with_old / with_self));
  std::fill(sums.begin(), sums.end(), 0.0);
  CHECK(fit_scale(now.view, kBlock, sums, moment, s).error().code == Code::kNotSolvable);
}

TEST_CASE("what is expected decides which rows are learnt; others keep their bytes") {
  const CatalogueData now = catalogue();
  Public open;
  Vector sums = sums_of_rows();
  const auto set_count = [&](std::size_t row, double count) {
    sums[row * kColumns + kFactors] = count * kCountStep;
  };
  open.share[0] = 49.9 / kUsers;  // however many there are
  open.share[1] = 50.0 / kUsers;
  open.share[2] = 0;
  // Of the other rows, half as many as expected are enough.
  set_count(3, 130 / 2.0);
  set_count(4, 140 / 2.01);
  set_count(5, -3);
  Solved solved;
  solved.variance.assign(kRows * kFactors, 0.25);
  REQUIRE(solve_block(now.view, kBlock, sums, open.prior(), settings(), solved.out()).ok());
  for (const std::size_t row : {0U, 2U, 4U, 5U}) {
    CHECK(is_old_row(now.view, solved, row));
    CHECK(solved.variance[row * kFactors] == 0.25);
  }
  for (const std::size_t row : {1U, 3U}) {
    CHECK(solved.moved[row] == 1);
    CHECK(solved.variance[row * kFactors] < 0.25);
  }
  // With nothing asked for, still nothing is learnt from no contributors.
  SolveSettings all = settings();
  all.min_count = 0;
  set_count(2, 500);
  open.share[5] = 0;
  REQUIRE(solve_block(now.view, kBlock, sums, open.prior(), all, solved.out()).ok());
  CHECK(solved.moved[0] == 1);
  CHECK(is_old_row(now.view, solved, 2));
  CHECK(is_old_row(now.view, solved, 5));
}

TEST_CASE("a poisoned sum weighs no more than its count and what is expected allow") {
  const CatalogueData now = catalogue();
  const Public open;
  Vector honest = sums_of_rows();
  Vector poisoned = honest;
  const auto solve = [&](const Vector& sums) {
    Solved solved;
    REQUIRE(solve_block(now.view, kBlock, sums, open.prior(), settings(), solved.out()).ok());
    return solved;
  };
  // The longest honest sum of row 4, and a hundred times that.
  for (std::size_t k = 0; k < kFactors; ++k) {
    honest[4 * kColumns + k] /= 0.4;
    poisoned[4 * kColumns + k] *= 100;
  }
  const auto check_alike = [&](const Solved& a, const Solved& b) {
    for (std::size_t k = 0; k < kFactors; ++k) {
      CHECK(b.entry(4, k) == Approx(a.entry(4, k)).margin(static_cast<double>(a.scale[4])));
    }
  };
  check_alike(solve(honest), solve(poisoned));
  // Twice the expected count is believed; of more, no more than that.
  honest[4 * kColumns + kFactors] *= 2;
  for (std::size_t k = 0; k <= kFactors; ++k) {
    honest[4 * kColumns + k] *= k < kFactors ? 2 : 1;
    poisoned[4 * kColumns + k] = 50 * honest[4 * kColumns + k];
  }
  check_alike(solve(honest), solve(poisoned));
}

TEST_CASE("whatever the sums, the solved rows pass the check of a snapshot") {
  CatalogueContents contents =
      synthetic_contents({.n_items = kItems, .n_factors = kFactors, .norm = 0.5});
  for (const bool cold : {false, true}) {
    if (cold) {
      contents.model = weighted_model();
      contents.model.warm_listeners = 30;
      for (std::size_t at = 31 * kFactors; at < contents.rows.size(); ++at) {
        contents.rows[at] = static_cast<std::int8_t>(contents.rows[at] / 18);
      }
    }
    const CatalogueData now = build_catalogue(contents);
    std::uint64_t state = 3;
    Vector sums(kBlockRows * kColumns);
    for (double& x : sums) x = 2000 * base::normal(state);
    const Public open;
    SolveSettings s = settings();
    s.max_growth = 1e6;
    for (const double drift : {0.02, 0.3, 5.0}) {
      s.limits = {.max_drift = drift};
      Solved solved;
      REQUIRE(solve_block(now.view, kBlock, sums, open.prior(), s, solved.out()).ok());
      // A step that is too long is cut, not given up.
      CHECK((cold || std::count(solved.moved.begin(), solved.moved.end(), 1) > 10));
      const CatalogueData next = with_rows(now.view, solved);
      CHECK(check_snapshot(now.view, next.view, s.limits).ok());
      for (std::size_t i = 0; cold && i < kRows; ++i) {
        if (!now.view.is_cold(item_of(i))) continue;
        for (std::size_t k = 0; k < kFactors; ++k) CHECK(std::abs(solved.q[i * kStride + k]) <= 7);
      }
    }
  }
}

TEST_CASE("a block is solved to the same bytes on every build") {
  const CatalogueData now = catalogue();
  Vector sums = sums_of_rows();
  std::uint64_t state = 11;
  for (double& x : sums) x += 11.3 * (base::uniform(state) - 0.5);
  Solved solved;
  solved.variance.assign(kRows * kFactors, 0.03);
  REQUIRE(solve_block(now.view, kBlock, sums, Public().prior(), settings(), solved.out()).ok());
  std::uint64_t digest = 0xcbf29ce484222325U;  // FNV-1a
  const auto add = [&](std::uint64_t bits) { digest = (digest ^ bits) * 0x100000001b3U; };
  for (const std::int8_t q : solved.q) add(static_cast<std::uint8_t>(q));
  for (const float scale : solved.scale) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &scale, sizeof bits);
    add(bits);
  }
  for (const double v : solved.variance) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &v, sizeof bits);
    add(bits);
  }
  CHECK(digest == 0x7c8937c508a5df18U);
}

TEST_CASE("what cannot be solved is refused, with its place") {
  const CatalogueData now = catalogue();
  const Public open;
  const Vector& moment = open.moment;
  const Vector sums = sums_of_rows();
  Solved solved;
  const auto error = [&](std::uint32_t block, const Vector& b, const Vector& g,
                         const SolveSettings& s) {
    const Error of_solve =
        solve_block(now.view, block, b, {.moment = g, .share = open.share}, s, solved.out())
            .error();
    const Error of_scale = fit_scale(now.view, block, b, g, s).error();
    CHECK(of_scale.code == of_solve.code);
    CHECK(of_scale.at == of_solve.at);
    return of_solve;
  };
  Vector changed = sums;
  changed[6 * kColumns + 2] = std::numeric_limits<double>::quiet_NaN();
  CHECK(error(kBlock, changed, moment, settings()).code == Code::kNotFinite);
  CHECK(error(kBlock, changed, moment, settings()).at == 6);
  Vector broken = moment;
  broken[0] = std::numeric_limits<double>::infinity();
  CHECK(error(kBlock, sums, broken, settings()).code == Code::kNotSolvable);
  const Vector zeros(kFactors * kFactors);
  SolveSettings s = settings();
  s.ridge = 0;
  CHECK(error(kBlock, sums, zeros, s).code == Code::kNotSolvable);
  CHECK(error(kBlocks, sums, moment, settings()).code == Code::kOutOfRange);
  CHECK(error(kBlock, {1, 2}, moment, settings()).code == Code::kInvalidArgument);
  CHECK(error(kBlock, sums, {1, 2}, settings()).code == Code::kInvalidArgument);
  for (double SolveSettings::* member :
       {&SolveSettings::alpha0, &SolveSettings::users, &SolveSettings::ridge, &SolveSettings::scale,
        &SolveSettings::noise, &SolveSettings::trust, &SolveSettings::min_count}) {
    s = settings();
    s.*member = -1;
    CHECK(error(kBlock, sums, moment, s).code == Code::kInvalidArgument);
  }
  s = settings();
  s.limits.max_norm = 0;
  CHECK(error(kBlock, sums, moment, s).code == Code::kInvalidArgument);

  const auto refused = [&](const Vector& variance) {
    solved.variance = variance;
    return solve_block(now.view, kBlock, sums, open.prior(), settings(), solved.out()).error().code;
  };
  CHECK(refused({0.5}) == Code::kInvalidArgument);
  Vector variance(kRows * kFactors, 0.5);
  variance[7] = -0.1;
  CHECK(refused(variance) == Code::kInvalidArgument);
  variance[7] = std::numeric_limits<double>::infinity();
  CHECK(refused(variance) == Code::kInvalidArgument);

  solved.variance.clear();
  const auto refused_share = [&](const Vector& share) {
    return solve_block(now.view, kBlock, sums, {.moment = moment, .share = share}, settings(),
                       solved.out())
        .error()
        .code;
  };
  CHECK(refused_share({0.5}) == Code::kInvalidArgument);
  Vector share = open.share;
  share[3] = -0.1;
  CHECK(refused_share(share) == Code::kInvalidArgument);
}
