#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>

#include "ossicle/sync.h"
#include "synthetic_catalogue.h"

using namespace ossicle;
using namespace ossicle::testing;

namespace {

constexpr std::uint32_t kItems = 200;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

CatalogueContents contents() {
  return synthetic_contents({.n_items = kItems,
                             .n_factors = 24,
                             .model = {.mu = 0.1, .alpha0 = 0.05, .user_lambda = 2},
                             .bias_sd = 0.1});
}

Error check(const CatalogueContents& next, const SnapshotLimits& limits = {}) {
  const CatalogueData now = build_catalogue(contents());
  const CatalogueData other = build_catalogue(next);
  return check_snapshot(now.view, other.view, limits).error();
}

Error check_with(const std::function<void(CatalogueContents&)>& change) {
  CatalogueContents next = contents();
  change(next);
  return check(next);
}

bool mentions(const Error& error, std::string_view words) {
  return std::string_view(error.what).find(words) != std::string_view::npos;
}

// The catalogue with its view changed, which its contents cannot say.
Error check_view(const std::function<void(Catalogue&)>& change_now,
                 const std::function<void(Catalogue&)>& change_next) {
  CatalogueData now = build_catalogue(contents());
  CatalogueData next = build_catalogue(contents());
  change_now(now.view);
  change_next(next.view);
  return check_snapshot(now.view, next.view, {}).error();
}

}  // namespace

TEST_CASE("a snapshot like the one in use is accepted, and one that moved a little") {
  CHECK(check(contents()).code == Code::kOk);
  CHECK(check_with([](CatalogueContents& c) {
          for (float& scale : c.scale) scale *= 1.1F;
          c.model.alpha0 *= 1.5;
        }).code == Code::kOk);
}

TEST_CASE("a scale or a bias that is not finite is refused, with its row") {
  for (const float bad : {kNan, std::numeric_limits<float>::infinity()}) {
    const Error scale = check_with([&](CatalogueContents& c) { c.scale[7] = bad; });
    CHECK(scale.code == Code::kNotFinite);
    CHECK(scale.at == 7);
    const Error bias = check_with([&](CatalogueContents& c) { c.bias[9] = bad; });
    CHECK(bias.code == Code::kNotFinite);
    CHECK(bias.at == 9);
  }
}

TEST_CASE("a vector or a bias past the cap is refused, of a new item, too") {
  const Error longer = check_with([](CatalogueContents& c) { c.scale[5] *= 10; });
  CHECK(longer.code == Code::kNormExceeded);
  CHECK(longer.at == 5);
  const Error bias = check_with([](CatalogueContents& c) { c.bias[6] = 1; });
  CHECK(bias.code == Code::kNormExceeded);
  CHECK(bias.at == 6);
  CHECK(mentions(bias, "bias"));
  const Error added = check_with([](CatalogueContents& c) {
    for (std::uint32_t i = 0; i < kItems; ++i) c.id.push_back(item_id(i));
    c.id[8] = unknown_item_id(8);
    c.scale[8] *= 10;
  });
  CHECK(added.code == Code::kNormExceeded);
  CHECK(added.at == 8);
}

TEST_CASE("a vector or a bias that moved too far is refused, wherever its row is now") {
  const auto negate = [](CatalogueContents& c, std::uint32_t row) {
    for (std::uint32_t k = 0; k < c.n_factors; ++k) {
      auto& value = c.rows[row * c.n_factors + k];
      value = static_cast<std::int8_t>(-value);
    }
  };
  const Error turned = check_with([&](CatalogueContents& c) { negate(c, 11); });
  CHECK(turned.code == Code::kDrift);
  CHECK(turned.at == 11);
  CHECK(mentions(turned, "vector moved"));

  const Error tipped = check_with([](CatalogueContents& c) {
    for (float& b : c.bias) b = -b;
  });
  CHECK(tipped.code == Code::kDrift);
  CHECK(mentions(tipped, "bias moved"));

  // Two items of one another's rows: each vector is an old one, and of another item.
  const Error swapped = check_with([](CatalogueContents& c) {
    for (std::uint32_t i = 0; i < kItems; ++i) c.id.push_back(item_id(i));
    std::swap(c.id[0], c.id[1]);
  });
  CHECK(swapped.code == Code::kDrift);
}

TEST_CASE("drift is measured against the warm rows") {
  // Cold rows are short here: with them the mean would be much smaller, and the step too far.
  CatalogueContents now = contents();
  now.model = weighted_model();
  now.model.warm_listeners = 150;
  for (std::uint32_t i = 60; i < kItems; ++i) now.scale[i] *= 0.01F;
  const CatalogueData current = build_catalogue(now);
  CatalogueContents next = now;
  next.scale[0] *= 1.4F;
  const CatalogueData moved = build_catalogue(next);
  const auto norm = [&](std::uint32_t i) {
    double squares = 0;
    for (std::uint32_t k = 0; k < now.n_factors; ++k) {
      squares += std::pow(now.rows[i * now.n_factors + k], 2);
    }
    return static_cast<double>(now.scale[i]) * std::sqrt(squares);
  };
  // Listeners fall from 200 by one a row: rows 0 to 50 are warm.
  double warm = 0;
  for (std::uint32_t i = 0; i <= 50; ++i) warm += norm(i) * norm(i) / 51;
  const double step = 0.4 * norm(0) / std::sqrt(warm);
  CHECK(check_snapshot(current.view, moved.view, {.max_drift = 1.01 * step}).ok());
  CHECK(check_snapshot(current.view, moved.view, {.max_drift = 0.99 * step}).error().code ==
        Code::kDrift);
}

TEST_CASE("a snapshot that lacks too many of the items is refused") {
  const auto without = [](std::uint32_t gone) {
    return check_with([gone](CatalogueContents& c) {
      c.scale.resize(kItems - gone);
      c.bias.resize(kItems - gone);
      c.rows.resize(std::size_t{kItems - gone} * c.n_factors);
    });
  };
  CHECK(without(20).code == Code::kOk);
  const Error error = without(21);
  CHECK(error.code == Code::kDrift);
  CHECK(error.at == 21);
  CHECK(mentions(error, "gone"));
}

TEST_CASE("a snapshot of another kind of model is refused") {
  const auto same = [](Catalogue&) {};
  const Error factors = check(synthetic_contents({.n_items = kItems, .n_factors = 23}));
  CHECK(factors.code == Code::kIncompatible);
  CHECK(factors.at == 23);
  const Error biased = check_view(same, [](Catalogue& c) { c.model.user_bias = true; });
  CHECK(biased.code == Code::kIncompatible);
  CHECK(check_with([](CatalogueContents& c) { c.model = weighted_model(); }).code ==
        Code::kIncompatible);
  const Error encoder = check_view(same, [](Catalogue& c) { c.text_encoder[4] = 1; });
  CHECK(encoder.code == Code::kIncompatible);
  CHECK(mentions(encoder, "text encoder"));
}

TEST_CASE("each constant of the model may change by a factor, and not by more") {
  CatalogueContents now = contents();
  now.model = weighted_model();
  now.model.mu = -0.1;
  now.model.warm_listeners = 4;
  const CatalogueData current = build_catalogue(now);
  const auto code = [&](const std::function<void(ModelConstants&)>& change) {
    CatalogueContents next = now;
    change(next.model);
    const CatalogueData other = build_catalogue(next);
    return check_snapshot(current.view, other.view, {}).error().code;
  };
  const std::function<void(ModelConstants&, double)> times[] = {
      [](ModelConstants& m, double x) { m.mu *= x; },
      [](ModelConstants& m, double x) { m.alpha0 *= x; },
      [](ModelConstants& m, double x) { m.user_lambda *= x; },
      [](ModelConstants& m, double x) { m.confidence.spread *= x; },
      [](ModelConstants& m, double x) { m.confidence.popularity *= x; },
      [](ModelConstants& m, double x) { m.confidence.scale *= x; },
      [](ModelConstants& m, double x) { m.confidence.sd_floor *= x; },
      [](ModelConstants& m, double x) { m.confidence.clip *= x; },
      [](ModelConstants& m, double x) { m.negative_popularity *= x; },
      [](ModelConstants& m, double x) {
        m.warm_listeners = static_cast<std::uint32_t>(m.warm_listeners * x);
      },
  };
  for (const auto& constant : times) {
    for (const double factor : {0.5, 2.0}) {
      CHECK(code([&](ModelConstants& m) { constant(m, factor); }) == Code::kOk);
    }
    for (const double factor : {0.25, 3.0}) {
      CHECK(code([&](ModelConstants& m) { constant(m, factor); }) == Code::kDrift);
    }
  }
  CHECK(code([](ModelConstants& m) { m.mu = 0.1; }) == Code::kDrift);
  CHECK(code([](ModelConstants& m) { m.alpha0 = std::nan(""); }) == Code::kDrift);
}

TEST_CASE("a gram that is not that of the rows is refused beside its diagonal, too") {
  CatalogueData now = build_catalogue(contents());
  CatalogueData next = build_catalogue(contents());
  std::vector<double> gram(next.view.gram.begin(), next.view.gram.end());
  next.view.gram = gram;
  CHECK(check_snapshot(now.view, next.view, {}).ok());
  gram[5 * 24 + 2] += 0.1 * gram[0];
  const Error error = check_snapshot(now.view, next.view, {}).error();
  CHECK(error.code == Code::kCorrupt);
  CHECK(error.at == 5);
}

TEST_CASE("a map of texts that moved too far is refused") {
  const std::vector<float> map(3 * 24, 0.5F);
  std::vector<float> other = map;
  const auto use = [](const std::vector<float>& values) {
    return [&values](Catalogue& c) {
      c.text_size = 2;
      c.text_map = values;
    };
  };
  CHECK(check_view(use(map), use(other)).code == Code::kOk);
  other[20] = 100;
  const Error error = check_view(use(map), use(other));
  CHECK(error.code == Code::kDrift);
  CHECK(mentions(error, "map of texts"));
}

TEST_CASE("limits that say nothing are refused") {
  for (const SnapshotLimits& limits :
       {SnapshotLimits{.max_norm = 0.5}, SnapshotLimits{.max_norm = std::nan("")},
        SnapshotLimits{.max_drift = -1}, SnapshotLimits{.max_gone = 1.5},
        SnapshotLimits{.max_constant = 0.5}}) {
    CHECK(check(contents(), limits).code == Code::kInvalidArgument);
  }
}
