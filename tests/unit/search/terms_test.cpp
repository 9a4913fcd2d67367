#include "text/lexical/terms.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/rng.h"
#include "base/utf8.h"

namespace ossicle::text {
namespace {

/// A table of these words.
class Table {
 public:
  explicit Table(const std::set<std::string>& words) : words_(words.begin(), words.end()) {
    std::string before;
    for (const std::string& word : words_) {
      offset_.push_back(static_cast<std::uint32_t>(bytes_.size()));
      std::size_t shared = 0;
      while (shared < std::min(before.size(), word.size()) && before[shared] == word[shared]) {
        ++shared;
      }
      shared_.push_back(static_cast<std::uint8_t>(shared));
      bytes_ += word;
      before = word;
    }
    offset_.push_back(static_cast<std::uint32_t>(bytes_.size()));
  }

  TermTable view() const { return {bytes_, offset_, shared_}; }
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
  std::string bytes_;
  std::vector<std::uint32_t> offset_;
  std::vector<std::uint8_t> shared_;
};

std::u32string points_of(const std::string& text) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) {
    const base::DecodedPoint decoded = base::decode_point(text, at);
    points += decoded.point;
    at += decoded.bytes;
  }
  return points;
}

// The whole matrix, as the definition has it.
std::size_t distance(const std::u32string& a, const std::u32string& b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = std::min(
          {d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::size_t distance_of_beginning(const std::u32string& term, const std::u32string& word) {
  std::size_t least = word.size();
  for (std::size_t n = 0; n <= term.size(); ++n) {
    least = std::min(least, distance(term.substr(0, n), word));
  }
  return least;
}

using Found = std::map<std::string, std::uint32_t>;

Found similar(const Table& table, const std::string& word, std::uint32_t edits, bool as_prefix) {
  std::vector<SimilarTerms> out(10000);
  const std::u32string points = points_of(word);
  out.resize(find_similar(table.view(), points, edits, as_prefix, out));
  Found found;
  std::uint32_t before = 0;
  for (const SimilarTerms& range : out) {
    CHECK(range.terms.first >= before);
    CHECK(range.terms.first < range.terms.last);
    before = range.terms.last;
    for (std::uint32_t i = range.terms.first; i < range.terms.last; ++i) {
      found[table.words()[i]] = range.edits;
    }
  }
  return found;
}

TEST_CASE("terms are found by themselves and by their beginning") {
  const Table table({"love", "lovely", "lover", "lo", "x", "歌"});
  CHECK(find_exact(table.view(), "love").first == 1);
  CHECK(find_exact(table.view(), "love").last == 2);
  CHECK(find_exact(table.view(), "lov").empty());
  CHECK(find_exact(table.view(), "zzz").empty());
  CHECK(find_prefix(table.view(), "lov").first == 1);
  CHECK(find_prefix(table.view(), "lov").last == 4);
  CHECK(find_prefix(table.view(), "").last == 6);
  CHECK(find_prefix(table.view(), "y").empty());
  CHECK(find_exact(TermTable{}, "a").empty());
}

TEST_CASE("one edit is a letter put in, left out, replaced, or two neighbours swapped") {
  const Table table({"beatles", "beetles", "batles", "beatless", "baetles", "beat", "metal"});
  const Found found = similar(table, "beatles", 1, false);
  CHECK(found == Found{{"beetles", 1}, {"batles", 1}, {"beatless", 1}, {"baetles", 1}});
  CHECK(similar(table, "betle", 2, false) ==
        Found{{"baetles", 2}, {"batles", 2}, {"beatles", 2}, {"beetles", 2}});
}

TEST_CASE("a letter outside ASCII is one edit, and CJK is never similar") {
  const Table table({"цои", "цой", "цойка", "ሰላም", "ሰለም", "사랑", "悲伤的", "悲的"});
  CHECK(similar(table, "цоик", 1, false) == Found{{"цои", 1}});
  CHECK(similar(table, "ሰላምታ", 2, false) == Found{{"ሰላም", 1}, {"ሰለም", 2}});
  CHECK(similar(table, "悲伤的歌", 1, false).empty());
}

TEST_CASE("a beginning is as near as its nearest part; exact beginnings are left out") {
  const Table table({"beatles", "beetle", "beetles", "beetlejuice", "bell"});
  CHECK(similar(table, "beetl", 1, true) == Found{{"beatles", 1}});
  CHECK(similar(table, "baetle", 1, true) ==
        Found{{"beatles", 1}, {"beetle", 1}, {"beetlejuice", 1}, {"beetles", 1}});
}

TEST_CASE("similar terms are those of the definition, on random words") {
  std::uint64_t random = 7;
  const auto random_word = [&random](std::uint32_t longest) {
    // Few letters, of one to three bytes, so that many words are near.
    static const char* const kLetters[] = {"a", "b", "c", "\u0436", "\u1230"};
    std::string word;
    for (std::uint32_t n = 1 + base::below(random, longest); n > 0; --n) {
      word += kLetters[base::below(random, 5)];
    }
    return word;
  };
  std::set<std::string> words;
  for (int i = 0; i < 600; ++i) words.insert(random_word(9));
  const Table table(words);
  for (int trial = 0; trial < 60; ++trial) {
    const std::string word = "ab" + random_word(8);
    const std::u32string points = points_of(word);
    for (std::uint32_t edits = 1; edits <= 2 && edits < points.size(); ++edits) {
      Found whole;
      Found beginning;
      for (const std::string& term : table.words()) {
        const std::size_t d = distance(points_of(term), points);
        const std::size_t b = distance_of_beginning(points_of(term), points);
        if (d >= 1 && d <= edits) whole[term] = static_cast<std::uint32_t>(d);
        if (b >= 1 && b <= edits) beginning[term] = static_cast<std::uint32_t>(b);
      }
      CAPTURE(word, edits);
      CHECK(similar(table, word, edits, false) == whole);
      CHECK(similar(table, word, edits, true) == beginning);
    }
  }
}

TEST_CASE("more similar terms than there is room for are left out") {
  const Table table({"aaaa", "abaa", "acaa", "adaa"});
  std::vector<SimilarTerms> out(1);
  const std::u32string word = U"aaab";
  CHECK(find_similar(table.view(), word, 1, false, out) == 1);
  CHECK(find_similar(table.view(), word, 1, false, {}) == 0);
}

}  // namespace
}  // namespace ossicle::text
