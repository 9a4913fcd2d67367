// Playlists by the sequence model.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <span>
#include <utility>
#include <vector>

#include "abi.h"
#include "abi_engine.h"
#include "ossicle/sequence.h"

using ossicle::Code;
using ossicle::abi::as_bytes;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;
using ossicle::abi::tell_file;

static_assert(sizeof(osl_playlist_item) == sizeof(ossicle::PlaylistItem) &&
              offsetof(osl_playlist_item, score) == offsetof(ossicle::PlaylistItem, score));

struct osl_sequence {
  ossicle::SequenceModel model;
  // [N] each: room for what the history says.
  std::vector<uint32_t> recent;
  std::vector<uint8_t> banned;
  const int8_t* rows;  // of the catalogue that it was opened for
};

extern "C" {

osl_code osl_sequence_file(const uint8_t* bundle_json, uint32_t n, char* path, uint32_t cap,
                           uint32_t* path_n, uint64_t* file_bytes, osl_error* error) {
  if (bundle_json == nullptr || path_n == nullptr || file_bytes == nullptr) {
    return missing_argument(error);
  }
  const auto file = ossicle::sequence_file(as_bytes(bundle_json, n));
  if (!file) return fail(file.error(), error);
  return tell_file(file.value(), path, cap, path_n, file_bytes);
}

osl_code osl_sequence_open(const osl_engine* engine, const uint8_t* bundle_json, uint32_t json_n,
                           const uint8_t* file, uint32_t file_n, const uint8_t digest[32],
                           osl_sequence** out, osl_error* error) {
  if (engine == nullptr || bundle_json == nullptr || file == nullptr || out == nullptr) {
    return missing_argument(error);
  }
  const ossicle::Catalogue& catalogue = engine->engine.catalogue();
  ossicle::OwnedBytes weights = ossicle::OwnedBytes::allocate(file_n);
  if (!weights.ok()) return fail({Code::kOutOfMemory, file_n, "no memory for the file"}, error);
  std::memcpy(weights.data(), file, file_n);
  auto model =
      ossicle::SequenceModel::open(as_bytes(bundle_json, json_n), std::move(weights), catalogue,
                                   catalogue.n_items, ossicle::abi::file_digest(digest));
  if (!model) return fail(model.error(), error);
  const std::size_t n = catalogue.n_items;
  *out = new (std::nothrow) osl_sequence{std::move(model).value(), std::vector<uint32_t>(n),
                                         std::vector<uint8_t>(n), catalogue.q.data()};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the model"}, error);
  return 0;
}

osl_code osl_playlist_default(osl_playlist_request* out) {
  if (out == nullptr) return missing_argument(nullptr);
  const ossicle::PlaylistRequest r;
  *out = {.seed = r.seed,
          .adventure = r.adventure,
          .pull = r.pull,
          .curve_weight = r.curve_weight,
          .from = r.from,
          .to = r.to,
          .beams = r.beams,
          .recent = 50};
  return 0;
}

osl_code osl_playlist_write(osl_sequence* sequence, const osl_engine* engine,
                            const osl_playlist_request* request, const float* value,
                            const float* curve, osl_playlist_item* out, uint32_t n,
                            osl_error* error) {
  if (sequence == nullptr || engine == nullptr || request == nullptr || out == nullptr ||
      (value == nullptr) != (curve == nullptr)) {
    return missing_argument(error);
  }
  const ossicle::Catalogue& catalogue = engine->engine.catalogue();
  if (sequence->rows != catalogue.q.data()) {
    return fail({Code::kInvalidArgument, catalogue.n_items, "opened for another catalogue"}, error);
  }
  const std::size_t most = std::min<std::size_t>(request->recent, sequence->recent.size());
  const std::span<uint32_t> recent = std::span(sequence->recent).first(most);
  const auto n_recent = engine->engine.playlist_history(recent, sequence->banned);
  if (!n_recent) return fail(n_recent.error(), error);
  ossicle::PlaylistRequest r;
  r.recent = recent.first(n_recent.value());
  std::ranges::reverse(recent.first(n_recent.value()));  // oldest first
  r.excluded = sequence->banned;
  r.from = request->from;
  r.to = request->to;
  r.beams = request->beams;
  r.adventure = request->adventure;
  r.seed = request->seed;
  r.pull = request->pull;
  r.curve_weight = request->curve_weight;
  if (value != nullptr) {
    r.value = {value, catalogue.n_items};
    r.curve = {curve, n};
  }
  return finish(ossicle::write_playlist(sequence->model, ossicle::sequence_items(catalogue), r,
                                        {reinterpret_cast<ossicle::PlaylistItem*>(out), n}),
                error);
}

void osl_sequence_close(osl_sequence* sequence) { delete sequence; }

}  // extern "C"
