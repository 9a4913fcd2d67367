#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "base/json.h"
#include "ossicle/privacy.h"

namespace ossicle {
namespace {

double rho_of(std::uint32_t reports, double sigma) {
  const Result<double> rho = zcdp_rho(reports, sigma);
  REQUIRE(rho.ok());
  return rho.value();
}

double proven(double rho, double delta) {
  const Result<double> epsilon = epsilon_proven(rho, delta);
  REQUIRE(epsilon.ok());
  return epsilon.value();
}

double gaussian(double rho, double delta) {
  const Result<double> epsilon = epsilon_gaussian(rho, delta);
  REQUIRE(epsilon.ok());
  return epsilon.value();
}

double auc(double rho) {
  const Result<double> value = best_membership_auc(rho);
  REQUIRE(value.ok());
  return value.value();
}

TEST_CASE("the figures are those that the design promises") {
  struct Row {
    std::uint32_t reports;
    double sigma, epsilon, best_auc;
  };
  for (const Row& row : {Row{1, 8, 0.62, 0.535}, Row{12, 8, 2.32, 0.620}, Row{52, 16, 2.42, 0.625},
                         Row{52, 8, 5.15, 0.738}}) {
    const double rho = rho_of(row.reports, row.sigma);
    CHECK(std::fabs(gaussian(rho, 1e-8) - row.epsilon) < 0.005);
    CHECK(std::fabs(auc(rho) - row.best_auc) < 0.0005);
  }
}

TEST_CASE("epsilons and AUCs agree with integrals of the densities") {
  std::ifstream file(OSL_GOLDEN "/accountant.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  base::JsonDocument document;
  REQUIRE(document.parse(text).ok());
  const base::JsonValue cases = document.root().get("cases");
  REQUIRE(cases.size() == 15);
  for (base::JsonValue v = cases.first(); v.exists(); v = v.next()) {
    const auto number = [&](const char* key) { return v.get(key).number().value(); };
    const double rho = rho_of(static_cast<std::uint32_t>(number("reports")), number("sigma"));
    const double delta = number("delta");
    CHECK(std::fabs(gaussian(rho, delta) - number("epsilon_gaussian")) < 1e-9);
    CHECK(std::fabs(proven(rho, delta) - number("epsilon_proven")) < 1e-9);
    CHECK(std::fabs(auc(rho) - number("best_auc")) < 1e-12);
  }
}

TEST_CASE("the exact epsilon is never above the proven one, and both grow with rho") {
  for (const double delta : {1e-30, 1e-8, 1e-2, 0.5}) {
    double last_proven = 0;
    double last_gaussian = 0;
    for (double rho = 1e-9; rho <= 1e3; rho *= 1.7) {
      const double p = proven(rho, delta);
      const double g = gaussian(rho, delta);
      REQUIRE(std::isfinite(p));
      REQUIRE(g >= last_gaussian);
      REQUIRE(p >= last_proven);
      REQUIRE(p >= g);
      last_proven = p;
      last_gaussian = g;
    }
  }
}

TEST_CASE("nothing sent costs nothing") {
  CHECK(proven(rho_of(0, 8), 1e-8) == 0);
  CHECK(gaussian(rho_of(0, 8), 1e-8) == 0);
  CHECK(std::fabs(auc(0) - 0.5) < 1e-15);
}

TEST_CASE("numbers outside the domain are refused") {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  for (const double sigma : {0.0, -1.0, kNan, std::numeric_limits<double>::infinity()}) {
    CHECK_FALSE(zcdp_rho(1, sigma).ok());
  }
  for (const double rho : {-1.0, 1e-10, 1001.0, kNan}) {
    CHECK_FALSE(epsilon_proven(rho, 1e-8).ok());
    CHECK_FALSE(epsilon_gaussian(rho, 1e-8).ok());
  }
  for (const double delta : {0.0, 1e-31, 0.6, kNan}) {
    CHECK_FALSE(epsilon_proven(0.1, delta).ok());
    CHECK_FALSE(epsilon_gaussian(0.1, delta).ok());
  }
  CHECK_FALSE(best_membership_auc(-0.1).ok());
  CHECK_FALSE(best_membership_auc(kNan).ok());
}

}  // namespace
}  // namespace ossicle
