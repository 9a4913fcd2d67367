#ifndef OSSICLE_TOOLS_LEARNING_LISTENERS_H_
#define OSSICLE_TOOLS_LEARNING_LISTENERS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ossicle/catalogue.h"
#include "ossicle/pipeline.h"
#include "ossicle/train.h"
#include "problem.h"
#include "ratings.h"

namespace ossicle::tools {

// Listeners who hide nothing: what is public before the first epoch comes from them, and what a new
// catalogue does to their lists decides whether it is published.

/// What somebody played.
struct Listener {
  std::vector<std::uint32_t> items{};  ///< rows of a catalogue, rising
  std::vector<double> plays{};         ///< of each, > 0; or empty: one each
};

/// Listeners of a ratings file, in its order. Items that the catalogue lacks, and cold ones, are
/// left out; `names_path` (may be empty) gives names of items whose ids are none. Who has nothing
/// left is there with an empty list. `sha256` is that of the ratings' bytes.
struct Listeners {
  std::vector<Listener> all{};
  std::array<std::uint8_t, 32> sha256{};
};
Problem read_listeners(const std::string& path, const std::string& names_path,
                       const Catalogue& catalogue, Listeners& out);

/// A listener's vector as the device makes it of these plays, all of them today.
class Profile {
 public:
  explicit Profile(const Catalogue& catalogue);
  /// observe(), fold_in(). Errors: of fold_in.
  Status solve(const Catalogue& catalogue, const Listener& listener);
  std::span<const double> p() const { return std::span(p_).first(p_.size() - 1); }  ///< [d]
  const UserModel& user() const { return user_; }

 private:
  std::vector<double> p_, cholesky_;
  std::vector<std::uint8_t> p_u7_;
  std::vector<ItemHistory> item_;
  std::vector<std::uint32_t> items_;
  std::vector<Observation> observations_;
  UserModel user_;
};

/// A listener who is asked how good the lists are: some items are played, the others held out.
struct HeldOut {
  Listener played;
  std::vector<std::uint32_t> truth;  ///< rising
};
/// Holds out one item in five, by `state` (base/rng.h). None: a part would be empty.
std::optional<HeldOut> hold_out(const Listener& listener, std::uint64_t state);
/// The same of many, each by `seed` and its number.
std::vector<HeldOut> hold_out(std::span<const Listener> listeners, std::uint64_t seed);

/// How good the lists of a catalogue are.
struct Lists {
  static constexpr std::uint32_t kLength = 20;
  std::vector<double> recall;    ///< at kLength, of each listener
  std::vector<double> exposure;  ///< [N], share of the lists of kLength that an item is in
};
/// Errors: of Profile::solve(); `at` = listener.
Result<Lists> make_lists(const Catalogue& catalogue, std::span<const HeldOut> listeners,
                         const ForEach& for_each);

/// In order: the same sum on every build.
double mean(std::span<const double> values);

/// A gate before publishing, which anybody can repeat: the rows whose share of the lists of public
/// listeners grew by more than half and is above half a percent now, rising. Those that moved have
/// to be put back, or a few liars could carry an item into everybody's lists, and the lists looked
/// at again, since others take their places (core/docs/block-sums.md).
std::vector<std::uint32_t> over_exposed(std::span<const double> before,
                                        std::span<const double> after);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_LEARNING_LISTENERS_H_
