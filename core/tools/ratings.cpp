#include "ratings.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "args.h"
#include "base/sha256.h"
#include "files.h"

namespace ossicle::tools {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

struct Columns {
  std::size_t user = 0, item = 1, weight = 2;
  std::size_t time = kNone;
  bool time_needed = false;
  std::size_t needed() const {
    return std::max({user, item, weight, time == kNone ? 0 : time}) + 1;
  }
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_number(std::string_view field) {
  double unused = 0;
  return parse_number(std::string(field), unused);
}

bool is_header(const std::vector<std::string_view>& fields) {
  return std::none_of(fields.begin(), fields.end(), is_number);
}

// The first field whose name begins with one of `names`.
std::size_t column(const std::vector<std::string_view>& fields,
                   std::initializer_list<std::string_view> names) {
  for (std::size_t f = 0; f < fields.size(); ++f) {
    const std::string name = lower(fields[f]);
    for (const std::string_view want : names) {
      if (name.starts_with(want)) return f;
    }
  }
  return kNone;
}

// Numbers ids in order of first appearance.
class Ids {
 public:
  explicit Ids(std::vector<std::string>& names) : names_(names) {}
  std::uint32_t number(std::string_view id) {
    const auto [it, added] =
        number_.try_emplace(std::string(id), static_cast<std::uint32_t>(names_.size()));
    if (added) names_.emplace_back(id);
    return it->second;
  }

 private:
  std::vector<std::string>& names_;
  std::unordered_map<std::string, std::uint32_t> number_;
};

struct Row {
  std::uint32_t user, item;
  float weight;
  std::uint64_t line;
  double time;
};

Problem read_row(const TsvFile& file, const Columns& columns, Ids& users, Ids& items,
                 std::vector<Row>& rows) {
  const std::vector<std::string_view>& fields = file.fields();
  if (fields.size() < columns.needed()) {
    return file.bad("has " + std::to_string(fields.size()) + " columns; user, item" +
                    (columns.time == kNone ? " and weight" : ", weight and time") + " need " +
                    std::to_string(columns.needed()) + ", separated by tabs");
  }
  for (const std::size_t at : {columns.user, columns.item}) {
    if (fields[at].empty()) return file.bad("a user or item id is empty");
    if (fields[at].size() > kLongestId) {
      return file.bad("a user or item id has " + std::to_string(fields[at].size()) +
                      " bytes; at most " + std::to_string(kLongestId) + " are read");
    }
  }
  const std::string weight_text(fields[columns.weight]);
  double weight = 0;
  if (!parse_number(weight_text, weight) || !std::isfinite(weight) || weight <= 0) {
    return file.bad("weight '" + weight_text + "' is not a number above 0");
  }
  const auto narrow = static_cast<float>(weight);
  if (!std::isfinite(narrow) || narrow <= 0) {
    return file.bad("weight '" + weight_text + "' does not fit a 32-bit float");
  }
  double time = 0;
  if (columns.time != kNone) {
    const std::string text(fields[columns.time]);
    const bool good = parse_number(text, time) && std::isfinite(time);
    if (!good) time = 0;
    if (!good && columns.time_needed) {
      return file.bad("time '" + text + "' is not a number (seconds, or any number that rises)");
    }
  }
  rows.push_back({users.number(fields[columns.user]), items.number(fields[columns.item]), narrow,
                  file.line(), time});
  return {};
}

// Row r is of the pair of the row before it: one more play of it, at another time.
Problem add_to_pair(const std::string& path, const std::vector<Row>& rows, std::size_t r,
                    bool timed, Ratings& out) {
  const Row& row = rows[r];
  const std::string where = path + ":" + std::to_string(row.line) + ": ";
  if (!timed || row.time == rows[r - 1].time) {
    return problem(where + "user '" + out.users[row.user] + "' and item '" + out.items[row.item] +
                   "' were given before, in line " + std::to_string(rows[r - 1].line) +
                   (timed ? ", at the same time" : ""));
  }
  float& weight = out.by_user.weight.back();
  weight += row.weight;
  if (std::isfinite(weight)) return {};
  return problem(where + "the weights of user '" + out.users[row.user] + "' and item '" +
                 out.items[row.item] + "' together do not fit a 32-bit float");
}

Problem compress(const std::string& path, std::vector<Row>& rows, bool timed, Ratings& out) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.user != b.user) return a.user < b.user;
    if (a.item != b.item) return a.item < b.item;
    return a.time != b.time ? a.time < b.time : a.line < b.line;
  });
  Interactions& x = out.by_user;
  x.n_users = static_cast<std::uint32_t>(out.users.size());
  x.n_items = static_cast<std::uint32_t>(out.items.size());
  x.offset.assign(out.users.size() + 1, 0);
  x.item.reserve(rows.size());
  x.weight.reserve(rows.size());
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Row& row = rows[r];
    if (r > 0 && rows[r - 1].user == row.user && rows[r - 1].item == row.item) {
      OSL_TOOL_TRY(add_to_pair(path, rows, r, timed, out));
      continue;
    }
    ++x.offset[row.user + 1];
    x.item.push_back(row.item);
    x.weight.push_back(row.weight);
    if (timed) out.time.push_back(row.time);
  }
  for (std::size_t u = 0; u < out.users.size(); ++u) x.offset[u + 1] += x.offset[u];
  return {};
}

}  // namespace

Problem TsvFile::open(const std::string& path) {
  path_ = path;
  at_ = 0;
  line_ = 0;
  OSL_TOOL_TRY(read_file(path, bytes_));
  static constexpr std::string_view kMark = "\xef\xbb\xbf";  // byte order mark
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  if (text.starts_with(kMark)) at_ = kMark.size();
  return {};
}

bool TsvFile::next() {
  const std::string_view text(reinterpret_cast<const char*>(bytes_.data()), bytes_.size());
  while (at_ < text.size()) {
    const std::size_t end = std::min(text.find('\n', at_), text.size());
    std::string_view line = text.substr(at_, end - at_);
    at_ = end + 1;
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    fields_.clear();
    while (true) {
      const std::size_t tab = line.find('\t');
      fields_.push_back(line.substr(0, tab));
      if (tab == std::string_view::npos) return true;
      line.remove_prefix(tab + 1);
    }
  }
  return false;
}

Problem TsvFile::bad(const std::string& text) const {
  return problem(path_ + ":" + std::to_string(line_) + ": " + text);
}

Problem read_ratings(const std::string& path, Ratings& out, Times times) {
  TsvFile file;
  OSL_TOOL_TRY(file.open(path));
  out = Ratings();
  out.sha256 = base::sha256(file.bytes());
  Columns columns;
  columns.time_needed = times == Times::kNeeded;
  if (columns.time_needed) columns.time = 3;
  Ids users(out.users);
  Ids items(out.items);
  std::vector<Row> rows;
  for (bool first = true; file.next(); first = false) {
    if (first && file.fields().size() >= 3 && is_header(file.fields())) {
      columns.user = column(file.fields(), {"user"});
      columns.item = column(file.fields(), {"item", "artist", "track", "song", "album", "movie"});
      columns.weight = column(file.fields(), {"weight", "count", "play", "rating"});
      columns.time = column(file.fields(), {"time", "date", "day"});
      if (columns.user == kNone || columns.item == kNone || columns.weight == kNone) {
        return file.bad(
            "looks like a header, but does not name a user, an item (or artist, track, song, "
            "album, "
            "movie) and a weight (or count, plays, rating) column");
      }
      if (columns.time == kNone && times == Times::kNeeded) {
        return file.bad("the header names no time column, which leave-last-out needs");
      }
      continue;
    }
    OSL_TOOL_TRY(read_row(file, columns, users, items, rows));
  }
  if (rows.empty()) return problem(path + ": holds no ratings");
  return compress(path, rows, columns.time != kNone, out);
}

Problem read_names(const std::string& path, std::map<std::string, std::string>& out) {
  TsvFile file;
  OSL_TOOL_TRY(file.open(path));
  for (bool first = true; file.next(); first = false) {
    const std::vector<std::string_view>& fields = file.fields();
    if (fields.size() < 2) return file.bad("has no second column; id and name are needed");
    if (first && lower(fields[0]).ends_with("id")) continue;
    if (!out.try_emplace(std::string(fields[0]), fields[1]).second) {
      return file.bad("id '" + std::string(fields[0]) + "' was given before");
    }
  }
  return {};
}

}  // namespace ossicle::tools
