#ifndef OSSICLE_ENGINE_H_
#define OSSICLE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "ossicle/bandit.h"
#include "ossicle/catalogue.h"
#include "ossicle/pipeline.h"
#include "ossicle/ranking.h"
#include "ossicle/search.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

struct EngineOptions {
  ProfileSettings profile;
  BanditSettings bandit = {};
  std::uint32_t max_events =
      1u << 18;  ///< [1, 2^24], events that can be told apart at least; 11 to 22 bytes each
  std::uint32_t max_results = 256;     ///< [1, 1024], most items one recommend() may ask for
  std::uint32_t max_reasons = 16;      ///< [0, 256], most reasons per item of recommend()
  std::uint32_t max_own_items = 4096;  ///< [0, 65536], most OwnItems; about 170 bytes each
};

struct HistoryCounts {
  std::uint64_t events = 0;  ///< recorded
  std::uint64_t unknown =
      0;  ///< of those, by artists that neither the catalogue nor own tracks have
  std::uint64_t duplicate = 0;  ///< given again and ignored
  std::uint32_t items = 0;      ///< items with any event, own ones included
  std::uint32_t loved = 0;
  std::uint32_t banned = 0;
};

/// What recommend() is asked for.
struct RecommendRequest {
  std::int64_t now_s = 0;
  std::uint32_t reasons_per_item = 0;
  ListSettings list = {};
  bool follow = false;        ///< let the bandit choose the blend; list.blend is then not looked at
  std::uint32_t context = 0;  ///< follow: [0, 2], the situation, see Bandit
  std::uint64_t seed = 0;     ///< follow: of the draw; the same seed and history, the same list
};

/// What recommend() made.
struct Recommended {
  std::uint32_t count = 0;
  std::uint32_t arm = 0;   ///< follow: of kArmBlends
  std::uint64_t mark = 0;  ///< follow: track_hash of the kShown events that say that the list was
                           ///< shown; without them the bandit learns nothing
};

/// One listener over one catalogue. All memory is taken in open(); nothing allocates afterwards.
/// Not thread-safe.
class Engine {
 public:
  /// Errors: invalid_argument (`what` names the option outside its range, or the part of the
  /// catalogue that has another size than its shape says), out_of_memory.
  static Result<Engine> open(CatalogueData catalogue, const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  const Catalogue& catalogue() const;

  /// Takes the artists of the person's own tracks as items beside the catalogue's (ADR 0016). They
  /// are not copied, and must outlive the engine or the next call. More than before: those of
  /// before come first, and keep their history; fewer: the history of all own items is dropped.
  /// Events of an own item count once they are recorded after this call: forget() and record again.
  /// Errors: capacity_exceeded (more than max_own_items), invalid_argument (sizes that do not fit).
  Status use_own(const OwnItems& own);

  /// Adds events; `recorded` (empty, or one per event) says what became of each. On an error the
  /// events before index `at` are kept and those from it on are not. Errors: those of record();
  /// invalid_argument (a `recorded` of another size, at = that size).
  Status record_all(std::span<const Listen> events, std::span<Recorded> recorded);

  /// The best items at `now_s` that the listener does not know; returns how many. With no usable
  /// history: the most-listened items. `reasons` is [out.size(), reasons_per_item] and `n_reasons`
  /// [out.size()]; both may be empty. Only reasons that raise the score (contribution > 0) are
  /// given. Errors: invalid_argument (more results or reasons than the options allow, spans of
  /// another size, now_s before 1970 or after kLatestS), not_solvable.
  Result<std::uint32_t> recommend(std::int64_t now_s, std::span<Scored> out,
                                  std::uint32_t reasons_per_item, std::span<Reason> reasons,
                                  std::span<std::uint32_t> n_reasons);

  /// The same as the request says; by default the same list. Items are in the order of their value
  /// in the blend (ranking.h); `score` is r_ui all the same, and the reasons are those of r_ui.
  /// Without usable history the blend and diversity have nothing to say: the most-listened items,
  /// filtered. Errors: also invalid_argument for a knob outside its range (`what` names it).
  Result<Recommended> recommend(const RecommendRequest& request, std::span<Scored> out,
                                std::span<Reason> reasons, std::span<std::uint32_t> n_reasons);

  /// Attaches text vectors, one row for each item, for blends with text. They are not copied, and
  /// must outlive the engine or the next call. Errors: invalid_argument (sizes that do not fit).
  Status use_text(const TextVectors& vectors);

  /// What the bandit has learned; recording the same events in the same order learns it again.
  const Bandit& bandit() const;
  void set_bandit(const Bandit& bandit);

  /// Score and reasons of any item at `now_s`, known or not; reasons that lower the score as well,
  /// as many as fit. Errors: out_of_range (item), invalid_argument (now_s), not_solvable.
  Result<Scored> explain_item(std::int64_t now_s, std::uint32_t item, std::span<Reason> reasons,
                              std::uint32_t* n_reasons);

  /// The state of one item's history. Errors: out_of_range.
  Result<ItemHistory> item_history(std::uint32_t item) const;

  /// What a playlist goes on from and what it never holds: recent_items() into `recent`, of which
  /// the count is returned, and exclude_banned() into `banned` [N]. Errors: invalid_argument (a
  /// `banned` of another size, at = that size).
  Result<std::uint32_t> playlist_history(std::span<std::uint32_t> recent,
                                         std::span<std::uint8_t> banned) const;

  /// The listener at `now_s`: p_u and b_u, [d + 1]. Valid until the next call. Errors:
  /// invalid_argument (now_s), not_solvable.
  Result<std::span<const double>> user_vector(std::int64_t now_s);

  /// The same for less, after an event or when time has passed: within 1e-10 of user_vector() (of
  /// its length), and not independent of what was asked before (ADR 0010). Lists and reasons never
  /// come of it. Valid until the next call. Errors: those of user_vector().
  Result<std::span<const double>> follow(std::int64_t now_s);

  HistoryCounts counts() const;

  /// Forgets every event. The catalogue stays open.
  void forget();

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace ossicle

#endif  // OSSICLE_ENGINE_H_
