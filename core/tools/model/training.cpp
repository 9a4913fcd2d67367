#include "model/training.h"

#include "base/math.h"
#include "progress.h"

namespace ossicle::tools {

Problem read_settings(const Args& args, TrainingSettings& out) {
  static constexpr std::string_view kConfidences[] = {"one", "log"};
  IalsSettings& ials = out.ials;
  OSL_TOOL_TRY(args.count("factors", 1U, 1024U, ials.factors));
  OSL_TOOL_TRY(args.number("alpha0", 1e-9, 1e3, ials.alpha0));
  OSL_TOOL_TRY(args.number("lambda", 1e-9, 1e6, ials.lambda));
  OSL_TOOL_TRY(args.number("nu", 0, 4, ials.nu));
  OSL_TOOL_TRY(args.count("iterations", 1U, 10000U, ials.iterations));
  OSL_TOOL_TRY(args.number("init-sd", 1e-6, 10, ials.init_sd));
  OSL_TOOL_TRY(args.choice("confidence", kConfidences, out.confidence));
  ials.biases = args.has("biases");
  return {};
}

void apply_confidence(const std::string& confidence, Interactions& by_user) {
  if (confidence == "one" || by_user.weight.empty()) {
    by_user.weight.assign(by_user.weight.size(), 1.0F);
    return;
  }
  double sum = 0;
  std::vector<double> level;
  level.reserve(by_user.weight.size());
  for (const float w : by_user.weight) {
    level.push_back(base::det_log2(1 + static_cast<double>(w)));
    sum += level.back();
  }
  const double mean = sum / static_cast<double>(level.size());
  for (std::size_t e = 0; e < level.size(); ++e) {
    by_user.weight[e] = static_cast<float>(level[e] / mean);
  }
}

Problem train_ials(const Interactions& by_user, const IalsSettings& settings, IalsModel& out) {
  Result<IalsModel> model = ials_start(by_user, settings);
  if (!model) return problem("training", model.error());
  const Interactions by_item = transpose(by_user);
  for (std::uint32_t i = 0; i < settings.iterations; ++i) {
    if (interrupted()) return {"interrupted", kExitInterrupted};
    if (const Status s = ials_iterate(by_user, by_item, model.value()); !s) {
      return problem("training, iteration " + std::to_string(i + 1), s.error());
    }
  }
  out = std::move(model).value();
  return {};
}

}  // namespace ossicle::tools
