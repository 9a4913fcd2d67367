#ifndef OSSICLE_TOOLS_EVALUATION_BASELINES_BPR_H_
#define OSSICLE_TOOLS_EVALUATION_BASELINES_BPR_H_

#include <cstdint>
#include <vector>

#include "ossicle/train.h"

namespace ossicle::tools {

/// Settings chosen on the validation part of HetRec, seeds 1-2 (core/docs/evaluation.md).
struct BprSettings {
  std::uint32_t factors = 64;
  std::uint32_t epochs = 400;
  float learning_rate = 0.05F;  ///< of the first epoch; falls to 0 in even steps
  float regularisation = 0.02F;
  std::uint64_t seed = 1;
};

/// Bayesian personalised ranking, a baseline: r_ui = <p_u, q_i> + b_i, by stochastic gradient steps
/// on ln sigmoid(r_ui - r_uj) for a random interaction (u, i) and a random item j that u did not
/// play; as many steps in an epoch as there are interactions. The same bytes for the same seed.
/// Weights are not looked at. Source: Rendle et al., UAI 2009 (LearnBPR).
struct BprModel {
  std::uint32_t factors = 0;
  std::vector<float> p, q;  ///< [U, d], [N, d]
  std::vector<float> bias;  ///< [N]
};
BprModel train_bpr(const Interactions& plays, const BprSettings& settings);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_EVALUATION_BASELINES_BPR_H_
