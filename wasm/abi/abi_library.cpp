// A person's own tracks.

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "abi.h"
#include "abi_engine.h"
#include "ossicle/credits.h"
#include "ossicle/library.h"

using ossicle::Code;
using ossicle::Library;
using ossicle::ScoredTrack;
using ossicle::TrackFacts;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;

static_assert(sizeof(osl_scored_track) == sizeof(ScoredTrack) &&
              offsetof(osl_scored_track, score) == offsetof(ScoredTrack, score) &&
              offsetof(osl_scored_track, artist) == offsetof(ScoredTrack, artist) &&
              offsetof(osl_scored_track, text) == offsetof(ScoredTrack, text));
static_assert(sizeof(osl_track_facts) == sizeof(TrackFacts) &&
              offsetof(osl_track_facts, plays) == offsetof(TrackFacts, plays) &&
              offsetof(osl_track_facts, basis) == offsetof(TrackFacts, basis));

struct osl_library {
  Library library;
  uint32_t text_dimensions;
  uint32_t has_map;
  std::array<uint8_t, 32> text_encoder;
};

namespace {

ossicle::TrackKnobs knobs_of(const osl_track_knobs& k) {
  return {.shelf = static_cast<ossicle::TrackShelf>(k.shelf),
          .per_artist = k.per_artist,
          .spacing = k.spacing,
          .repeat_days = k.repeat_days,
          .familiarity = k.familiarity,
          .text_share = k.text_share};
}

osl_code answer(const ossicle::Result<uint32_t>& listed, uint32_t* n, osl_error* error) {
  if (!listed) return fail(listed.error(), error);
  *n = listed.value();
  return 0;
}

/// One track cut out of its batch; false where the batch does not hold it.
bool cut(const osl_track& track, uint32_t text_dimensions, std::string_view& text,
         std::span<const float>& vectors, ossicle::TrackInput& out) {
  if (track.title_n > text.size() || track.artist_n > text.size() - track.title_n) return false;
  out.title = text.substr(0, track.title_n);
  out.artist = text.substr(track.title_n, track.artist_n);
  text.remove_prefix(out.title.size() + out.artist.size());
  out.duration_ms = track.duration_ms;
  std::span<const float>* const given[] = {&out.text, &out.artist_text};
  if (track.vectors_n > std::size(given)) return false;
  for (uint32_t i = 0; i < track.vectors_n; ++i) {
    if (vectors.size() < text_dimensions) return false;
    *given[i] = vectors.first(text_dimensions);
    vectors = vectors.subspan(text_dimensions);
  }
  return true;
}

}  // namespace

extern "C" {

void osl_library_default(osl_library_options* options, osl_track_knobs* knobs) {
  if (options == nullptr || knobs == nullptr) return;
  const ossicle::LibraryOptions o;
  *options = {.text_weight = o.text_weight,
              .min_played_ms = o.min_played_ms,
              .skip_rest_days = o.skip_rest_days,
              .capacity = o.capacity,
              .text_dimensions = o.text_dimensions};
  const ossicle::TrackKnobs k;
  *knobs = {.repeat_days = k.repeat_days,
            .familiarity = k.familiarity,
            .text_share = k.text_share,
            .shelf = static_cast<uint32_t>(k.shelf),
            .per_artist = k.per_artist,
            .spacing = k.spacing,
            .reserved = 0};
}

osl_code osl_library_open(const osl_engine* engine, const osl_library_options* options,
                          const float* text_map, uint32_t text_map_n, osl_library** out,
                          osl_error* error) {
  if (engine == nullptr || options == nullptr || out == nullptr) return missing_argument(error);
  const ossicle::Catalogue& catalogue = engine->engine.catalogue();
  const bool of_catalogue = text_map == nullptr && catalogue.text_size != 0;
  const uint32_t text_dimensions = of_catalogue ? catalogue.text_size : options->text_dimensions;
  const std::span<const float> map =
      of_catalogue ? catalogue.text_map
                   : std::span<const float>(text_map, text_map == nullptr ? 0 : text_map_n);
  auto opened = Library::open(catalogue,
                              {.capacity = options->capacity,
                               .text_dimensions = text_dimensions,
                               .text_weight = options->text_weight,
                               .min_played_ms = options->min_played_ms,
                               .skip_rest_days = options->skip_rest_days},
                              map);
  if (!opened) return fail(opened.error(), error);
  *out = new (std::nothrow)
      osl_library{std::move(opened).value(), text_dimensions, map.empty() ? 0u : 1u,
                  of_catalogue ? catalogue.text_encoder : std::array<uint8_t, 32>{}};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the library"}, error);
  return 0;
}

osl_code osl_library_get(const osl_library* library, osl_library_info* out) {
  if (library == nullptr || out == nullptr) return missing_argument(nullptr);
  *out = {.bytes = library->library.bytes(),
          .tracks = library->library.size(),
          .capacity = library->library.capacity(),
          .text_dimensions = library->text_dimensions,
          .has_map = library->has_map,
          .text_encoder = {}};
  std::copy(library->text_encoder.begin(), library->text_encoder.end(), out->text_encoder);
  return 0;
}

osl_code osl_library_attach(const osl_library* library, osl_engine* engine, osl_error* error) {
  if (library == nullptr || engine == nullptr) return missing_argument(error);
  return finish(engine->engine.use_own(library->library.own_items()), error);
}

osl_code osl_library_add(osl_library* library, osl_engine* engine, const char* text,
                         uint32_t text_n, const osl_track* tracks, uint32_t n, const float* vectors,
                         uint32_t vectors_n, osl_error* error) {
  if (library == nullptr || engine == nullptr || text == nullptr || tracks == nullptr ||
      (vectors == nullptr && vectors_n != 0)) {
    return missing_argument(error);
  }
  std::string_view words(text, text_n);
  std::span<const float> numbers(vectors, vectors_n);
  ossicle::Status added;
  for (uint32_t i = 0; i < n && added.ok(); ++i) {
    ossicle::TrackInput track;
    if (!cut(tracks[i], library->text_dimensions, words, numbers, track)) {
      added = ossicle::Error{Code::kInvalidArgument, i,
                             "the track is not in the text or vectors (track)"};
      break;
    }
    added = library->library.add(engine->engine.catalogue(), {&track, 1});
    if (!added.ok()) added = ossicle::Error{added.error().code, i, added.error().what};
  }
  // Also where some were not added: the engine must not look at names that have moved.
  const osl_code attached = osl_library_attach(library, engine, error);
  return added.ok() ? attached : finish(added, error);
}

osl_code osl_credits_find(const osl_engine* engine, const char* name, uint32_t name_n,
                          uint32_t* items, uint32_t cap, uint32_t* n) {
  if (engine == nullptr || name == nullptr || n == nullptr || (items == nullptr && cap != 0)) {
    return missing_argument(nullptr);
  }
  *n = ossicle::find_credits(engine->engine.catalogue(), {name, name_n}, {items, cap});
  return 0;
}

osl_code osl_library_hide(osl_library* library, uint32_t row, uint32_t hidden, osl_error* error) {
  if (library == nullptr) return missing_argument(error);
  return finish(library->library.hide(row, hidden != 0), error);
}

osl_code osl_library_track(const osl_library* library, uint32_t row, osl_track_facts* out,
                           uint32_t* items, uint32_t cap, uint32_t* n, osl_error* error) {
  if (library == nullptr || out == nullptr || n == nullptr || (items == nullptr && cap != 0)) {
    return missing_argument(error);
  }
  const auto facts = library->library.facts(row);
  if (!facts) return fail(facts.error(), error);
  std::memcpy(out, &facts.value(), sizeof *out);
  const auto known = library->library.artists(row);
  if (!known) return fail(known.error(), error);
  const std::span<const uint32_t> rows = known.value();
  *n = static_cast<uint32_t>(rows.size());
  std::copy_n(rows.begin(), std::min<std::size_t>(cap, rows.size()), items);
  return 0;
}

osl_code osl_library_record(osl_library* library, const osl_listen* events,
                            const uint32_t* recorded, uint32_t n) {
  if (library == nullptr || (events == nullptr && n != 0)) return missing_argument(nullptr);
  constexpr auto kDuplicate = static_cast<uint32_t>(ossicle::Recorded::kDuplicate);
  const auto* const listens = reinterpret_cast<const ossicle::Listen*>(events);
  for (uint32_t i = 0; i < n; ++i) {
    if (recorded == nullptr || recorded[i] != kDuplicate) library->library.record({listens + i, 1});
  }
  return 0;
}

osl_code osl_library_forget(osl_library* library) {
  if (library == nullptr) return missing_argument(nullptr);
  library->library.forget();
  return 0;
}

osl_code osl_library_recommend(osl_library* library, osl_engine* engine, int64_t now_s,
                               const osl_track_knobs* knobs, osl_scored_track* out, uint32_t cap,
                               uint32_t* n, osl_error* error) {
  if (library == nullptr || engine == nullptr || knobs == nullptr || out == nullptr ||
      n == nullptr) {
    return missing_argument(error);
  }
  const auto user = engine->engine.user_vector(now_s);
  if (!user) return fail(user.error(), error);
  return answer(
      library->library.recommend(engine->engine.catalogue(), now_s, user.value(), knobs_of(*knobs),
                                 {reinterpret_cast<ScoredTrack*>(out), cap}),
      n, error);
}

osl_code osl_library_similar(osl_library* library, int64_t now_s, uint32_t row,
                             const osl_track_knobs* knobs, osl_scored_track* out, uint32_t cap,
                             uint32_t* n, osl_error* error) {
  if (library == nullptr || knobs == nullptr || out == nullptr || n == nullptr) {
    return missing_argument(error);
  }
  return answer(library->library.similar(now_s, row, knobs_of(*knobs),
                                         {reinterpret_cast<ScoredTrack*>(out), cap}),
                n, error);
}

void osl_library_close(osl_library* library, osl_engine* engine) {
  // Fewer own items than before are always taken.
  if (engine != nullptr) static_cast<void>(engine->engine.use_own({}));
  delete library;
}

}  // extern "C"
