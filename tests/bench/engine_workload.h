#ifndef OSSICLE_TESTS_BENCH_ENGINE_WORKLOAD_H_
#define OSSICLE_TESTS_BENCH_ENGINE_WORKLOAD_H_

// The engine as its callers use it, over a synthetic weighted catalogue and a history of `plays`
// different artists with play counts as they are: many once, few often.

#include <cstdint>
#include <optional>
#include <vector>

#include "ossicle/engine.h"

namespace ossicle::bench {

/// One more play, some minutes later, and the profile after it: record_all and Engine::follow.
class FollowWorkload {
 public:
  bool open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays);
  std::int32_t run();
  std::uint32_t stream() const;
  /// Follows 50 events from a fresh engine: whether each profile is within 1e-10 of the solved one.
  bool check();
  std::uint64_t answer_hash() const { return hash_; }
  std::uint64_t bytes() const;

 private:
  std::int32_t step(Engine& engine, std::uint64_t number);

  std::uint32_t n_items_ = 0, d_ = 0, plays_ = 0;
  std::optional<Engine> engine_;
  std::uint64_t steps_ = 0;
  std::uint64_t hash_ = 0;
};

/// A list of 20 with 3 reasons each, the profile solved anew, as after an event.
class ListWorkload {
 public:
  static constexpr std::uint32_t kResults = 20;
  static constexpr std::uint32_t kReasons = 3;

  bool open(std::uint32_t n_items, std::uint32_t d, std::uint32_t plays);
  std::int32_t run();
  std::uint32_t stream() const;
  /// Whether scores fall by what the first items' reasons say when the artist is deleted.
  bool check();
  std::uint64_t answer_hash() const { return hash_; }
  std::uint64_t bytes() const;

 private:
  std::int32_t run_at(std::int64_t now_s);

  std::uint32_t n_items_ = 0, d_ = 0, plays_ = 0;
  std::optional<Engine> engine_;
  std::int64_t now_s_ = 0;
  std::vector<Scored> list_;
  std::vector<Reason> reasons_;
  std::vector<std::uint32_t> n_reasons_;
  std::uint64_t hash_ = 0;
};

}  // namespace ossicle::bench

#endif  // OSSICLE_TESTS_BENCH_ENGINE_WORKLOAD_H_
