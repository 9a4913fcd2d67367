#include "round.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <span>

#include "base/rng.h"

namespace ossicle::simulation {
namespace {

// Clients are dealt to so many sums, which are then added up in order.
constexpr std::uint32_t kLanes = 2;

SecretSeed secret(std::uint64_t seed, std::uint64_t purpose) {
  SecretSeed bytes{};
  std::uint64_t state = seed ^ (purpose << 56);
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    const std::uint64_t word = base::next(state);
    std::memcpy(bytes.data() + at, &word, 8);
  }
  return bytes;
}

std::size_t numbers(std::size_t factors) { return kBlockRows * (factors + 1); }

// The joined shares, with each aggregator's noise, in units.
Result<std::vector<double>> open_sums(const BlockSums& sums, const Ending& ending,
                                      std::uint32_t block) {
  if (ending.plain) return sums.plain;
  std::vector<std::uint32_t> first = sums.first;
  std::vector<std::uint32_t> second = sums.second;
  if (ending.sigma > 0) {
    const auto sigma = static_cast<std::uint64_t>(std::llround(ending.sigma * ending.max_norm));
    const Variance variance = {sigma * sigma, 1};
    OSL_TRY(add_noise(first, variance, secret(ending.seed, 2 * block + 1)));
    OSL_TRY(add_noise(second, variance, secret(ending.seed, 2 * block + 2)));
  }
  std::vector<std::int32_t> steps(first.size());
  OSL_TRY(join(first, second, steps));
  std::vector<double> units(steps.begin(), steps.end());
  for (double& x : units) x /= kStepsPerUnit;
  return units;
}

// False: it had not moved.
bool put_back(const testing::CatalogueContents& start, std::uint32_t row,
              testing::CatalogueContents& next) {
  const std::size_t d = start.n_factors;
  const auto old = std::span(start.rows).subspan(row * d, d);
  const auto now = std::span(next.rows).subspan(row * d, d);
  if (start.scale[row] == next.scale[row] && std::equal(old.begin(), old.end(), now.begin())) {
    return false;
  }
  std::copy(old.begin(), old.end(), now.begin());
  next.scale[row] = start.scale[row];
  return true;
}

}  // namespace

Sums::Sums(std::uint32_t factors) {
  for (BlockSums& block : blocks_) {
    block.first.resize(numbers(factors));
    block.second.resize(numbers(factors));
    block.plain.resize(numbers(factors));
  }
}

void Sums::add(const Sums& other, std::uint32_t times) {
  for (std::size_t b = 0; b < blocks_.size(); ++b) {
    BlockSums& to = blocks_[b];
    const BlockSums& from = other.blocks_[b];
    const auto add_shares = [&](std::uint32_t& sum, std::uint64_t share) {
      sum = static_cast<std::uint32_t>((sum + times * share) % kFieldModulus);
    };
    for (std::size_t i = 0; i < to.first.size(); ++i) {
      add_shares(to.first[i], from.first[i]);
      add_shares(to.second[i], from.second[i]);
      to.plain[i] += times * from.plain[i];
    }
    to.reports += times * from.reports;
  }
}

Client::Client(const Catalogue& catalogue)
    : catalogue_(catalogue),
      profile_(catalogue),
      table_(numbers(catalogue.n_factors)),
      steps_(table_.size()) {}

Status Client::open(std::span<const std::uint32_t> played) {
  heard_ = heard_of(played);
  return profile_.solve(catalogue_, {.items = {played.begin(), played.end()}});
}

Status Client::send(std::uint32_t block, std::uint64_t seed, std::uint32_t max_norm,
                    BlockSums& to) {
  OSL_TRY(fill_block(profile_.p(), heard_, block, seed, table_));
  OSL_TRY(quantise(table_, steps_));
  OSL_TRY(clip(steps_, max_norm));
  for (std::size_t i = 0; i < table_.size(); ++i) to.plain[i] += table_[i];
  return send_steps(steps_, seed, to);
}

Status Client::send_steps(std::span<const std::int32_t> steps, std::uint64_t seed, BlockSums& to) {
  std::vector<std::uint32_t> first(steps.size());
  std::vector<std::uint32_t> second(steps.size());
  const SecretSeed share = secret(seed, 0);
  expand_share(share, first);
  OSL_TRY(split(steps, share, second));
  OSL_TRY(add_share(to.first, first));
  OSL_TRY(add_share(to.second, second));
  ++to.reports;
  return {};
}

std::uint32_t block_of(std::uint64_t client) {
  std::uint64_t state = client ^ 0xb10c;
  return base::below(state, kBlocks);
}

Status add_clients(const World& world, const Catalogue& catalogue, std::uint64_t first,
                   std::uint64_t last, std::uint32_t max_norm, const ForEach& for_each, Sums& to) {
  std::vector<Sums> lanes(kLanes, Sums(catalogue.n_factors));
  std::vector<Status> status(kLanes);
  const auto work = [&](std::uint32_t lane) {
    Client client(catalogue);
    for (std::uint64_t c = first + lane; c < last && status[lane].ok(); c += kLanes) {
      const std::uint32_t block = block_of(c);
      status[lane] = client.open(world.history(c));
      if (!status[lane]) return;
      status[lane] = client.send(block, table_seed(c, block), max_norm, lanes[lane][block]);
    }
  };
  if (for_each) {
    for_each(kLanes, work);
  } else {
    for (std::uint32_t lane = 0; lane < kLanes; ++lane) work(lane);
  }
  for (std::uint32_t lane = 0; lane < kLanes; ++lane) {
    OSL_TRY(status[lane]);
    to.add(lanes[lane], 1);
  }
  return {};
}

Result<Setup> make_setup(const World& world, const Catalogue& catalogue, std::uint32_t seeds,
                         std::uint32_t max_norm) {
  std::vector<tools::Listener> listeners;
  for (std::uint32_t u = 0; u < seeds; ++u) {
    listeners.push_back({.items = world.history(u)});
  }
  const double norm = max_norm / static_cast<double>(kStepsPerUnit);
  Result<tools::Prior> clipped = tools::make_prior(catalogue, listeners, norm);
  if (!clipped) return clipped.error();
  Result<tools::Prior> plain = tools::make_prior(catalogue, listeners, 0);
  if (!plain) return plain.error();
  return Setup{.clipped = std::move(clipped).value(), .plain = std::move(plain).value()};
}

Result<Next> end_epoch(const testing::CatalogueContents& start, const Catalogue& now,
                       const Sums& sums, const Setup& setup, const Ending& ending) {
  const std::size_t d = now.n_factors;
  const double norm = ending.max_norm / static_cast<double>(kStepsPerUnit);
  // Both aggregators add their own.
  const double deviation = ending.plain ? 0 : std::sqrt(2.0) * ending.sigma * norm;
  tools::Epoch epoch(now, tools::first_variances(now));
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    Result<std::vector<double>> opened = open_sums(sums[block], ending, block);
    if (!opened) return opened.error();
    OSL_TRY(epoch.solve(
        ending.plain ? setup.plain : setup.clipped,
        {.block = block, .reports = sums[block].reports, .units = std::move(opened).value()},
        {.deviation = deviation, .max_growth = ending.max_growth}));
  }
  const Result<Catalogue> solved = epoch.next();
  if (!solved) return solved.error();
  const Catalogue& rows = solved.value();
  Next next = {.contents = start, .moved = epoch.moved()};
  for (std::uint32_t item = 0; item < now.n_items; ++item) {
    std::copy_n(rows.q.data() + std::size_t{item} * now.row_stride, d,
                next.contents.rows.data() + item * d);
    next.contents.scale[item] = rows.scale[item];
  }
  return next;
}

ExposureGate::ExposureGate(const Catalogue& now, std::vector<HeldOut> listeners, ForEach for_each)
    : listeners_(std::move(listeners)),
      for_each_(std::move(for_each)),
      before_(make_lists(now, listeners_, for_each_).value().exposure) {}

std::uint32_t ExposureGate::hold(const testing::CatalogueContents& start,
                                 testing::CatalogueContents& next) const {
  std::uint32_t held = 0;
  for (;;) {
    const CatalogueData catalogue = testing::build_catalogue(next);
    const Lists after = make_lists(catalogue.view, listeners_, for_each_).value();
    const std::uint32_t known = held;
    for (const std::uint32_t row : tools::over_exposed(before_, after.exposure)) {
      if (put_back(start, row, next)) ++held;
    }
    // Rows that are put back leave places which others take.
    if (held == known) return held;
  }
}

}  // namespace ossicle::simulation
