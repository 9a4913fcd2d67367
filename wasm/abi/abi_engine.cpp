// Catalogue bundle, engine, history, recommending.

#include "abi_engine.h"

#include <cstddef>
#include <new>

#include "abi.h"
#include "ossicle/catalogue.h"

using ossicle::Code;
using ossicle::abi::as_bytes;
using ossicle::abi::copy_text;
using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;
using ossicle::abi::tell_file;

// The structs below cross the boundary as the bytes of the core's own.
static_assert(sizeof(osl_listen) == sizeof(ossicle::Listen));
static_assert(offsetof(osl_listen, at_s) == offsetof(ossicle::Listen, at_s));
static_assert(offsetof(osl_listen, track_hash) == offsetof(ossicle::Listen, track_hash));
static_assert(offsetof(osl_listen, played_ms) == offsetof(ossicle::Listen, played_ms));
static_assert(offsetof(osl_listen, duration_ms) == offsetof(ossicle::Listen, duration_ms));
static_assert(offsetof(osl_listen, kind) == offsetof(ossicle::Listen, kind));
static_assert(sizeof(osl_scored) == sizeof(ossicle::Scored));
static_assert(offsetof(osl_scored, score) == offsetof(ossicle::Scored, score));
static_assert(offsetof(osl_scored, factor) == offsetof(ossicle::Scored, factor));
static_assert(sizeof(osl_recommended) == sizeof(ossicle::Recommended));
static_assert(offsetof(osl_recommended, arm) == offsetof(ossicle::Recommended, arm));
static_assert(offsetof(osl_recommended, mark) == offsetof(ossicle::Recommended, mark));
static_assert(sizeof(osl_reason) == sizeof(ossicle::Reason));
static_assert(offsetof(osl_reason, contribution) == offsetof(ossicle::Reason, contribution));
static_assert(offsetof(osl_reason, if_removed) == offsetof(ossicle::Reason, if_removed));
static_assert(sizeof(ossicle::Recorded) == sizeof(uint32_t));

extern "C" {

osl_code osl_reader_open(const uint8_t* bundle_json, uint32_t n, osl_reader** out,
                         osl_error* error) {
  if (bundle_json == nullptr || out == nullptr) return missing_argument(error);
  auto* reader = new (std::nothrow) osl_reader;
  if (reader == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the reader"}, error);
  const ossicle::Status status = reader->reader.begin(as_bytes(bundle_json, n));
  if (!status.ok()) {
    delete reader;
    return fail(status.error(), error);
  }
  *out = reader;
  return 0;
}

osl_code osl_reader_files(const osl_reader* reader, uint32_t* n) {
  if (reader == nullptr || n == nullptr) return missing_argument(nullptr);
  *n = static_cast<uint32_t>(reader->reader.files().size());
  return 0;
}

osl_code osl_reader_file(const osl_reader* reader, uint32_t index, char* path, uint32_t cap,
                         uint32_t* path_n, uint64_t* bytes) {
  if (reader == nullptr || path_n == nullptr || bytes == nullptr) return missing_argument(nullptr);
  const auto files = reader->reader.files();
  if (index >= files.size()) return static_cast<osl_code>(Code::kOutOfRange);
  return tell_file(files[index], path, cap, path_n, bytes);
}

osl_code osl_reader_add(osl_reader* reader, uint32_t index, const uint8_t* bytes, uint32_t n,
                        const uint8_t digest[32], osl_error* error) {
  if (reader == nullptr || bytes == nullptr) return missing_argument(error);
  return finish(
      reader->reader.add_file(index, as_bytes(bytes, n), ossicle::abi::file_digest(digest)), error);
}

void osl_reader_close(osl_reader* reader) { delete reader; }

void osl_options_default(osl_options* out) {
  if (out == nullptr) return;
  const ossicle::EngineOptions options;
  *out = {.half_life_days = options.profile.half_life_days,
          .love_strength = options.profile.love_strength,
          .skip_strength = options.profile.skip_strength,
          .ban_strength = options.profile.ban_strength,
          .min_played_ms = options.profile.min_played_ms,
          .skip_rest_days = options.profile.skip_rest_days,
          .max_events = options.max_events,
          .max_results = options.max_results,
          .max_reasons = options.max_reasons,
          .max_own_items = options.max_own_items};
}

osl_code osl_engine_open(osl_reader* reader, const osl_options* options, osl_engine** out,
                         osl_error* error) {
  if (reader == nullptr || options == nullptr || out == nullptr) return missing_argument(error);
  auto catalogue = std::move(reader->reader).finish();
  if (!catalogue) return fail(catalogue.error(), error);
  const ossicle::EngineOptions engine_options = {
      .profile = {.half_life_days = options->half_life_days,
                  .love_strength = options->love_strength,
                  .skip_strength = options->skip_strength,
                  .ban_strength = options->ban_strength,
                  .min_played_ms = options->min_played_ms,
                  .skip_rest_days = options->skip_rest_days},
      .max_events = options->max_events,
      .max_results = options->max_results,
      .max_reasons = options->max_reasons,
      .max_own_items = options->max_own_items};
  auto engine = ossicle::Engine::open(std::move(catalogue).value(), engine_options);
  if (!engine) return fail(engine.error(), error);
  *out = new (std::nothrow) osl_engine{std::move(engine).value()};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the engine"}, error);
  return 0;
}

void osl_engine_close(osl_engine* engine) { delete engine; }

osl_code osl_catalogue_get(const osl_engine* engine, osl_catalogue_info* out) {
  if (engine == nullptr || out == nullptr) return missing_argument(nullptr);
  const ossicle::Catalogue& c = engine->engine.catalogue();
  *out = {.n_items = c.n_items,
          .n_factors = c.n_factors,
          .n_tags = static_cast<uint32_t>(c.tag_name_offset.size() - 1),
          .user_bias = c.model.user_bias ? 1u : 0u,
          .mu = c.model.mu,
          .alpha0 = c.model.alpha0,
          .user_lambda = c.model.user_lambda};
  return 0;
}

osl_code osl_item_get(const osl_engine* engine, uint32_t item, osl_item* out, char* name,
                      uint32_t name_cap, char* tags, uint32_t tags_cap) {
  if (engine == nullptr || out == nullptr) return missing_argument(nullptr);
  const ossicle::Catalogue& c = engine->engine.catalogue();
  if (item >= c.n_all()) return static_cast<osl_code>(Code::kOutOfRange);
  std::memcpy(out->id, ossicle::id_of(c, item).data(), sizeof out->id);
  out->listeners = item < c.n_items ? c.listeners[item] : 0;
  out->bias = item < c.n_items ? c.bias[item] : 0;
  out->name_n = static_cast<uint32_t>(c.name(item).size());
  copy_text(c.name(item), name, name_cap);
  uint32_t n = 0;
  for (const uint16_t tag : c.tags(item)) {
    if (n != 0) {
      if (n < tags_cap) tags[n] = '\n';
      ++n;
    }
    const std::string_view tag_name = c.tag_name(tag);
    if (n < tags_cap) copy_text(tag_name, tags + n, tags_cap - n);
    n += static_cast<uint32_t>(tag_name.size());
  }
  out->tags_n = n;
  return 0;
}

osl_code osl_item_find(const osl_engine* engine, const uint8_t id[16], uint32_t* item) {
  if (engine == nullptr || id == nullptr || item == nullptr) return missing_argument(nullptr);
  ossicle::ItemId key;
  std::memcpy(key.data(), id, key.size());
  *item = ossicle::find_any_item(engine->engine.catalogue(), key);
  return 0;
}

osl_code osl_history_record(osl_engine* engine, const osl_listen* events, uint32_t n,
                            uint32_t* recorded, osl_error* error) {
  if (engine == nullptr || (events == nullptr && n != 0)) return missing_argument(error);
  const std::span<ossicle::Recorded> out(reinterpret_cast<ossicle::Recorded*>(recorded),
                                         recorded == nullptr ? 0 : n);
  return finish(
      engine->engine.record_all({reinterpret_cast<const ossicle::Listen*>(events), n}, out), error);
}

osl_code osl_history_item(const osl_engine* engine, uint32_t item, osl_item_history* out) {
  if (engine == nullptr || out == nullptr) return missing_argument(nullptr);
  const auto history = engine->engine.item_history(item);
  if (!history) return static_cast<osl_code>(history.error().code);
  const ossicle::ItemHistory& h = history.value();
  *out = {.first_at_s = h.first_at_s,
          .last_at_s = h.last_at_s,
          .skipped_at_s = h.skipped_at_s,
          .flag_at_s = h.flag_at_s,
          .plays = h.plays,
          .skips = h.skips,
          .flag = static_cast<uint32_t>(h.flag),
          .active = h.active};
  return 0;
}

osl_code osl_history_count(const osl_engine* engine, osl_counts* out) {
  if (engine == nullptr || out == nullptr) return missing_argument(nullptr);
  const ossicle::HistoryCounts counts = engine->engine.counts();
  *out = {.events = counts.events,
          .unknown = counts.unknown,
          .duplicate = counts.duplicate,
          .items = counts.items,
          .loved = counts.loved,
          .banned = counts.banned,
          .reserved = 0};
  return 0;
}

osl_code osl_history_forget(osl_engine* engine) {
  if (engine == nullptr) return missing_argument(nullptr);
  engine->engine.forget();
  return 0;
}

void osl_request_default(osl_request* out) {
  if (out == nullptr) return;
  const ossicle::RecommendRequest request;
  *out = {.now_s = request.now_s,
          .seed = request.seed,
          .factors = request.list.blend.factors,
          .neighbours = request.list.blend.neighbours,
          .text = request.list.blend.text,
          .novelty = request.list.blend.novelty,
          .diversity = request.list.diversity,
          .repeat_days = request.list.repeat_days,
          .shown_rest_days = request.list.shown_rest_days,
          .per_artist = request.list.per_artist,
          .reasons_per_item = request.reasons_per_item,
          .follow = request.follow ? 1u : 0u,
          .context = request.context};
}

osl_code osl_recommend_run(osl_engine* engine, const osl_request* request, osl_scored* out,
                           uint32_t cap, osl_recommended* made, osl_reason* reasons,
                           uint32_t* reason_n, osl_error* error) {
  if (engine == nullptr || request == nullptr || made == nullptr) return missing_argument(error);
  const bool with_reasons = request->reasons_per_item != 0;
  if ((out == nullptr && cap != 0) ||
      (with_reasons && (reasons == nullptr || reason_n == nullptr))) {
    return missing_argument(error);
  }
  // The core checks both against its options; this keeps the product inside 32 bits until then.
  constexpr uint32_t kMost = 1u << 15;
  if (cap > kMost || request->reasons_per_item > kMost) {
    return fail({Code::kInvalidArgument, cap, "more results or reasons than any engine gives"},
                error);
  }
  const ossicle::RecommendRequest wanted = {.now_s = request->now_s,
                                            .reasons_per_item = request->reasons_per_item,
                                            .list = {.blend = {.factors = request->factors,
                                                               .neighbours = request->neighbours,
                                                               .text = request->text,
                                                               .novelty = request->novelty},
                                                     .diversity = request->diversity,
                                                     .repeat_days = request->repeat_days,
                                                     .shown_rest_days = request->shown_rest_days,
                                                     .per_artist = request->per_artist},
                                            .follow = request->follow != 0,
                                            .context = request->context,
                                            .seed = request->seed};
  const std::size_t n_reasons = with_reasons ? std::size_t{cap} * request->reasons_per_item : 0;
  const auto result = engine->engine.recommend(
      wanted, {reinterpret_cast<ossicle::Scored*>(out), cap},
      {reinterpret_cast<ossicle::Reason*>(reasons), n_reasons}, {reason_n, with_reasons ? cap : 0});
  if (!result) return fail(result.error(), error);
  std::memcpy(made, &result.value(), sizeof *made);
  return 0;
}

osl_code osl_explain_run(osl_engine* engine, int64_t now_s, uint32_t item, osl_scored* out,
                         osl_reason* reasons, uint32_t cap, uint32_t* n, osl_error* error) {
  if (engine == nullptr || out == nullptr || n == nullptr || (reasons == nullptr && cap != 0)) {
    return missing_argument(error);
  }
  const auto scored = engine->engine.explain_item(
      now_s, item, {reinterpret_cast<ossicle::Reason*>(reasons), cap}, n);
  if (!scored) return fail(scored.error(), error);
  std::memcpy(out, &scored.value(), sizeof *out);
  return 0;
}

osl_code osl_user_get(osl_engine* engine, int64_t now_s, double* out, uint32_t cap, uint32_t* n,
                      osl_error* error) {
  if (engine == nullptr || n == nullptr) return missing_argument(error);
  const auto user = engine->engine.user_vector(now_s);
  if (!user) return fail(user.error(), error);
  const std::span<const double> p = user.value();
  *n = static_cast<uint32_t>(p.size());
  if (out != nullptr)
    std::memcpy(out, p.data(), (cap < p.size() ? cap : p.size()) * sizeof(double));
  return 0;
}

}  // extern "C"
