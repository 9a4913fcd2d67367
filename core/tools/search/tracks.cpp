#include "search/tracks.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ossicle::tools {
namespace {

using Field = std::string_view Document::*;

struct ColumnName {
  std::string_view name;
  Field field;
};
constexpr ColumnName kNames[] = {
    {"title", &Document::title},  {"artist", &Document::artist},    {"album", &Document::album},
    {"tags", &Document::tags},    {"tag", &Document::tags},         {"genre", &Document::tags},
    {"genres", &Document::tags},  {"mood", &Document::tags},        {"moods", &Document::tags},
    {"text", &Document::text},    {"lyrics", &Document::text},      {"comment", &Document::text},
    {"caption", &Document::text}, {"description", &Document::text}, {"review", &Document::text},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// nullptr for a column that is only shown.
Field field_of(const std::string& column) {
  const auto* const found = std::find_if(std::begin(kNames), std::end(kNames),
                                         [&](const ColumnName& n) { return n.name == column; });
  return found == std::end(kNames) ? nullptr : found->field;
}

}  // namespace

Problem Tracks::open(const std::string& path) {
  OSL_TOOL_TRY(file_.open(path));
  if (!file_.next()) return problem(path + ": is empty; its first line must name the columns");
  std::vector<Field> fields;
  for (const std::string_view name : file_.fields()) {
    const std::string column = lower(name);
    if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) {
      return file_.bad("column '" + column + "' is named twice");
    }
    columns_.push_back(column);
    fields.push_back(field_of(column));
  }
  if (std::all_of(fields.begin(), fields.end(), [](Field field) { return field == nullptr; })) {
    return file_.bad("names no column that can be searched: title, artist, album, tags, text");
  }
  while (file_.next()) {
    if (file_.fields().size() > columns_.size()) {
      return file_.bad("has " + std::to_string(file_.fields().size()) +
                       " columns; the header has " + std::to_string(columns_.size()));
    }
    cells_.push_back(file_.fields());
    cells_.back().resize(columns_.size());
    Document document;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      const std::string_view cell = cells_.back()[c];
      if (fields[c] == nullptr || cell.empty()) continue;
      std::string_view& field = document.*fields[c];
      if (!field.empty())
        field = joined_.emplace_back(std::string(field).append("\n").append(cell));
      if (field.empty()) field = cell;
    }
    documents_.push_back(document);
  }
  return {};
}

std::string Tracks::name(std::size_t row) const {
  const Document& document = documents_[row];
  if (document.title.empty() && document.artist.empty()) return std::string(cells_[row].front());
  std::string name(document.title);
  if (!document.title.empty() && !document.artist.empty()) name += " - ";
  return name.append(document.artist);
}

}  // namespace ossicle::tools
