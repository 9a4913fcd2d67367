#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "counted_new.h"
#include "ossicle/search.h"

namespace ossicle {
namespace {

TEST_CASE("10,000 searches allocate nothing, whatever is typed") {
  std::vector<std::string> titles;
  for (int i = 0; i < 2000; ++i) titles.push_back("song number " + std::to_string(i) + " 悲伤的歌");
  std::vector<Document> documents;
  for (const std::string& title : titles) documents.push_back({.title = title});
  const std::size_t start = g_allocations;
  const auto index = LexicalIndex::build(documents);
  auto scratch = LexicalScratch::open(index.value().size());
  CHECK(g_allocations > start);
  std::vector<SearchHit> words(50), room(100), out(50);
  const std::vector<SearchHit> dense = {{3, 0.9F}, {1999, 0.5F}};
  const std::string queries[] = {"s",
                                 "song numbr 1999",
                                 "悲伤",
                                 "歌",
                                 std::string(1 << 20, 'x'),
                                 std::string(5000, '\xff'),
                                 "",
                                 "!!!"};
  std::size_t failures = 0;
  const std::size_t before = g_allocations;
  for (std::size_t i = 0; i < 10000; ++i) {
    const SearchMode mode = i % 2 == 0 ? SearchMode::kAsTyped : SearchMode::kWhole;
    const auto found = index.value().search(queries[i / 2 % 8], mode, scratch.value(), words);
    if (!found.ok()) {
      ++failures;
      continue;
    }
    const auto lexical = std::span(words).first(found.value().count);
    failures += fuse(lexical, found.value().attainable, dense, {}, room, out) == 0 ? 1 : 0;
  }
  const std::size_t allocations = g_allocations - before;
  CHECK(failures == 0);
  CHECK(allocations == 0);
}

}  // namespace
}  // namespace ossicle
