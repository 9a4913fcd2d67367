/* Ossicle's C ABI: the only boundary between the core and everything that is not C++.
 *
 * Grammar: osl_<noun>_<verb>. Every call returns an osl_code (0 = ok, else ossicle::Code); details
 * of a failure go into the caller's osl_error. Structs are flat and little-endian, sizes and
 * offsets are static_asserted in abi.cpp. Output buffers belong to the caller: (out, cap, *n).
 * Handles are opaque. Pointers and lengths are 32-bit in WASM. Single-threaded.
 *
 * web/engine/src/abi.gen.ts is generated from this file by wasm/abi/generate.py; osl_abi_hash()
 * lets both sides compare at load.
 */
#ifndef OSSICLE_ABI_H_
#define OSSICLE_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t osl_code;

typedef struct osl_error {
  uint64_t at; /* byte offset, row, line (1-based) or index, as `what` says */
  int32_t code;
  uint32_t what_n; /* bytes of `what` in use */
  char what[112];  /* UTF-8, not terminated */
} osl_error;

/* Opaque handles. */
typedef struct osl_reader osl_reader;
typedef struct osl_engine osl_engine;
typedef struct osl_import osl_import;

/* Knobs, defaults and units: ossicle::EngineOptions and ProfileSettings. */
typedef struct osl_options {
  double half_life_days;
  double love_strength;
  double skip_strength;
  double ban_strength;
  double min_played_ms;
  double skip_rest_days;
  uint32_t max_events;
  uint32_t max_results;
  uint32_t max_reasons;
  uint32_t max_own_items;
} osl_options;

/* One event; the same bytes as ossicle::Listen. kind: 1 play, 2 skip, 3 love, 4 ban, 5 clear, 6
 * shown (track_hash: osl_recommended.mark of the list). */
typedef struct osl_listen {
  uint8_t artist[16];
  int64_t at_s;
  uint64_t track_hash;
  uint32_t played_ms;
  uint32_t duration_ms;
  uint32_t kind;
  uint32_t reserved;
} osl_listen;

/* ossicle::RecommendRequest: knobs, ranges, defaults and effects are ListSettings's. follow = 1:
 * the bandit chooses factors, neighbours, text and novelty. */
typedef struct osl_request {
  int64_t now_s;
  uint64_t seed;
  double factors;
  double neighbours;
  double text;
  double novelty;
  double diversity;
  double repeat_days;
  double shown_rest_days;
  uint32_t per_artist;
  uint32_t reasons_per_item;
  uint32_t follow;
  uint32_t context;
} osl_request;

/* The same bytes as ossicle::Recommended. */
typedef struct osl_recommended {
  uint32_t n;
  uint32_t arm;
  uint64_t mark;
} osl_recommended;

/* r_ui of an item, and <p_u, q_i> in it. */
typedef struct osl_scored {
  uint32_t item;
  uint32_t reserved;
  double score;
  double factor;
} osl_scored;

/* The part of one history item in a score; the same meaning as ossicle::Reason. */
typedef struct osl_reason {
  uint32_t item;
  uint32_t shared_tags; /* bit t: the explained item's t-th tag is the history item's, too */
  double contribution;
  double if_removed;
} osl_reason;

/* What the catalogue knows of an item. */
typedef struct osl_item {
  uint8_t id[16];
  uint32_t listeners;
  uint32_t name_n; /* bytes of the name */
  uint32_t tags_n; /* bytes of the tags, separated by '\n' */
  float bias;
} osl_item;

/* State of an item in the history. flag: 0 none, 1 loved, 2 banned. */
typedef struct osl_item_history {
  int64_t first_at_s;
  int64_t last_at_s;
  int64_t skipped_at_s;
  int64_t flag_at_s;
  uint32_t plays;
  uint32_t skips;
  uint32_t flag;
  uint32_t active;
} osl_item_history;

typedef struct osl_counts {
  uint64_t events;
  uint64_t unknown;
  uint64_t duplicate;
  uint32_t items;
  uint32_t loved;
  uint32_t banned;
  uint32_t reserved;
} osl_counts;

typedef struct osl_catalogue_info {
  uint32_t n_items;
  uint32_t n_factors;
  uint32_t n_tags;
  uint32_t user_bias;
  double mu;
  double alpha0;
  double user_lambda;
} osl_catalogue_info;

/* One listen read from an export; text_* index the text buffer of the same call. */
typedef struct osl_imported {
  osl_listen listen;
  uint64_t line;
  uint32_t artist_at, artist_n;
  uint32_t title_at, title_n;
  uint32_t album_at, album_n;
} osl_imported;

/* ossicle::ImportReport; problem numbers are ossicle::ImportProblem. */
typedef struct osl_import_report {
  uint64_t bytes;
  uint64_t lines;
  uint64_t records;
  uint64_t listens;
  uint64_t problems[8];
  uint64_t first_line[8];
  uint32_t format;
  uint32_t reserved;
} osl_import_report;

/* ---- module ---- */

/* First 8 bytes of SHA-256 over this header, as generate.py computes it. */
uint64_t osl_abi_hash(void);
/* Version of the core, "major.minor.patch": writes at most cap bytes, *n = bytes needed. */
osl_code osl_version_get(char* out, uint32_t cap, uint32_t* n);
/* Known-answer test of every kernel against numbers made by the scalar oracle; 0 = right. Run it
 * cold and after tier-up: some engines compile a wrong relaxed dot product in their baseline
 * compiler. `rounds` repeats it (1 = cold, >= 2000 to force tier-up). */
osl_code osl_selftest_run(uint32_t rounds, osl_error* error);
/* 64-byte aligned, zeroed memory for arguments and bundles; 0 when there is none. */
void* osl_memory_take(uint32_t size);
void osl_memory_give(void* memory);
/* Count of allocations by operator new and osl_memory_take since the module started. */
uint64_t osl_memory_count(void);

/* ---- names ---- */

osl_code osl_artist_id(const char* name, uint32_t name_n, uint8_t out[16]);
osl_code osl_track_hash(const char* title, uint32_t title_n, uint64_t* out);

/* ---- catalogue bundle -> engine ---- */

/* Reads bundle.json. The bytes are copied. */
osl_code osl_reader_open(const uint8_t* bundle_json, uint32_t n, osl_reader** out,
                         osl_error* error);
osl_code osl_reader_files(const osl_reader* reader, uint32_t* n);
/* Path (UTF-8) and size of file `index`. */
osl_code osl_reader_file(const osl_reader* reader, uint32_t index, char* path, uint32_t cap,
                         uint32_t* path_n, uint64_t* bytes);
/* Verifies and reads file `index`. The bytes may be given back afterwards. digest: their SHA-256 as
 * the caller computed it, or null: then it is computed here. */
osl_code osl_reader_add(osl_reader* reader, uint32_t index, const uint8_t* bytes, uint32_t n,
                        const uint8_t digest[32], osl_error* error);
void osl_reader_close(osl_reader* reader);

void osl_options_default(osl_options* out);
/* Consumes what the reader holds (close the reader all the same). */
osl_code osl_engine_open(osl_reader* reader, const osl_options* options, osl_engine** out,
                         osl_error* error);
void osl_engine_close(osl_engine* engine);

osl_code osl_catalogue_get(const osl_engine* engine, osl_catalogue_info* out);
/* Facts of an item; name and tags are written as far as they fit, out->name_n and tags_n say what
 * is needed. */
osl_code osl_item_get(const osl_engine* engine, uint32_t item, osl_item* out, char* name,
                      uint32_t name_cap, char* tags, uint32_t tags_cap);
/* *item = 0xffffffff when neither the catalogue nor an attached library has it. Rows from n_items
 * on are artists of the library: osl_item_get, osl_history_item and osl_explain_run take them. */
osl_code osl_item_find(const osl_engine* engine, const uint8_t id[16], uint32_t* item);

/* ---- history ---- */

/* recorded: [n] or 0; 0 kept, 1 artist unknown to the catalogue, 2 duplicate. */
osl_code osl_history_record(osl_engine* engine, const osl_listen* events, uint32_t n,
                            uint32_t* recorded, osl_error* error);
osl_code osl_history_item(const osl_engine* engine, uint32_t item, osl_item_history* out);
osl_code osl_history_count(const osl_engine* engine, osl_counts* out);
osl_code osl_history_forget(osl_engine* engine);

/* ---- recommending ---- */

void osl_request_default(osl_request* out);
/* out [cap]; reasons [cap, reasons_per_item]; reason_n [cap]. */
osl_code osl_recommend_run(osl_engine* engine, const osl_request* request, osl_scored* out,
                           uint32_t cap, osl_recommended* made, osl_reason* reasons,
                           uint32_t* reason_n, osl_error* error);
osl_code osl_explain_run(osl_engine* engine, int64_t now_s, uint32_t item, osl_scored* out,
                         osl_reason* reasons, uint32_t cap, uint32_t* n, osl_error* error);
/* p_u and b_u, [d + 1] doubles. */
osl_code osl_user_get(osl_engine* engine, int64_t now_s, double* out, uint32_t cap, uint32_t* n,
                      osl_error* error);

/* ---- importing ---- */

/* format: 0 = recognise; else ossicle::HistoryFormat. */
osl_code osl_import_open(uint32_t format, int64_t now_s, osl_import** out);
/* Gives a piece of the export (n may be 0) and takes at most `cap` listens whose words fit into
 * text. *used = bytes of the piece that were taken in; call again with the rest until all are used
 * and *out_n is 0. is_last = 1 with the final piece. */
osl_code osl_import_feed(osl_import* import, const uint8_t* bytes, uint32_t n, uint32_t is_last,
                         uint32_t* used, osl_imported* out, uint32_t cap, uint32_t* out_n,
                         char* text, uint32_t text_cap, osl_error* error);
osl_code osl_import_report_get(const osl_import* import, osl_import_report* out);
void osl_import_close(osl_import* import);

/* ---- text and Transformer: the parts the encoder stands on ---- */

typedef struct osl_tokenizer osl_tokenizer;
osl_code osl_tokenizer_open(const uint8_t* model, uint32_t n, osl_tokenizer** out,
                            osl_error* error);
osl_code osl_tokenizer_encode(const osl_tokenizer* tokenizer, const char* text, uint32_t n,
                              int32_t* out, uint32_t cap, uint32_t* out_n, osl_error* error);
void osl_tokenizer_close(osl_tokenizer* tokenizer);

typedef struct osl_block osl_block;
/* weights: the arrays of ossicle::BlockWeights one after the other, f32. */
osl_code osl_block_open(uint32_t channels, uint32_t heads, uint32_t feed_forward,
                        uint32_t max_tokens, const float* weights, uint32_t n, osl_block** out,
                        osl_error* error);
/* x: [tokens, channels], replaced by the block's output. */
osl_code osl_block_run(osl_block* block, float* x, uint32_t n, uint32_t tokens, osl_error* error);
void osl_block_close(osl_block* block);

/* ---- text encoder ---- */

/* Of ossicle::EncoderShape; the first dimensions_n of `dimensions` are in use. */
typedef struct osl_encoder_info {
  uint32_t vocabulary;
  uint32_t max_tokens;
  uint32_t vector_size;
  uint32_t dimensions_n;
  uint32_t dimensions[16];
} osl_encoder_info;

typedef struct osl_encoder osl_encoder;
/* Reads bundle.json of an encoder. The bytes are copied. */
osl_code osl_encoder_begin(const uint8_t* bundle_json, uint32_t n, osl_encoder** out,
                           osl_error* error);
/* Path (UTF-8) and size of file `index`: 0 weights, 1 tokenizer. */
osl_code osl_encoder_file(const osl_encoder* encoder, uint32_t index, char* path, uint32_t cap,
                          uint32_t* path_n, uint64_t* bytes);
/* The encoder's own memory for the bytes of file `index`, to be filled before opening: the weights
 * are used where they are. */
osl_code osl_encoder_room(osl_encoder* encoder, uint32_t index, uint8_t** out, osl_error* error);
/* The SHA-256 of what lies in that memory as the caller computed it; without it opening does. */
osl_code osl_encoder_digest(osl_encoder* encoder, uint32_t index, const uint8_t digest[32],
                            osl_error* error);
/* Verifies and reads the files. After an error only osl_encoder_close is left. */
osl_code osl_encoder_open(osl_encoder* encoder, osl_encoder_info* out, osl_error* error);
/* texts: UTF-8, one after the other, text_n [n] bytes of each, n <= 256. out: [n, dimensions]. */
osl_code osl_encoder_run(osl_encoder* encoder, const char* texts, const uint32_t* text_n,
                         uint32_t n, uint32_t dimensions, float* out, osl_error* error);
/* How the relaxed build multiplies: 0 pairs, as it is opened, 1 quads (ossicle::Encoder::Products).
 * osl_encoder_rehearse multiplies that way for nothing but the time it takes. */
osl_code osl_encoder_use(osl_encoder* encoder, uint32_t products, osl_error* error);
osl_code osl_encoder_rehearse(osl_encoder* encoder, uint32_t products, osl_error* error);
void osl_encoder_close(osl_encoder* encoder);

/* ---- search ---- */

/* Bytes of each field of a document; the fields lie one after the other, in this order. */
typedef struct osl_document {
  uint32_t title_n, artist_n, album_n, tags_n, text_n;
} osl_document;

/* The same bytes as ossicle::SearchHit. */
typedef struct osl_hit {
  uint32_t row;
  float score;
} osl_hit;

typedef struct osl_index_info {
  uint32_t documents;
  uint32_t terms;
  uint32_t bytes;
} osl_index_info;

typedef struct osl_index osl_index;
/* Builds ossicle::LexicalIndex of n documents; text: their fields in UTF-8, document after
 * document. Nothing of them is kept. */
osl_code osl_index_open(const char* text, uint32_t text_n, const osl_document* documents,
                        uint32_t n, osl_index** out, osl_error* error);
osl_code osl_index_get(const osl_index* index, osl_index_info* out);
/* mode: ossicle::SearchMode. out [cap]; *attainable is for osl_hits_fuse. */
osl_code osl_index_search(osl_index* index, const char* query, uint32_t query_n, uint32_t mode,
                          osl_hit* out, uint32_t cap, uint32_t* n, float* attainable,
                          osl_error* error);
void osl_index_close(osl_index* index);

typedef struct osl_vectors osl_vectors;
/* Takes the memory of `rows` text vectors, as ossicle::TextVectors has them. */
osl_code osl_vectors_open(uint32_t rows, uint32_t dimensions, osl_vectors** out, osl_error* error);
/* The next n rows, [n, dimensions], of unit length. Errors: capacity_exceeded (at = rows that are
 * left), not_finite (at = the row of this call). */
osl_code osl_vectors_add(osl_vectors* vectors, const float* rows, uint32_t n, osl_error* error);
/* The rows nearest to query, [query_n], of those added so far. out [cap], cap <= 4096. */
osl_code osl_vectors_search(osl_vectors* vectors, const float* query, uint32_t query_n,
                            osl_hit* out, uint32_t cap, uint32_t* n, osl_error* error);
void osl_vectors_close(osl_vectors* vectors);

/* ossicle::fuse with its usual weights. room [words_n + dense_n]; out [cap]. */
osl_code osl_hits_fuse(const osl_hit* words, uint32_t words_n, float attainable,
                       const osl_hit* dense, uint32_t dense_n, osl_hit* room, osl_hit* out,
                       uint32_t cap, uint32_t* n);

/* ---- style ---- */

/* kind: ossicle::StyleKind; parent: 0xffffffff for none. */
typedef struct osl_style_label {
  uint32_t kind;
  uint32_t parent;
  uint32_t name_n; /* bytes of the name */
} osl_style_label;

typedef struct osl_style_hit {
  uint32_t label;
  float probability;
} osl_style_hit;

typedef struct osl_style_info {
  uint32_t labels;
  uint32_t dimensions;
} osl_style_info;

typedef struct osl_style osl_style;
/* Path (UTF-8) and size of the one file that bundle.json of a style bundle names. */
osl_code osl_style_file(const uint8_t* bundle_json, uint32_t n, char* path, uint32_t cap,
                        uint32_t* path_n, uint64_t* bytes, osl_error* error);
/* Verifies and reads a style bundle, for vectors of `encoder`. Nothing given is kept. */
osl_code osl_style_open(const osl_encoder* encoder, const uint8_t* bundle_json, uint32_t json_n,
                        const uint8_t* file, uint32_t file_n, osl_style** out, osl_error* error);
osl_code osl_style_get(const osl_style* style, osl_style_info* out);
/* Facts of a label; the name is written as far as it fits. */
osl_code osl_style_label_get(const osl_style* style, uint32_t label, osl_style_label* out,
                             char* name, uint32_t cap);
/* Probabilities of every label for a text vector, [n]; they stay for osl_style_top. */
osl_code osl_style_run(osl_style* style, const float* vector, uint32_t n, osl_error* error);
/* ossicle::top_labels of the vector of the last run. out [cap]. */
osl_code osl_style_top(const osl_style* style, uint32_t kind, float least, osl_style_hit* out,
                       uint32_t cap, uint32_t* n);
void osl_style_close(osl_style* style);

/* ---- library: a person's own tracks ---- */

/* Defaults and units: ossicle::LibraryOptions. */
typedef struct osl_library_options {
  double text_weight;
  double min_played_ms;
  double skip_rest_days;
  uint32_t capacity;
  uint32_t text_dimensions;
} osl_library_options;

typedef struct osl_library_info {
  uint64_t bytes;
  uint32_t tracks; /* rows, the hidden ones included */
  uint32_t capacity;
  uint32_t text_dimensions;
  uint32_t has_map;
  uint8_t text_encoder[32]; /* SHA-256 of the weights of the map's encoder; zeros = not known */
} osl_library_info;

/* Bytes of title and artist, which lie in this order, track after track; vectors_n: 0, 1 (of the
 * track) or 2 (of the track and of its artists) vectors, which lie likewise. */
typedef struct osl_track {
  uint32_t title_n;
  uint32_t artist_n;
  uint32_t duration_ms;
  uint32_t vectors_n;
} osl_track;

/* The same bytes as ossicle::TrackFacts. */
typedef struct osl_track_facts {
  int64_t last_played_s;
  int64_t skipped_s;
  uint32_t plays;
  uint32_t group;
  uint32_t credits;
  uint32_t basis;
} osl_track_facts;

/* Defaults and units: ossicle::TrackKnobs; shelf: ossicle::TrackShelf. */
typedef struct osl_track_knobs {
  double repeat_days;
  double familiarity;
  double text_share;
  uint32_t shelf;
  uint32_t per_artist;
  uint32_t spacing;
  uint32_t reserved;
} osl_track_knobs;

/* The same bytes as ossicle::ScoredTrack. */
typedef struct osl_scored_track {
  uint32_t row;
  uint32_t group;
  double score;
  double artist;
  double text;
} osl_scored_track;

typedef struct osl_library osl_library;
void osl_library_default(osl_library_options* options, osl_track_knobs* knobs);
/* text_map: [text_dimensions + 1, d] floats; or null: that of the catalogue, where it has one, and
 * text_dimensions with it. */
osl_code osl_library_open(const osl_engine* engine, const osl_library_options* options,
                          const float* text_map, uint32_t text_map_n, osl_library** out,
                          osl_error* error);
osl_code osl_library_get(const osl_library* library, osl_library_info* out);
/* The engine's listener is known by plays of these tracks' artists, too: until osl_library_close,
 * or until another library is attached. osl_library_add does the same. Then record all events
 * again. */
osl_code osl_library_attach(const osl_library* library, osl_engine* engine, osl_error* error);
/* On an error the tracks before error->at were added. Nothing given is kept. */
osl_code osl_library_add(osl_library* library, osl_engine* engine, const char* text,
                         uint32_t text_n, const osl_track* tracks, uint32_t n, const float* vectors,
                         uint32_t vectors_n, osl_error* error);
osl_code osl_library_hide(osl_library* library, uint32_t row, uint32_t hidden, osl_error* error);
/* Rows of the artists that a credit names and the catalogue has: ossicle::find_credits. items
 * [cap]. */
osl_code osl_credits_find(const osl_engine* engine, const char* name, uint32_t name_n,
                          uint32_t* items, uint32_t cap, uint32_t* n);
/* items [cap]: rows of the credited artists, of the catalogue first, then of the library; *n of
 * them. */
osl_code osl_library_track(const osl_library* library, uint32_t row, osl_track_facts* out,
                           uint32_t* items, uint32_t cap, uint32_t* n, osl_error* error);
/* recorded: what osl_history_record said of these events, or null; duplicates are left out. */
osl_code osl_library_record(osl_library* library, const osl_listen* events,
                            const uint32_t* recorded, uint32_t n);
osl_code osl_library_forget(osl_library* library);
/* out [cap], cap <= 4096. */
osl_code osl_library_recommend(osl_library* library, osl_engine* engine, int64_t now_s,
                               const osl_track_knobs* knobs, osl_scored_track* out, uint32_t cap,
                               uint32_t* n, osl_error* error);
osl_code osl_library_similar(osl_library* library, int64_t now_s, uint32_t row,
                             const osl_track_knobs* knobs, osl_scored_track* out, uint32_t cap,
                             uint32_t* n, osl_error* error);
/* engine: the one it is attached to, or null. */
void osl_library_close(osl_library* library, osl_engine* engine);

/* ---- sequence ---- */

/* Knobs, defaults and units: ossicle::PlaylistRequest. Rows: 0xffffffff = none. */
typedef struct osl_playlist_request {
  uint64_t seed;
  double adventure;
  double pull;
  double curve_weight;
  uint32_t from;
  uint32_t to;
  uint32_t beams;
  uint32_t recent; /* most artists of the history that the list goes on from */
} osl_playlist_request;

typedef struct osl_playlist_item {
  uint32_t item;
  float score;
} osl_playlist_item;

typedef struct osl_sequence osl_sequence;
/* Path (UTF-8) and size of the one file that bundle.json of a sequence bundle names. */
osl_code osl_sequence_file(const uint8_t* bundle_json, uint32_t n, char* path, uint32_t cap,
                           uint32_t* path_n, uint64_t* bytes, osl_error* error);
/* Verifies and reads a sequence bundle, for the catalogue of `engine`. Nothing given is kept.
 * digest: SHA-256 of the file as the caller computed it, or null. */
osl_code osl_sequence_open(const osl_engine* engine, const uint8_t* bundle_json, uint32_t json_n,
                           const uint8_t* file, uint32_t file_n, const uint8_t digest[32],
                           osl_sequence** out, osl_error* error);
osl_code osl_playlist_default(osl_playlist_request* out);
/* ossicle::write_playlist over the catalogue: goes on from the artists of the history that were
 * played last, and leaves out what is banned. value [items] and curve [n], or both null. out [n].
 */
osl_code osl_playlist_write(osl_sequence* sequence, const osl_engine* engine,
                            const osl_playlist_request* request, const float* value,
                            const float* curve, osl_playlist_item* out, uint32_t n,
                            osl_error* error);
void osl_sequence_close(osl_sequence* sequence);

/* ---- sync ---- */

/* Whether what `next` has read may take the place of the engine's catalogue:
 * ossicle::check_snapshot, with its own limits. `next` is used up; close it. */
osl_code osl_snapshot_check(const osl_engine* engine, osl_reader* next, osl_error* error);

#ifdef __cplusplus
}
#endif

#endif /* OSSICLE_ABI_H_ */
