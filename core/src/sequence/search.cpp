#include "sequence/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "base/math.h"
#include "base/rng.h"
#include "kernels/dense.h"
#include "kernels/dot.h"
#include "kernels/query.h"
#include "kernels/scan.h"

namespace ossicle::sequence {
namespace {

constexpr double kLog2E = 0x1.71547652b82fep+0;
constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kNoisePerAdventure = 1.5;  // nats
constexpr float kUnknownIsOffBy = 0.25F;

// Why an item is closed.
constexpr std::uint8_t kNeverWritten = 1, kInTheList = 2, kArtistRests = 4;

/// Gumbel noise, -ln(-ln u) with u uniform in (0, 1): that of a position and an item is the same in
/// every beam.
double gumbel(std::uint64_t seed, std::uint64_t position, std::uint64_t item) {
  std::uint64_t state = seed;
  state = base::next(state) ^ (position << 40U) ^ item;
  const double u = base::uniform(state) + 0x1p-54;
  return -kLn2 * base::det_log2(-kLn2 * base::det_log2(u));
}

bool better(const Choice& a, const Choice& b) {
  if (a.total != b.total) return a.total > b.total;
  return a.beam != b.beam ? a.beam < b.beam : a.item < b.item;
}

/// Sorts a short list, best first, if all but its last element are sorted.
void sift_last(std::span<Choice> list) {
  const Choice last = list.back();
  std::size_t at = list.size() - 1;
  for (; at > 0 && better(last, list[at - 1]); --at) list[at] = list[at - 1];
  list[at] = last;
}

/// The unit vector of an item's factor; zero stays zero.
void unit_factor(const SequenceItems& items, std::uint32_t item, std::span<float> out) {
  alignas(16) std::array<double, kMaxFactors> row;
  const std::size_t d = items.n_factors;
  kernels::dequantise_row(items.q.data() + std::size_t{item} * items.row_stride, 1, d, row.data());
  const double norm = std::sqrt(kernels::dot_f64(row.data(), row.data(), d));
  for (std::size_t i = 0; i < d; ++i) out[i] = norm > 0 ? static_cast<float>(row[i] / norm) : 0;
}

}  // namespace

std::size_t Search::prepare() {
  const std::size_t n = items_.n_items;
  for (std::size_t i = 0; i < n; ++i) {
    const bool excluded = !request_.excluded.empty() && request_.excluded[i] != 0;
    s_.closed[i] = excluded ? kNeverWritten : 0;
  }
  for (const std::uint32_t item : request_.recent) s_.closed[item] = kNeverWritten;
  std::size_t forced = 0;
  for (const std::uint32_t item : {request_.from, request_.to}) {
    if (item == kNoItem) continue;
    s_.closed[item] = kNeverWritten;  // but where it is put by force
    ++forced;
  }
  return forced + static_cast<std::size_t>(std::ranges::count(s_.closed.first(n), 0));
}

void Search::start_way() {
  const std::uint32_t start = request_.from != kNoItem   ? request_.from
                              : !request_.recent.empty() ? request_.recent.back()
                                                         : request_.to;
  unit_factor(items_, start, way_from_);
  unit_factor(items_, request_.to, way_to_);
  for (std::size_t i = 0; i < items_.n_items; ++i) {
    const std::int8_t* q = items_.q.data() + i * items_.row_stride;
    std::int32_t sum = 0;
    for (std::size_t j = 0; j < items_.row_stride; ++j) sum += std::int32_t{q[j]} * q[j];
    s_.inverse_norm[i] = sum == 0 ? 0 : 1.0F / std::sqrt(static_cast<float>(sum));
  }
}

// extra = what an item costs or earns at the position beside its factor's part of the logit.
void Search::price(std::size_t position) {
  const std::size_t n = items_.n_items;
  const auto known = static_cast<float>(1 - request_.adventure);
  for (std::size_t i = 0; i < n; ++i) s_.extra[i] = s_.prior[i] * known;
  if (request_.to != kNoItem && request_.pull > 0) add_way(position);
  if (!request_.curve.empty() && request_.curve_weight > 0) add_curve(position);
}

// extra += pull * cosine to the point of the way that belongs to the position.
void Search::add_way(std::size_t position) {
  const std::size_t d = items_.n_factors;
  // Where the list does not write its start, the way begins a step before it.
  const std::size_t before = request_.from == kNoItem ? 1 : 0;
  const float at = static_cast<float>(position + before) / static_cast<float>(length_ + before - 1);
  std::array<float, kMaxFactors> point;
  double norm = 0;
  for (std::size_t i = 0; i < d; ++i) {
    point[i] = (1 - at) * way_from_[i] + at * way_to_[i];
    norm += static_cast<double>(point[i]) * static_cast<double>(point[i]);
  }
  if (!(norm > 0)) return;
  const float scale = kernels::quantise_query(std::span(point).first(d), s_.query7);
  const float weight = static_cast<float>(request_.pull / std::sqrt(norm)) * scale;
  const std::size_t stride = items_.row_stride;
  for (std::size_t i = 0; i < items_.n_items; ++i) {
    const std::int32_t dot =
        kernels::dot_s8u7(items_.q.data() + i * stride, s_.query7.data(), stride) -
        64 * items_.rowsum[i];
    s_.extra[i] += weight * (static_cast<float>(dot) * s_.inverse_norm[i]);
  }
}

// extra -= curve_weight * |value - wanted|.
void Search::add_curve(std::size_t position) {
  const float wanted = std::clamp(request_.curve[position], 0.0F, 1.0F);
  const auto weight = static_cast<float>(request_.curve_weight);
  for (std::size_t i = 0; i < items_.n_items; ++i) {
    const float value = request_.value[i];
    const float off =
        std::isnan(value) ? kUnknownIsOffBy : std::fabs(std::clamp(value, 0.0F, 1.0F) - wanted);
    s_.extra[i] -= weight * off;
  }
}

// The best items that a beam may go on with into `room`; `by_artist`: none of an artist that rests.
std::size_t Search::scan(std::uint32_t beam, std::size_t position, bool by_artist) {
  const std::span<const std::uint32_t> before(list(beam), position);
  const std::span<std::uint8_t> closed = s_.closed.first(items_.n_items);
  for (const std::uint32_t item : before) closed[item] |= kInTheList;
  if (by_artist) rules_.close_artists(before, kArtistRests, closed);
  const float scale = kernels::quantise_query(s_.query_row(beam), s_.query7);
  const kernels::ScanRows rows = {items_.q.data(), items_.row_stride,
                                  items_.scale,    s_.extra.first(items_.n_items),
                                  items_.rowsum,   closed};
  const std::size_t n = kernels::scan_top(rows, {s_.query7.data(), scale, 0}, s_.room);
  for (const std::uint32_t item : before) closed[item] &= kNeverWritten;
  if (by_artist) {
    for (std::uint8_t& why : closed) why &= kNeverWritten;
  }
  return n;
}

// The best of what a beam may go on with; returns how many.
std::size_t Search::choose(std::uint32_t beam, std::size_t position, std::span<Choice> out) {
  const std::span<const std::uint32_t> before(list(beam), position);
  const auto may_follow = [&](const Candidate& c) {
    return rules_.artist_may_follow(before, c.item);
  };
  std::size_t n = scan(beam, position, false);
  // The best may all be by artists that rest; then those are left out of the scan.
  if (n == s_.room.size() &&
      static_cast<std::size_t>(std::ranges::count_if(s_.room, may_follow)) < out.size()) {
    n = scan(beam, position, true);
  }
  const Query query(s_.query_row(beam));
  std::array<double, kChoices> logit;
  double highest = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < n; ++i) {
    logit[i] = s_.logit(items_, query.span(), s_.room[i].item);
    highest = std::max(highest, logit[i]);
  }
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += base::det_exp2((logit[i] - highest) * kLog2E);
  const double log_sum = highest + kLn2 * base::det_log2(sum);

  const double noise = kNoisePerAdventure * request_.adventure;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < n; ++i) {
    if (!may_follow(s_.room[i])) continue;
    const std::uint32_t item = s_.room[i].item;
    const double log_probability = logit[i] - log_sum;
    Choice choice = {total_[beam] + log_probability + static_cast<double>(s_.extra[item]) -
                         static_cast<double>(s_.prior[item]),
                     beam, item, static_cast<float>(log_probability)};
    if (noise > 0) choice.total += noise * gumbel(request_.seed, position, item);
    if (kept == out.size() && !better(choice, out[kept - 1])) continue;
    if (kept < out.size()) ++kept;
    out[kept - 1] = choice;
    sift_last(out.first(kept));
  }
  return kept;
}

std::uint32_t Search::forced_at(std::size_t position) const {
  if (position == 0 && request_.from != kNoItem) return request_.from;
  if (position + 1 == length_ && request_.to != kNoItem) return request_.to;
  return kNoItem;
}

// The best choices of all beams into the front of `pool`; returns how many.
std::size_t Search::choose_all(std::size_t position) {
  const std::uint32_t forced = forced_at(position);
  if (forced != kNoItem) {
    for (std::uint32_t beam = 0; beam < n_beams_; ++beam) {
      s_.pool[beam] = {total_[beam], beam, forced, 0};  // in the order of the beams: best first
    }
    return n_beams_;
  }
  price(position);
  std::size_t n = 0;
  for (std::uint32_t beam = 0; beam < n_beams_; ++beam) {
    n += choose(beam, position, s_.pool.subspan(n, request_.beams));
  }
  for (std::size_t i = 1; i < n; ++i) sift_last(s_.pool.first(i + 1));
  return std::min<std::size_t>(n, request_.beams);
}

// The beams become the first `chosen` of `pool`, and the model reads their last items.
Status Search::follow(std::size_t chosen, std::size_t position) {
  std::array<std::uint32_t, SequenceModel::kMaxBeams> lane;
  std::array<double, SequenceModel::kMaxBeams> total;
  std::uint32_t used = 0, kept = 0;  // lanes that are taken; beams whose first child keeps the lane
  for (std::size_t i = 0; i < chosen; ++i) used |= 1U << lane_[s_.pool[i].beam];
  for (std::uint32_t i = 0; i < chosen; ++i) {
    const Choice& choice = s_.pool[i];
    std::copy_n(list(choice.beam), position, list(i, true));
    std::copy_n(log_p(choice.beam), position, log_p(i, true));
    list(i, true)[position] = choice.item;
    log_p(i, true)[position] = choice.log_p;
    total[i] = choice.total;
    lane[i] = lane_[choice.beam];
    if ((kept >> choice.beam & 1U) != 0) {
      for (lane[i] = 0; (used >> lane[i] & 1U) != 0;) ++lane[i];
      used |= 1U << lane[i];
      s_.decoder.copy(lane_[choice.beam], lane[i]);
    }
    kept |= 1U << choice.beam;
  }
  side_ = !side_;
  n_beams_ = static_cast<std::uint32_t>(chosen);
  lane_ = lane;
  total_ = total;
  if (position + 1 == length_) return {};

  if (s_.decoder.rows(lane_[0]) == s_.shape.max_items) {
    // Full: what is old goes. Every beam has read as much.
    for (std::uint32_t beam = 0; beam < n_beams_; ++beam) {
      OSL_TRY(s_.read(items_, lane_[beam], beam, request_.recent, {list(beam), position + 1},
                      s_.shape.max_items / 2));
    }
    return {};
  }
  std::array<nn::LaneRows, SequenceModel::kMaxBeams> next;
  const std::size_t in = std::size_t{s_.shape.factors} + s_.shape.text;
  for (std::uint32_t beam = 0; beam < n_beams_; ++beam) {
    s_.write_input(items_, list(beam)[position], s_.input.data() + beam * in);
    next[beam] = {lane_[beam], 1};
  }
  return s_.feed(std::span(next).first(n_beams_), 0);
}

Status Search::fall_back(std::size_t came_to, std::span<PlaylistItem> out) {
  const std::span<std::uint32_t> items(list(0), length_);
  if (items_.artist.empty() || rules_.fill_plenty_first(s_.closed.first(items_.n_items), s_.order,
                                                        s_.taken, items) < length_) {
    return Error{Code::kInvalidArgument, came_to,
                 "playlist: no list keeps spacing and per_artist (at = position it came to)"};
  }
  for (std::size_t i = 0; i < length_; ++i) out[i] = {items[i], 0};
  return {};
}

Status Search::run(std::span<PlaylistItem> out) {
  for (std::size_t i = 0; i < items_.n_items; ++i) {
    s_.prior[i] = static_cast<float>(s_.shape.popularity *
                                     base::det_log2(1 + static_cast<double>(items_.listeners[i])));
  }
  if (request_.to != kNoItem && request_.pull > 0) start_way();
  OSL_TRY(s_.read(items_, 0, 0, request_.recent, {}, s_.shape.max_items / 2));
  for (std::size_t position = 0; position < length_; ++position) {
    const std::size_t chosen = choose_all(position);
    if (chosen == 0) return fall_back(position, out);
    OSL_TRY(follow(chosen, position));
  }
  for (std::size_t i = 0; i < length_; ++i) out[i] = {list(0)[i], log_p(0)[i]};
  return {};
}

}  // namespace ossicle::sequence
