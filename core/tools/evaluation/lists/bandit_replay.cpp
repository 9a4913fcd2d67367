#include "evaluation/lists/bandit_replay.h"

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "base/rng.h"
#include "json.h"
#include "progress.h"

namespace ossicle::tools {
namespace {

constexpr std::int64_t kDayS = 86400;
constexpr std::uint64_t kTuningSeeds[] = {1000001, 1000002, 1000003};

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t state = a * 0x9e3779b97f4a7c15u + b;
  return base::next(state);
}

struct Listener {
  std::vector<Listen> history;
  std::array<std::uint32_t, 2> source{};   // before and after half-way
  std::array<std::vector<bool>, 2> taste;  // [N] each
};

enum class Way { kRight, kFixed, kRandom, kBandit };

class Replay {
 public:
  Replay(HeldOut& held_out, const ReplaySettings& settings)
      : held_out_(held_out), engine_(held_out.engine()), settings_(settings) {
    for (std::uint32_t arm = 0; arm < kArms; ++arm) {
      if (kArmBlends[arm].text == 0 || held_out.has_text()) arms_.push_back(arm);
    }
  }

  Problem draw_listeners(std::uint64_t seed) {
    seed_ = seed;
    std::uint64_t state = seed;
    std::vector<std::uint32_t> users(held_out_.users().begin(), held_out_.users().end());
    listeners_.clear();
    while (listeners_.size() < settings_.listeners && !users.empty()) {
      std::swap(users[base::below(state, static_cast<std::uint32_t>(users.size()))], users.back());
      Listener one;
      one.history = held_out_.history(users.back());
      users.pop_back();
      const auto n = static_cast<std::uint32_t>(arms_.size());
      const std::uint32_t first = base::below(state, n);
      const std::uint32_t step = 1 + base::below(state, n - 1);
      one.source = {arms_[first], settings_.drift ? arms_[(first + step) % n] : arms_[first]};
      OSL_TOOL_TRY(draw_taste(one));
      listeners_.push_back(std::move(one));
    }
    return {};
  }

  // Mean number of items taken in a list.
  Problem run(Way way, const Blend& blend, double& mean) {
    double sum = 0;
    for (std::size_t i = 0; i < listeners_.size(); ++i) {
      OSL_TOOL_TRY(run_listener(way, blend, i, sum));
    }
    mean = sum / (static_cast<double>(listeners_.size()) * settings_.rounds);
    return {};
  }

  const std::vector<std::uint32_t>& arms() const { return arms_; }

 private:
  Problem start(const Listener& one) {
    engine_.forget();
    const Status s = engine_.record_all(one.history, {});
    return s ? Problem() : problem("a history", s.error());
  }

  Problem draw_taste(Listener& one) {
    OSL_TOOL_TRY(start(one));
    std::vector<Scored> best(settings_.taste_size);
    for (std::size_t half = 0; half < 2; ++half) {
      RecommendRequest request;
      request.now_s = kEpochS;
      request.list.blend = kArmBlends[one.source[half]];
      const Result<Recommended> made = engine_.recommend(request, best, {}, {});
      if (!made) return problem("a taste", made.error());
      one.taste[half].assign(engine_.catalogue().n_items, false);
      for (const Scored& s : std::span(best).first(made.value().count)) {
        one.taste[half][s.item] = true;
      }
    }
    return {};
  }

  Problem run_listener(Way way, const Blend& blend, std::size_t number, double& sum) {
    const Listener& one = listeners_[number];
    const std::uint64_t stream = mix(seed_, number);
    OSL_TOOL_TRY(start(one));
    std::vector<Scored> list(settings_.list_size);
    for (std::uint32_t round = 0; round < settings_.rounds; ++round) {
      const std::size_t half = 2 * round < settings_.rounds ? 0 : 1;
      RecommendRequest request;
      request.now_s = kEpochS + (round + 1) * kDayS;
      request.seed = mix(stream, round);
      request.list.shown_rest_days = settings_.rounds;
      request.list.blend = blend;
      if (way == Way::kRight) request.list.blend = kArmBlends[one.source[half]];
      if (way == Way::kRandom) {
        request.list.blend = kArmBlends[arms_[request.seed % arms_.size()]];
      }
      request.follow = way == Way::kBandit;
      const Result<Recommended> made = engine_.recommend(request, list, {}, {});
      if (!made) return problem("a list", made.error());
      const std::span<const Scored> shown = std::span(list).first(made.value().count);
      OSL_TOOL_TRY(answer(one.taste[half], shown, made.value().mark, request, sum));
    }
    return {};
  }

  Problem answer(const std::vector<bool>& taste, std::span<const Scored> shown, std::uint64_t mark,
                 const RecommendRequest& request, double& sum) {
    const Catalogue& catalogue = engine_.catalogue();
    std::vector<Listen> events;
    for (const Scored& s : shown) {
      const double taken = taste[s.item] ? settings_.taken_right : settings_.taken_wrong;
      sum += taken;
      Listen event;
      event.artist = catalogue.id[s.item];
      event.at_s = request.now_s;
      event.kind = ListenKind::kShown;
      event.track_hash = mark;
      events.push_back(event);
      // The same draw for an item and a day, whatever way it was found.
      std::uint64_t state = mix(request.seed, s.item);
      const bool is_taken = base::uniform(state) < taken;
      if (!is_taken && base::uniform(state) >= settings_.skipped) continue;
      event.at_s += 60;
      event.kind = is_taken ? ListenKind::kPlay : ListenKind::kSkip;
      event.track_hash = 1;
      events.push_back(event);
    }
    const Status status = engine_.record_all(events, {});
    return status ? Problem() : problem("answers", status.error());
  }

  HeldOut& held_out_;
  Engine& engine_;
  const ReplaySettings& settings_;
  std::vector<std::uint32_t> arms_;
  std::vector<Listener> listeners_;
  std::uint64_t seed_ = 0;
};

std::vector<Blend> fixed_blends(bool with_text) {
  std::vector<Blend> blends;
  for (const double neighbours : {0.0, 1.0, 4.0}) {
    for (const double text : {0.0, 0.3, 1.0}) {
      for (const double novelty : {0.5, 0.7, 0.9}) {
        if (text != 0 && !with_text) continue;
        blends.push_back({1, neighbours, text, novelty});
      }
    }
  }
  for (const Blend& arm : kArmBlends) {
    if (arm.text == 0 || with_text) blends.push_back(arm);
  }
  return blends;
}

Problem find_fixed_blend(Replay& replay, bool with_text, Blend& best) {
  const std::vector<Blend> blends = fixed_blends(with_text);
  std::vector<double> taken(blends.size());
  const Progress progress("tuning seed", std::size(kTuningSeeds));
  std::uint32_t done = 0;
  for (const std::uint64_t seed : kTuningSeeds) {
    OSL_TOOL_TRY(replay.draw_listeners(seed));
    for (std::size_t i = 0; i < blends.size(); ++i) {
      double mean = 0;
      OSL_TOOL_TRY(replay.run(Way::kFixed, blends[i], mean));
      taken[i] += mean;
    }
    progress.step(++done);
  }
  best = blends[static_cast<std::size_t>(std::max_element(taken.begin(), taken.end()) -
                                         taken.begin())];
  return {};
}

}  // namespace

Problem replay_bandit(const ListRequest& request, const ReplaySettings& settings,
                      std::span<const std::uint64_t> seeds, ReplayResult& out) {
  EngineOptions options;
  options.max_results = std::max(settings.taste_size, settings.list_size);
  options.bandit = settings.bandit;
  const Split split = split_users(request.ratings.by_user, 1);
  HeldOut held_out;
  OSL_TOOL_TRY(held_out.open(request, split, 1, 0, options));
  Replay replay(held_out, settings);
  OSL_TOOL_TRY(find_fixed_blend(replay, held_out.has_text(), out.fixed));
  const Progress progress("seed", static_cast<std::uint32_t>(seeds.size()));
  for (const std::uint64_t seed : seeds) {
    if (interrupted()) return {"interrupted", kExitInterrupted};
    OSL_TOOL_TRY(replay.draw_listeners(seed));
    ReplayMeans means;
    OSL_TOOL_TRY(replay.run(Way::kRight, {}, means.right));
    OSL_TOOL_TRY(replay.run(Way::kFixed, out.fixed, means.fixed));
    OSL_TOOL_TRY(replay.run(Way::kFixed, {}, means.plain));
    OSL_TOOL_TRY(replay.run(Way::kRandom, {}, means.random));
    OSL_TOOL_TRY(replay.run(Way::kBandit, {}, means.bandit));
    out.per_seed.push_back(means);
    progress.step(static_cast<std::uint32_t>(out.per_seed.size()));
  }
  return {};
}

std::string table(const ReplayResult& result, std::span<const std::uint64_t> seeds) {
  char line[200];
  std::snprintf(line, sizeof line,
                "best fixed blend: factors %g, neighbours %g, text %g, novelty %g\n"
                "items taken per list; regret = what the right source would have had more\n",
                result.fixed.factors, result.fixed.neighbours, result.fixed.text,
                result.fixed.novelty);
  std::string out = line;
  out +=
      "    seed   right   fixed   plain  random  bandit   regret: fixed   plain  random  bandit\n";
  std::size_t below = 0;
  for (std::size_t i = 0; i < result.per_seed.size(); ++i) {
    const ReplayMeans& m = result.per_seed[i];
    below += m.bandit > m.fixed && m.bandit > m.plain;
    std::snprintf(line, sizeof line,
                  "%8llu  %6.3f  %6.3f  %6.3f  %6.3f  %6.3f           %6.3f  %6.3f  %6.3f  %6.3f\n",
                  static_cast<unsigned long long>(seeds[i]), m.right, m.fixed, m.plain, m.random,
                  m.bandit, m.right - m.fixed, m.right - m.plain, m.right - m.random,
                  m.right - m.bandit);
    out += line;
  }
  std::snprintf(line, sizeof line,
                "the bandit's regret is below the fixed blends' (best and default) in %zu of %zu "
                "seeds\n",
                below, result.per_seed.size());
  return out + line;
}

std::string to_json(const ReplayResult& result, std::span<const std::uint64_t> seeds) {
  JsonOut json;
  json.begin_object().key("fixed").begin_object();
  json.key("factors").number(result.fixed.factors);
  json.key("neighbours").number(result.fixed.neighbours).key("text").number(result.fixed.text);
  json.key("novelty").number(result.fixed.novelty).end_object().key("seeds").begin_array();
  for (std::size_t i = 0; i < result.per_seed.size(); ++i) {
    const ReplayMeans& m = result.per_seed[i];
    json.begin_object().key("seed").count(seeds[i]).key("right").number(m.right);
    json.key("fixed").number(m.fixed).key("plain").number(m.plain);
    json.key("random").number(m.random).key("bandit").number(m.bandit).end_object();
  }
  json.end_array().end_object();
  return json.line() + "\n";
}

}  // namespace ossicle::tools
