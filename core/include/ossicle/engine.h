#ifndef OSSICLE_ENGINE_H_
#define OSSICLE_ENGINE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "ossicle/catalogue.h"
#include "ossicle/pipeline.h"
#include "ossicle/status.h"
#include "ossicle/types.h"

namespace ossicle {

struct EngineOptions {
  ProfileSettings profile;
  std::uint32_t max_events = 1u << 18;   ///< events that can be told apart; 8 to 16 bytes each
  std::uint32_t max_results = 256;       ///< most items one recommend() may ask for
  std::uint32_t max_reasons = 16;        ///< most reasons per item
};

struct HistoryCounts {
  std::uint64_t events = 0;      ///< recorded
  std::uint64_t unknown = 0;     ///< of those, by artists the catalogue lacks
  std::uint64_t duplicate = 0;   ///< given again and ignored
  std::uint32_t items = 0;       ///< catalogue items with any event
  std::uint32_t loved = 0;
  std::uint32_t banned = 0;
};

/// One listener over one catalogue. All memory is taken in open(); nothing allocates afterwards. Not thread-safe.
class Engine {
 public:
  /// Errors: invalid_argument (an option outside its range), out_of_memory.
  static Result<Engine> open(CatalogueData catalogue, const EngineOptions& options);
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  const Catalogue& catalogue() const;

  /// Adds events; `recorded` (empty, or one per event) says what became of each. On an error the events before index `at` are kept
  /// and those from it on are not.
  Status record_all(std::span<const Listen> events, std::span<Recorded> recorded);

  /// The best items at `now_s` that the listener does not know; returns how many. With no usable history: the most-listened items.
  /// `reasons` is [out.size(), reasons_per_item] and `n_reasons` [out.size()]; both may be empty.
  /// Errors: invalid_argument (more results or reasons than the options allow).
  Result<std::uint32_t> recommend(std::int64_t now_s, std::span<Scored> out, std::uint32_t reasons_per_item, std::span<Reason> reasons,
                                  std::span<std::uint32_t> n_reasons);

  /// Score and reasons of any item at `now_s`, known or not. Errors: out_of_range (item).
  Result<Scored> explain_item(std::int64_t now_s, std::uint32_t item, std::span<Reason> reasons, std::uint32_t* n_reasons);

  /// The state of one item's history. Errors: out_of_range.
  Result<ItemHistory> item_history(std::uint32_t item) const;

  /// The listener at `now_s`: p_u and b_u, [d + 1].
  Result<std::span<const double>> user_vector(std::int64_t now_s);

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
