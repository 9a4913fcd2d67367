#ifndef OSSICLE_TOOLS_MODEL_CATALOGUE_BUILD_H_
#define OSSICLE_TOOLS_MODEL_CATALOGUE_BUILD_H_

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "model/training.h"
#include "ossicle/catalogue.h"
#include "ossicle/text_map.h"
#include "ossicle/train.h"
#include "problem.h"
#include "ratings.h"

namespace ossicle::tools {

/// What a catalogue is made of: the n items that were kept for training, of the N of the ratings.
struct CatalogueInput {
  using Digest = std::array<std::uint8_t, 32>;

  const IalsModel& model;
  const TrainingSet& set;              ///< what the model was trained on
  std::span<const std::string> names;  ///< [N], UTF-8 or nearly
  const TagFacts* tags = nullptr;      ///< of_item is [N]
  const ItemTexts* texts = nullptr;    ///< of the N items; the catalogue gets a text map
  double text_ridge = 1;
  Digest text_encoder{};  ///< SHA-256 of the weights of the texts' encoder
};

/// A catalogue in memory: rows most-listened first (then heavier total weight, then lower item
/// number), int8 vectors, facts.
struct BuiltCatalogue {
  Catalogue view;  ///< spans into the vectors below; what the reader derives is left empty
  std::vector<std::uint32_t> row_of_item;  ///< [N], kNoItem for items left out

  std::vector<std::int8_t> q;
  std::vector<float> scale, bias;
  std::vector<std::int32_t> rowsum;
  std::vector<std::uint32_t> listeners, name_offset, tag_offset, tag_name_offset;
  std::vector<ItemId> id;
  std::vector<double> gram;
  std::vector<char> name_bytes, tag_name_bytes;
  std::vector<std::uint16_t> item_tag;
  TextMap text_map;
};

Problem build_catalogue(const CatalogueInput& input, BuiltCatalogue& out);

/// DIR/bundle.json and its shard; the shard first, so that a bundle.json on disk always names a
/// shard that is there.
Problem write_bundle(const std::string& folder, const BundleBytes& bytes);

/// Reads a bundle from memory, or from DIR, as the browser does.
Problem open_bundle(const BundleBytes& bytes, CatalogueData& out);
Problem open_bundle(const std::string& folder, CatalogueData& out);

}  // namespace ossicle::tools

#endif  // OSSICLE_TOOLS_MODEL_CATALOGUE_BUILD_H_
