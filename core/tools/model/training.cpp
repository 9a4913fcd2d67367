#include "model/training.h"

#include <algorithm>
#include <atomic>
#include <map>
#if !defined(__EMSCRIPTEN__)
#include <thread>
#endif

#include "base/math.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

// log2(1 + weight) over its mean, or 1, in place of the weights as written.
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

// How many people gave a tag to a kept item, a row for each tag that enough of them have.
Interactions count_tags(const TagAssignments& tags, const MayCount& may_count,
                        const TrainingSet& set, std::span<const std::uint32_t> listeners,
                        const TrainingSettings& settings) {
  std::vector<std::map<std::uint32_t, std::uint32_t>> count(tags.names.size());
  for (const TagAssignments::Assignment& one : tags.all) {
    const std::uint32_t item = set.number[one.item];
    if (item != TrainingSet::kLeftOut && may_count(one)) ++count[one.tag][item];
  }
  Interactions out;
  out.n_items = static_cast<std::uint32_t>(set.items.size());
  out.offset = {0};
  for (const auto& of_tag : count) {
    const auto warm = std::count_if(of_tag.begin(), of_tag.end(), [&](const auto& one) {
      return listeners[one.first] >= settings.loss.warm_listeners;
    });
    if (of_tag.empty() || static_cast<std::size_t>(warm) < settings.tag_row_items) continue;
    for (const auto& [item, n] : of_tag) {
      out.item.push_back(item);
      out.weight.push_back(static_cast<float>(n));
    }
    out.offset.push_back(out.item.size());
    ++out.n_users;
  }
  return out;
}

void choose_items(const Interactions& plays, std::uint32_t min_listeners, TrainingSet& out) {
  std::vector<std::uint32_t> listeners(plays.n_items, 0);
  for (const std::uint32_t item : plays.item) ++listeners[item];
  out.number.assign(plays.n_items, TrainingSet::kLeftOut);
  for (std::uint32_t i = 0; i < plays.n_items; ++i) {
    if (listeners[i] < min_listeners) continue;
    out.number[i] = static_cast<std::uint32_t>(out.items.size());
    out.items.push_back(i);
  }
}

Problem read_weighted(const Args& args, WeightedLoss& loss) {
  const struct {
    const char* name;
    double most;
    double& value;
  } options[] = {
      {"user-spread", 10, loss.user_spread}, {"item-spread", 10, loss.item_spread},
      {"popularity", 10, loss.popularity},   {"negative-popularity", 10, loss.negative_popularity},
      {"user-count", 1e9, loss.user_count},  {"item-confidence", 1e9, loss.item_confidence}};
  for (const auto& option : options) {
    OSL_TOOL_TRY(args.number(option.name, 0, option.most, option.value));
  }
  OSL_TOOL_TRY(args.number("tag-confidence", 1e-9, 1e6, loss.tag_confidence));
  return args.number("tag-alpha0", 1e-9, 1e6, loss.tag_alpha0);
}

}  // namespace

TrainingSettings default_settings(bool weighted) {
  TrainingSettings out;
  out.weighted = weighted;
  out.ials.factors = weighted ? 128 : 64;
  out.ials.iterations = weighted ? 10 : 12;
  out.loss.warm_listeners = weighted ? 2 : 0;
  out.confidence = "one";
  return out;
}

Problem read_settings(const Args& args, TrainingSettings& out) {
  static constexpr std::string_view kLosses[] = {"plain", "weighted"};
  static constexpr std::string_view kConfidences[] = {"one", "log"};
  std::string loss;
  OSL_TOOL_TRY(args.choice("loss", kLosses, loss));
  out = default_settings(loss == "weighted");
  if (args.has("factors")) OSL_TOOL_TRY(args.count("factors", 1U, 1024U, out.ials.factors));
  if (args.has("iterations")) {
    OSL_TOOL_TRY(args.count("iterations", 1U, 10000U, out.ials.iterations));
  }
  OSL_TOOL_TRY(args.count("min-listeners", 0U, 1000000U, out.min_listeners));
  OSL_TOOL_TRY(args.count("warm-listeners", 0U, 1000000U, out.loss.warm_listeners));
  OSL_TOOL_TRY(args.number("text-pull", 0, 1, out.text_pull));
  OSL_TOOL_TRY(args.number("text-ridge", 1e-9, 1e9, out.text_ridge));
  double& alpha0 = out.weighted ? out.loss.alpha0 : out.plain.alpha0;
  if (args.has("alpha0")) OSL_TOOL_TRY(args.number("alpha0", 1e-9, 1e3, alpha0));
  double& lambda = out.weighted ? out.loss.lambda : out.plain.lambda;
  if (args.has("lambda")) OSL_TOOL_TRY(args.number("lambda", 1e-9, 1e6, lambda));
  OSL_TOOL_TRY(args.number("nu", 0, 4, out.plain.nu));
  OSL_TOOL_TRY(args.number("init-sd", 1e-6, 10, out.ials.init_sd));
  OSL_TOOL_TRY(args.choice("confidence", kConfidences, out.confidence));
  out.ials.biases = args.has("biases");
  OSL_TOOL_TRY(read_weighted(args, out.loss));
  OSL_TOOL_TRY(args.count("threads", 0U, 1024U, out.threads));
  OSL_TOOL_TRY(args.count("tag-row-items", 1U, 1U << 24, out.tag_row_items));
  for (const Option& option : kTrainingOptions) {
    const std::string_view text(option.text);
    if (!args.has(option.name) || !text.starts_with(out.weighted ? "plain:" : "weighted:"))
      continue;
    return problem("--" + std::string(option.name) + " needs --loss " +
                   (out.weighted ? "plain" : "weighted"));
  }
  return {};
}

Problem make_training_set(const Interactions& plays, const TagAssignments* tags,
                          const MayCount& may_count, const TrainingSettings& settings,
                          const ItemTexts& texts, TrainingSet& out) {
  out = TrainingSet();
  choose_items(plays, settings.min_listeners, out);
  if (out.items.empty()) return problem("no item has enough listeners: lower --min-listeners");
  out.plays = keep_items(plays, out);
  ModelConstants& constants = out.constants;
  if (settings.weighted) {
    Interactions tag_rows;
    std::vector<std::uint32_t> listeners(out.items.size(), 0);
    for (const std::uint32_t item : out.plays.item) ++listeners[item];
    if (tags != nullptr) tag_rows = count_tags(*tags, may_count, out, listeners, settings);
    WeightedLoss loss = settings.loss;
    loss.items_left_out = plays.n_items - out.plays.n_items;
    auto made = weighted_problem(out.plays, tag_rows, loss, &constants.confidence);
    if (!made) return problem("training", made.error());
    out.problem = std::move(made).value();
    const std::vector<std::uint8_t>& cold = out.problem.cold;
    if (!cold.empty() && std::count(cold.begin(), cold.end(), 0) == 0) {
      return problem("no item has enough listeners: lower --warm-listeners");
    }
    out.problem.text_pull = settings.text_pull;
    out.problem.text_ridge = settings.text_ridge;
    // Without a pull texts have no part in training.
    const std::uint32_t text_size = settings.text_pull > 0 ? texts.size : 0;
    out.problem.text_size = text_size;
    for (std::size_t i = 0; i < out.items.size() && text_size > 0; ++i) {
      const auto row =
          std::span(texts.vectors).subspan(std::size_t{out.items[i]} * text_size, text_size);
      out.problem.item_text.insert(out.problem.item_text.end(), row.begin(), row.end());
    }
    constants.weighted = true;
    constants.warm_listeners = loss.warm_listeners;
    constants.negative_popularity = loss.negative_popularity;
    constants.alpha0 = loss.alpha0;
    constants.user_lambda = static_cast<double>(out.problem.user_ridge[0]);
    return {};
  }
  Interactions weighed = out.plays;
  apply_confidence(settings.confidence, weighed);
  auto made = plain_problem(weighed, settings.plain);
  if (!made) return problem("training", made.error());
  out.problem = std::move(made).value();
  // ADR 0003: one ridge, at the mean count.
  const double mean = static_cast<double>(plays.item.size()) / plays.n_users;
  const double level = settings.plain.alpha0 * plays.n_items + mean;
  constants.alpha0 = settings.plain.alpha0;
  constants.user_lambda = settings.plain.lambda * base::det_pow(level, settings.plain.nu);
  constants.user_bias = settings.ials.biases;
  return {};
}

Interactions keep_items(const Interactions& x, const TrainingSet& set) {
  Interactions out;
  out.n_users = x.n_users;
  out.n_items = static_cast<std::uint32_t>(set.items.size());
  out.offset = {0};
  for (std::uint32_t u = 0; u < x.n_users; ++u) {
    for (auto e = static_cast<std::size_t>(x.offset[u]); e < x.offset[u + 1]; ++e) {
      const std::uint32_t number = set.number[x.item[e]];
      if (number == TrainingSet::kLeftOut) continue;
      out.item.push_back(number);
      out.weight.push_back(x.weight[e]);
    }
    out.offset.push_back(out.item.size());
  }
  return out;
}

IalsProblem new_users(const Interactions& plays, const TrainingSet& set,
                      const TrainingSettings& settings) {
  IalsProblem out;
  out.cold = set.problem.cold;
  const auto is_cold = [&](std::uint32_t item) { return !out.cold.empty() && out.cold[item] != 0; };
  out.by_user.n_users = plays.n_users;
  out.by_user.n_items = plays.n_items;
  out.by_user.offset = {0};
  std::vector<std::uint32_t> listeners(set.items.size(), 0);
  for (const std::uint32_t item : set.plays.item) ++listeners[item];
  for (std::uint32_t u = 0; u < plays.n_users; ++u) {
    const auto from = static_cast<std::size_t>(plays.offset[u]);
    const auto to = static_cast<std::size_t>(plays.offset[u + 1]);
    PlaySpread spread(set.constants.confidence);
    for (std::size_t e = from; e < to; ++e) {
      if (!is_cold(plays.item[e])) spread.add(static_cast<double>(plays.weight[e]));
    }
    for (std::size_t e = from; e < to; ++e) {
      if (is_cold(plays.item[e])) continue;
      double w = static_cast<double>(plays.weight[e]);
      if (settings.weighted) {
        w = popularity_discount(set.constants.confidence, listeners[plays.item[e]]) *
            spread.weigh(w);
      }
      out.by_user.item.push_back(plays.item[e]);
      out.by_user.weight.push_back(static_cast<float>(w));
    }
    out.by_user.offset.push_back(out.by_user.item.size());
  }
  if (!settings.weighted) apply_confidence(settings.confidence, out.by_user);
  out.user_negative.assign(plays.n_users, static_cast<float>(set.constants.alpha0));
  out.user_ridge.assign(plays.n_users, static_cast<float>(set.constants.user_lambda));
  out.item_negative = set.problem.item_negative;
  return out;
}

ForEach in_threads(std::uint32_t threads) {
#if defined(__EMSCRIPTEN__)
  static_cast<void>(threads);
  return {};
#else
  if (threads == 0) threads = std::max(std::thread::hardware_concurrency(), 1U);
  return [threads](std::uint32_t n, const std::function<void(std::uint32_t)>& task) {
    std::atomic<std::uint32_t> next{0};
    const auto work = [&] {
      for (std::uint32_t i = next++; i < n; i = next++) task(i);
    };
    std::vector<std::thread> others(std::min(threads, std::max(n, 1U)) - 1);
    for (std::thread& other : others) other = std::thread(work);
    work();
    for (std::thread& other : others) other.join();
  };
#endif
}

Problem train_ials(const IalsProblem& problem_in, const IalsSettings& settings, IalsModel& out,
                   std::uint32_t threads) {
  const ForEach run = in_threads(threads);
  Result<IalsModel> model = ials_start(problem_in, settings);
  if (!model) return problem("training", model.error());
  for (std::uint32_t i = 0; i < settings.iterations; ++i) {
    if (interrupted()) return {"interrupted", kExitInterrupted};
    if (const Status s = ials_iterate(problem_in, model.value(), run); !s) {
      return problem("training, iteration " + std::to_string(i + 1), s.error());
    }
  }
  out = std::move(model).value();
  return {};
}

}  // namespace ossicle::tools
