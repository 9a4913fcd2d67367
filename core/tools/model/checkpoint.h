#ifndef OSSICLE_TOOLS_MODEL_CHECKPOINT_H_
#define OSSICLE_TOOLS_MODEL_CHECKPOINT_H_

#include <array>
#include <cstdint>
#include <string>

#include "model/training.h"
#include "ossicle/train.h"
#include "problem.h"

namespace ossicle::tools {

/// What a training run was started with; a checkpoint goes on only with the same.
struct TrainingIdentity {
  TrainingSettings settings;
  std::array<std::uint8_t, 32> ratings_sha256{};
};

/// A model between two iterations, as a safetensors file; written in one step.
Problem write_checkpoint(const std::string& path, const TrainingIdentity& identity,
                         const IalsModel& model);

/// Puts the state of a checkpoint into `model`, a fresh ials_start() of the same run. Problems: a
/// file that is not a checkpoint, or of another run (which setting differs is named). The number of
/// iterations may differ: training goes on to the new one.
Problem read_checkpoint(const std::string& path, const TrainingIdentity& identity,
                        IalsModel& model);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_CHECKPOINT_H_
