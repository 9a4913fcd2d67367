#include "evaluation/baselines/bpr.h"

#include <algorithm>

#include "base/math.h"
#include "base/rng.h"
#include "evaluation/split.h"

namespace ossicle::tools {
namespace {

constexpr double kLog2E = 1.442695040888963407;
constexpr int kTries =
    32;  // for an item not played; a user who has nearly all of them is passed over

// 1 - sigmoid(x)
float missing(float x) {
  return static_cast<float>(1 / (1 + base::det_exp2(kLog2E * static_cast<double>(x))));
}

class Trainer {
 public:
  Trainer(const Interactions& plays, const BprSettings& settings)
      : plays_(plays), settings_(settings), d_(settings.factors), state_(settings.seed) {
    model_.factors = settings.factors;
    model_.bias.assign(plays.n_items, 0.0F);
    model_.p.resize(plays.n_users * d_);
    model_.q.resize(plays.n_items * d_);
    for (float& x : model_.p) x = static_cast<float>(0.1 * base::normal(state_));
    for (float& x : model_.q) x = static_cast<float>(0.1 * base::normal(state_));
    user_of_.reserve(plays.item.size());
    for (std::uint32_t u = 0; u < plays.n_users; ++u) {
      user_of_.insert(user_of_.end(), items_of(plays, u).size(), u);
    }
  }

  // `left` = the part of the epochs to come: the steps shrink to nothing, so that the last ones do
  // not undo each other.
  void run_epoch(float left) {
    rate_ = settings_.learning_rate * left;
    const auto n = static_cast<std::uint32_t>(plays_.item.size());
    for (std::uint32_t step = 0; step < n; ++step) {
      const std::uint32_t at = base::below(state_, n);
      const std::uint32_t user = user_of_[at];
      std::uint32_t other = 0;
      if (draw_other(user, other)) learn(user, plays_.item[at], other);
    }
  }

  BprModel take() { return std::move(model_); }

 private:
  bool draw_other(std::uint32_t user, std::uint32_t& other) {
    const std::span<const std::uint32_t> own = items_of(plays_, user);
    for (int i = 0; i < kTries; ++i) {
      other = base::below(state_, plays_.n_items);
      if (!std::binary_search(own.begin(), own.end(), other)) return true;
    }
    return false;
  }

  void learn(std::uint32_t user, std::uint32_t liked, std::uint32_t other) {
    float* p = model_.p.data() + user * d_;
    float* i = model_.q.data() + liked * d_;
    float* j = model_.q.data() + other * d_;
    float x = model_.bias[liked] - model_.bias[other];
    for (std::size_t f = 0; f < d_; ++f) x += p[f] * (i[f] - j[f]);
    const float g = missing(x);
    const float rate = rate_;
    const float shrink = settings_.regularisation;
    for (std::size_t f = 0; f < d_; ++f) {
      const float pf = p[f];
      const float difference = i[f] - j[f];
      p[f] += rate * (g * difference - shrink * pf);
      i[f] += rate * (g * pf - shrink * i[f]);
      j[f] += rate * (0 - g * pf - shrink * j[f]);
    }
    model_.bias[liked] += rate * (g - shrink * model_.bias[liked]);
    model_.bias[other] += rate * (0 - g - shrink * model_.bias[other]);
  }

  const Interactions& plays_;
  const BprSettings& settings_;
  const std::size_t d_;
  std::uint64_t state_;
  float rate_ = 0;
  std::vector<std::uint32_t> user_of_;  // of each interaction
  BprModel model_;
};

}  // namespace

BprModel train_bpr(const Interactions& plays, const BprSettings& settings) {
  Trainer trainer(plays, settings);
  for (std::uint32_t epoch = 0; epoch < settings.epochs; ++epoch) {
    trainer.run_epoch(1 - static_cast<float>(epoch) / static_cast<float>(settings.epochs));
  }
  return trainer.take();
}

}  // namespace ossicle::tools
