// random_sequence FOLDER: FOLDER/catalogue, 17,632 items of 128 random factors, and
// FOLDER/sequence, a model of random weights for it. What lists are like cannot be told by them;
// what they cost, and whether every build writes the same, can.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "ossicle/history.h"
#include "sequence_checkpoint.h"

using namespace ossicle;

namespace {

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  testing::CatalogueContents contents = testing::synthetic_contents(
      {.n_items = 17632, .n_factors = 128, .seed = 3, .model = testing::weighted_model()});
  for (std::uint32_t i = 0; i < 17632; ++i) {
    contents.id.push_back(artist_id("artist " + std::to_string(i)));
  }
  const CatalogueData made = testing::build_catalogue(std::move(contents));
  const BundleFacts facts = {.name = "n", .licence = "l", .source = "s", .recipe = "r"};
  const auto catalogue = write_catalogue(made.view, facts);
  if (!catalogue) return 1;
  write_file(folder / "catalogue/bundle.json", catalogue.value().bundle_json);
  write_file(folder / "catalogue/catalogue-0.safetensors", catalogue.value().shard);

  // As it is read: the Gram matrix was rounded on the way.
  CatalogueReader reader;
  if (!reader.begin(catalogue.value().bundle_json)) return 1;
  if (!reader.add_file(0, catalogue.value().shard)) return 1;
  const auto read = std::move(reader).finish();
  if (!read) return 1;
  SequenceShape shape = testing::small_sequence(read.value().view);
  shape.text = 64;
  shape.channels = 128;
  shape.heads = 4;
  shape.feed_forward = 512;
  shape.max_items = 128;
  const auto sequence = testing::SequenceCheckpoint(shape).pack();
  if (!sequence) return 1;
  write_file(folder / "sequence/bundle.json", sequence.value().bundle_json);
  write_file(folder / "sequence/sequence.safetensors", sequence.value().weights);
  return 0;
}
