#ifndef OSSICLE_TESTS_PRIVACY_SIMULATION_DATA_H_
#define OSSICLE_TESTS_PRIVACY_SIMULATION_DATA_H_

// The world of HetRec 2011 Last.fm, for the programs that simulate epochs.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "problem.h"
#include "round.h"
#include "world.h"

namespace ossicle::simulation {

/// Listeners whom the start model is trained on: as many as the data set has.
inline constexpr std::uint32_t kSeedListeners = 1892;
/// Numbers of the first client and of the first listener who is only asked.
inline constexpr std::uint64_t kFirstClient = 1'000'000;
inline constexpr std::uint64_t kFirstHeldOut = 1'000'000'000;
/// Public listeners whose lists an ExposureGate looks at. None whom the start model was trained on,
/// whose lists know what they played.
inline constexpr std::uint32_t kGateListeners = 1000;
inline constexpr std::uint64_t kFirstGateListener = 2'000'000'000;
/// C in steps, 1 unit.
inline constexpr std::uint32_t kMaxNorm = 1024;

struct Stage {
  World world;
  testing::CatalogueContents start;
  CatalogueData now;
  ForEach threads;
};

/// Reads the data (items with two listeners or more), makes the world and trains the start model,
/// on two threads.
tools::Problem open_stage(const char* data, Result<Stage>& out);

/// Sums of the first sizes[0], sizes[1], ... (rising) clients, with progress. Those that `folder`
/// (may be empty: none) has of an earlier run with the same start model are read, the others are
/// left there.
tools::Problem collect_clients(const Stage& stage, const std::string& folder,
                               std::uint32_t max_norm, std::span<const std::uint64_t> sizes,
                               std::vector<Sums>& out);

}  // namespace ossicle::simulation

#endif  // OSSICLE_TESTS_PRIVACY_SIMULATION_DATA_H_
