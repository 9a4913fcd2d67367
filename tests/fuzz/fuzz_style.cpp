// Whatever the bytes, as bundle.json and as the file of a style bundle: read_style either refuses
// them or gives a model that can be used: names are UTF-8, probabilities are in [0, 1] and no child
// is more probable than its parent.
#include <cstdint>
#include <span>
#include <vector>

#include "base/utf8.h"
#include "fuzz_check.h"
#include "ossicle/style.h"

using namespace ossicle;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (const Result<StyleBundle> bundle = read_style_bundle(std::as_bytes(std::span(data, size)))) {
    OSL_FUZZ_CHECK(bundle.value().n_labels >= 1 && bundle.value().n_dimensions >= 1);
  }
  const Result<StyleData> read = read_style(std::as_bytes(std::span(data, size)));
  if (!read.ok()) {
    OSL_FUZZ_CHECK(read.error().code != Code::kOk);
    OSL_FUZZ_CHECK(read.error().what[0] != '\0');
    return 0;
  }
  const StyleModel& model = read.value().view;
  for (std::uint32_t label = 0; label < model.n_labels; ++label) {
    OSL_FUZZ_CHECK(base::find_broken_utf8(model.name(label)) == std::string_view::npos);
  }
  std::vector<float> vector(model.n_dimensions, 1);
  std::vector<float> probabilities(model.n_labels);
  OSL_FUZZ_CHECK(style_probabilities(model, vector, probabilities).ok());
  for (std::uint32_t label = 0; label < model.n_labels; ++label) {
    OSL_FUZZ_CHECK(probabilities[label] >= 0 && probabilities[label] <= 1);
    const std::uint32_t parent = model.parent[label];
    OSL_FUZZ_CHECK(parent == kNoLabel || probabilities[parent] >= probabilities[label]);
  }
  std::vector<StyleLabel> out(5);
  for (const StyleKind kind : {StyleKind::kGenre, StyleKind::kMood, StyleKind::kInstrument}) {
    OSL_FUZZ_CHECK(top_labels(model, probabilities, kind, 0, out) <= out.size());
  }
  return 0;
}
