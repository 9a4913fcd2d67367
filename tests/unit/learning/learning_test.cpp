// From sums to the next catalogue: what is public before, the gates, and what a row that is put
// back leaves behind.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "learning/learn.h"
#include "model/catalogue_build.h"
#include "small_world.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

tools::Prior prior_of(const Catalogue& now) {
  return tools::make_prior(now, listeners(60), 1).value();
}

bool is_row(const Catalogue& a, const Catalogue& b, std::uint32_t row) {
  const auto of = [row](const Catalogue& c) {
    return c.q.subspan(std::size_t{row} * c.row_stride, c.row_stride);
  };
  return std::equal(of(a).begin(), of(a).end(), of(b).begin()) && a.scale[row] == b.scale[row] &&
         a.rowsum[row] == b.rowsum[row];
}

// Learns from sums of so much noise.
tools::LearnResult learnt(const Catalogue& now, std::vector<tools::BlockSums> sums,
                          double deviation, const std::vector<tools::HeldOut>& asked) {
  const tools::Prior prior = prior_of(now);
  tools::LearnResult result;
  const tools::Problem problem = tools::learn({.now = now,
                                               .prior = prior,
                                               .sums = sums,
                                               .noise = {.deviation = deviation},
                                               .variances = tools::first_variances(now),
                                               .listeners = asked,
                                               .facts = {"next", "none", "a test", "learn"},
                                               .for_each = {}},
                                              result);
  INFO(problem.text);
  REQUIRE_FALSE(problem);
  return result;
}

}  // namespace

TEST_CASE("a row is over-exposed above half a percent and half as many lists more than before") {
  const std::vector<double> before = {0.1, 0.1, 0, 0, 0.2};
  const std::vector<double> after = {0.15, 0.1501, 0.005, 0.0051, 0.1};
  CHECK(tools::over_exposed(before, after) == std::vector<std::uint32_t>{1, 3});
}

TEST_CASE("one item in five is held out, the same ones for the same seed") {
  const std::vector<tools::Listener> all = listeners(50);
  const std::vector<tools::HeldOut> held = tools::hold_out(all, 7);
  REQUIRE(held.size() > 40);
  double truth = 0;
  double items = 0;
  for (std::size_t u = 0; u < held.size(); ++u) {
    CHECK(held[u].played.items.size() == held[u].played.plays.size());
    truth += static_cast<double>(held[u].truth.size());
    items += static_cast<double>(held[u].truth.size() + held[u].played.items.size());
  }
  CHECK(std::fabs(truth / items - 0.2) < 0.04);
  const std::vector<tools::HeldOut> again = tools::hold_out(all, 7);
  CHECK(again[3].truth == held[3].truth);
  CHECK(tools::hold_out(all, 8)[3].truth != held[3].truth);
  CHECK_FALSE(tools::hold_out(tools::Listener{.items = {4}}, 1));
}

TEST_CASE("a prior is of unit vectors, of clipped tables, and of listeners who may hear nothing") {
  const CatalogueData data = catalogue();
  std::vector<tools::Listener> all = listeners(60);
  const tools::Prior prior = tools::make_prior(data.view, all, 1).value();
  double trace = 0;
  for (std::uint32_t k = 0; k < kFactors; ++k) trace += prior.moment[k * (kFactors + 1)];
  CHECK(trace == Approx(1));
  CHECK(prior.scale > 0);
  CHECK(prior.listeners == 60);
  // Clipped, a listener's counts add up to less; nobody counts an item more than once.
  const tools::Prior loose = tools::make_prior(data.view, all, 0).value();
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    REQUIRE(prior.share[block].size() == kBlockRows);
    for (std::uint32_t r = 0; r < block_size(kItems, block); ++r) {
      CHECK(prior.share[block][r] < loose.share[block][r]);
      CHECK(loose.share[block][r] <= 1);
    }
    CHECK(prior.share[block][kBlockRows - 1] == 0);
  }
  all.resize(120);
  const tools::Prior half = tools::make_prior(data.view, all, 1).value();
  CHECK(half.moment[0] == Approx(prior.moment[0] / 2));
  CHECK(half.share[0][0] == Approx(prior.share[0][0] / 2));
}

TEST_CASE("a row that is put back is the old one, and so is what was known of it") {
  const CatalogueData data = catalogue();
  const Catalogue& now = data.view;
  const tools::Prior prior = prior_of(now);
  const tools::Variances before = tools::first_variances(now);
  tools::Epoch epoch(now, before);
  REQUIRE(epoch.solve(prior, expected_sums(now, prior, 1, 4000, 0.4), {.deviation = 0.01}).ok());
  REQUIRE(epoch.moved() == block_size(kItems, 1));
  const std::uint32_t row = block_item(1, 3);
  CHECK(epoch.has_moved(row));
  CHECK_FALSE(epoch.has_moved(block_item(0, 3)));
  CHECK(epoch.variances()[0] == before[0]);
  CHECK(epoch.variances()[1][3 * kFactors] < before[1][3 * kFactors]);
  epoch.put_back(row);
  epoch.put_back(row);
  CHECK(epoch.moved() == block_size(kItems, 1) - 1);
  CHECK(is_row(epoch.next().value(), now, row));
  CHECK_FALSE(is_row(epoch.next().value(), now, block_item(1, 4)));
  CHECK(epoch.variances()[1][3 * kFactors] == before[1][3 * kFactors]);
  CHECK(epoch.solve(prior, {.block = kBlocks}, {}).error().code == Code::kOutOfRange);
}

TEST_CASE(
    "what is learnt is a bundle that clients take; rows that are held are in it as they were") {
  const CatalogueData data = catalogue();
  const tools::Prior prior = prior_of(data.view);
  // Asked for what they were given: the old lists are not better than any others.
  std::vector<tools::HeldOut> asked = tools::hold_out(listeners(200, 3), 1);
  for (tools::HeldOut& one : asked) one.truth = {kItems + 1};
  const tools::LearnResult result = learnt(data.view,
                                           {expected_sums(data.view, prior, 0, 4000, 0.9),
                                            expected_sums(data.view, prior, 1, 4000, 0.2)},
                                           0.01, asked);
  INFO(result.why);
  REQUIRE(result.outcome == tools::Outcome::kLearnt);
  CatalogueData next;
  REQUIRE_FALSE(tools::open_bundle(result.bundle, next));
  CHECK(check_snapshot(data.view, next.view, {}).ok());
  CHECK(next.view.n_items == kItems);
  REQUIRE(result.held.size() > 0);
  std::uint32_t same = 0;
  for (std::uint32_t row = 0; row < kItems; ++row)
    same += is_row(data.view, next.view, row) ? 1 : 0;
  CHECK(same == kItems - result.moved);
  for (const tools::HeldRow& one : result.held) {
    CHECK(is_row(data.view, next.view, one.row));
    CHECK(one.after > std::max(0.005, 1.5 * one.before));
  }
}

TEST_CASE("no row that moved is over-exposed after others were put back") {
  const CatalogueData data = catalogue();
  const Catalogue& now = data.view;
  const tools::Prior prior = prior_of(now);
  std::vector<tools::HeldOut> asked = tools::hold_out(listeners(200, 3), 1);
  for (tools::HeldOut& one : asked) one.truth = {kItems + 1};
  const std::vector<tools::BlockSums> sums = {expected_sums(now, prior, 0, 4000, 0.9),
                                              expected_sums(now, prior, 1, 4000, 0.2)};
  const auto exposure = [&](const Catalogue& of) {
    return tools::make_lists(of, asked, {}).value().exposure;
  };
  const std::vector<double> before = exposure(now);
  // What a single look puts back.
  tools::Epoch epoch(now, tools::first_variances(now));
  for (const tools::BlockSums& one : sums) {
    REQUIRE(epoch.solve(prior, one, {.deviation = 0.01}).ok());
  }
  const auto over = [&](const Catalogue& next) {
    CatalogueData read;
    const BundleBytes bytes = write_catalogue(next, {"next", "none", "a test", "learn"}).value();
    REQUIRE_FALSE(tools::open_bundle(bytes, read));
    std::vector<std::uint32_t> rows = tools::over_exposed(before, exposure(read.view));
    std::erase_if(rows, [&](std::uint32_t row) { return is_row(now, read.view, row); });
    return rows;
  };
  const std::vector<std::uint32_t> first = over(epoch.next().value());
  for (const std::uint32_t row : first) epoch.put_back(row);
  REQUIRE(over(epoch.next().value()).size() > 0);

  const tools::LearnResult result = learnt(now, sums, 0.01, asked);
  REQUIRE(result.outcome == tools::Outcome::kLearnt);
  CHECK(result.held.size() > first.size());
  CHECK(std::is_sorted(result.held.begin(), result.held.end(),
                       [](const auto& a, const auto& b) { return a.row < b.row; }));
  CatalogueData next;
  REQUIRE_FALSE(tools::open_bundle(result.bundle, next));
  CHECK(over(next.view).empty());
}

TEST_CASE("nothing is learnt from noise, and nothing is published that loses recall") {
  const CatalogueData data = catalogue();
  const tools::Prior prior = prior_of(data.view);
  const std::vector<tools::HeldOut> asked = tools::hold_out(listeners(40, 3), 1);
  const std::vector<tools::BlockSums> honest = {expected_sums(data.view, prior, 0, 4000, 0.4)};
  const tools::LearnResult noise = learnt(data.view, honest, 1000, asked);
  CHECK(noise.outcome == tools::Outcome::kNothing);
  CHECK_THAT(noise.why, Contains("too few contributors"));
  CHECK(noise.bundle.shard.empty());

  // Held out is the very list of now: any other one loses.
  std::vector<tools::HeldOut> content = asked;
  const tools::Lists lists = tools::make_lists(data.view, content, {}).value();
  REQUIRE(lists.recall.size() == content.size());
  for (tools::HeldOut& one : content) {
    tools::Profile profile(data.view);
    REQUIRE(profile.solve(data.view, one.played).ok());
    std::vector<std::uint8_t> excluded(kItems);
    for (const std::uint32_t item : one.played.items) excluded[item] = 1;
    std::vector<Candidate> candidates(kItems);
    std::vector<Scored> best(tools::Lists::kLength);
    const std::uint32_t n = find_candidates(data.view, profile.user(), excluded, candidates);
    const std::uint32_t ranked =
        rank(data.view, profile.user(), std::span(candidates).first(n), best);
    one.truth.clear();
    for (std::uint32_t j = 0; j < ranked; ++j) one.truth.push_back(best[j].item);
    std::sort(one.truth.begin(), one.truth.end());
  }
  const tools::LearnResult lost =
      learnt(data.view, {expected_sums(data.view, prior, 0, 4000, -0.9)}, 0.01, content);
  CHECK(lost.outcome == tools::Outcome::kRefused);
  CHECK(lost.recall_before == 1);
  CHECK(lost.recall_after < 1);
  CHECK_THAT(lost.why, Contains("recall of what was held out falls from 1.0000 to 0."));
  CHECK(lost.bundle.shard.empty());
}
