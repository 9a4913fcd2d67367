#include "learning/prior.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/rng.h"
#include "base/sha256.h"
#include "files.h"
#include "learning/tensors.h"
#include "ossicle/privacy.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kPriorVersion = 1;

// Listeners' tables, as they come.
class Tables {
 public:
  Tables(const Catalogue& catalogue, double clip)
      : catalogue_(catalogue),
        max_norm_(static_cast<std::uint32_t>(std::llround(clip * kStepsPerUnit))),
        profile_(catalogue),
        table_(kBlockRows * (catalogue.n_factors + std::size_t{1})),
        steps_(table_.size()),
        moment_(std::size_t{catalogue.n_factors} * catalogue.n_factors) {
    for (std::vector<double>& sum : sums_) sum.resize(table_.size());
  }

  Status add(const Listener& listener, std::uint64_t number, double of_all) {
    OSL_TRY(profile_.solve(catalogue_, listener));
    const std::span<const double> p = profile_.p();
    double squares = 0;
    for (const double x : p) squares += x * x;
    if (squares == 0) return {};  // who played nothing
    for (std::size_t r = 0; r < p.size(); ++r) {
      for (std::size_t c = 0; c < p.size(); ++c) {
        moment_[r * p.size() + c] += p[r] * p[c] / squares / of_all;
      }
    }
    const Heard heard = heard_of(listener.items);
    for (std::uint32_t block = 0; block < kBlocks; ++block) {
      OSL_TRY(fill_block(p, heard, block, table_seed(number, block), table_));
      OSL_TRY(add_table(sums_[block]));
    }
    return {};
  }

  /// In units.
  std::vector<double> take_sums(std::uint32_t block) {
    std::vector<double> units = std::move(sums_[block]);
    if (max_norm_ > 0) {
      for (double& x : units) x /= kStepsPerUnit;
    }
    return units;
  }
  std::vector<double> take_moment() { return std::move(moment_); }

 private:
  Status add_table(std::span<double> sum) {
    if (max_norm_ == 0) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += table_[i];
      return {};
    }
    OSL_TRY(quantise(table_, steps_));
    OSL_TRY(ossicle::clip(steps_, max_norm_));
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += steps_[i];
    return {};
  }

  const Catalogue& catalogue_;
  const std::uint32_t max_norm_;
  Profile profile_;
  std::vector<double> table_;
  std::vector<std::int32_t> steps_;
  std::array<std::vector<double>, kBlocks> sums_;  // in steps where tables are clipped
  std::vector<double> moment_;
};

bool are_amounts(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(),
                     [](double v) { return v >= 0 && std::isfinite(v); });
}

}  // namespace

Digest of_head(const Catalogue& catalogue) {
  const std::size_t rows = std::min<std::size_t>(catalogue.n_items, kHeadItems);
  return base::sha256(std::as_bytes(catalogue.id.first(rows)));
}

std::uint64_t table_seed(std::uint64_t listener, std::uint32_t block) {
  std::uint64_t state = listener * kBlocks + block;
  return base::next(state);
}

Result<Prior> make_prior(const Catalogue& catalogue, std::span<const Listener> listeners,
                         double clip) {
  const std::size_t d = catalogue.n_factors;
  const auto n = static_cast<double>(listeners.size());
  Tables tables(catalogue, clip);
  for (std::size_t u = 0; u < listeners.size(); ++u) {
    if (const Status added = tables.add(listeners[u], u, n); !added) {
      return Error{added.error().code, u, added.error().what};
    }
  }
  Prior prior = {.factors = catalogue.n_factors,
                 .moment = tables.take_moment(),
                 .clip = clip,
                 .listeners = static_cast<std::uint32_t>(listeners.size()),
                 .head = of_head(catalogue)};
  SolveSettings settings;
  settings.users = n;
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    const std::vector<double> sums = tables.take_sums(block);
    for (std::size_t r = 0; r < kBlockRows; ++r) {
      prior.share[block].push_back(sums[r * (d + 1) + d] / kCountStep / n);
    }
    if (block > 0) continue;  // either tells the scale
    const Result<double> scale = fit_scale(catalogue, block, sums, prior.moment, settings);
    if (!scale) return scale.error();
    prior.scale = scale.value();
  }
  return prior;
}

Problem write_prior(const std::string& path, const Prior& prior) {
  std::vector<double> share;
  for (const auto& of : prior.share) share.insert(share.end(), of.begin(), of.end());
  const std::uint64_t d = prior.factors;
  const std::uint32_t head[] = {kPriorVersion, prior.listeners};
  const double constants[] = {prior.scale, prior.clip};
  return write_tensors(
      path, {tensor<std::uint32_t>("prior.state", {2}, head),
             tensor<double>("prior.constants", {2}, constants),
             tensor<double>("prior.moment", {d, d}, prior.moment),
             tensor<double>("prior.share", {kBlocks, kBlockRows}, share),
             tensor<std::uint8_t>("prior.head", {prior.head.size()}, prior.head),
             tensor<std::uint8_t>("prior.catalogue", {prior.head.size()}, prior.catalogue),
             tensor<std::uint8_t>("prior.ratings", {prior.head.size()}, prior.ratings)});
}

Problem read_prior(const std::string& path, Prior& out) {
  TensorFile file;
  OSL_TOOL_TRY(file.open(path));
  Problem bad = problem(path + ": is no prior of this version; make one: ossicle prior");
  std::uint32_t state[2] = {};
  double constants[2] = {};
  std::vector<double> share(std::size_t{kBlocks} * kBlockRows);
  const auto d =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(file.rows_of("prior.moment"), 1025));
  if (d == 0 || d > 1024) return bad;
  out = {.factors = d, .moment = std::vector<double>(std::size_t{d} * d)};
  const bool read = file.copy<std::uint32_t>("prior.state", {2}, state) &&
                    state[0] == kPriorVersion &&
                    file.copy<double>("prior.constants", {2}, constants) &&
                    file.copy<double>("prior.moment", {d, d}, out.moment) &&
                    file.copy<double>("prior.share", {kBlocks, kBlockRows}, share) &&
                    file.copy<std::uint8_t>("prior.head", {out.head.size()}, out.head) &&
                    file.copy<std::uint8_t>("prior.catalogue", {out.head.size()}, out.catalogue) &&
                    file.copy<std::uint8_t>("prior.ratings", {out.head.size()}, out.ratings);
  const bool finite =
      std::all_of(out.moment.begin(), out.moment.end(), [](double v) { return std::isfinite(v); });
  if (!read || !finite || !are_amounts(share) || !are_amounts(constants)) return bad;
  out.listeners = state[1];
  out.scale = constants[0];
  out.clip = constants[1];
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const auto from = share.begin() + static_cast<std::ptrdiff_t>(block * kBlockRows);
    out.share[block].assign(from, from + kBlockRows);
  }
  return {};
}

}  // namespace ossicle::tools
