#include <array>
#include <catch2/catch.hpp>
#include <limits>
#include <vector>

#include "ossicle/style.h"
#include "style_file.h"

namespace ossicle {
namespace {

StyleData small_model() { return read_style(testing::StyleFile().write()).value(); }

std::vector<float> probabilities(const StyleModel& model, const std::vector<float>& vector) {
  std::vector<float> out(model.n_labels);
  REQUIRE(style_probabilities(model, vector, out).ok());
  return out;
}

TEST_CASE("a style file tells names, kinds and parents") {
  const StyleData data = small_model();
  REQUIRE(data.view.n_labels == 4);
  CHECK(data.view.n_dimensions == 4);
  CHECK(data.view.name(1) == "death metal");
  CHECK(data.view.name(3) == "piano");
  CHECK(data.view.kind[2] == static_cast<std::uint8_t>(StyleKind::kMood));
  CHECK(data.view.parent[1] == 0);
  CHECK(data.view.parent[0] == kNoLabel);
}

TEST_CASE("a label's probability is the logistic function of its calibrated cosine") {
  const StyleData data = small_model();
  const std::vector<float> p = probabilities(data.view, {0, 0, 0.8F, 0.6F});
  CHECK(double{p[2]} == Approx(0.9525741268224334));     // logit 10 * 0.8 - 5
  CHECK(double{p[0]} == Approx(0.0066928509242848554));  // logit -5
}

TEST_CASE("where a label has a trained row, that one tells it") {
  const StyleData data = small_model();
  // By its text alone the logit would be 10 * 0.6 - 5; the head says 4 * (0.8 + 0.6) - 2.
  CHECK(double{probabilities(data.view, {0.8F, 0, 0, 0.6F})[3]} == Approx(0.9734030064231342));
}

TEST_CASE("a genre is at least as probable as those below it") {
  const StyleData data = small_model();
  const std::vector<float> p = probabilities(data.view, {0, 1, 0, 0});
  CHECK(p[0] == p[1]);
  CHECK(p[1] > 0.99F);
  const std::vector<float> q = probabilities(data.view, {1, 0, 0, 0});
  CHECK(q[0] > 0.99F);
  CHECK(q[1] < 0.01F);
}

TEST_CASE("labels of one kind come most probable first, as many as are asked for") {
  const StyleData data = small_model();
  const std::vector<float> p = {0.5F, 0.7F, 0.9F, 0.1F};
  std::array<StyleLabel, 4> out;
  REQUIRE(top_labels(data.view, p, StyleKind::kGenre, 0, out) == 2);
  CHECK((out[0].label == 1 && out[0].probability == 0.7F && out[1].label == 0));
  CHECK(top_labels(data.view, p, StyleKind::kGenre, 0.6F, out) == 1);
  CHECK(top_labels(data.view, p, StyleKind::kGenre, 0, std::span(out).first(1)) == 1);
  CHECK(out[0].label == 1);
  CHECK(top_labels(data.view, p, StyleKind::kInstrument, 0.2F, out) == 0);
  CHECK(top_labels(data.view, p, StyleKind::kGenre, 0, {}) == 0);
}

TEST_CASE("equal probabilities go to the lower label") {
  const StyleData data = small_model();
  std::array<StyleLabel, 1> out;
  REQUIRE(top_labels(data.view, std::vector<float>{0.5F, 0.5F, 0, 0}, StyleKind::kGenre, 0, out) ==
          1);
  CHECK(out[0].label == 0);
}

TEST_CASE("extreme calibrations give 0 and 1, never NaN") {
  testing::StyleFile file;
  file.put("style.vector.scale", 2, 3e38F);
  file.put("style.vector.bias", 0, -3e38F);
  const StyleData data = read_style(file.write()).value();
  const std::vector<float> p = probabilities(data.view, {0, 0, 1, 0});
  CHECK(p[2] == 1);
  CHECK(p[0] == p[1]);
  CHECK(probabilities(data.view, {0, 0, -1, 0})[2] == 0);
}

TEST_CASE("sizes that do not fit and numbers that are not finite are refused") {
  const StyleData data = small_model();
  std::vector<float> out(4);
  CHECK(style_probabilities(data.view, std::vector<float>(3), out).error().code ==
        Code::kInvalidArgument);
  CHECK(
      style_probabilities(data.view, std::vector<float>(4), std::span(out).first(3)).error().code ==
      Code::kInvalidArgument);
  const std::vector<float> bad = {0, std::numeric_limits<float>::infinity(), 0, 0};
  const Status status = style_probabilities(data.view, bad, out);
  CHECK(status.error().code == Code::kNotFinite);
  CHECK(status.error().at == 1);
}

TEST_CASE("a model without trained rows reads its labels' texts only") {
  testing::StyleFile file;
  std::erase_if(file.tensors, [](const auto& t) { return t.first.starts_with("style.head"); });
  const StyleData data = read_style(file.write()).value();
  CHECK(data.view.head_label.empty());
  CHECK(double{probabilities(data.view, {0.8F, 0, 0, 0.6F})[3]} == Approx(0.7310585786300049));
}

}  // namespace
}  // namespace ossicle
