#ifndef OSSICLE_TOOLS_LEARNING_PRIOR_H_
#define OSSICLE_TOOLS_LEARNING_PRIOR_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "learning/listeners.h"
#include "ossicle/sync.h"
#include "problem.h"

namespace ossicle::tools {

using Digest = std::array<std::uint8_t, 32>;

/// What is public of the blocks before the first epoch, from listeners who hide nothing: made once
/// for a catalogue, and the same in every epoch that follows from it.
struct Prior {
  std::uint32_t factors = 0;                         ///< d
  std::vector<double> moment{};                      ///< G, [d, d], see BlockPrior
  std::array<std::vector<double>, kBlocks> share{};  ///< [kBlockRows], h_i
  double scale = 1;                                  ///< t, of fit_scale()
  double clip = 0;  ///< C, the norm that tables were clipped to, in units; 0: they were not
  std::uint32_t listeners = 0;
  Digest head{};  ///< of_head() of the catalogue

  // Where it comes from, as SHA-256 of bundle.json and of the ratings file.
  Digest catalogue{}, ratings{};

  BlockPrior of(std::uint32_t block) const { return {.moment = moment, .share = share[block]}; }
};

/// SHA-256 of the ids of the items that can be learnt, in order: what the rows of a prior, and of
/// the variances that an epoch leaves to the next, are rows of.
Digest of_head(const Catalogue& catalogue);

/// The seed of a listener's table, by the listener's number: which rows of many are taken is the
/// same whenever the table is made.
std::uint64_t table_seed(std::uint64_t listener, std::uint32_t block);

/// Every listener fills every block. `clip` in units; 0: tables are neither clipped nor rounded to
/// steps. The digests of where it comes from are the caller's. Errors: of Profile::solve(),
/// fill_block(), clip(), fit_scale(); `at` = listener where it is one of the first two.
Result<Prior> make_prior(const Catalogue& catalogue, std::span<const Listener> listeners,
                         double clip);

/// A safetensors file; the same prior gives the same bytes.
Problem write_prior(const std::string& path, const Prior& prior);
/// Refuses what cannot be one: sizes, numbers that are not finite or below 0.
Problem read_prior(const std::string& path, Prior& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_LEARNING_PRIOR_H_
