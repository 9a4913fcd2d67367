#include <algorithm>
#include <cmath>
#include <limits>

#include "base/checked.h"
#include "base/math.h"
#include "kernels/dense.h"
#include "kernels/elementwise.h"
#include "sequence/state.h"

namespace ossicle {
namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;

Error invalid(std::uint64_t at, const char* what) { return {Code::kInvalidArgument, at, what}; }

/// Aligned arrays of one block; of no block, only their sizes.
class Carver {
 public:
  explicit Carver(std::byte* block) : block_(block) {}
  template <class T>
  void take(std::size_t n, std::span<T>& out) {
    constexpr std::size_t kLine = OwnedBytes::kAlignment;
    if (block_ != nullptr) out = {reinterpret_cast<T*>(block_ + at_), n};
    // Another line behind each, for kernels that load a whole vector at the last element.
    at_ += (n * sizeof(T) + 2 * kLine - 1) / kLine * kLine;
  }
  std::size_t size() const { return at_; }

 private:
  std::byte* block_;
  std::size_t at_ = 0;
};

}  // namespace

SequenceItems sequence_items(const Catalogue& c) {
  SequenceItems items;
  items.n_items = c.n_items;
  items.n_factors = c.n_factors;
  items.row_stride = c.row_stride;
  items.q = c.q;
  items.scale = c.scale;
  items.rowsum = c.rowsum;
  items.listeners = c.listeners;
  return items;
}

namespace sequence {

Status check_items(const SequenceShape& shape, std::size_t most, const SequenceItems& items) {
  const std::size_t n = items.n_items;
  if (n < 1 || n > most) return invalid(n, "sequence: more items than at open, or none (items)");
  if (items.n_factors != shape.factors) {
    return invalid(items.n_factors, "sequence: items of another number of factors (factors)");
  }
  const bool text = !items.text_scale.empty();
  const bool right[] = {items.row_stride % 16 == 0,
                        items.row_stride >= items.n_factors,
                        items.row_stride <= kMaxFactors,
                        items.q.size() == n * items.row_stride,
                        items.scale.size() == n,
                        items.rowsum.size() == n,
                        items.listeners.size() == n,
                        !text || (items.text_scale.size() == n && items.text_stride >= shape.text &&
                                  items.text.size() == n * items.text_stride),
                        items.artist.empty() || items.artist.size() == n};
  for (const bool part : right) {
    if (!part) return invalid(n, "sequence: a part of the items is not of their size (items)");
  }
  return {};
}

Status check_recent(const SequenceItems& items, std::span<const std::uint32_t> recent) {
  for (std::size_t i = 0; i < recent.size(); ++i) {
    if (recent[i] >= items.n_items) {
      return Error{Code::kOutOfRange, i, "sequence: a recent item that there is not (index)"};
    }
  }
  return {};
}

}  // namespace sequence

Status SequenceModel::State::take_memory() {
  using sequence::kRows;
  const std::size_t in = std::size_t{shape.factors} + shape.text, c = shape.channels;
  const std::size_t lists = std::size_t{2} * kMaxBeams * kMaxLength;
  const auto carve = [&](Carver carver) {
    carver.take(kRows * in, input);
    carver.take(kRows * c, rows);
    carver.take(kRows * c, place);
    carver.take(std::size_t{kMaxBeams} * shape.factors, query);
    carver.take(std::max(kernels::linear_bytes(in), kernels::linear_bytes(c)), scratch);
    carver.take((std::size_t{shape.factors} + 15) / 16 * 16, query7);
    carver.take(most_items, prior);
    carver.take(most_items, extra);
    carver.take(most_items, inverse_norm);
    carver.take(most_items, closed);
    carver.take(most_items, order);
    carver.take(most_items, taken);
    carver.take(sequence::kChoices, room);
    carver.take(std::size_t{kMaxBeams} * kMaxBeams, pool);
    carver.take(lists, history);
    carver.take(lists, history_log_p);
    return carver.size();
  };
  const std::size_t bytes = carve(Carver(nullptr));
  memory = OwnedBytes::allocate(bytes);
  if (!memory.ok()) return Error{Code::kOutOfMemory, bytes, "sequence: no memory (bytes)"};
  carve(Carver(memory.data()));
  return {};
}

void SequenceModel::State::write_input(const SequenceItems& items, std::uint32_t item,
                                       float* row) const {
  const std::size_t d = shape.factors, e = shape.text;
  const std::int8_t* q = items.q.data() + std::size_t{item} * items.row_stride;
  const auto scale =
      static_cast<float>(shape.factor_scale * static_cast<double>(items.scale[item]));
  for (std::size_t i = 0; i < d; ++i) row[i] = static_cast<float>(q[i]) * scale;
  const float text_scale = items.text_scale.empty() ? 0 : items.text_scale[item];
  if (!(text_scale > 0)) {
    std::ranges::copy(parts.absent, row + d);
    return;
  }
  const std::int8_t* text = items.text.data() + std::size_t{item} * items.text_stride;
  for (std::size_t i = 0; i < e; ++i) row[d + i] = static_cast<float>(text[i]) * text_scale;
}

Status SequenceModel::State::feed(std::span<const nn::LaneRows> next, std::size_t slot) {
  const std::size_t d = shape.factors, in = d + shape.text, c = shape.channels;
  std::size_t n = 0;
  for (const nn::LaneRows& lane : next) {
    if (!parts.position.empty()) {
      const std::size_t first = decoder.rows(lane.lane);
      std::copy_n(parts.position.data() + first * c, lane.rows * c, place.data() + n * c);
    }
    n += lane.rows;
  }
  kernels::linear(parts.input, input.data(), in, n, rows.data(), c, scratch.data());
  kernels::add_layer_norm(rows.data(), place.data(), n, c, parts.norm_weight.data(),
                          parts.norm_bias.data(), static_cast<float>(shape.layer_norm_epsilon));
  OSL_TRY(decoder.run(rows.first(n * c), next));
  std::size_t end = 0;
  for (std::size_t i = 0; i < next.size(); ++i) {
    end += next[i].rows;
    float* asked = query.data() + (slot + i) * d;
    kernels::linear(parts.head, rows.data() + (end - 1) * c, c, 1, asked, d, scratch.data());
    if (!std::all_of(asked, asked + d, [](float x) { return std::isfinite(x); })) {
      return Error{Code::kNotFinite, i, "sequence: weights so large that nothing comes out"};
    }
  }
  return {};
}

Status SequenceModel::State::read(const SequenceItems& items, std::uint32_t lane, std::size_t slot,
                                  std::span<const std::uint32_t> first,
                                  std::span<const std::uint32_t> second, std::size_t most) {
  const std::size_t in = std::size_t{shape.factors} + shape.text;
  second = second.last(std::min(second.size(), most));
  first = first.last(std::min(first.size(), most - second.size()));
  const std::size_t total = first.size() + second.size();
  decoder.clear(lane);
  std::ranges::copy(parts.begin, input.begin());
  std::size_t filled = 1, done = 0;
  do {
    for (; filled < sequence::kRows && done < total; ++filled, ++done) {
      write_input(items, done < first.size() ? first[done] : second[done - first.size()],
                  input.data() + filled * in);
    }
    const nn::LaneRows next[] = {{lane, static_cast<std::uint32_t>(filled)}};
    OSL_TRY(feed(next, slot));
    filled = 0;
  } while (done < total);
  return {};
}

double SequenceModel::State::logit(const SequenceItems& items, std::span<const double> asked,
                                   std::uint32_t item) const {
  alignas(16) double row[sequence::kMaxFactors];
  const std::size_t d = shape.factors;
  kernels::dequantise_row(items.q.data() + std::size_t{item} * items.row_stride,
                          static_cast<double>(items.scale[item]), d, row);
  return kernels::dot_f64(row, asked.data(), d) +
         shape.popularity * base::det_log2(1 + static_cast<double>(items.listeners[item]));
}

SequenceModel::SequenceModel(std::unique_ptr<State> state) : state_(std::move(state)) {}
SequenceModel::~SequenceModel() = default;
SequenceModel::SequenceModel(SequenceModel&&) noexcept = default;
SequenceModel& SequenceModel::operator=(SequenceModel&&) noexcept = default;

const SequenceShape& SequenceModel::shape() const { return state_->shape; }

Status score_candidates(SequenceModel& model, const SequenceItems& items,
                        std::span<const std::uint32_t> recent,
                        std::span<const std::uint32_t> candidates, std::span<float> out) {
  SequenceModel::State& s = model.state();
  OSL_TRY(sequence::check_items(s.shape, s.most_items, items));
  OSL_TRY(sequence::check_recent(items, recent));
  if (out.size() != candidates.size()) {
    return invalid(out.size(), "sequence: out is not [candidates] (its size)");
  }
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (candidates[i] >= items.n_items) {
      return Error{Code::kOutOfRange, i, "sequence: a candidate that there is not (index)"};
    }
  }
  OSL_TRY(s.read(items, 0, 0, recent, {}, s.shape.max_items - 1));
  const sequence::Query query(s.query_row(0));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    out[i] = static_cast<float>(s.logit(items, query.span(), candidates[i]));
  }
  return {};
}

Status next_distribution(SequenceModel& model, const SequenceItems& items,
                         std::span<const std::uint32_t> recent,
                         std::span<const std::uint8_t> excluded, std::span<float> out) {
  SequenceModel::State& s = model.state();
  OSL_TRY(sequence::check_items(s.shape, s.most_items, items));
  OSL_TRY(sequence::check_recent(items, recent));
  if (out.size() != items.n_items)
    return invalid(out.size(), "sequence: out is not [N] (its size)");
  if (!excluded.empty() && excluded.size() != items.n_items) {
    return invalid(excluded.size(), "sequence: excluded is not [N] (its size)");
  }
  OSL_TRY(s.read(items, 0, 0, recent, {}, s.shape.max_items - 1));
  const sequence::Query query(s.query_row(0));
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  float highest = kNone;
  for (std::uint32_t i = 0; i < items.n_items; ++i) {
    const bool left_out = !excluded.empty() && excluded[i] != 0;
    out[i] = left_out ? kNone : static_cast<float>(s.logit(items, query.span(), i));
    highest = std::max(highest, out[i]);
  }
  if (!(highest > kNone)) return invalid(items.n_items, "sequence: every item is excluded (items)");
  double sum = 0;
  for (float& x : out) {
    const double e = base::det_exp2(static_cast<double>(x - highest) * kLog2E);
    x = static_cast<float>(e);
    sum += e;
  }
  for (float& x : out) x = static_cast<float>(static_cast<double>(x) / sum);
  return {};
}

}  // namespace ossicle
