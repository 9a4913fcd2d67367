#ifndef OSSICLE_TESTS_UNIT_SEARCH_COLLECTION_H_
#define OSSICLE_TESTS_UNIT_SEARCH_COLLECTION_H_

#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ossicle/search.h"

namespace ossicle::testing {

/// Documents with an index and the buffers to search it.
class Collection {
 public:
  explicit Collection(std::vector<Document> documents, const LexicalSettings& settings = {})
      : index_(LexicalIndex::build(documents, settings).value()),
        scratch_(LexicalScratch::open(index_.size()).value()) {}

  /// Documents that have titles only.
  static Collection of_titles(std::initializer_list<std::string_view> titles) {
    std::vector<Document> documents;
    for (const std::string_view title : titles) documents.push_back({.title = title});
    return Collection(std::move(documents));
  }

  const LexicalIndex& index() const { return index_; }

  std::vector<SearchHit> hits(std::string_view query, SearchMode mode = SearchMode::kWhole,
                              std::size_t limit = 100) {
    std::vector<SearchHit> out(limit);
    const Result<LexicalFound> found = index_.search(query, mode, scratch_, out);
    REQUIRE(found.ok());
    out.resize(found.value().count);
    for (const SearchHit& hit : out) CHECK(hit.score <= found.value().attainable);
    return out;
  }

  std::vector<std::uint32_t> rows(std::string_view query, SearchMode mode = SearchMode::kWhole) {
    std::vector<std::uint32_t> rows;
    for (const SearchHit& hit : hits(query, mode)) rows.push_back(hit.row);
    return rows;
  }

 private:
  LexicalIndex index_;
  LexicalScratch scratch_;
};

using Rows = std::vector<std::uint32_t>;

}  // namespace ossicle::testing

#endif  // OSSICLE_TESTS_UNIT_SEARCH_COLLECTION_H_
