#include "ossicle/credits.h"

#include <algorithm>
#include <array>

#include "ossicle/history.h"

namespace ossicle {
namespace {

enum class Join : std::uint8_t { kNone, kJoined, kFeatured };

bool same_word(std::string_view word, std::string_view lower) {
  if (word.size() != lower.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    if (small != lower[i]) return false;
  }
  return true;
}

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view lower) { return same_word(word, lower); });
}

Join join_of(std::string_view word) {
  static constexpr std::string_view kFeaturing[] = {
      "feat.", "feat", "ft.", "ft", "featuring", "vs.", "vs", "versus", "with",
  };
  static constexpr std::string_view kJoining[] = {
      "&", "+", "/", "x", "\xc3\x97", "and", "y", "e", "et", "und",
  };
  if (!word.empty() && (word.front() == '(' || word.front() == '[')) word.remove_prefix(1);
  if (is_one_of(word, kFeaturing)) return Join::kFeatured;
  return is_one_of(word, kJoining) ? Join::kJoined : Join::kNone;
}

// The words of a name, one after the other.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) {}
  bool next() {
    begin_ = text_.find_first_not_of(' ', end_);
    if (begin_ == std::string_view::npos) return false;
    end_ = std::min(text_.find(' ', begin_), text_.size());
    return true;
  }
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  std::string_view word() const { return text_.substr(begin_, end_ - begin_); }
  std::string_view following() const {
    Words rest = *this;
    return rest.next() ? rest.word() : std::string_view();
  }

 private:
  std::string_view text_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

// Collects parts; a part without a name of its own is no part.
class Parts {
 public:
  Parts(std::string_view text, std::span<Credit> out)
      : text_(text), out_(out.first(std::min(out.size(), kMostCredits))) {}

  // What lies before `end` is a part; what comes after begins at `next`.
  bool cut(std::size_t end, std::size_t next, bool featured, bool in_brackets) {
    if (!add(end)) return false;
    begin_ = next;
    featured_ = featured;
    in_brackets_ = in_brackets;
    return true;
  }
  std::uint32_t finish() {
    add(text_.size());
    return n_;
  }

 private:
  bool add(std::size_t end) {
    std::string_view part = text_.substr(begin_, end - begin_);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
    if (in_brackets_ && !part.empty() && (part.back() == ')' || part.back() == ']')) {
      part.remove_suffix(1);
    }
    if (part.empty() || n_ == out_.size()) return false;
    out_[n_++] = {part, featured_};
    return true;
  }

  std::string_view text_;
  std::span<Credit> out_;
  std::size_t begin_ = 0;
  std::uint32_t n_ = 0;
  bool featured_ = false;
  bool in_brackets_ = false;
};

class Rows {
 public:
  Rows(const Catalogue& catalogue, std::span<std::uint32_t> out)
      : catalogue_(catalogue), out_(out) {}

  std::uint32_t find(std::string_view name) const { return find_item(catalogue_, artist_id(name)); }
  // Whether this first part tells that the others are names as well. Of a cold artist, whom hardly
  // anybody played, "Wren & Alder" is the likelier to be another's one name.
  bool leads(std::uint32_t row) const { return row != kNoItem && !catalogue_.is_cold(row); }
  void add(std::uint32_t row) {
    const auto end = out_.begin() + static_cast<std::ptrdiff_t>(n_);
    if (row == kNoItem || n_ == out_.size() || std::find(out_.begin(), end, row) != end) return;
    out_[n_++] = row;
  }
  std::uint32_t count() const { return n_; }

 private:
  const Catalogue& catalogue_;
  std::span<std::uint32_t> out_;
  std::uint32_t n_ = 0;
};

// The parts of a piece without featuring words, of which the catalogue has the row `whole` or none.
void add_joined(std::span<const Credit> parts, std::uint32_t whole, Rows& rows) {
  rows.add(whole);
  std::array<std::uint32_t, kMostCredits> found;
  std::size_t known = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    found[i] = rows.find(parts[i].name);
    known += found[i] != kNoItem;
  }
  if (known < parts.size() && (whole != kNoItem || !rows.leads(found[0]))) return;
  for (std::size_t i = 0; i < parts.size(); ++i) rows.add(found[i]);
}

// As find_credits, of a name that is already cut in two or more parts.
void add_credits(std::string_view name, std::span<const Credit> parts, Rows& rows) {
  if (std::none_of(parts.begin(), parts.end(), [](const Credit& c) { return c.featured; })) {
    return add_joined(parts, rows.find(name), rows);
  }
  rows.add(rows.find(name));
  for (std::size_t first = 0, last = 0; first < parts.size(); first = last) {
    last = first + 1;
    while (last < parts.size() && !parts[last].featured) ++last;
    const char* begin = parts[first].name.data();
    const char* end = parts[last - 1].name.data() + parts[last - 1].name.size();
    const std::uint32_t whole = rows.find({begin, static_cast<std::size_t>(end - begin)});
    // The last part of a piece with one part is the piece.
    if (last - first == 1) {
      rows.add(whole);
    } else {
      add_joined(parts.subspan(first, last - first), whole, rows);
    }
  }
}

}  // namespace

std::uint32_t split_credits(std::string_view name, std::span<Credit> out) {
  Parts parts(name, out);
  Words words(name);
  bool first = true;
  while (words.next()) {
    const std::string_view word = words.word();
    const Join join = first ? Join::kNone : join_of(word);
    first = false;
    if (join != Join::kNone && !words.following().empty()) {
      const bool in_brackets = word.front() == '(' || word.front() == '[';
      const bool featured = join == Join::kFeatured;
      if (parts.cut(words.begin(), words.end(), featured, in_brackets)) continue;
    }
    if ((word.back() == ',' || word.back() == ';') && word.size() > 1) {
      const std::string_view following = words.following();
      if (!following.empty() && !same_word(following, "the")) {
        parts.cut(words.end() - 1, words.end(), false, false);
      }
    }
  }
  return parts.finish();
}

std::uint32_t find_credits(const Catalogue& catalogue, std::string_view name,
                           std::span<std::uint32_t> out) {
  std::array<Credit, kMostCredits> room;
  const std::span<const Credit> parts = std::span(room).first(split_credits(name, room));
  Rows rows(catalogue, out);
  if (parts.size() < 2) {
    rows.add(rows.find(name));
  } else {
    add_credits(name, parts, rows);
  }
  return rows.count();
}

CreditTable::CreditTable(const Catalogue& catalogue) {
  std::array<Credit, kMostCredits> room;
  std::array<std::uint32_t, kMostCredits> found;
  for (std::uint32_t item = 0; item < catalogue.n_items; ++item) {
    const std::string_view name = catalogue.name(item);
    // One name credits itself: most names need no key.
    const std::span<const Credit> parts = std::span(room).first(split_credits(name, room));
    if (parts.size() < 2) continue;
    Rows rows(catalogue, found);
    add_credits(name, parts, rows);
    const std::size_t before = credited_.size();
    for (std::uint32_t i = 0; i < rows.count(); ++i) {
      if (found[i] != item) credited_.push_back(found[i]);
    }
    if (credited_.size() == before) continue;
    item_.push_back(item);
    offset_.push_back(static_cast<std::uint32_t>(before));
  }
  offset_.push_back(static_cast<std::uint32_t>(credited_.size()));
}

}  // namespace ossicle
