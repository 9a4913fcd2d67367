#ifndef OSSICLE_BANDIT_H_
#define OSSICLE_BANDIT_H_

// Learns on the device which source of recommendations this listener follows now: Thompson sampling
// over a few blends, with old answers forgotten, so that it follows a listener who changes.
// Off unless a list is asked to follow it. (core/src/feedback)

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ossicle/pipeline.h"
#include "ossicle/ranking.h"
#include "ossicle/status.h"

namespace ossicle {

inline constexpr std::size_t kArms = 4;
inline constexpr std::size_t kContexts = 3;

/// The blends a list may be made with. The numbers are stored on the listener's device (kShown):
/// append-only.
inline constexpr std::array<Blend, kArms> kArmBlends = {{
    {.factors = 1, .neighbours = 0, .text = 0, .novelty = 0.5},  // the model's own order
    {.factors = 0, .neighbours = 1, .text = 0, .novelty = 0.5},  // what was played last
    {.factors = 0, .neighbours = 0, .text = 1, .novelty = 0.5},  // the same words
    {.factors = 1, .neighbours = 0, .text = 0, .novelty = 0.9},  // what few know
}};

struct BanditSettings {
  double memory = 60;      ///< [2, 10000], answers; older ones weigh exp(-age / memory)
  double prior = 2;        ///< [0.1, 100], answers that an arm is credited with before it has any,
                           ///< half of them taken
  double answer_days = 7;  ///< [0, 365]; an event answers a showing at most so long ago
};

/// What is remembered of the answers: their discounted number and sum, per context and arm. A
/// context is whatever tells situations apart (0 when nothing does): for example 0 morning, 1 day,
/// 2 evening.
struct Bandit {
  std::array<std::array<double, kArms>, kContexts> answers{};
  std::array<std::array<double, kArms>, kContexts> taken{};  ///< each answer's part in [0, 1]
};
static_assert(sizeof(Bandit) <= 256);

/// Errors: invalid_argument (`what` names the setting and its range).
Status check_bandit_settings(const BanditSettings& settings);

/// One draw from each arm's posterior, the best arm wins: a normal distribution with the mean and
/// the variance of a beta distribution over
///   prior + answers of all contexts, held to `prior` answers, + answers of this context
/// Only arms with available[arm] take part; arm 0 when none is. The same state and seed give the
/// same arm on every build. Source: Thompson, Biometrika 1933; Agrawal and Goyal, AISTATS 2013;
/// the discounting is that of Raj and Kalyani, 2017.
std::uint32_t choose_arm(const Bandit& bandit, const BanditSettings& settings,
                         std::uint32_t context, std::uint64_t seed,
                         const std::array<bool, kArms>& available);

/// Adds an answer in [0, 1] (1 = taken), and lets all others age by one.
void learn_answer(const BanditSettings& settings, std::uint32_t context, std::uint32_t arm,
                  double answer, Bandit& bandit);

/// kShown's track_hash for a list of `arm` in `context`, and back; false when no arm made it.
std::uint64_t shown_mark(std::uint32_t arm, std::uint32_t context);
bool read_shown_mark(std::uint64_t mark, std::uint32_t& arm, std::uint32_t& context);

/// Lets an event that was just recorded answer the last showing of its item, if an arm made that
/// list at most answer_days before. The first answer counts: a play of half the track or more, of
/// unknown length, or a love takes it (1); a shorter play, a skip or a ban does not (0); a clear
/// answers nothing. Nothing is learned from an item without an answer: not to have seen it is no
/// refusal.
void answer_showing(const Catalogue& catalogue, const BanditSettings& settings, const Listen& event,
                    History& history, Bandit& bandit);

/// The state as bytes, for a host that does not keep the events: 8-byte little-endian numbers after
/// the 8 bytes "oslbndt1".
inline constexpr std::size_t kBanditBytes = 8 + sizeof(Bandit);
static_assert(kBanditBytes <= 256);
void write_bandit(const Bandit& bandit, std::span<std::byte, kBanditBytes> out);
/// Errors: corrupt, not_finite, out_of_range (a number of answers below 0, or more taken than
/// given; at = byte).
Result<Bandit> read_bandit(std::span<const std::byte> bytes);

}  // namespace ossicle

#endif  // OSSICLE_BANDIT_H_
