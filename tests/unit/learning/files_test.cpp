// The files that `ossicle prior` and `ossicle learn` leave for the next epoch.
#include "files.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "learning/epoch.h"
#include "small_world.h"

using namespace ossicle;
using namespace ossicle::testing;
using Catch::Matchers::Contains;

namespace {

// A path that goes with the test.
struct TemporaryFile {
  std::string path =
      (std::filesystem::temp_directory_path() / ("ossicle-learning-" + std::to_string(getpid())))
          .string();
  ~TemporaryFile() { tools::remove_file(path); }
};

}  // namespace

TEST_CASE("a prior is read as it was written, and no other file is one") {
  const CatalogueData data = catalogue();
  tools::Prior prior = tools::make_prior(data.view, listeners(60), 0.5).value();
  prior.catalogue.fill(3);
  prior.ratings.fill(4);
  const TemporaryFile file;
  REQUIRE_FALSE(tools::write_prior(file.path, prior));
  tools::Prior read;
  REQUIRE_FALSE(tools::read_prior(file.path, read));
  CHECK(read.factors == kFactors);
  CHECK(read.moment == prior.moment);
  CHECK(read.share == prior.share);
  CHECK(read.scale == prior.scale);
  CHECK(read.clip == 0.5);
  CHECK(read.listeners == 60);
  CHECK(read.head == tools::of_head(data.view));
  CHECK(read.catalogue == prior.catalogue);
  CHECK(read.ratings == prior.ratings);

  prior.share[0][5] = -1;
  REQUIRE_FALSE(tools::write_prior(file.path, prior));
  CHECK_THAT(tools::read_prior(file.path, read).text, Contains("is no prior of this version"));
  prior.share[0][5] = 0;
  prior.moment[0] = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_FALSE(tools::write_prior(file.path, prior));
  CHECK(tools::read_prior(file.path, read));
  REQUIRE_FALSE(tools::write_variances(file.path, data.view, tools::first_variances(data.view)));
  CHECK(tools::read_prior(file.path, read));
}

TEST_CASE("variances are read as they were written, for the same items only") {
  const CatalogueData data = catalogue();
  tools::Variances variances = tools::first_variances(data.view);
  variances[1][7] = 0;
  const TemporaryFile file;
  REQUIRE_FALSE(tools::write_variances(file.path, data.view, variances));
  tools::Variances read;
  REQUIRE_FALSE(tools::read_variances(file.path, data.view, read));
  CHECK(read == variances);
  const CatalogueData fewer = catalogue(kItems - 1);
  CHECK_THAT(tools::read_variances(file.path, fewer.view, read).text,
             Contains("of another catalogue"));
  variances[0][0] = -1;
  REQUIRE_FALSE(tools::write_variances(file.path, data.view, variances));
  CHECK_THAT(tools::read_variances(file.path, data.view, read).text,
             Contains("are no variances of this version"));
}
