// Genre, mood and instrument of text vectors.

#include <new>
#include <span>
#include <utility>
#include <vector>

#include "abi.h"
#include "abi_encoder.h"
#include "ossicle/style.h"

using ossicle::Code;
using ossicle::abi::as_bytes;
using ossicle::abi::copy_text;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;
using ossicle::abi::tell_file;

static_assert(sizeof(osl_style_hit) == sizeof(ossicle::StyleLabel) &&
              offsetof(osl_style_hit, probability) == offsetof(ossicle::StyleLabel, probability));

struct osl_style {
  ossicle::StyleData data;
  std::vector<float> probabilities;  // [L]
};

extern "C" {

osl_code osl_style_file(const uint8_t* bundle_json, uint32_t n, char* path, uint32_t cap,
                        uint32_t* path_n, uint64_t* file_bytes, osl_error* error) {
  if (bundle_json == nullptr || path_n == nullptr || file_bytes == nullptr) {
    return missing_argument(error);
  }
  const auto bundle = ossicle::read_style_bundle(as_bytes(bundle_json, n));
  if (!bundle) return fail(bundle.error(), error);
  return tell_file(bundle.value().file, path, cap, path_n, file_bytes);
}

osl_code osl_style_open(const osl_encoder* encoder, const uint8_t* bundle_json, uint32_t json_n,
                        const uint8_t* file, uint32_t file_n, osl_style** out, osl_error* error) {
  if (encoder == nullptr || bundle_json == nullptr || file == nullptr || out == nullptr) {
    return missing_argument(error);
  }
  auto read = ossicle::read_style(as_bytes(bundle_json, json_n), as_bytes(file, file_n),
                                  encoder->files[0].sha256);
  if (!read) return fail(read.error(), error);
  const std::size_t labels = read.value().view.n_labels;
  *out = new (std::nothrow) osl_style{std::move(read).value(), std::vector<float>(labels)};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the style"}, error);
  return 0;
}

osl_code osl_style_get(const osl_style* style, osl_style_info* out) {
  if (style == nullptr || out == nullptr) return missing_argument(nullptr);
  *out = {.labels = style->data.view.n_labels, .dimensions = style->data.view.n_dimensions};
  return 0;
}

osl_code osl_style_label_get(const osl_style* style, uint32_t label, osl_style_label* out,
                             char* name, uint32_t cap) {
  if (style == nullptr || out == nullptr) return missing_argument(nullptr);
  const ossicle::StyleModel& model = style->data.view;
  if (label >= model.n_labels) return static_cast<osl_code>(Code::kOutOfRange);
  const std::string_view text = model.name(label);
  copy_text(text, name, cap);
  *out = {.kind = model.kind[label],
          .parent = model.parent[label],
          .name_n = static_cast<uint32_t>(text.size())};
  return 0;
}

osl_code osl_style_run(osl_style* style, const float* vector, uint32_t n, osl_error* error) {
  if (style == nullptr || vector == nullptr) return missing_argument(error);
  return finish(ossicle::style_probabilities(style->data.view, {vector, n}, style->probabilities),
                error);
}

osl_code osl_style_top(const osl_style* style, uint32_t kind, float least, osl_style_hit* out,
                       uint32_t cap, uint32_t* n) {
  if (style == nullptr || out == nullptr || n == nullptr) return missing_argument(nullptr);
  if (kind > static_cast<uint32_t>(ossicle::StyleKind::kInstrument)) {
    return static_cast<osl_code>(Code::kInvalidArgument);
  }
  *n = ossicle::top_labels(style->data.view, style->probabilities,
                           static_cast<ossicle::StyleKind>(kind), least,
                           {reinterpret_cast<ossicle::StyleLabel*>(out), cap});
  return 0;
}

void osl_style_close(osl_style* style) { delete style; }

}  // extern "C"
