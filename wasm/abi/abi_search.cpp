// Search: the lexical index, text vectors, and the fusion of both.

#include <algorithm>
#include <cmath>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "abi.h"
#include "ossicle/search.h"
#include "ossicle/train.h"

using ossicle::Code;
using ossicle::SearchHit;
using ossicle::abi::fail;
using ossicle::abi::missing_argument;

static_assert(sizeof(osl_hit) == sizeof(SearchHit) &&
              offsetof(osl_hit, score) == offsetof(SearchHit, score));

struct osl_index {
  ossicle::LexicalIndex index;
  ossicle::LexicalScratch scratch;
};

struct osl_vectors {
  static constexpr std::uint32_t kMostHits = 4096;

  std::uint32_t capacity = 0, used = 0, dimensions = 0, row_stride = 0;
  ossicle::OwnedBytes memory;
  std::span<float> scale, bias;
  std::span<std::int32_t> rowsum;
  std::span<std::int8_t> rows;
  std::span<ossicle::Candidate> room;  // [kMostHits]
};

namespace {

std::span<SearchHit> hits(osl_hit* at, std::uint32_t n) {
  return {reinterpret_cast<SearchHit*>(at), n};
}

std::span<const SearchHit> hits(const osl_hit* at, std::uint32_t n) {
  return {reinterpret_cast<const SearchHit*>(at), n};
}

/// Cuts the texts of documents out of `text`; fails where they do not add up to it.
bool cut(std::string_view text, std::span<const osl_document> lengths,
         std::vector<ossicle::Document>& out) {
  std::uint64_t at = 0;  // five lengths cannot overflow it
  const auto next = [&](std::uint32_t n) {
    const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(at, text.size()));
    at += n;
    return text.substr(from, n);
  };
  out.reserve(lengths.size());
  for (const osl_document& d : lengths) {
    ossicle::Document& document = out.emplace_back();
    document.title = next(d.title_n);
    document.artist = next(d.artist_n);
    document.album = next(d.album_n);
    document.tags = next(d.tags_n);
    document.text = next(d.text_n);
    if (at > text.size()) return false;
  }
  return at == text.size();
}

}  // namespace

extern "C" {

osl_code osl_index_open(const char* text, uint32_t text_n, const osl_document* documents,
                        uint32_t n, osl_index** out, osl_error* error) {
  if (text == nullptr || documents == nullptr || out == nullptr) return missing_argument(error);
  std::vector<ossicle::Document> views;
  if (!cut({text, text_n}, {documents, n}, views)) {
    return fail({Code::kInvalidArgument, views.size(), "the fields do not add up to the text"},
                error);
  }
  auto index = ossicle::LexicalIndex::build(views);
  if (!index) return fail(index.error(), error);
  auto scratch = ossicle::LexicalScratch::open(index.value().size());
  if (!scratch) return fail(scratch.error(), error);
  *out = new (std::nothrow) osl_index{std::move(index).value(), std::move(scratch).value()};
  if (*out == nullptr) return fail({Code::kOutOfMemory, 0, "no memory for the index"}, error);
  return 0;
}

osl_code osl_index_get(const osl_index* index, osl_index_info* out) {
  if (index == nullptr || out == nullptr) return missing_argument(nullptr);
  *out = {.documents = index->index.size(),
          .terms = index->index.terms(),
          .bytes = static_cast<uint32_t>(index->index.bytes())};
  return 0;
}

osl_code osl_index_search(osl_index* index, const char* query, uint32_t query_n, uint32_t mode,
                          osl_hit* out, uint32_t cap, uint32_t* n, float* attainable,
                          osl_error* error) {
  if (index == nullptr || query == nullptr || out == nullptr || n == nullptr ||
      attainable == nullptr) {
    return missing_argument(error);
  }
  if (mode > static_cast<uint32_t>(ossicle::SearchMode::kAsTyped)) {
    return fail({Code::kInvalidArgument, mode, "no such mode of search"}, error);
  }
  const auto found = index->index.search({query, query_n}, static_cast<ossicle::SearchMode>(mode),
                                         index->scratch, hits(out, cap));
  if (!found) return fail(found.error(), error);
  *n = found.value().count;
  *attainable = found.value().attainable;
  return 0;
}

void osl_index_close(osl_index* index) { delete index; }

osl_code osl_vectors_open(uint32_t rows, uint32_t dimensions, osl_vectors** out, osl_error* error) {
  if (out == nullptr) return missing_argument(error);
  if (dimensions == 0 || dimensions > ossicle::TextVectors::kMaxDimensions ||
      rows > ossicle::LexicalIndex::kMaxDocuments) {
    return fail({Code::kInvalidArgument, dimensions, "rows or dimensions out of range"}, error);
  }
  const uint32_t stride = (dimensions + 15) / 16 * 16;
  // In 64 bits: 2^24 rows of 1,024 bytes are more than a module can have.
  constexpr uint64_t kWords = 3 * sizeof(float);
  constexpr uint64_t kRoom = osl_vectors::kMostHits * sizeof(ossicle::Candidate);
  const uint64_t bytes = kRoom + uint64_t{rows} * (kWords + stride);
  ossicle::OwnedBytes memory;
  if (bytes < UINT32_MAX) memory = ossicle::OwnedBytes::allocate(static_cast<std::size_t>(bytes));
  auto* const made = new (std::nothrow) osl_vectors;
  if (!memory.ok() || made == nullptr) {
    delete made;
    return fail({Code::kOutOfMemory, bytes, "no memory for the vectors (bytes)"}, error);
  }
  std::byte* at = memory.data();
  const auto take = [&at]<class T>(std::size_t n, std::span<T>& to) {
    to = {reinterpret_cast<T*>(at), n};
    at += n * sizeof(T);
  };
  take(std::size_t{rows} * stride, made->rows);
  take(osl_vectors::kMostHits, made->room);
  take(rows, made->scale);
  take(rows, made->bias);
  take(rows, made->rowsum);
  std::fill(made->bias.begin(), made->bias.end(), 0.0F);
  made->capacity = rows;
  made->dimensions = dimensions;
  made->row_stride = stride;
  made->memory = std::move(memory);
  *out = made;
  return 0;
}

osl_code osl_vectors_add(osl_vectors* vectors, const float* rows, uint32_t n, osl_error* error) {
  if (vectors == nullptr || rows == nullptr) return missing_argument(error);
  osl_vectors& v = *vectors;
  const uint32_t left = v.capacity - v.used;
  if (n > left) return fail({Code::kCapacityExceeded, left, "more vectors than rows"}, error);
  const std::span<const float> values(rows, std::size_t{n} * v.dimensions);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      return fail({Code::kNotFinite, i / v.dimensions, "a vector is not finite (row)"}, error);
    }
  }
  ossicle::quantise_rows(values, n, v.dimensions, v.row_stride,
                         v.rows.subspan(std::size_t{v.used} * v.row_stride),
                         v.scale.subspan(v.used), v.rowsum.subspan(v.used));
  v.used += n;
  return 0;
}

osl_code osl_vectors_search(osl_vectors* vectors, const float* query, uint32_t query_n,
                            osl_hit* out, uint32_t cap, uint32_t* n, osl_error* error) {
  if (vectors == nullptr || query == nullptr || out == nullptr || n == nullptr) {
    return missing_argument(error);
  }
  const osl_vectors& v = *vectors;
  const ossicle::TextVectors added = {
      v.dimensions,          v.row_stride,         v.rows.first(std::size_t{v.used} * v.row_stride),
      v.scale.first(v.used), v.bias.first(v.used), v.rowsum.first(v.used)};
  const auto found = ossicle::search_vectors(added, {query, query_n}, v.room, hits(out, cap));
  if (!found) return fail(found.error(), error);
  *n = found.value();
  return 0;
}

void osl_vectors_close(osl_vectors* vectors) { delete vectors; }

osl_code osl_hits_fuse(const osl_hit* words, uint32_t words_n, float attainable,
                       const osl_hit* dense, uint32_t dense_n, osl_hit* room, osl_hit* out,
                       uint32_t cap, uint32_t* n) {
  if (words == nullptr || dense == nullptr || room == nullptr || out == nullptr || n == nullptr) {
    return missing_argument(nullptr);
  }
  *n = ossicle::fuse(hits(words, words_n), attainable, hits(dense, dense_n), {},
                     hits(room, words_n + dense_n), hits(out, cap));
  return 0;
}

}  // extern "C"
