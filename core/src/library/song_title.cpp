#include <algorithm>
#include <string>
#include <string_view>

#include "ossicle/history.h"
#include "ossicle/library.h"

namespace ossicle {
namespace {

// Words between spaces. One of these makes a remark an edition of the same recording ...
constexpr std::string_view kEdition =
    " remaster remastered remastering deluxe mono stereo explicit clean bonus album single radio "
    "original reissue expanded official digital digitally anniversary lp hd lyrics ";
// ... and these may stand beside it.
constexpr std::string_view kBeside =
    " version edit edition mix track master the of audio video recording lyric from music ";
constexpr std::string_view kGuests = " feat ft featuring with ";

// A longer one is no title: it is left alone, since the search for remarks is quadratic.
constexpr std::size_t kMostBytes = 1024;

bool has(std::string_view words, std::string_view word) {
  const std::size_t at = words.find(word);
  // As a whole word; no word of the lists is the end or beginning of another that comes before it.
  return at != std::string_view::npos && at > 0 && words[at - 1] == ' ' &&
         words[at + word.size()] == ' ';
}

bool is_number(std::string_view word) { return word.front() >= '0' && word.front() <= '9'; }

// Whether what stands in brackets or behind a dash tells no other performance.
bool is_remark(std::string_view text, bool in_brackets) {
  std::string key;
  normalise_name(text, key);
  bool first = true;
  bool edition = false;
  for (std::size_t at = 0; at < key.size();) {
    const std::size_t end = std::min(key.find(' ', at), key.size());
    const std::string_view word = std::string_view(key).substr(at, end - at);
    at = end + 1;
    if (first && has(kGuests, word) && (in_brackets || word != "with")) return true;
    first = false;
    if (has(kEdition, word)) {
      edition = true;
    } else if (!has(kBeside, word) && !is_number(word)) {
      return false;
    }
  }
  return edition;
}

void trim(std::string& text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == '-')) text.pop_back();
  const std::size_t from = text.find_first_not_of(' ');
  text.erase(0, from == std::string::npos ? text.size() : from);
}

// Drops the bracketed remarks. True when one was dropped.
bool drop_brackets(std::string& text) {
  for (std::size_t open = 0; (open = text.find_first_of("([", open)) != std::string::npos; ++open) {
    const std::size_t close = text.find(text[open] == '(' ? ')' : ']', open);
    if (close == std::string::npos) return false;
    if (!is_remark(std::string_view(text).substr(open + 1, close - open - 1), true)) continue;
    text.erase(open, close + 1 - open);
    return true;
  }
  return false;
}

bool drop_suffix(std::string& text) {
  const std::size_t dash = text.rfind(" - ");
  if (dash == std::string::npos || !is_remark(std::string_view(text).substr(dash + 3), false)) {
    return false;
  }
  text.erase(dash);
  return true;
}

// "Song feat. B": guests without brackets. "with" is a word of titles too, so that it is none here.
bool drop_guests(std::string& text) {
  std::string word;
  for (std::size_t at = text.find(' '); at != std::string::npos; at = text.find(' ', at + 1)) {
    const std::size_t end = std::min(text.find(' ', at + 1), text.size());
    normalise_name(std::string_view(text).substr(at + 1, end - at - 1), word);
    if (at > 0 && end < text.size() && word != "with" && has(kGuests, word)) {
      text.erase(at);
      return true;
    }
  }
  return false;
}

}  // namespace

void song_title(std::string_view title, std::string& out) {
  out = title;
  if (title.size() > kMostBytes) return;
  trim(out);
  std::string before = out;
  while (drop_brackets(out) || drop_suffix(out) || drop_guests(out)) {
    trim(out);
    // "(Remastered)" alone is a title.
    if (out.empty()) {
      out = before;
      return;
    }
    before = out;
  }
  if (out.empty()) out = title;
}

}  // namespace ossicle
