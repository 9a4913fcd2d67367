// Lines with a tab are documents (fields between tabs), others are queries. Whatever the bytes,
// hits are in order and in range, and a shorter list is the beginning of a longer one.
#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "fuzz_check.h"
#include "ossicle/search.h"

using namespace ossicle;

namespace {

Document to_document(std::string_view line) {
  Document document;
  for (std::string_view* field :
       {&document.title, &document.artist, &document.album, &document.tags, &document.text}) {
    const std::size_t tab = line.find('\t');
    *field = line.substr(0, tab);
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  return document;
}

void check(const LexicalIndex& index, LexicalScratch& scratch, std::string_view query) {
  for (const SearchMode mode : {SearchMode::kWhole, SearchMode::kAsTyped}) {
    std::vector<SearchHit> all(index.size());
    const Result<LexicalFound> found = index.search(query, mode, scratch, all);
    OSL_FUZZ_CHECK(found.ok());
    OSL_FUZZ_CHECK(found.value().count <= all.size());
    all.resize(found.value().count);
    std::vector<bool> seen(index.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      OSL_FUZZ_CHECK(all[i].row < index.size() && !seen[all[i].row]);
      seen[all[i].row] = true;
      OSL_FUZZ_CHECK(all[i].score > 0 && all[i].score <= found.value().attainable);
      OSL_FUZZ_CHECK(i == 0 || all[i].score <= all[i - 1].score);
    }
    std::vector<SearchHit> some(std::min<std::size_t>(all.size(), 3));
    OSL_FUZZ_CHECK(index.search(query, mode, scratch, some).ok());
    for (std::size_t i = 0; i < some.size(); ++i) OSL_FUZZ_CHECK(some[i].row == all[i].row);
    const std::vector<SearchHit> dense(all.rbegin(), all.rend());
    std::vector<SearchHit> room(2 * all.size());
    std::vector<SearchHit> fused(all.size());
    OSL_FUZZ_CHECK(fuse(all, found.value().attainable, dense, {}, room, fused) == all.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<Document> documents;
  std::vector<std::string_view> queries;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find('\t') == std::string_view::npos) {
      queries.push_back(line);
    } else {
      documents.push_back(to_document(line));
    }
  }
  const Result<LexicalIndex> index = LexicalIndex::build(documents);
  OSL_FUZZ_CHECK(index.ok() && index.value().size() == documents.size());
  Result<LexicalScratch> scratch = LexicalScratch::open(index.value().size());
  OSL_FUZZ_CHECK(scratch.ok());
  for (const std::string_view query : queries) check(index.value(), scratch.value(), query);
  for (const Document& document : documents) check(index.value(), scratch.value(), document.title);
  return 0;
}
