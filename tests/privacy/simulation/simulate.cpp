// Does an epoch of contributions make lists better, and from how many listeners on? Prints a table
// and, with a folder as second argument, writes it there as block-sums.tsv with the plot of
// core/docs (block-sums.svg); the sums so far are kept there, too, and an interrupted run goes on
// from them.
//   simulate DATA [FOLDER [MAX_NORM]]    DATA: user_artists.tsv of HetRec 2011 Last.fm;
//                                        MAX_NORM: C in steps
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "data.h"
#include "files.h"
#include "progress.h"
#include "report.h"
#include "round.h"
#include "world.h"

namespace ossicle::simulation {
namespace {

using tools::Problem;
using tools::problem;

constexpr std::uint32_t kHeldOut = 3000;
constexpr std::uint64_t kPool = 60'000;  // distinct clients; more contributors are these again
constexpr std::uint64_t kContributors[] = {1000,  3000,      10'000,    30'000,
                                           kPool, 2 * kPool, 5 * kPool, 16 * kPool};
constexpr std::size_t kOfPool = 5;  // of kContributors
constexpr double kSigmas[] = {0, 4, 8, 16};

// Both gain and its error from the same listeners before and after.
Outcome compare(const std::vector<double>& before, const std::vector<double>& after) {
  const auto n = static_cast<double>(before.size());
  double sum = 0;
  double squares = 0;
  for (std::size_t u = 0; u < before.size(); ++u) {
    const double step = after[u] - before[u];
    sum += step;
    squares += step * step;
  }
  Outcome outcome;
  outcome.gain = sum / n;
  outcome.standard_error = std::sqrt((squares / n - outcome.gain * outcome.gain) / n);
  return outcome;
}

Problem simulate(const char* data, const std::string& folder, std::uint32_t max_norm) {
  Result<Stage> set = Error{};
  OSL_TOOL_TRY(open_stage(data, set));
  const Stage& stage = set.value();
  const auto listeners = held_out(stage.world, kHeldOut, kFirstHeldOut);
  const Lists before = make_lists(stage.now.view, listeners, stage.threads).value();
  const Result<Setup> setup = make_setup(stage.world, stage.now.view, kSeedListeners, max_norm);
  if (!setup) return problem("setup", setup.error());
  double recall = 0;
  for (const double one : before.recall) recall += one / kHeldOut;
  std::printf("C %u steps; recall@20 before: %.4f of %u listeners; t %.4f (unclipped %.4f)\n",
              max_norm, recall, kHeldOut, setup.value().clipped.scale, setup.value().plain.scale);
  std::fflush(stdout);

  std::vector<Sums> sums;
  OSL_TOOL_TRY(
      collect_clients(stage, folder, max_norm, std::span(kContributors).first(kOfPool), sums));
  std::vector<Outcome> outcomes;
  const tools::Progress progress("epochs", static_cast<std::uint32_t>(std::size(kContributors)));
  for (std::size_t size = 0; size < std::size(kContributors); ++size) {
    if (size >= kOfPool) {
      Sums repeated(stage.start.n_factors);
      repeated.add(sums[kOfPool - 1], static_cast<std::uint32_t>(kContributors[size] / kPool));
      sums.push_back(repeated);
    }
    for (std::size_t way = 0; way <= std::size(kSigmas); ++way) {
      Ending ending = {.plain = way == 0, .max_norm = max_norm, .seed = 7 + size};
      if (way > 0) ending.sigma = kSigmas[way - 1];
      Result<Next> next = end_epoch(stage.start, stage.now.view, sums[size], setup.value(), ending);
      if (!next) return problem("epoch", next.error());
      Outcome outcome;
      if (next.value().moved > 0) {
        const CatalogueData catalogue = testing::build_catalogue(next.value().contents);
        outcome = compare(before.recall,
                          make_lists(catalogue.view, listeners, stage.threads).value().recall);
      }
      outcome.contributors = kContributors[size];
      outcome.plain = ending.plain;
      outcome.sigma = ending.sigma;
      outcome.moved = next.value().moved;
      outcomes.push_back(outcome);
    }
    progress.step(static_cast<std::uint32_t>(size + 1));
  }
  const std::string table = to_table(outcomes);
  std::fputs(table.c_str(), stdout);
  if (folder.empty()) return {};
  OSL_TOOL_TRY(tools::write_file(folder + "/block-sums.tsv", table));
  return tools::write_file(folder + "/block-sums.svg", to_plot(outcomes));
}

}  // namespace
}  // namespace ossicle::simulation

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::fprintf(stderr, "simulate DATA [FOLDER [MAX_NORM]]\n");
    return 2;
  }
  const auto max_norm = static_cast<std::uint32_t>(argc > 3 ? std::strtoul(argv[3], nullptr, 10)
                                                            : ossicle::simulation::kMaxNorm);
  const ossicle::tools::Problem p =
      ossicle::simulation::simulate(argv[1], argc > 2 ? argv[2] : "", max_norm);
  if (p) std::fprintf(stderr, "simulate: %s\n", p.text.c_str());
  return p.exit_code;
}
