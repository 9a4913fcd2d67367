#include "ossicle/bandit.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/checked.h"
#include "base/math.h"
#include "base/rng.h"

namespace ossicle {
namespace {

constexpr double kSecondsPerDay = 86400;
constexpr double kLog2E = 1.44269504088896340736;
constexpr std::uint64_t kMarkContext = 16;  // marks are 1 + arm + 16 context
constexpr char kMagic[8] = {'o', 's', 'l', 'b', 'n', 'd', 't', '1'};
static_assert(kArms <= kMarkContext);
static_assert(std::endian::native == std::endian::little);

struct Posterior {
  double mean, variance;
};

Posterior posterior(const Bandit& bandit, const BanditSettings& settings, std::uint32_t context,
                    std::size_t arm) {
  double answers = settings.prior;
  double taken = settings.prior / 2;
  for (std::size_t c = 0; c < kContexts; ++c) {
    answers += bandit.answers[c][arm];
    taken += bandit.taken[c][arm];
  }
  // What other contexts say is worth no more than the prior.
  const double n = settings.prior + bandit.answers[context][arm];
  const double mean = (settings.prior * (taken / answers) + bandit.taken[context][arm]) / n;
  return {mean, mean * (1 - mean) / (n + 1)};
}

double part_taken(const Listen& event) {
  if (event.kind == ListenKind::kLove) return 1;
  if (event.kind != ListenKind::kPlay) return 0;
  if (event.played_ms == 0 || event.duration_ms == 0) return 1;
  return 2.0 * event.played_ms >= event.duration_ms ? 1 : 0;
}

bool answers_something(ListenKind kind) {
  return kind == ListenKind::kPlay || kind == ListenKind::kSkip || kind == ListenKind::kLove ||
         kind == ListenKind::kBan;
}

}  // namespace

Status check_bandit_settings(const BanditSettings& settings) {
  const base::Range ranges[] = {
      {settings.memory, 2, 10000, "memory is outside 2..10000"},
      {settings.prior, 0.1, 100, "prior is outside 0.1..100"},
      {settings.answer_days, 0, 365, "answer_days is outside 0..365"},
  };
  return base::check_ranges(ranges);
}

std::uint32_t choose_arm(const Bandit& bandit, const BanditSettings& settings,
                         std::uint32_t context, std::uint64_t seed,
                         const std::array<bool, kArms>& available) {
  std::uint64_t state = seed;
  std::uint32_t best = 0;
  double best_draw = 0;
  bool any = false;
  for (std::uint32_t arm = 0; arm < kArms; ++arm) {
    // Drawn for an arm that is not available too, so that the others' draws do not depend on it.
    const double noise = base::normal(state);
    if (!available[arm]) continue;
    const Posterior p = posterior(bandit, settings, context, arm);
    const double draw = p.mean + std::sqrt(p.variance) * noise;
    if (any && draw <= best_draw) continue;
    any = true;
    best = arm;
    best_draw = draw;
  }
  return best;
}

void learn_answer(const BanditSettings& settings, std::uint32_t context, std::uint32_t arm,
                  double answer, Bandit& bandit) {
  const double kept = base::det_exp2(-kLog2E / settings.memory);
  for (std::size_t c = 0; c < kContexts; ++c) {
    for (std::size_t a = 0; a < kArms; ++a) {
      bandit.answers[c][a] *= kept;
      bandit.taken[c][a] *= kept;
    }
  }
  bandit.answers[context][arm] += 1;
  bandit.taken[context][arm] += answer;
}

std::uint64_t shown_mark(std::uint32_t arm, std::uint32_t context) {
  return 1 + arm + kMarkContext * context;
}

bool read_shown_mark(std::uint64_t mark, std::uint32_t& arm, std::uint32_t& context) {
  if (mark == 0) return false;
  const std::uint64_t a = (mark - 1) % kMarkContext;
  const std::uint64_t c = (mark - 1) / kMarkContext;
  if (a >= kArms || c >= kContexts) return false;
  arm = static_cast<std::uint32_t>(a);
  context = static_cast<std::uint32_t>(c);
  return true;
}

void answer_showing(const Catalogue& catalogue, const BanditSettings& settings, const Listen& event,
                    History& history, Bandit& bandit) {
  if (history.shown.empty() || !answers_something(event.kind)) return;
  const std::uint32_t row = find_item(catalogue, event.artist);
  if (row == kNoItem) return;
  Shown& shown = history.shown[row];
  std::uint32_t arm = 0;
  std::uint32_t context = 0;
  if (!read_shown_mark(shown.mark, arm, context)) return;
  const double days = static_cast<double>(event.at_s - shown.at_s) / kSecondsPerDay;
  if (!(days >= 0 && days <= settings.answer_days)) return;
  shown.mark = 0;
  learn_answer(settings, context, arm, part_taken(event), bandit);
}

void write_bandit(const Bandit& bandit, std::span<std::byte, kBanditBytes> out) {
  std::memcpy(out.data(), kMagic, sizeof kMagic);
  std::memcpy(out.data() + sizeof kMagic, &bandit, sizeof bandit);
}

Result<Bandit> read_bandit(std::span<const std::byte> bytes) {
  if (bytes.size() != kBanditBytes || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0) {
    return Error{Code::kCorrupt, 0, "not the state of a bandit (at = byte)"};
  }
  Bandit bandit;
  std::memcpy(&bandit, bytes.data() + sizeof kMagic, sizeof bandit);
  for (std::size_t c = 0; c < kContexts; ++c) {
    for (std::size_t a = 0; a < kArms; ++a) {
      const std::uint64_t at = sizeof kMagic + (c * kArms + a) * sizeof(double);
      const double answers = bandit.answers[c][a];
      const double taken = bandit.taken[c][a];
      if (!std::isfinite(answers) || !std::isfinite(taken)) {
        return Error{Code::kNotFinite, at, "a number of answers is not finite (at = byte)"};
      }
      if (answers < 0 || answers > 1e6 || taken < 0 || taken > answers) {
        return Error{Code::kOutOfRange, at, "more answers taken than given (at = byte)"};
      }
    }
  }
  return bandit;
}

}  // namespace ossicle
