#ifndef OSSICLE_TOOLS_MODEL_TRAINING_H_
#define OSSICLE_TOOLS_MODEL_TRAINING_H_

#include <array>
#include <string>

#include "args.h"
#include "ossicle/train.h"

namespace ossicle::tools {

/// The iALS settings as options; the same for train and eval.
inline constexpr std::array kIalsOptions = {
    Option{"factors", Takes::kOne, "D", "64", "numbers per user and item, 1..1024"},
    Option{"alpha0", Takes::kOne, "X", "0.05", "weight of a pair nobody played"},
    Option{"lambda", Takes::kOne, "X", "0.01", "L2 regularisation"},
    Option{"nu", Takes::kOne, "X", "1", "exponent of the counts in the regularisation"},
    Option{"iterations", Takes::kOne, "N", "12", "rounds of all users, then all items"},
    Option{"init-sd", Takes::kOne, "X", "0.1", "spread of the random start"},
    Option{"confidence", Takes::kOne, "one|log", "one",
           "w_ui: 1 for every pair, or log2(1 + weight) over its mean"},
    Option{"biases", Takes::kNothing, "", "", "learn mu, b_u and b_i as well"},
};

struct TrainingSettings {
  IalsSettings ials;
  std::string confidence;
};

/// Reads kIalsOptions; the seed is the caller's.
Problem read_settings(const Args& args, TrainingSettings& out);

/// Replaces the weights as written by confidences w_ui.
void apply_confidence(const std::string& confidence, Interactions& by_user);

/// settings.iterations iterations from a fresh start. Stops with kExitInterrupted on Ctrl-C.
Problem train_ials(const Interactions& by_user, const IalsSettings& settings, IalsModel& out);

template <std::size_t A, std::size_t B>
constexpr std::array<Option, A + B> join(const std::array<Option, A>& a,
                                         const std::array<Option, B>& b) {
  std::array<Option, A + B> out{};
  for (std::size_t i = 0; i < A; ++i) out[i] = a[i];
  for (std::size_t i = 0; i < B; ++i) out[A + i] = b[i];
  return out;
}

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_TRAINING_H_
