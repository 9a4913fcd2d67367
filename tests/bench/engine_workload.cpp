#include "engine_workload.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "listener.h"
#include "synthetic_catalogue.h"
#include "workload.h"

namespace ossicle::bench {
namespace {

using testing::kDayS;
using testing::kNowS;

constexpr std::uint32_t kNoArtist = 0xffffffffu;

// Artist number `a` of the history, spread over the whole catalogue.
std::uint32_t item_of(std::uint32_t a, std::uint32_t plays, std::uint32_t n_items) {
  return static_cast<std::uint32_t>(std::uint64_t{a} * n_items / plays);
}

std::optional<Engine> open_engine(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays,
                                  std::uint32_t without) {
  if (plays == 0 || plays > n_items) return {};
  // Exponents for which the C library's pow(), by which the catalogue is made, is exact everywhere.
  ModelConstants model = testing::weighted_model();
  model.confidence.popularity = 0;
  model.negative_popularity = 1;
  CatalogueData data =
      testing::synthetic_catalogue({.n_items = n_items, .n_factors = d, .model = model});
  if (!data.memory.ok()) return {};
  EngineOptions options;
  options.max_events = 1u << 20;
  Result<Engine> opened = Engine::open(std::move(data), options);
  if (!opened.ok()) return {};
  Engine engine = std::move(opened).value();
  std::uint64_t state = 2;
  std::vector<Listen> events;
  for (std::uint32_t a = 0; a < plays; ++a) {
    const double u = testing::next_uniform(state);
    const auto times = static_cast<std::uint32_t>(1 + 40 * u * u * u * u);
    for (std::uint32_t t = 0; t < times; ++t) {
      const std::int64_t ago = testing::next_below(state, 3 * 365) * kDayS + a;
      Listen e = testing::play(item_of(a, plays, n_items), kNowS - ago);
      e.track_hash = t;
      if (a != without) events.push_back(e);
    }
  }
  if (!engine.record_all(events, {}).ok()) return {};
  return engine;
}

std::uint64_t rows_bytes(const Engine& engine, std::uint32_t plays) {
  const Catalogue& c = engine.catalogue();
  return c.gram.size_bytes() + std::uint64_t{plays} * c.row_stride;
}

}  // namespace

bool FollowWorkload::open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays) {
  n_items_ = n_items, d_ = d, plays_ = plays;
  engine_ = open_engine(n_items, d, plays, kNoArtist);
  steps_ = 0;
  return engine_.has_value() && engine_->user_vector(kNowS).ok();
}

std::int32_t FollowWorkload::step(Engine& engine, std::uint64_t number) {
  const auto a = static_cast<std::uint32_t>(number * 37 % plays_);
  const std::int64_t now = kNowS + 200 * static_cast<std::int64_t>(number + 1);
  const Listen e = testing::play(item_of(a, plays_, n_items_), now);
  const Status recorded = engine.record_all({&e, 1}, {});
  if (!recorded.ok()) return static_cast<std::int32_t>(recorded.error().code);
  const Result<std::span<const double>> p = engine.follow(now);
  return p.ok() ? 0 : static_cast<std::int32_t>(p.error().code);
}

std::int32_t FollowWorkload::run() { return step(*engine_, steps_++); }

std::uint32_t FollowWorkload::stream() const {
  const Catalogue& c = engine_->catalogue();
  return read_all(reinterpret_cast<const std::byte*>(c.gram.data()),
                  c.gram.size_bytes() / 64 * 64) |
         read_all(reinterpret_cast<const std::byte*>(c.q.data()),
                  std::size_t{plays_} * c.row_stride / 64 * 64);
}

bool FollowWorkload::check() {
  std::optional<Engine> followed = open_engine(n_items_, d_, plays_, kNoArtist);
  std::optional<Engine> solved = open_engine(n_items_, d_, plays_, kNoArtist);
  if (!followed || !solved || !followed->user_vector(kNowS).ok()) return false;
  Hash hash;
  for (std::uint64_t number = 0; number < 50; ++number) {
    if (step(*followed, number) != 0 || step(*solved, number) != 0) return false;
    const std::int64_t now = kNowS + 200 * static_cast<std::int64_t>(number + 1);
    const std::span<const double> p = followed->follow(now).value();
    const std::span<const double> exact = solved->user_vector(now).value();
    double apart = 0;
    double length = 0;
    for (std::size_t i = 0; i < p.size(); ++i) {
      apart += (p[i] - exact[i]) * (p[i] - exact[i]);
      length += exact[i] * exact[i];
    }
    if (!(apart <= 1e-20 * length)) return false;
    hash.add(p.data(), p.size_bytes());
  }
  hash_ = hash.value;
  return true;
}

std::uint64_t FollowWorkload::bytes() const { return rows_bytes(*engine_, plays_); }

bool ListWorkload::open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays) {
  n_items_ = n_items, d_ = d, plays_ = plays;
  engine_ = open_engine(n_items, d, plays, kNoArtist);
  now_s_ = kNowS;
  list_.resize(kResults);
  reasons_.resize(std::size_t{kResults} * kReasons);
  n_reasons_.resize(kResults);
  return engine_.has_value();
}

std::int32_t ListWorkload::run_at(std::int64_t now_s) {
  const Result<std::uint32_t> n = engine_->recommend(now_s, list_, kReasons, reasons_, n_reasons_);
  return n.ok() ? 0 : static_cast<std::int32_t>(n.error().code);
}

std::int32_t ListWorkload::run() { return run_at(++now_s_); }

std::uint32_t ListWorkload::stream() const {
  const Catalogue& c = engine_->catalogue();
  return read_all(reinterpret_cast<const std::byte*>(c.q.data()), c.q.size() / 64 * 64);
}

bool ListWorkload::check() {
  if (run_at(kNowS) != 0) return false;
  Hash hash;
  hash.add(list_.data(), list_.size() * sizeof(Scored));
  for (std::uint32_t i = 0; i < kResults; ++i) {
    hash.add(reasons_.data() + i * kReasons, n_reasons_[i] * sizeof(Reason));
  }
  hash_ = hash.value;
  for (std::uint32_t i = 0; i < 2; ++i) {
    if (n_reasons_[i] == 0) return false;
    const Reason& reason = reasons_[i * kReasons + n_reasons_[i] - 1];
    std::uint32_t gone = 0;
    while (item_of(gone, plays_, n_items_) != reason.item) ++gone;
    std::optional<Engine> without = open_engine(n_items_, d_, plays_, gone);
    if (!without) return false;
    const double fell =
        list_[i].score - without->explain_item(kNowS, list_[i].item, {}, nullptr).value().score;
    if (!(std::fabs(reason.if_removed - fell) <= 1e-8 * std::fabs(fell))) return false;
  }
  return true;
}

std::uint64_t ListWorkload::bytes() const { return engine_->catalogue().q.size(); }

}  // namespace ossicle::bench
