#include "data.h"

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "files.h"
#include "model/training.h"
#include "progress.h"
#include "ratings.h"

namespace ossicle::simulation {
namespace {

template <class T>
void append(const std::vector<T>& values, std::vector<std::byte>& bytes) {
  const std::size_t at = bytes.size();
  bytes.resize(at + values.size() * sizeof(T));
  std::memcpy(bytes.data() + at, values.data(), values.size() * sizeof(T));
}

template <class T>
void take(std::span<const std::byte>& bytes, std::vector<T>& values) {
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  bytes = bytes.subspan(values.size() * sizeof(T));
}

tools::Problem save(const std::string& path, const Sums& sums) {
  std::vector<std::byte> bytes;
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    append(sums[block].first, bytes);
    append(sums[block].second, bytes);
    append(sums[block].plain, bytes);
    append(std::vector<std::uint64_t>{sums[block].reports}, bytes);
  }
  return tools::write_file(path, bytes);
}

// False when there are none.
bool load(const std::string& path, Sums& sums) {
  std::vector<std::byte> bytes;
  if (tools::read_file(path, bytes)) return false;
  std::span<const std::byte> left = bytes;
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    std::vector<std::uint64_t> reports(1);
    const std::size_t size = sums[block].first.size() * 16 + 8;
    if (left.size() < size) return false;
    take(left, sums[block].first);
    take(left, sums[block].second);
    take(left, sums[block].plain);
    take(left, reports);
    sums[block].reports = reports[0];
  }
  return left.empty();
}

// Sums of one catalogue and one norm alone belong together.
std::string sums_path(const std::string& folder, const testing::CatalogueContents& start,
                      std::uint32_t max_norm, std::uint64_t clients) {
  std::uint64_t digest = 0xcbf29ce484222325U;  // FNV-1a
  for (const std::int8_t q : start.rows) {
    digest = (digest ^ static_cast<std::uint8_t>(q)) * 0x100000001b3U;
  }
  char name[96];
  std::snprintf(name, sizeof name, "/sums-%016llx-%u-%llu.bin",
                static_cast<unsigned long long>(digest), max_norm,
                static_cast<unsigned long long>(clients));
  return folder + name;
}

}  // namespace

tools::Problem open_stage(const char* data, Result<Stage>& out) {
  tools::Ratings ratings;
  OSL_TOOL_TRY(tools::read_ratings(data, ratings));
  tools::TrainingSettings training = tools::default_settings(false);
  training.min_listeners = 2;
  tools::TrainingSet set;
  OSL_TOOL_TRY(tools::make_training_set(ratings.by_user, nullptr, {}, training, {}, set));
  ForEach threads = tools::in_threads(2);
  tools::note("training the tastes and the start model");
  const WorldSettings settings;
  Result<World> world = World::make(set.plays, settings, threads);
  if (!world) return tools::problem("world", world.error());
  Result<testing::CatalogueContents> start =
      train_start(world.value(), settings, kSeedListeners, threads);
  if (!start) return tools::problem("start model", start.error());
  CatalogueData now = testing::build_catalogue(start.value());
  out = Stage{.world = std::move(world).value(),
              .start = std::move(start).value(),
              .now = std::move(now),
              .threads = std::move(threads)};
  return {};
}

tools::Problem collect_clients(const Stage& stage, const std::string& folder,
                               std::uint32_t max_norm, std::span<const std::uint64_t> sizes,
                               std::vector<Sums>& out) {
  constexpr std::uint64_t kStep = 2000;
  const tools::Progress progress("clients, C " + std::to_string(max_norm),
                                 static_cast<std::uint32_t>(sizes.back()));
  Sums sums(stage.start.n_factors);
  std::uint64_t done = 0;
  for (const std::uint64_t wanted : sizes) {
    const std::string path = folder.empty() ? "" : sums_path(folder, stage.start, max_norm, wanted);
    if (!path.empty() && load(path, sums)) {
      done = wanted;
    } else {
      while (done < wanted) {
        const std::uint64_t last = std::min(done + kStep, wanted);
        const Status added = add_clients(stage.world, stage.now.view, kFirstClient + done,
                                         kFirstClient + last, max_norm, stage.threads, sums);
        if (!added) return tools::problem("clients", added.error());
        done = last;
        progress.step(static_cast<std::uint32_t>(done));
      }
      if (!path.empty()) OSL_TOOL_TRY(save(path, sums));
    }
    out.push_back(sums);
  }
  return {};
}

}  // namespace ossicle::simulation
