#ifndef OSSICLE_TOOLS_LEARNING_LEARN_H_
#define OSSICLE_TOOLS_LEARNING_LEARN_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "learning/epoch.h"
#include "learning/listeners.h"
#include "learning/prior.h"
#include "ossicle/catalogue.h"

namespace ossicle::tools {

/// What may come of an epoch.
enum class Outcome : std::uint8_t {
  kLearnt,   ///< there is a bundle to publish
  kNothing,  ///< no row moved, or all that did were put back
  kRefused   ///< a gate says no; LearnResult::why
};
std::string_view name_of(Outcome outcome);

/// A row that was put back because it came into too many lists.
struct HeldRow {
  std::uint32_t row = 0;
  double before = 0, after = 0;  ///< share of the lists that it was in, and came into
};

struct LearnRequest {
  const Catalogue& now;
  const Prior& prior;
  std::span<const BlockSums> sums;
  Noise noise;
  Variances variances;                 ///< of the epoch before, or first_variances()
  std::span<const HeldOut> listeners;  ///< not empty; none whom the catalogue was trained on
  BundleFacts facts;                   ///< of the new bundle
  ForEach for_each;
};

struct LearnResult {
  Outcome outcome = Outcome::kNothing;
  std::string why;  ///< in words, of kNothing and kRefused
  std::uint32_t moved = 0;
  std::vector<HeldRow> held;                   ///< rising
  double recall_before = 0, recall_after = 0;  ///< at Lists::kLength, means
  BundleBytes bundle;                          ///< of kLearnt
  Variances variances;                         ///< of kLearnt, for the next epoch
};

/// From sums to a new catalogue: solves the blocks, puts back rows that are over_exposed() until
/// none that moved is, and lets nothing pass that loses held-out recall or that a client would
/// refuse (check_snapshot() with the limits of clients). Whether a gate refuses is a result, not an
/// error. The same bytes on every build. Errors: of the steps.
Problem learn(const LearnRequest& request, LearnResult& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_LEARNING_LEARN_H_
