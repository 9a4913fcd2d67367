#ifndef OSSICLE_TESTS_PRIVACY_AUDIT_ATTACKS_H_
#define OSSICLE_TESTS_PRIVACY_AUDIT_ATTACKS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "mechanism.h"
#include "ossicle/status.h"
#include "statistics.h"

namespace ossicle::audit {

// The attackers. Each is the best we know for what it is given, and the same one that must catch
// the broken mechanisms.

/// Told how much of an attack is done, 0..1.
using Progress = std::function<void(double)>;

// ---- was this listener among the contributors? ----

struct Membership {
  Auc auc;
  double epsilon = 0;  ///< lower limit, 95 %
};

/// Canary of norm 16 C before and C after clipping, in every number of the table; the attacker
/// knows it, the tables of the other clients, and all of one aggregator. Score: the inner product
/// of what is left of the sums with the canary, which is the likelihood ratio of Gaussian noise.
/// `trials` with the canary, and as many without.
Result<Membership> attack_membership(const Mechanism& mechanism, std::uint32_t trials,
                                     std::uint64_t seed, const Progress& progress);

/// One run, each canary in or out by a coin, in a number of its own.
struct OneRun {
  double epsilon = 0;  ///< lower limit, 95 %, the best of several numbers of guesses
  std::uint32_t guesses = 0;
  std::uint32_t right = 0;
};

/// The guesses for scores that tell of coins: the highest are guessed in, the lowest out.
OneRun guess_coins(const std::vector<double>& scores, const std::vector<std::uint8_t>& coins);

/// Every canary reports in every sum: its table, or zeros. Errors: invalid_argument (the table has
/// fewer numbers than there are canaries).
Result<OneRun> attack_one_run(const Mechanism& mechanism, std::uint32_t canaries,
                              std::uint64_t seed, const Progress& progress);

// ---- what does one aggregator see? ----

/// How shares are made; as built: neither.
enum class ShareFault {
  kNone,
  kReusedSeed,  ///< a client makes both its reports with one seed (and one header)
  kNotMasked,   ///< the other share is the table (and the bits of the proof are as they are)
};

/// Which of the two shares is looked at: the one that a seed stands for, or the other.
enum class Side { kSeed, kOther };

struct ViewSizes {
  TableShape shape{};  ///< kBlockRows rows
  std::uint32_t users = 500;
  std::uint32_t rounds = 2;  ///< of new users, two reports each; >= 2
};

struct View {
  Auc touched;             ///< rows of one report, by a classifier learnt on round 0
  Auc touched_difference;  ///< the same from the difference of a client's two reports
  std::uint32_t linked = 0;
  std::uint32_t links = 0;  ///< of so many; by chance one in `users` is right
};

/// Two reports of each user, filled by the core, seen from one aggregator before anything is added
/// up. Linking: among the second reports of a round, the one most like the first.
Result<View> attack_view(ShareFault fault, Side side, const ViewSizes& sizes, std::uint64_t seed,
                         const Progress& progress);

struct ProofView {
  Auc full;  ///< of reports with a history against tables of zeros, learnt on the first rounds
  std::uint32_t linked = 0;
  std::uint32_t links = 0;  ///< of so many; by chance one in `users` is right
};

/// The same from what the proof of the norm adds to an aggregator's view: to the first one
/// (Side::kOther) the proof, to the second (Side::kSeed) what the first tells it.
Result<ProofView> attack_proof(ShareFault fault, Side side, const ViewSizes& sizes,
                               std::uint64_t seed, const Progress& progress);

/// The one-run audit of one aggregator: it holds the other share of two reports of each canary, of
/// which the first is zeros and the second is the canary's table or zeros.
Result<OneRun> attack_one_view(ShareFault fault, std::uint32_t canaries, std::uint64_t seed);

// ---- do two halves of a history belong together? ----

struct Linked {
  Auc auc;          ///< of the likeness of two halves: one user's against two users'
  double top1 = 0;  ///< share of users whose other half was found among all
};

struct Linkage {
  Linked naive;  ///< rows uploaded as they are
  Linked known;  ///< the attacker has the rows of one half, and a published sum with the other
  Linked sums;   ///< both halves from published sums
};

/// Disjoint halves of each user's history, a profile fitted to each (the mean of its items), and
/// each half in a sum. The most favourable case for the attacker: all others' tables in a sum are
/// known, so each sum is one half and the noise of one aggregator.
Result<Linkage> attack_linkage(const Mechanism& mechanism, std::uint32_t users, std::uint64_t seed,
                               const Progress& progress);

// ---- does the time tell? ----

struct Timing {
  std::size_t items = 0;        ///< distinct ones of the 10,000 plays
  std::size_t bytes_empty = 0;  ///< of a report: both halves, unsealed
  std::size_t bytes_full = 0;
  Auc fill;      ///< time of 10,000 plays against none
  Auc protect;   ///< the same for quantise and clip
  Auc make;      ///< of both together
  Auc baseline;  ///< make, none against none
  Auc prove;     ///< of splitting the table and proving its norm, in every `prove_each`th report
  Auc whole;     ///< of all together, in these
  double empty_us = 0;  ///< median of the whole
  double full_us = 0;
  double fill_empty_us = 0;
  double fill_full_us = 0;
};

/// Each way is taken `repeats` times. A proof takes a hundred times as long as all before it, and
/// would hide what that tells: so the two are timed apart, too.
Result<Timing> attack_timing(std::uint32_t repeats, std::uint32_t prove_each, std::uint64_t seed,
                             const Progress& progress);

}  // namespace ossicle::audit

#endif  // OSSICLE_TESTS_PRIVACY_AUDIT_ATTACKS_H_
