// How far can one contributor in a hundred push an item into everybody's lists? All of them send
// the worst table that the norm allows, to the block of the item: the least listened of the head,
// and the least listened that the epoch learns. Prints a line for each, and PASS where recall falls
// by at most 1 % and the item is in at most 1 % of lists, or in twice as many as without
// liars (the gate allows 1.5 times as many, counted with other listeners). Exit status 1 where one
// fails at the norm that is used (kMaxNorm), or where nothing fails once every count is believed
// and there is no gate: lies that do no harm there would show nothing.
//   poison DATA [FOLDER]     DATA: user_artists.tsv of HetRec 2011 Last.fm; FOLDER: keeps the
//                            honest sums for the next run
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <set>

#include "data.h"
#include "round.h"
#include "world.h"

namespace ossicle::simulation {
namespace {

using tools::Problem;
using tools::problem;

constexpr std::uint32_t kListeners = 500;
constexpr std::uint64_t kHonest = 30'000;
constexpr std::uint32_t kColluding = kHonest / 100;
constexpr std::uint32_t kNorms[] = {1024, 512, 1536};
constexpr std::uint32_t kTimes[] = {1, 5};  // as many of both
constexpr double kSigmas[] = {4, 8};
// The count that liars claim, times the length of their vector: less lets honest counts vouch for
// them.
constexpr double kClaims[] = {0.25, 1, 3};
constexpr std::uint32_t kLast = kBlocks * kBlockRows - 1;  // of the head
constexpr double kAnyGrowth = 1e6;
constexpr double kMostExposure = 0.01;
constexpr double kMostRise = 2;  // of an item that is in more lists anyway
constexpr double kMostLoss = 0.01;

using Vector = std::vector<double>;

Vector unit(Vector x) {
  double squares = 0;
  for (const double v : x) squares += v * v;
  for (double& v : x) v /= std::sqrt(squares);
  return x;
}

// What liars push an item to: where listeners are on average; and what the solution makes that of.
std::vector<Vector> directions(const Stage& stage, const Setup& setup) {
  const std::size_t d = stage.start.n_factors;
  Vector mean(d);
  Profile profile(stage.now.view);
  for (std::uint32_t u = 0; u < kSeedListeners; ++u) {
    if (!profile.solve(stage.now.view, {.items = stage.world.history(u)})) continue;
    for (std::size_t k = 0; k < d; ++k) mean[k] += profile.p()[k];
  }
  mean = unit(mean);
  Vector through(d);
  for (std::size_t r = 0; r < d; ++r) {
    through[r] = SolveSettings{}.ridge * mean[r];
    for (std::size_t c = 0; c < d; ++c) through[r] += setup.clipped.moment[r * d + c] * mean[c];
  }
  return {mean, unit(through)};
}

// One row [x u, claim s x] of the norm that is allowed.
Status add_liar(std::uint32_t target, const Vector& u, double claim, std::uint32_t max_norm,
                Sums& to) {
  const std::size_t d = u.size();
  std::vector<std::int32_t> steps(kBlockRows * (d + 1));
  const double count = claim * kCountStep;
  const double x = max_norm / std::sqrt(1 + count * count);
  std::int32_t* row = steps.data() + target / kBlocks * (d + 1);
  for (std::size_t k = 0; k < d; ++k) row[k] = static_cast<std::int32_t>(std::lround(x * u[k]));
  row[d] = static_cast<std::int32_t>(std::lround(x * count));
  OSL_TRY(clip(steps, max_norm));
  return Client::send_steps(steps, table_seed(target, kBlocks), to[target % kBlocks]);
}

struct Seen {
  double recall = 0;
  std::vector<double> exposure;
};
Seen look(const Stage& stage, const testing::CatalogueContents& contents,
          std::span<const HeldOut> listeners) {
  const CatalogueData catalogue = testing::build_catalogue(contents);
  Lists lists = make_lists(catalogue.view, listeners, stage.threads).value();
  Seen seen = {.exposure = std::move(lists.exposure)};
  for (const double one : lists.recall) seen.recall += one / kListeners;
  return seen;
}

std::uint32_t last_moved(const testing::CatalogueContents& start,
                         const testing::CatalogueContents& next) {
  const std::size_t d = start.n_factors;
  std::uint32_t last = kLast;
  while (last > 0 && start.scale[last] == next.scale[last] &&
         std::equal(start.rows.data() + last * d, start.rows.data() + (last + 1) * d,
                    next.rows.data() + last * d)) {
    --last;
  }
  return last;
}

// The worst of all lies against one epoch. False when a bound is passed.
Result<bool> attack(const Stage& stage, const Setup& setup, std::span<const Vector> ways,
                    const Sums& honest, std::uint32_t times, const Ending& ending,
                    const ExposureGate* gate, std::span<const HeldOut> listeners) {
  Sums many(stage.start.n_factors);
  many.add(honest, times);
  Result<Next> clean = end_epoch(stage.start, stage.now.view, many, setup, ending);
  if (!clean) return clean.error();
  const std::uint32_t last = last_moved(stage.start, clean.value().contents);
  if (gate != nullptr) gate->hold(stage.start, clean.value().contents);
  const Seen before = look(stage, clean.value().contents, listeners);
  bool passes = true;
  for (const std::uint32_t target : std::set<std::uint32_t>{kLast, last}) {
    double exposure = 0;
    double recall = before.recall;
    for (const Vector& u : ways) {
      for (const double claim : kClaims) {
        Sums liar(stage.start.n_factors);
        OSL_TRY(add_liar(target, u, claim, ending.max_norm, liar));
        Sums all = many;
        all.add(liar, times * kColluding);
        Result<Next> next = end_epoch(stage.start, stage.now.view, all, setup, ending);
        if (!next) return next.error();
        if (gate != nullptr) gate->hold(stage.start, next.value().contents);
        const Seen seen = look(stage, next.value().contents, listeners);
        exposure = std::max(exposure, seen.exposure[target]);
        recall = std::min(recall, seen.recall);
      }
    }
    const double loss = 1 - recall / before.recall;
    const bool holds = exposure <= std::max(kMostExposure, kMostRise * before.exposure[target]) &&
                       loss <= kMostLoss;
    std::printf("%.1f\t%g\t%g\t%llu\t%llu\t%u\t%.4f\t%u\t%.4f\t%.4f\t%.4f\t%s\n",
                ending.max_norm / static_cast<double>(kStepsPerUnit), ending.max_growth,
                ending.sigma, static_cast<unsigned long long>(times * kHonest),
                static_cast<unsigned long long>(times * kColluding), clean.value().moved,
                before.recall, target + 1, before.exposure[target], exposure, loss,
                holds ? "PASS" : "FAIL");
    std::fflush(stdout);
    passes = passes && holds;
  }
  return passes;
}

Problem poison(const char* data, const std::string& folder, bool& passes) {
  Result<Stage> set = Error{};
  OSL_TOOL_TRY(open_stage(data, set));
  const Stage& stage = set.value();
  const auto listeners = held_out(stage.world, kListeners, kFirstHeldOut);
  const ExposureGate gate(stage.now.view, held_out(stage.world, kGateListeners, kFirstGateListener),
                          stage.threads);
  std::vector<Sums> honest;
  for (const std::uint32_t max_norm : kNorms) {
    OSL_TOOL_TRY(collect_clients(stage, folder, max_norm, std::span(&kHonest, 1), honest));
  }
  std::printf(
      "C\tgrowth\tsigma\thonest\tcolluding\trows moved\trecall\trank\texposure "
      "before\tafter\trecall "
      "lost\n");
  for (std::size_t c = 0; c < std::size(kNorms); ++c) {
    const Result<Setup> setup = make_setup(stage.world, stage.now.view, kSeedListeners, kNorms[c]);
    if (!setup) return problem("setup", setup.error());
    const std::vector<Vector> ways = directions(stage, setup.value());
    for (const std::uint32_t times : kTimes) {
      for (const double sigma : kSigmas) {
        // Of the other norms only what the least noise lets through.
        if (kNorms[c] != kMaxNorm && (times > 1 || sigma > kSigmas[0])) continue;
        const Result<bool> one = attack(stage, setup.value(), ways, honest[c], times,
                                        {.sigma = sigma, .max_norm = kNorms[c]}, &gate, listeners);
        if (!one) return problem("epoch", one.error());
        passes = passes && (one.value() || kNorms[c] != kMaxNorm);
      }
    }
    if (kNorms[c] != kMaxNorm) continue;
    const Result<bool> believed =
        attack(stage, setup.value(), ways, honest[c], 1,
               {.max_norm = kNorms[c], .max_growth = kAnyGrowth}, nullptr, listeners);
    if (!believed) return problem("epoch", believed.error());
    passes = passes && !believed.value();
  }
  return {};
}

}  // namespace
}  // namespace ossicle::simulation

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "poison DATA [FOLDER]\n");
    return 2;
  }
  bool passes = true;
  const ossicle::tools::Problem p =
      ossicle::simulation::poison(argv[1], argc > 2 ? argv[2] : "", passes);
  if (p) std::fprintf(stderr, "poison: %s\n", p.text.c_str());
  return p ? p.exit_code : static_cast<int>(!passes);
}
