#ifndef OSSICLE_TESTS_PRIVACY_SIMULATION_WORLD_H_
#define OSSICLE_TESTS_PRIVACY_SIMULATION_WORLD_H_

// Listeners that nobody is: as many as one likes, of the tastes and with the popularity that a data
// set has, and the model that its publisher starts with.

#include <cstdint>
#include <span>
#include <vector>

#include "learning/listeners.h"
#include "ossicle/catalogue.h"
#include "ossicle/train.h"
#include "synthetic_catalogue.h"

namespace ossicle::simulation {

using tools::HeldOut;
using tools::Lists;
using tools::make_lists;
using tools::Profile;

struct WorldSettings {
  std::uint32_t taste_factors = 64;  ///< of the model that tastes are read from
  std::uint32_t factors = 128;       ///< d of the catalogue
  std::uint32_t iterations = 12;     ///< of both models
  /// How much taste counts beside popularity. With 15 the recall@20 of a start model of HetRec 2011
  /// is 0.28; with 8 it is 0.20.
  double affinity = 15;
  std::uint64_t seed = 1;
};

/// N items, U listeners of the data set.
class World {
 public:
  /// Trains iALS on `plays`: its users' vectors are the tastes there are, and popularity is set so
  /// that the items' expected listeners are those of the data. Errors: of training.
  static Result<World> make(const Interactions& plays, const WorldSettings& settings,
                            const ForEach& for_each);

  std::uint32_t n_items() const { return static_cast<std::uint32_t>(popularity_.size()); }

  /// What listener number `listener` of this world played, rising. Taste is that of two users of
  /// the data, mixed; as many items as a third user has are drawn without replacement, with
  /// probabilities ~ popularity exp(affinity <p, q>). The same at every call.
  std::vector<std::uint32_t> history(std::uint64_t listener) const;

  /// From now on item i of the data is item row[i] of histories.
  void number(std::vector<std::uint32_t> row) { row_ = std::move(row); }

 private:
  World() = default;
  void fit_popularity(std::span<const double> wanted, const ForEach& for_each);
  std::vector<float> affinities(std::span<const float> taste) const;

  WorldSettings settings_;
  std::uint32_t users_ = 0;
  std::vector<float> taste_, item_;   // [U, taste_factors], [N, taste_factors]
  std::vector<double> popularity_;    // [N], in natural logarithms
  std::vector<std::uint32_t> plays_;  // [U], items that a user has
  std::vector<std::uint32_t> row_;    // [N]
};

/// The model that a publisher starts with: plain iALS on `seeds` listeners of the world, numbered
/// from 0, who are public. Numbers the world's items as the catalogue's rows, the most listened
/// first. Errors: of training.
Result<testing::CatalogueContents> train_start(World& world, const WorldSettings& settings,
                                               std::uint32_t seeds, const ForEach& for_each);

/// Listeners who contribute nothing and are asked how good the lists are, `n` of them from number
/// `first_listener` on.
std::vector<HeldOut> held_out(const World& world, std::uint32_t n, std::uint64_t first_listener);

}  // namespace ossicle::simulation

#endif  // OSSICLE_TESTS_PRIVACY_SIMULATION_WORLD_H_
