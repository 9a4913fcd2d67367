#include "ossicle/engine.h"

#include <algorithm>
#include <array>
#include <new>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "engine_list.h"
#include "ossicle/credits.h"

namespace ossicle {
namespace {

constexpr std::uint32_t kMostEvents = 1u << 24;
constexpr std::uint32_t kMostResults = 1024;
constexpr std::uint32_t kMostReasons = 256;
constexpr std::uint32_t kMostFactors = 1024;
constexpr std::uint32_t kMostOwnItems = 1u << 16;

Status check_options(const EngineOptions& options) {
  const ProfileSettings& p = options.profile;
  const base::Range ranges[] = {
      {p.half_life_days, 7, 36500, "half_life_days is outside 7..36500"},
      {p.love_strength, 0, 1000, "love_strength is outside 0..1000"},
      {p.skip_strength, 0, 1000, "skip_strength is outside 0..1000"},
      {p.ban_strength, 0, 1000, "ban_strength is outside 0..1000"},
      {p.min_played_ms, 0, 3600000, "min_played_ms is outside 0..3600000"},
      {p.skip_rest_days, 0, 36500, "skip_rest_days is outside 0..36500"},
      {static_cast<double>(options.max_events), 1, kMostEvents, "max_events is outside 1..2^24"},
      {static_cast<double>(options.max_results), 1, kMostResults, "max_results is outside 1..1024"},
      {static_cast<double>(options.max_reasons), 0, kMostReasons, "max_reasons is outside 0..256"},
      {static_cast<double>(options.max_own_items), 0, kMostOwnItems,
       "max_own_items is outside 0..65536"},
  };
  return base::check_ranges(ranges);
}

// The stages index these columns without looking at their sizes.
Status check_shape(const Catalogue& c) {
  if (c.n_items == 0) return Error{Code::kInvalidArgument, 0, "the catalogue has no items"};
  if (c.n_factors == 0 || c.n_factors > kMostFactors) {
    return Error{Code::kInvalidArgument, c.n_factors, "n_factors is outside 1..1024"};
  }
  const std::size_t n = c.n_items;
  const std::size_t d = c.n_factors;
  const struct {
    bool right;
    const char* what;
  } columns[] = {
      {c.row_stride == (d + 15) / 16 * 16, "row_stride is not n_factors rounded up to 16"},
      {c.q.size() == n * c.row_stride, "q is not [N, row_stride]"},
      {c.scale.size() == n, "scale is not [N]"},
      {c.bias.size() == n, "bias is not [N]"},
      {c.rowsum.size() == n, "rowsum is not [N]"},
      {c.listeners.size() == n, "listeners is not [N]"},
      {c.id.size() == n, "id is not [N]"},
      {c.by_id.size() == n, "by_id is not [N]"},
      {c.gram.size() == d * d, "gram is not [d, d]"},
      {c.factor_sum.size() == d, "factor_sum is not [d]"},
      {c.offset_sum.size() == d + 1, "offset_sum is not [d + 1]"},
      {c.negative.size() == (c.model.weighted ? n : 0), "negative is not [N]"},
      {c.discount.size() == (c.model.weighted ? n : 0), "discount is not [N]"},
  };
  for (const auto& column : columns) {
    if (!column.right) return Error{Code::kInvalidArgument, 0, column.what};
  }
  return {};
}

Status check_now(std::int64_t now_s) {
  if (now_s < 0 || now_s > kLatestS) {
    return Error{Code::kInvalidArgument, 0, "now_s is before 1970 or after 9999"};
  }
  return {};
}

Status check_own(const Catalogue& c, const OwnItems& own, std::uint32_t most) {
  const std::size_t n = own.n;
  if (n > most) {
    return Error{Code::kCapacityExceeded, n, "more own items than EngineOptions allows (at = n)"};
  }
  if (own.q.size() != n * c.row_stride || own.scale.size() != n || own.id.size() != n ||
      own.by_id.size() != n || (n != 0 && own.name_offset.size() != n + 1)) {
    return Error{Code::kInvalidArgument, n, "a column of the own items has another size (at = n)"};
  }
  return {};
}

// The rarest item that is not cold weighs most; an own item is as rare.
double own_discount(const Catalogue& c) {
  std::uint32_t last = c.n_items - 1;
  while (last > 0 && c.is_cold(last)) --last;
  return c.model.weighted ? c.discount[last] : 1;
}

// A power of two of which 3/4 is at least `max_events`.
std::size_t table_size(std::uint32_t max_events) {
  std::size_t size = 4;
  while (size / 4 * 3 < max_events) size *= 2;
  return size;
}

// Hands out 64-byte aligned arrays of one block; given no block, it only adds up what they need.
class Arena {
 public:
  explicit Arena(std::byte* block) : block_(block) {}

  template <class T>
  std::span<T> take(std::size_t n) {
    std::uint64_t bytes = 0;
    std::uint64_t end = 0;
    fits_ = fits_ && base::checked_mul(n, sizeof(T), bytes) &&
            base::checked_align(bytes, OwnedBytes::kAlignment, bytes) &&
            base::checked_add(used_, bytes, end) && end <= SIZE_MAX;
    if (!fits_) return {};
    T* at = block_ == nullptr ? nullptr : reinterpret_cast<T*>(block_ + used_);
    used_ = end;
    return block_ == nullptr ? std::span<T>{} : std::span<T>{at, n};
  }
  bool fits() const { return fits_; }
  std::size_t used() const { return static_cast<std::size_t>(used_); }

 private:
  std::byte* block_;
  std::uint64_t used_ = 0;
  bool fits_ = true;
};

}  // namespace

struct Engine::State {
  CatalogueData catalogue;
  EngineOptions options;
  OwnedBytes memory;

  History history;
  std::span<Observation> observations;  // [N + max_own_items]
  std::uint32_t n_observations = 0;
  UserModel user;
  ListMaker lists;
  CreditTable credits;
  std::optional<TextVectors> text;
  Bandit bandit;
  ExplainMemory explaining;

  // The profile is solved again only when `now` or the history has changed.
  bool profile_is_current = false;
  std::int64_t profile_at_s = 0;
  // A followed profile is near the solved one; lists and reasons are only made of the latter, so
  // that they do not depend on what was asked before (ADR 0010).
  bool followed_is_current = false;
  bool factored = false;  // whether user.cholesky is the factor of `observations`
  FollowMemory following;

  const Catalogue& items() const { return catalogue.view; }

  void take_buffers(Arena& arena) {
    const std::size_t n = std::size_t{items().n_items} + options.max_own_items;
    const std::size_t k = std::size_t{items().n_factors} + 1;
    history.item = arena.take<ItemHistory>(n);
    history.items = arena.take<std::uint32_t>(n);
    history.shown = arena.take<Shown>(items().n_items);
    history.seen = arena.take<std::uint64_t>(table_size(options.max_events));
    observations = arena.take<Observation>(n);
    user.p = arena.take<double>(k);
    user.cholesky = arena.take<double>(k * k);
    user.p_u7 = arena.take<std::uint8_t>(items().row_stride);
    lists.take_buffers(items(), options.max_results, arena);
    explaining.numbers = arena.take<double>(explain_numbers(n, items().n_factors));
    explaining.removed = arena.take<std::uint32_t>(kRemembered);
    const std::size_t kept = kept_rows(n, items().n_factors);
    explaining.rows = {arena.take<double>(kept * k), arena.take<std::uint32_t>(kept)};
    following.rows = explaining.rows;
    following.weight = arena.take<double>(n);
    following.numbers = arena.take<double>(follow_numbers(items().n_factors));
  }

  // Stage 2: the listener at `now_s`.
  Status solve_profile(std::int64_t now_s) {
    OSL_TRY(check_now(now_s));
    if (profile_is_current && profile_at_s == now_s) return {};
    forget_profile();
    following.ready = false;
    factored = false;
    n_observations = observe(items(), history, options.profile, now_s, observations);
    OSL_TRY(fold_in(items(), observations.first(n_observations), user));
    factored = true;
    profile_is_current = true;
    profile_at_s = now_s;
    return {};
  }

  // The same, near enough and for less, from the last one.
  Status follow_profile(std::int64_t now_s) {
    OSL_TRY(check_now(now_s));
    if ((profile_is_current || followed_is_current) && profile_at_s == now_s) return {};
    if (factored) note_weights(observations.first(n_observations), following);
    forget_profile();
    factored = false;
    n_observations = observe(items(), history, options.profile, now_s, observations);
    OSL_TRY(ossicle::follow(items(), observations.first(n_observations), user, following));
    followed_is_current = true;
    profile_at_s = now_s;
    return {};
  }

  void forget_profile() {
    profile_is_current = false;
    followed_is_current = false;
    explaining.ready = false;
  }

  // Rows of own items may mean others than before.
  void use_own(const OwnItems& own) {
    const std::uint32_t first = items().n_items;
    if (own.n < items().own.n) {
      std::uint32_t& n = history.n_items;
      while (n > 0 && history.items[n - 1] >= first) history.item[history.items[--n]] = {};
    }
    catalogue.view.own = own;
    std::fill(explaining.rows.item.begin(), explaining.rows.item.end(), 0u);
    following.ready = false;
    factored = false;
    forget_profile();
  }

  std::uint32_t explain_into(std::uint32_t item, std::span<Reason> out) {
    return explain(items(), user, observations.first(n_observations), item, explaining, out);
  }

  Status check_request(std::size_t results, std::uint32_t reasons_per_item, std::size_t reasons,
                       std::size_t n_reasons) const {
    if (results > options.max_results) {
      return Error{Code::kInvalidArgument, results,
                   "more results than EngineOptions::max_results (at = results)"};
    }
    if (reasons_per_item > options.max_reasons) {
      return Error{Code::kInvalidArgument, reasons_per_item,
                   "more reasons than EngineOptions::max_reasons (at = reasons per item)"};
    }
    if (reasons == 0 && n_reasons == 0) return {};
    if (reasons != results * reasons_per_item) {
      return Error{Code::kInvalidArgument, reasons,
                   "reasons is not [results, reasons_per_item] (at = its size)"};
    }
    if (n_reasons != results) {
      return Error{Code::kInvalidArgument, n_reasons, "n_reasons is not [results] (at = its size)"};
    }
    return {};
  }
};

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;

Result<Engine> Engine::open(CatalogueData catalogue, const EngineOptions& options) {
  OSL_TRY(check_options(options));
  OSL_TRY(check_bandit_settings(options.bandit));
  OSL_TRY(check_shape(catalogue.view));
  std::unique_ptr<State> state(new (std::nothrow) State);
  if (state == nullptr) return Error{Code::kOutOfMemory, sizeof(State), "no memory to open"};
  state->catalogue = std::move(catalogue);
  state->options = options;

  Arena sizes(nullptr);
  state->take_buffers(sizes);
  if (sizes.fits()) state->memory = OwnedBytes::allocate(sizes.used());
  if (!state->memory.ok()) {
    return Error{Code::kOutOfMemory, sizes.used(), "no memory for the buffers (at = bytes)"};
  }
  Arena arena(state->memory.data());
  state->take_buffers(arena);
  state->catalogue.view.own = {};
  state->catalogue.view.own_discount = own_discount(state->items());
  state->credits = CreditTable(state->items());
  state->lists.prepare(state->items());
  return Engine(std::move(state));
}

const Catalogue& Engine::catalogue() const { return state_->items(); }

Status Engine::use_own(const OwnItems& own) {
  OSL_TRY(check_own(state_->items(), own, state_->options.max_own_items));
  state_->use_own(own);
  return {};
}

Status Engine::record_all(std::span<const Listen> events, std::span<Recorded> recorded) {
  State& s = *state_;
  if (!recorded.empty() && recorded.size() != events.size()) {
    return Error{Code::kInvalidArgument, recorded.size(),
                 "recorded has another size than events (at = its size)"};
  }
  s.forget_profile();
  for (std::size_t i = 0; i < events.size(); ++i) {
    const Result<Recorded> result = record(s.items(), s.options.profile, events[i], s.history);
    if (!result.ok()) return Error{result.error().code, i, result.error().what};
    if (!recorded.empty()) recorded[i] = result.value();
    if (result.value() == Recorded::kKept) {
      answer_showing(s.items(), s.options.bandit, events[i], s.history, s.bandit);
    }
  }
  return {};
}

Result<std::uint32_t> Engine::recommend(std::int64_t now_s, std::span<Scored> out,
                                        std::uint32_t reasons_per_item, std::span<Reason> reasons,
                                        std::span<std::uint32_t> n_reasons) {
  const RecommendRequest request{.now_s = now_s, .reasons_per_item = reasons_per_item};
  const Result<Recommended> list = recommend(request, out, reasons, n_reasons);
  if (!list.ok()) return list.error();
  return list.value().count;
}

Result<Recommended> Engine::recommend(const RecommendRequest& request, std::span<Scored> out,
                                      std::span<Reason> reasons,
                                      std::span<std::uint32_t> n_reasons) {
  State& s = *state_;
  const std::uint32_t reasons_per_item = request.reasons_per_item;
  OSL_TRY(s.check_request(out.size(), reasons_per_item, reasons.size(), n_reasons.size()));
  OSL_TRY(check_list_settings(request.list));
  if (request.context >= kContexts) {
    return Error{Code::kInvalidArgument, request.context, "context is outside 0..2"};
  }
  OSL_TRY(s.solve_profile(request.now_s));
  Recommended made;
  if (out.empty()) return made;

  ListSettings settings = request.list;
  if (request.follow) {
    const std::array<bool, kArms> available = {true, s.lists.has_neighbours(), s.text.has_value(),
                                               true};
    made.arm = choose_arm(s.bandit, s.options.bandit, request.context, request.seed, available);
    settings.blend = kArmBlends[made.arm];
    made.mark = shown_mark(made.arm, request.context);
  }
  if (settings.blend.neighbours != 0 && !s.lists.has_neighbours()) {
    return Error{Code::kNotSolvable, 0,
                 "no neighbours: the catalogue's alpha0 and user_lambda do not regularise it"};
  }
  const ListListener listener{.catalogue = s.items(),
                              .credits = s.credits,
                              .text = s.text ? &*s.text : nullptr,
                              .profile = s.options.profile,
                              .history = s.history,
                              .user = s.user,
                              .observations = s.observations.first(s.n_observations)};
  made.count = s.lists.make(listener, settings, request.now_s, out);
  const std::size_t n = made.count;

  for (std::size_t i = 0; i < n && !n_reasons.empty(); ++i) {
    const std::span<Reason> row = reasons.subspan(i * reasons_per_item, reasons_per_item);
    std::uint32_t kept = s.explain_into(out[i].item, row);
    while (kept > 0 && !(row[kept - 1].contribution > 0)) --kept;
    n_reasons[i] = kept;
  }
  return made;
}

Status Engine::use_text(const TextVectors& vectors) {
  const Catalogue& c = state_->items();
  const std::size_t n = c.n_items;
  if (vectors.dimensions == 0 || vectors.dimensions > TextVectors::kMaxDimensions ||
      vectors.row_stride != (std::size_t{vectors.dimensions} + 15) / 16 * 16 ||
      vectors.rows.size() != n * vectors.row_stride || vectors.scale.size() != n ||
      vectors.bias.size() != n || vectors.rowsum.size() != n) {
    return Error{Code::kInvalidArgument, vectors.scale.size(),
                 "text vectors are not one row for each item (at = rows)"};
  }
  state_->text = vectors;
  return {};
}

const Bandit& Engine::bandit() const { return state_->bandit; }

void Engine::set_bandit(const Bandit& bandit) { state_->bandit = bandit; }

Result<Scored> Engine::explain_item(std::int64_t now_s, std::uint32_t item,
                                    std::span<Reason> reasons, std::uint32_t* n_reasons) {
  State& s = *state_;
  if (item >= s.items().n_all()) {
    return Error{Code::kOutOfRange, item, "the item is outside the catalogue (at = item)"};
  }
  OSL_TRY(s.solve_profile(now_s));
  const std::uint32_t n = s.explain_into(item, reasons);
  if (n_reasons != nullptr) *n_reasons = n;
  return score(s.items(), s.user, item);
}

Result<ItemHistory> Engine::item_history(std::uint32_t item) const {
  if (item >= state_->items().n_all()) {
    return Error{Code::kOutOfRange, item, "the item is outside the catalogue (at = item)"};
  }
  return state_->history.item[item];
}

Result<std::uint32_t> Engine::playlist_history(std::span<std::uint32_t> recent,
                                               std::span<std::uint8_t> banned) const {
  const State& s = *state_;
  if (banned.size() != s.items().n_items) {
    return Error{Code::kInvalidArgument, banned.size(), "banned is not [N] (at = its size)"};
  }
  exclude_banned(s.history, s.credits, banned);
  return recent_items(s.history, s.items().n_items, recent);
}

Result<std::span<const double>> Engine::user_vector(std::int64_t now_s) {
  OSL_TRY(state_->solve_profile(now_s));
  return std::span<const double>(state_->user.p);
}

Result<std::span<const double>> Engine::follow(std::int64_t now_s) {
  OSL_TRY(state_->follow_profile(now_s));
  return std::span<const double>(state_->user.p);
}

HistoryCounts Engine::counts() const {
  const History& history = state_->history;
  HistoryCounts counts;
  counts.events = history.n_seen;
  counts.unknown = history.events_unknown;
  counts.duplicate = history.events_duplicate;
  counts.items = history.n_items;
  for (const std::uint32_t row : history.items.first(history.n_items)) {
    counts.loved += history.item[row].flag == Flag::kLoved;
    counts.banned += history.item[row].flag == Flag::kBanned;
  }
  return counts;
}

void Engine::forget() {
  State& s = *state_;
  // Every buffer holds something of the listener, the profile and the last list included.
  std::fill_n(s.memory.data(), s.memory.size(), std::byte{0});
  s.lists.prepare(s.items());
  s.history.n_items = 0;
  s.history.n_seen = 0;
  s.history.events_unknown = 0;
  s.history.events_duplicate = 0;
  s.n_observations = 0;
  s.bandit = {};
  s.forget_profile();
  s.factored = false;
  s.following.ready = false;
  s.user.p_scale = 0;
  s.user.n_observations = 0;
  s.profile_at_s = 0;
}

}  // namespace ossicle
