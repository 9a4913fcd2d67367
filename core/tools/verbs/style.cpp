#include "ossicle/style.h"

#include <array>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files.h"
#include "json.h"
#include "model/encoder_bundle.h"
#include "verbs.h"

namespace ossicle::tools {
namespace {

constexpr std::array kOptions = {
    Option{"bundle", Takes::kOne, "DIR", "", "an encoder bundle", true},
    Option{"style", Takes::kOne, "DIR", "", "a style bundle made for that encoder", true},
    Option{"text", Takes::kMany, "WORDS", "", "what is to be described"},
    Option{"in", Takes::kOne, "FILE", "", "texts, one a line"},
    Option{"least", Takes::kOne, "P", "0.5", "labels with at least this probability, 0..1"},
    Option{"limit", Takes::kOne, "K", "10", "labels of each kind, 1..65535"},
    Option{"json", Takes::kNothing, "", "", "one JSON line for each text"},
};

struct Kind {
  StyleKind kind;
  const char* name;
};
constexpr Kind kKinds[] = {{StyleKind::kGenre, "genre"},
                           {StyleKind::kMood, "mood"},
                           {StyleKind::kInstrument, "instrument"}};

/// The model of a style bundle that belongs to the encoder bundle `encoder`.
Problem open_style(const std::string& encoder, const std::string& folder, StyleData& out) {
  std::vector<std::byte> encoder_json, json, file;
  OSL_TOOL_TRY(read_file(encoder + "/bundle.json", encoder_json));
  const auto files = encoder_files(encoder_json);
  if (!files) return problem(encoder + "/bundle.json", files.error());
  OSL_TOOL_TRY(read_file(folder + "/bundle.json", json));
  const Result<StyleBundle> bundle = read_style_bundle(json);
  if (!bundle) return problem(folder + "/bundle.json", bundle.error());
  const std::string path = folder + "/" + std::string(bundle.value().file.path);
  OSL_TOOL_TRY(read_file(path, file));
  Result<StyleData> data = read_style(json, file, files.value()[0].sha256);
  if (!data) return problem(path, data.error());
  out = std::move(data).value();
  return {};
}

Problem read_texts(const Args& args, std::vector<std::string>& texts) {
  texts = args.all("text");
  if (args.has("in")) {
    std::vector<std::byte> bytes;
    OSL_TOOL_TRY(read_file(args.text("in"), bytes));
    for (const std::string_view line : lines_of(bytes)) texts.emplace_back(line);
  }
  if (texts.empty()) return problem("--text or --in is needed; see ossicle style --help");
  return {};
}

void print(const StyleModel& model, const char* kind, std::span<const StyleLabel> labels) {
  for (const StyleLabel& found : labels) {
    const std::string name(model.name(found.label));
    std::printf("  %-10s  %.3f  %s\n", kind, double{found.probability}, name.c_str());
  }
}

void add(const StyleModel& model, const char* kind, std::span<const StyleLabel> labels,
         JsonOut& json) {
  for (const StyleLabel& found : labels) {
    json.begin_object().key("kind").text(kind).key("label").text(model.name(found.label));
    json.key("probability").number(double{found.probability}).end_object();
  }
}

Problem run(const Args& args) {
  double least = 0;
  std::uint32_t limit = 0;
  OSL_TOOL_TRY(args.number("least", 0, 1, least));
  OSL_TOOL_TRY(args.count("limit", 1U, StyleModel::kMaxLabels, limit));
  std::vector<std::string> texts;
  OSL_TOOL_TRY(read_texts(args, texts));
  std::optional<Encoder> encoder;
  OSL_TOOL_TRY(open_encoder(args.text("bundle"), encoder));
  StyleData data;
  OSL_TOOL_TRY(open_style(args.text("bundle"), args.text("style"), data));
  const StyleModel& model = data.view;
  std::vector<float> vectors;
  OSL_TOOL_TRY(encode_all(*encoder, std::vector<std::string_view>(texts.begin(), texts.end()),
                          model.n_dimensions, "texts", vectors));
  std::vector<float> probabilities(model.n_labels);
  std::vector<StyleLabel> room(limit);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto vector = std::span(vectors).subspan(i * model.n_dimensions, model.n_dimensions);
    const Status done = style_probabilities(model, vector, probabilities);
    if (!done) return problem("style", done.error());
    JsonOut json;
    json.begin_object().key("text").text(texts[i]).key("labels").begin_array();
    if (!args.has("json")) std::printf("%s\n", texts[i].c_str());
    for (const Kind& each : kKinds) {
      const std::uint32_t n =
          top_labels(model, probabilities, each.kind, static_cast<float>(least), room);
      const std::span<const StyleLabel> labels = std::span(room).first(n);
      if (args.has("json")) {
        add(model, each.name, labels, json);
      } else {
        print(model, each.name, labels);
      }
    }
    if (args.has("json")) std::puts(json.end_array().end_object().line().c_str());
  }
  return {};
}

}  // namespace

const Verb style_verb = {"style",  "genres, moods and instruments of texts",
                         "",       "Nothing leaves this machine.",
                         kOptions, run};

}  // namespace ossicle::tools
