#include "learning/epoch.h"

#include <algorithm>
#include <cmath>

#include "learning/tensors.h"

namespace ossicle::tools {
namespace {

constexpr std::uint32_t kVariancesVersion = 1;
constexpr std::string_view kNames[] = {"variance.0", "variance.1"};
static_assert(std::size(kNames) == kBlocks);

template <class T>
std::span<T> row_in(std::vector<T>& column, std::size_t row, std::size_t width) {
  return std::span(column).subspan(row * width, width);
}

}  // namespace

double least_count(double deviation) {
  constexpr double kLeastDeviations = 5;
  return kLeastDeviations * deviation / kCountStep;
}

Variances first_variances(const Catalogue& now) {
  Variances variances;
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    const std::size_t rows = block_size(now.n_items, block);
    variances[block].assign(rows * now.n_factors,
                            prior_variance(now, block, SolveSettings{}.trust));
  }
  return variances;
}

Epoch::Epoch(const Catalogue& now, Variances variances)
    : now_(now),
      q_(now.q.begin(), now.q.end()),
      scale_(now.scale.begin(), now.scale.end()),
      rowsum_(now.rowsum.begin(), now.rowsum.end()),
      moved_(now.n_items),
      gram_(std::size_t{now.n_factors} * now.n_factors),
      variances_(std::move(variances)),
      before_(variances_) {}

Status Epoch::solve(const Prior& prior, const BlockSums& sums, const Noise& noise) {
  const std::uint32_t block = sums.block;
  if (block >= kBlocks) return Error{Code::kOutOfRange, block, "epoch: no such block (block)"};
  const std::size_t rows = block_size(now_.n_items, block);
  const std::size_t stride = now_.row_stride;
  std::vector<std::int8_t> q(rows * stride);
  std::vector<float> scale(rows);
  std::vector<std::int32_t> rowsum(rows);
  std::vector<std::uint8_t> moved(rows);
  SolveSettings settings;
  settings.users = static_cast<double>(std::max<std::uint64_t>(sums.reports, 1));
  settings.scale = prior.scale;
  settings.noise = noise.deviation;
  settings.min_count = least_count(noise.deviation);
  settings.max_growth = noise.max_growth;
  OSL_TRY(solve_block(
      now_, block, sums.units, prior.of(block), settings,
      {.q = q, .scale = scale, .rowsum = rowsum, .moved = moved, .variance = variances_[block]}));
  for (std::uint32_t r = 0; r < rows; ++r) {
    const std::uint32_t item = block_item(block, r);
    const std::span<const std::int8_t> row = row_in(q, r, stride);
    std::copy(row.begin(), row.end(), row_in(q_, item, stride).begin());
    scale_[item] = scale[r];
    rowsum_[item] = rowsum[r];
    moved_[item] = moved[r];
  }
  return {};
}

void Epoch::put_back(std::uint32_t item) {
  const std::size_t stride = now_.row_stride;
  const auto old = now_.q.subspan(item * stride, stride);
  std::copy(old.begin(), old.end(), row_in(q_, item, stride).begin());
  scale_[item] = now_.scale[item];
  rowsum_[item] = now_.rowsum[item];
  if (moved_[item] == 0) return;
  moved_[item] = 0;
  const std::uint32_t block = item % kBlocks;
  const auto known = row_in(before_[block], item / kBlocks, now_.n_factors);
  std::copy(known.begin(), known.end(),
            row_in(variances_[block], item / kBlocks, now_.n_factors).begin());
}

std::uint32_t Epoch::moved() const {
  return static_cast<std::uint32_t>(std::count(moved_.begin(), moved_.end(), 1));
}

Result<Catalogue> Epoch::next() {
  Catalogue next = now_;
  next.q = q_;
  next.scale = scale_;
  next.rowsum = rowsum_;
  OSL_TRY(make_gram(next, gram_));
  next.gram = gram_;
  next.factor_sum = next.offset_sum = {};
  return next;
}

Problem write_variances(const std::string& path, const Catalogue& now, const Variances& variances) {
  const Digest head = of_head(now);
  const auto of_block = [&](std::uint32_t block) {
    return tensor<double>(kNames[block], {block_size(now.n_items, block), now.n_factors},
                          variances[block]);
  };
  const std::uint32_t state[] = {kVariancesVersion};
  return write_tensors(
      path, {tensor<std::uint32_t>("variance.state", {1}, state),
             tensor<std::uint8_t>("variance.head", {head.size()}, head), of_block(0), of_block(1)});
}

Problem read_variances(const std::string& path, const Catalogue& now, Variances& out) {
  TensorFile file;
  OSL_TOOL_TRY(file.open(path));
  std::uint32_t state[1] = {};
  Digest head{};
  bool good = file.copy<std::uint32_t>("variance.state", {1}, state) &&
              state[0] == kVariancesVersion &&
              file.copy<std::uint8_t>("variance.head", {head.size()}, head);
  if (good && head != of_head(now)) {
    return problem(path + ": the variances are of another catalogue; begin anew without them");
  }
  for (std::uint32_t block = 0; block < kBlocks && good; ++block) {
    const std::uint32_t rows = block_size(now.n_items, block);
    out[block].resize(std::size_t{rows} * now.n_factors);
    good = file.copy<double>(kNames[block], {rows, now.n_factors}, out[block]) &&
           std::all_of(out[block].begin(), out[block].end(),
                       [](double v) { return v >= 0 && std::isfinite(v); });
  }
  return good ? Problem() : problem(path + ": are no variances of this version");
}

}  // namespace ossicle::tools
