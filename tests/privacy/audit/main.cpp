// The audit of the privacy claim: attackers against the mechanism as it is built, and against ones
// that are broken in one place each, which must be caught. One line per attack; exit status 1 when
// an attacker does better than is claimed, or does not notice a broken mechanism.
//   privacy_audit [ROW]...    only these rows: a membership, b one run, c broken mechanisms, d one
//                             aggregator's view, e the time of a report, f linking two halves
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <string>
#include <string_view>

#include "attacks.h"

namespace ossicle::audit {
namespace {

/// 16 numbers: the noise of each number is independent, so that only those in which the
/// canary is not zero matter to the attacker.
constexpr TableShape kSmall{.rows = 1, .factors = 15};
/// Few numbers favour who links: less noise in the sum over rows.
constexpr TableShape kLinked{.rows = 512, .factors = 31};
constexpr std::uint32_t kCanaries = 1000;
constexpr double kMostViewAuc = 0.52;
constexpr std::uint32_t kUsers = 500;
// Far apart, because attacks count on from their seeds.
constexpr std::uint64_t kSeedStep = std::uint64_t{1} << 40;

/// What an attack came to: the line, and whether that is as it should be.
struct Finding {
  std::string text;
  bool right = false;
};

__attribute__((format(printf, 1, 2))) std::string format(const char* form, ...) {
  char line[400];
  va_list arguments;
  va_start(arguments, form);
  std::vsnprintf(line, sizeof line, form, arguments);
  va_end(arguments);
  return line;
}

class Audit {
 public:
  explicit Audit(std::span<char*> rows) : rows_(rows) {}

  bool wants(char row) const {
    return rows_.empty() || std::any_of(rows_.begin(), rows_.end(), [&](const char* name) {
             return std::string_view(name) == std::string_view(&row, 1);
           });
  }

  /// `attack(seed, progress)` gives a Result<Finding>. A broken mechanism is right when caught.
  template <class Attack>
  void line(char row, bool broken, const char* name, const Attack& attack) {
    ++seed_;
    if (!wants(row)) return;
    const Progress progress = [&](double done) {
      std::fprintf(stderr, "\r%c %s: %3.0f %%\033[K", row, name, 100 * done);
    };
    const Result<Finding> finding = attack(seed_ * kSeedStep, progress);
    std::fprintf(stderr, "\r\033[K");
    const bool right = finding.ok() && finding.value().right;
    failures_ += static_cast<int>(!right);
    const char* verdict = broken ? (right ? "caught" : "MISSED") : (right ? "pass" : "FAIL");
    std::printf("%-6s  %c  %s: %s\n", verdict, row, name,
                finding.ok() ? finding.value().text.c_str() : finding.error().what);
    std::fflush(stdout);
  }

  int failures() const { return failures_; }

 private:
  std::span<char*> rows_;
  std::uint64_t seed_ = 0;
  int failures_ = 0;
};

// ---- a: membership by repeated trials ----

void audit_membership(Audit& audit, const char* name, std::uint32_t sigma, std::uint32_t reports,
                      std::uint32_t trials) {
  const Mechanism mechanism{.shape = kSmall, .sigma = sigma, .reports = reports};
  audit.line(
      'a', false, name, [&](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
        const Result<Claim> claim = claim_of(mechanism);
        if (!claim.ok()) return claim.error();
        const Result<Membership> result = attack_membership(mechanism, trials, seed, progress);
        if (!result.ok()) return result.error();
        const Auc& auc = result.value().auc;
        const double epsilon = result.value().epsilon;
        const double above = (auc.value - claim.value().auc) / auc.error;
        // The canary has norm C and the test is the best: an attacker far below the ceiling would
        // be a broken attacker.
        return Finding{format("AUC %.4f, ceiling %.4f (%+.1f s.e. of %.4f, %u trials); epsilon >= "
                              "%.2f, claimed %.2f",
                              auc.value, claim.value().auc, above, auc.error, 2 * trials, epsilon,
                              claim.value().epsilon),
                       above <= 3 && above >= -3 && epsilon <= claim.value().epsilon};
      });
}

// ---- b, c: one run, and the broken mechanisms ----

void audit_one_run(Audit& audit, char row, const char* name, const Mechanism& mechanism) {
  const bool broken = row == 'c';
  audit.line(row, broken, name,
             [&](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
               const Result<Claim> claim = claim_of(mechanism);
               if (!claim.ok()) return claim.error();
               const Result<OneRun> run = attack_one_run(mechanism, kCanaries, seed, progress);
               if (!run.ok()) return run.error();
               const double epsilon = run.value().epsilon;
               return Finding{
                   format("%u of %u guesses right; epsilon >= %.2f, claimed %.2f",
                          run.value().right, run.value().guesses, epsilon, claim.value().epsilon),
                   (epsilon > claim.value().epsilon) == broken};
             });
}

void audit_forgetful(Audit& audit) {
  const Mechanism mechanism{.shape = kSmall, .reports = 12, .accounted = 1};
  audit.line('c', true, "odometer forgets: 12 reports accounted as 1",
             [&](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
               const Result<Claim> claim = claim_of(mechanism);
               if (!claim.ok()) return claim.error();
               const Result<Membership> result =
                   attack_membership(mechanism, 100000, seed, progress);
               if (!result.ok()) return result.error();
               const Auc& auc = result.value().auc;
               const double epsilon = result.value().epsilon;
               return Finding{format("AUC %.4f, ceiling %.4f; epsilon >= %.2f, claimed %.2f",
                                     auc.value, claim.value().auc, epsilon, claim.value().epsilon),
                              auc.value > claim.value().auc + 3 * auc.error &&
                                  epsilon > claim.value().epsilon};
             });
}

void audit_one_view(Audit& audit, char row, const char* name, ShareFault fault) {
  const bool broken = fault != ShareFault::kNone;
  audit.line(row, broken, name, [&](std::uint64_t seed, const Progress&) -> Result<Finding> {
    const Result<Claim> claim = claim_of({});
    if (!claim.ok()) return claim.error();
    const Result<OneRun> run = attack_one_view(fault, kCanaries, seed);
    if (!run.ok()) return run.error();
    const double epsilon = run.value().epsilon;
    return Finding{format("%u of %u guesses right; epsilon >= %.2f, claimed for the sum %.2f",
                          run.value().right, run.value().guesses, epsilon, claim.value().epsilon),
                   (epsilon > claim.value().epsilon) == broken};
  });
}

// ---- d: one aggregator's view ----

void audit_view(Audit& audit, const char* name, ShareFault fault, Side side, std::uint32_t rounds) {
  const bool broken = fault != ShareFault::kNone;
  audit.line('d', broken, name,
             [&](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
               const ViewSizes sizes{.users = kUsers, .rounds = rounds};
               const Result<View> result = attack_view(fault, side, sizes, seed, progress);
               if (!result.ok()) return result.error();
               const View& view = result.value();
               const double top1 = static_cast<double>(view.linked) / view.links;
               const double touched = std::max(view.touched.value, view.touched_difference.value);
               const bool hidden = touched <= kMostViewAuc && top1 <= 2.0 / kUsers;
               return Finding{
                   format("touched rows AUC %.4f (s.e. %.4f), from two reports %.4f (%.4f); linked "
                          "%u of %u among %u: %.2f %%, chance %.2f %%",
                          view.touched.value, view.touched.error, view.touched_difference.value,
                          view.touched_difference.error, view.linked, view.links, kUsers,
                          100 * top1, 100.0 / kUsers),
                   hidden != broken};
             });
}

void audit_proof(Audit& audit, const char* name, ShareFault fault, Side side,
                 std::uint32_t rounds) {
  const bool broken = fault != ShareFault::kNone;
  constexpr std::uint32_t kProvers = 100;
  audit.line(
      'd', broken, name, [&](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
        const ViewSizes sizes{.shape = kLinked, .users = kProvers, .rounds = rounds};
        const Result<ProofView> result = attack_proof(fault, side, sizes, seed, progress);
        if (!result.ok()) return result.error();
        const ProofView& view = result.value();
        const double top1 = static_cast<double>(view.linked) / view.links;
        const bool hidden = view.full.value <= 0.5 + 3 * view.full.error && top1 <= 2.0 / kProvers;
        return Finding{format("a history AUC %.4f (s.e. %.4f); linked %u of %u among %u: "
                              "%.2f %%, chance %.2f %%",
                              view.full.value, view.full.error, view.linked, view.links, kProvers,
                              100 * top1, 100.0 / kProvers),
                       hidden != broken};
      });
}

// ---- e, f ----

void audit_timing(Audit& audit) {
  constexpr std::uint32_t kRepeats = 10000;
  constexpr std::uint32_t kProveEach = 4;
  audit.line('e', false, "empty history against 10,000 plays",
             [](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
               const Result<Timing> result = attack_timing(kRepeats, kProveEach, seed, progress);
               if (!result.ok()) return result.error();
               const Timing& t = result.value();
               const double most = std::max({t.make.value, t.prove.value, t.whole.value});
               return Finding{format("%zu and %zu bytes; %zu items; time until a table is clipped "
                                     "AUC %.4f (s.e. %.4f; none "
                                     "against none %.4f; fill_block %.1f and %.1f us, %.4f; "
                                     "quantise and clip %.4f), of the "
                                     "proof %.4f (%.4f), of all %.0f and %.0f us, %.4f",
                                     t.bytes_empty, t.bytes_full, t.items, t.make.value,
                                     t.make.error, t.baseline.value, t.fill_empty_us,
                                     t.fill_full_us, t.fill.value, t.protect.value, t.prove.value,
                                     t.prove.error, t.empty_us, t.full_us, t.whole.value),
                              t.bytes_empty == t.bytes_full && most <= kMostViewAuc};
             });
}

void audit_linkage(Audit& audit) {
  audit.line('f', false, "two halves of one history",
             [](std::uint64_t seed, const Progress& progress) -> Result<Finding> {
               const Mechanism mechanism{.shape = kLinked};
               const Result<Claim> claim = claim_of(mechanism);
               if (!claim.ok()) return claim.error();
               const Result<Linkage> result = attack_linkage(mechanism, kUsers, seed, progress);
               if (!result.ok()) return result.error();
               const auto& [naive, known, sums] = result.value();
               // Uploaded rows must be linked, or the attacker is worth nothing.
               return Finding{
                   format("published sums AUC %.4f (s.e. %.4f), found %.1f %% among %u; with "
                          "the rows of one half AUC %.4f (%.4f), %.1f %%; rows uploaded as "
                          "they are AUC %.4f (%.4f), %.1f %%; chance %.1f %%",
                          sums.auc.value, sums.auc.error, 100 * sums.top1, kUsers, known.auc.value,
                          known.auc.error, 100 * known.top1, naive.auc.value, naive.auc.error,
                          100 * naive.top1, 100.0 / kUsers),
                   sums.auc.value <= 0.5 + 3 * sums.auc.error &&
                       known.auc.value <= claim.value().auc + 3 * known.auc.error &&
                       naive.auc.value >= 0.9};
             });
}

int run(std::span<char*> rows) {
  Audit audit(rows);
  audit_membership(audit, "membership, sigma 8, 1 report", 8, 1, 50000);
  audit_membership(audit, "membership, sigma 8, 12 reports", 8, 12, 50000);
  audit_membership(audit, "membership, sigma 16, 52 reports", 16, 52, 10000);
  audit_membership(audit, "membership, sigma 8, 52 reports", 8, 52, 10000);
  audit_one_run(audit, 'b', "one run, sigma 8, 1 report", {});
  audit_one_run(audit, 'b', "one run, sigma 8, 12 reports", {.reports = 12});
  audit_one_run(audit, 'c', "noise off", {.noises = false});
  audit_one_run(audit, 'c', "sigma / 16", {.noise_divisor = 16});
  audit_one_run(audit, 'c', "clip off, canary of norm 16 C", {.clips = false});
  audit_forgetful(audit);
  audit_one_view(audit, 'c', "share seed reused", ShareFault::kReusedSeed);
  audit_one_view(audit, 'c', "table not masked", ShareFault::kNotMasked);
  audit_one_view(audit, 'd', "one run, other share of two reports", ShareFault::kNone);
  audit_view(audit, "view of the seed's share", ShareFault::kNone, Side::kSeed, 20);
  audit_view(audit, "view of the other share", ShareFault::kNone, Side::kOther, 20);
  audit_view(audit, "share seed reused", ShareFault::kReusedSeed, Side::kOther, 2);
  audit_view(audit, "table not masked", ShareFault::kNotMasked, Side::kOther, 2);
  audit_proof(audit, "view of the proof", ShareFault::kNone, Side::kOther, 20);
  audit_proof(audit, "view of the other's message", ShareFault::kNone, Side::kSeed, 20);
  audit_proof(audit, "proof with seeds reused", ShareFault::kReusedSeed, Side::kOther, 2);
  audit_proof(audit, "message about seeds and header reused", ShareFault::kReusedSeed, Side::kSeed,
              2);
  audit_proof(audit, "proof not masked", ShareFault::kNotMasked, Side::kOther, 2);
  audit_timing(audit);
  audit_linkage(audit);
  std::printf("%d not as they should be\n", audit.failures());
  return audit.failures() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace ossicle::audit

int main(int argc, char** argv) {
  return ossicle::audit::run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
}
