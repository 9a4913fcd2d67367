#ifndef OSSICLE_TESTS_PRIVACY_SIMULATION_REPORT_H_
#define OSSICLE_TESTS_PRIVACY_SIMULATION_REPORT_H_

#include <cstdint>
#include <span>
#include <string>

namespace ossicle::simulation {

/// One epoch's outcome.
struct Outcome {
  std::uint64_t contributors = 0;
  bool plain = false;  ///< without clip and noise
  double sigma = 0;    ///< of each aggregator, in norms
  std::uint32_t moved = 0;
  double gain = 0;            ///< in recall@20
  double standard_error = 0;  ///< of the gain over listeners
};

/// The best gain of those without clip and noise.
double best_plain(std::span<const Outcome> outcomes);

/// A line for each outcome: contributors, sigma ("plain" for none), rows moved, gain, its standard
/// error, share of the best plain gain; tab-separated, with a header.
std::string to_table(std::span<const Outcome> outcomes);

/// Share of the best plain gain against contributors / sigma, a curve for each sigma above 0, with
/// standard errors; an SVG that is legible on light and dark pages.
std::string to_plot(std::span<const Outcome> outcomes);

}  // namespace ossicle::simulation

#endif  // OSSICLE_TESTS_PRIVACY_SIMULATION_REPORT_H_
